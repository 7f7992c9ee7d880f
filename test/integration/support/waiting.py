"""Waiting for a condition, free ports and plain HTTP."""

import gzip
import http.client
import random
import socket
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

# Generous: the sanitizers' builds share two cores with their backends.
PATIENCE = 60.0
ATTEMPTS = 3
PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST_PORT = 10_000


def eventually(condition, what, timeout=PATIENCE, interval=0.02):
    """Returns condition()'s first true value. An AssertionError inside counts as "not yet"."""
    give_up = time.monotonic() + timeout
    last = None
    while True:
        try:
            value = condition()
            if value:
                return value
            last = value
        except (AssertionError, OSError) as error:
            last = error
        if time.monotonic() > give_up:
            raise AssertionError(f"{what}: not within {timeout} s; last: {last!r}")
        time.sleep(interval)


def keeps_within(bound, attempt):
    """One of a few attempts, each of which returns the seconds that it took, takes no more than `bound`.

    A busy machine adds to a time and takes nothing away; code that breaks the bound breaks it every time.
    """
    took = []
    while not took or took[-1] > bound:
        assert len(took) < ATTEMPTS, f"took {took} s, never within {bound} s"
        took.append(attempt())


def paced(interval, count):
    """Yields `count` times, at fixed moments `interval` apart, as a scraper does."""
    start = time.monotonic()
    for i in range(count):
        remaining = start + i * interval - time.monotonic()
        if remaining > 0:
            time.sleep(remaining)
        yield i


def free_port(preferred=0):
    """A port nobody listens on right now; `preferred` if it is one.

    From below the range that the kernel gives to outgoing connections: one of those would hold the
    port when the server that it is meant for starts, or starts again.
    """
    ceiling = max(20_000, int(PORT_RANGE.read_text(encoding="ascii").split()[0]))
    candidates = random.sample(range(LOWEST_PORT, ceiling), 100)
    for port in [preferred, *candidates] if preferred else candidates:
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return s.getsockname()[1]
            except OSError:
                continue
    raise OSError("no free port")


@dataclass
class HttpAnswer:
    status: int
    headers: dict  # names in lower case
    raw: bytes
    seconds: float

    @property
    def body(self):
        data = gzip.decompress(self.raw) if self.headers.get("content-encoding") == "gzip" else self.raw
        return data.decode("utf-8")


def http_request(url, method="GET", headers=None, timeout=PATIENCE):
    parts = urllib.parse.urlsplit(url)
    target = parts.path or "/"
    if parts.query:
        target += "?" + parts.query
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        started = time.monotonic()
        connection.request(method, target, headers=headers or {})
        response = connection.getresponse()
        raw = response.read()
        seconds = time.monotonic() - started
        names = {k.lower(): v for k, v in response.getheaders()}
        return HttpAnswer(response.status, names, raw, seconds)
    finally:
        connection.close()
