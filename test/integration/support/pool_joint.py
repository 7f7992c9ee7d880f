"""A PgBouncer in front of a PostgreSQL as two targets, `pooler` and `db`, and what both say together."""

from support.configs import pgbouncer, postgresql
from support.pool_pages import AVAILABLE, BUDGET, number

SERVER = ("server", "server", "db")
POOL = ("pool", "app/app", "pooler")


def joined(server, bouncer, body="", **keywords):
    return postgresql(server, **keywords) + pgbouncer(bouncer, body, behind="db", **keywords)


def available(page, pool="app/app", target="pooler"):
    return number(page, AVAILABLE, "pool", pool, target)


def budget(page):
    return number(page, BUDGET, *SERVER)


def transaction(session):
    session.run("BEGIN")
    return session
