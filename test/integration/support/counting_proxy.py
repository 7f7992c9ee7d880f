"""A TCP proxy on loopback that notes the HTTP requests which pass through it."""

import re
import socket
import threading

REQUEST = re.compile(rb"^(?:GET|HEAD|POST|PUT|DELETE) (\S+) HTTP/1\.[01]\r$", re.MULTILINE)


class CountingProxy:
    def __init__(self, port):
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._sockets = [self._listener]
        self._requests = []
        self._connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def requests(self):
        """Paths with queries, in the order in which they came."""
        with self._lock:
            return list(self._requests)

    @property
    def connections(self):
        with self._lock:
            return self._connections

    def forget(self):
        with self._lock:
            self._requests.clear()

    def remove(self):
        with self._lock:
            for s in self._sockets:
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                s.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._port))
            except OSError:
                return
            with self._lock:
                self._sockets += [client, server]
                self._connections += 1
            for source, sink, note in [(client, server, True), (server, client, False)]:
                threading.Thread(target=self._pass, args=(source, sink, note), daemon=True).start()

    def _pass(self, source, sink, note):
        pending = b""
        try:
            while data := source.recv(65536):
                if note:
                    pending = self._note(pending + data)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _note(self, data):
        """Whole lines are read; what remains of the last one is returned."""
        whole, newline, rest = data.rpartition(b"\n")
        with self._lock:
            self._requests += [m.decode("latin-1") for m in REQUEST.findall(whole + newline)]
        return rest
