"""Queries that are empty while all is well, each with its reason. Whatever else is empty is a fault.

An entry that no dashboard has, or that has data after all, is a fault too.
"""

ERRORS = "it shows what failed, and nothing has"
ALERTS = "no alert fires"
LOST = "no Redis has evicted a key or refused a client"
BOARDS = ("autoscaling", "exporter", "overview", "pools", "pressure", "queues", "servers", "workers")

EMPTY_IN_HEALTH = {
    "headroom-exporter: Errors by reason: A": ERRORS,
    "headroom-overview: Errors by reason: A": ERRORS,
    "headroom-overview: Alerts that fire: A": ALERTS,
    "headroom-servers: Lost: evictions and refusals: A": LOST,
    "headroom-servers: Lost: evictions and refusals: B": LOST,
    **{f"headroom-{board}: annotation Alerts": ALERTS for board in BOARDS},
}
