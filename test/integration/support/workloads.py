"""One workload over two queues of a Redis: its configuration, its load, what a page says of it."""

import time

from support.configs import WORKERS, target

MIN, MAX = 2, 30

WORKLOAD = f"""
[[workload]]
name = "decisions"
queues = [
  {{ target = "main", queue = "queue:decisions" }},
  {{ target = "main", queue = "queue:pipelines", messages_per_worker = 20 }},
]
worker_group = {{ target = "main", group = "decision-workers", busy_states = ["working"] }}
service_time = "6m"
finish_within = "1h"
min = {MIN}
max = {MAX}
"""


def plain(redis, body=""):
    """The workload without pools; nothing of its queues stands in the Redis' own table."""
    return target(redis, WORKERS) + WORKLOAD + body


def workers(redis, states):
    """One live worker per entry; what was there before is gone."""
    for key in redis("KEYS", "consumer:*"):
        redis("DEL", key)
    for i, state in enumerate(states):
        redis("HSET", f"consumer:{i}", "state", state, "updated_at", f"{time.time():.3f}")


def messages(redis, decisions, pipelines):
    for key, count in (("queue:decisions", decisions), ("queue:pipelines", pipelines)):
        redis("DEL", key)
        if count:
            redis("RPUSH", key, *range(count))


def said(page, workload="decisions"):
    """{name without prefix: value} of everything without further labels."""
    found = {}
    for sample in page.samples:
        if sample.labels == {"workload": workload}:
            found[sample.name.removeprefix("headroom_workload_")] = sample.value
    return found


def limits(page):
    rows = page.series("headroom_workload_limited", workload="decisions")
    return {s.labels["by"]: s.value for s in rows}
