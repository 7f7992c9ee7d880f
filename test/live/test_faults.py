"""Faults of real servers: each fires its alert, and the pager hears of those that page."""

import contextlib
import time

import pytest
from site_under_test import BOUNCER, PATIENCE
from support.pgbouncer_server import behind
from support.waiting import eventually

PAGES = {
    "backlog": "HeadroomWorkloadLate",
    "old messages": "HeadroomQueueMessagesTooOld",
    "no consumers": "HeadroomQueueNoConsumers",
    "waiting clients": "HeadroomPoolClientsWaitTooLong",
}
TICKETS = {
    "stale worker": "HeadroomWorkersStale",
    "budget": "HeadroomPoolBudgetOvercommitted",
    "target taken out of the configuration": "HeadroomTargetGone",
}


@pytest.fixture(scope="module")
def site(start_site):
    return start_site()


def break_all(site):
    site.redis("RPUSH", "jobs", *range(100))
    site.amqp.publish("mail", 3, timestamp=time.time() - 3600)
    site.amqp.cancel(site.consumers["orders"])
    site.amqp.publish("orders", 3)
    site.worker("gone", "working", updated=time.time() - 7200)
    site.holder.run("BEGIN")
    waiting = site.bouncer.session().start("SELECT 1")
    site.bouncer.databases["app"] = behind(site.postgres, BOUNCER.format(200))
    site.bouncer.reload()
    site.reload(site.config(spare=False))
    return waiting


def test_each_fault_reaches_its_receiver_and_no_other(site):
    waiting = break_all(site)
    site.until_told("pager", *PAGES.values())
    site.until_told("tickets", *TICKETS.values())
    muted = site.alertmanager.muted
    eventually(lambda: "HeadroomWorkloadLimited" in muted(), "the page mutes its ticket", PATIENCE)
    assert site.webhooks.names("pager") == set(PAGES.values())
    assert site.webhooks.names("tickets") == set(TICKETS.values())
    waiting.close()


def test_what_is_mended_is_resolved(site):
    site.redis("LTRIM", "jobs", 0, 0)
    site.amqp.purge("mail")
    site.amqp.purge("orders")
    site.redis("DEL", "consumer:gone")
    site.holder.run("COMMIT")
    site.bouncer.databases["app"] = behind(site.postgres, BOUNCER.format(20))
    site.bouncer.reload()
    site.reload(site.config(spare=True))
    eventually(lambda: not site.alerts(), "no alert is left", PATIENCE, 0.2)
    resolved = lambda: site.webhooks.names("pager", "resolved") == set(PAGES.values())  # noqa: E731
    eventually(resolved, "resolved at the pager", PATIENCE)


def test_a_server_that_turns_clients_away_pages(site):
    site.webhooks.forget()
    with contextlib.ExitStack() as clients:
        assert site.postgres.fill(clients) > 0
        site.until_told("pager", "HeadroomPoolFull")
        assert site.webhooks.names("pager") == {"HeadroomPoolFull"}
    eventually(lambda: not site.alerts(), "no alert is left", PATIENCE, 0.2)


def test_a_killed_backend_pages_once_and_mutes_what_was_known_of_it(site):
    site.worker("gone", "working", updated=time.time() - 7200)
    site.until_told("tickets", "HeadroomWorkersStale")
    site.webhooks.forget()
    site.redis.kill()
    site.until_told("pager", "HeadroomTargetDown", "HeadroomSignalMissing")
    assert site.webhooks.names("pager") == {"HeadroomTargetDown", "HeadroomSignalMissing"}
    downs = [a for a in site.webhooks.told("pager") if a["alertname"] == "HeadroomTargetDown"]
    assert {a["target"] for a in downs} == {"main", "spare"}
