"""Scrapes ten times a second while something happens, and keeps what should not have been seen.

Faster, the scrapes themselves would keep a broker from starting and stopping.
"""

import threading
import time

from support.configs import SOURCES
from support.rabbitmq_pages import MISSING, counts


class Watch(threading.Thread):
    """`complaints(page)`: what is wrong with it, as texts."""

    def __init__(self, headroom, complaints):
        super().__init__(name="watch", daemon=True)
        self._headroom = headroom
        self._complaints = complaints
        self._ending = threading.Event()
        self._began = time.monotonic()
        self._error = None
        self.pages = 0
        self.found = []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        self._ending.set()
        self.join()
        if self._error is not None and kind is None:
            raise self._error

    def run(self):
        try:
            while not self._ending.is_set():
                page = self._headroom.scrape()
                at = f"{time.monotonic() - self._began:.2f} s"
                self.found += [f"{at}: {c}" for c in self._complaints(page)]
                self.pages += 1
                self._ending.wait(0.1)
        except Exception as error:  # raised again in the test's own thread
            self._error = error

    def report(self):
        return "\n".join(self.found[:20])


def exactly_or_absent(expected, vhost, sources=SOURCES):
    """Complaints when a queue of {queue: (ready, in flight, consumers)} shows any other number."""

    def complaints(page):
        for source in sources:
            rows = counts(page, source, vhost)
            for queue, truth in expected.items():
                row = rows.get(queue, (None, None, None))
                if any(n not in (None, true) for n, true in zip(row, truth)):
                    yield f"{source}: {queue} is {row}, not {truth}"
                for sample in page.series(MISSING, target=source, vhost=vhost, queue=queue):
                    if sample.value != 0:
                        yield f"{source}: {queue} is called missing"

    return complaints
