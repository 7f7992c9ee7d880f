"""A minimal Redis client (RESP2) for the tests and the demo: the standard library only."""

import socket


class RespError(Exception):
    """The server answered with an error."""


class RespClient:
    def __init__(self, port, host="127.0.0.1", password=None, user=None, tls=None, timeout=60):
        raw = socket.create_connection((host, port), timeout=timeout)
        self._socket = tls.wrap_socket(raw, server_hostname=host) if tls else raw
        self._file = self._socket.makefile("rb")
        if password is not None:
            self("AUTH", *([user] if user else []), password)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._file.close()
        self._socket.close()

    def __call__(self, *arguments):
        """One command, its reply: int, bytes, None or a list of these."""
        encoded = [a if isinstance(a, bytes) else str(a).encode() for a in arguments]
        message = b"*%d\r\n" % len(encoded)
        for argument in encoded:
            message += b"$%d\r\n%s\r\n" % (len(argument), argument)
        self._socket.sendall(message)
        return self._read()

    def _read(self):
        line = self._file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the server closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b"-":
            raise RespError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self._file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self._read() for _ in range(int(rest))]
        raise ConnectionError(f"not RESP2: {line!r}")
