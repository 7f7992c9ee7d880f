"""Something breaks: what is answered meanwhile, from before the fault on."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from support.waiting import PATIENCE, eventually

NOTHING = []  # an answer without a value: for the HPA an error, so it holds


def answers_until(ask, wanted, what, allowed=()):
    """Asks until the values are `wanted`; everything before must be one of `allowed` (None: no
    answer at all). A 0 in between would have scaled in."""
    seen = []

    def arrived():
        values = ask().values
        if values not in seen:
            seen.append(values)
        assert values == wanted, f"seen so far: {seen}"
        return True

    eventually(arrived, f"{what}: {wanted}", 2 * PATIENCE)
    assert all(values == wanted or values in allowed for values in seen), f"{what}: {seen}"


class Page:
    """An exporter's page with a text of ours: for values that headroom itself never shows."""

    def __init__(self):
        page = self
        self.text = ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = page.text.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self):
        return f"127.0.0.1:{self._server.server_address[1]}"

    def remove(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
