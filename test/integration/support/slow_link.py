"""A link to a server that brings what it sends late, or at most so many bytes of it a second."""

import math
import socket
import threading
import time

CHUNK = 4096


class SlowLink:
    def __init__(self, port, bytes_per_second=math.inf, delay=0.0):
        self._target = port
        self.delay = delay  # seconds, for each reply
        self.bytes_per_second = bytes_per_second
        self._sockets = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def remove(self):
        for open_socket in [self._listener, *self._sockets]:
            try:
                open_socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the peer was first
            open_socket.close()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket()
            # What lies in buffers neither side sees: as little as possible.
            far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, CHUNK)
            far.connect(("127.0.0.1", self._target))
            near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, CHUNK)
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets += [near, far]
            threading.Thread(target=self._pass, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(far, near, True), daemon=True).start()

    def _pass(self, source, sink, slow):
        try:
            while data := source.recv(CHUNK):
                if slow:
                    time.sleep(self.delay)
                sink.sendall(data)
                if slow:
                    time.sleep(len(data) / self.bytes_per_second)
        except OSError:
            pass  # either side has gone
