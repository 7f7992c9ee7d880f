"""Load whose area is known: what the pressure counters must come to, measured by those who make it."""

import time
from dataclasses import dataclass

MESSAGES = "headroom_queue_message_seconds_total"
SATURATED = "headroom_pool_saturated_seconds_total"
WAITING = "headroom_pool_waiting_client_seconds_total"
OBSERVED = "headroom_pressure_observed_seconds_total"


@dataclass
class Load:
    area: float = 0.0  # message seconds, or seconds that clients waited
    busy: float = 0.0  # seconds in which there was a message, or in which somebody waited

    def __iadd__(self, other):
        self.area += other.area
        self.busy += other.busy
        return self


def burst(redis, key, steps, held):
    """Pushes steps[0] messages and takes them away step by step, each level held for `held` seconds."""
    load = Load()
    level, since = 0, None
    for change in [*steps, None]:
        before = time.monotonic()
        if change is None:
            redis("DEL", key)
        elif change > 0:
            redis("RPUSH", key, *range(change))
        else:
            redis("LPOP", key, -change)
        now = (before + time.monotonic()) / 2  # it took effect between the two
        if since is not None:
            load.area += level * (now - since)
            load.busy += now - since
        level, since = level + (change or 0), now
        if change is not None:
            time.sleep(held)
    return load


def stampede(sessions, service):
    """All want a server connection at once, each for `service` seconds; the pool is smaller.

    A client has waited from when it sent its query until PostgreSQL got it; both are clocks of this
    machine.
    """
    sent = []
    for session in sessions:
        sent.append(time.time())
        session.start(
            "SELECT extract(epoch FROM statement_timestamp())::float8 AS got,"
            f" pg_sleep({service})::text AS slept"
        )
    waits = []
    for session, start in zip(sessions, sent):
        session.wait()
        (row,) = session.rows()
        waits.append((start, row["got"]))
    queued = [(start, end) for start, end in waits if end - start > service / 2]
    load = Load(area=sum(end - start for start, end in queued))
    if queued:  # they overlap: the first to come waits until the last is served
        load.busy = max(end for _, end in queued) - min(start for start, _ in queued)
    return load


class Meter:
    """The difference that a counter makes from page to page."""

    def __init__(self, page, target, **labels):
        self._before = page
        self._target = target
        self._labels = labels

    def grown(self, page, family, labelled=True):
        labels = {"target": self._target, **(self._labels if labelled else {})}
        return page.value(family, **labels) - self._before.value(family, **labels)

    def observed(self, page):
        return self.grown(page, OBSERVED, labelled=False)

    def missed(self, page):
        """Seconds between the samples of the two pages that were not observed."""

        def sampled_at(of):
            return of.received - of.value("headroom_target_data_age_seconds", target=self._target)

        return sampled_at(page) - sampled_at(self._before) - self.observed(page)
