"""A DNS server that knows one name, as a cluster's own would: resolv.conf knows no other port than 53."""

import socket
import struct
import threading

# A loopback address of its own: a resolver of this machine may have port 53 of the usual one.
ADDRESS = "127.53.53.53"
A, IN = 1, 1


def question_of(packet):
    """The name that is asked for, its type, and where the question ends."""
    at, labels = 12, []
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode("ascii"))
        at += 1 + packet[at]
    kind = struct.unpack_from("!H", packet, at + 1)[0]
    return ".".join(labels).lower(), kind, at + 5


class NameServer:
    def __init__(self, name, address):
        self._name, self._address = name, address
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((ADDRESS, 53))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            packet, client = self._socket.recvfrom(512)
            if not packet:
                return
            self._socket.sendto(self._answer(packet), client)

    def _answer(self, packet):
        name, kind, end = question_of(packet)
        known = name == self._name
        answers = int(known and kind == A)
        # A response, authoritative, recursion available; code 3: there is no such name.
        header = packet[:2] + struct.pack("!HHHHH", 0x8580 | (0 if known else 3), 1, answers, 0, 0)
        reply = header + packet[12:end]
        if answers:
            reply += struct.pack("!HHHIH", 0xC00C, A, IN, 60, 4) + socket.inet_aton(self._address)
        return reply

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nudge:
            nudge.sendto(b"", (ADDRESS, 53))
        self._thread.join()
        self._socket.close()
