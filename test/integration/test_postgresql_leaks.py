"""A thousand runs that end by their deadline leave nothing behind on the server.

A target that fails backs off, so the runs are spread: fifty targets make their first three each,
then a reload gives them other names, and with them a fresh start.
"""

import signal

from support.configs import postgresql
from support.pool_pages import errors
from support.waiting import eventually

TARGETS = 50
RUNS_OF_A_TARGET = 3  # before it backs off
ROUNDS = 7
assert TARGETS * RUNS_OF_A_TARGET * ROUNDS >= 1000


def names(round_):
    return [f"db-{round_}-{i}" for i in range(TARGETS)]


def config(server, round_):
    return "".join(postgresql(server, name=name, timeout="500ms") for name in names(round_))


def timed_out(page, round_):
    return sum(errors(page, "timeout", name) for name in names(round_))


def each_was_up(page, round_):
    once = page.label_values("headroom_target_last_success_timestamp_seconds", "target")
    return once == set(names(round_))


def test_a_thousand_runs_into_a_server_that_stands_still(postgres_server, exporter):
    """The first of a target ends in the middle of a query, the others while they connect."""
    server = postgres_server(
        settings={"max_connections": 2 * TARGETS + 20},
        hba="host all monitor 127.0.0.1/32 trust",  # fifty passwords at once take a second
    )
    headroom = exporter(config(server, 0))
    total = 0
    for round_ in range(ROUNDS):
        headroom.write_config(config(server, round_))
        headroom.signal(signal.SIGHUP)
        headroom.until(
            lambda p: each_was_up(p, round_),  # noqa: B023
            "each target has had its session",
        )
        server.pause()
        try:
            page = headroom.until(
                lambda p: timed_out(p, round_) >= TARGETS * RUNS_OF_A_TARGET,  # noqa: B023
                f"round {round_}: targets gave up three times",
            )
            total += timed_out(page, round_)
        finally:
            server.resume()
        # Those that come back have one each; whatever was given up is gone.
        eventually(lambda: server.our_sessions() <= TARGETS, "nothing is left of what was given up")
    assert total >= 1000
    eventually(lambda: server.sessions() <= TARGETS + 1, "the same whatever they call themselves")
    headroom.stop()
    eventually(lambda: server.sessions() == 1, "this test's own is the only one")
