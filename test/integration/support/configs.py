"""Configuration texts for one target."""

import json


def target(server, body="", name="main", timeout="5s", max_age="1ms", url=None):
    """A [[redis]] table; `body` is more lines of it (sub-tables last, as TOML demands)."""
    return f"""
[[redis]]
name = "{name}"
url = "{url or server.url}"
timeout = "{timeout}"
max_age = "{max_age}"
max_duty = 1.0
{body}
"""


def at_default_duty(tables):
    """The same without the max_duty that lets tests ask as often as they like."""
    return tables.replace("max_duty = 1.0\n", "")


WORKERS = """
  [[redis.workers]]
  group = "decision-workers"
  keys = "consumer:*"
  state_field = "state"
  states = ["idle", "working", "draining"]
  heartbeat_field = "updated_at"
  since_field = "since"
  stale_after = "60s"
"""


SOURCES = ("management", "prometheus", "auto")


def toml_strings(values):
    return json.dumps(list(values), ensure_ascii=False)


def declared(vhost, *names):
    """The key `queues`."""

    def quoted(text):
        return json.dumps(text, ensure_ascii=False)

    rows = ", ".join(f"{{ vhost = {quoted(vhost)}, name = {quoted(n)} }}" for n in names)
    return f"queues = [{rows}]\n"


# Half of it, and of that half a half, is for one of the broker's addresses, and a broker may stand
# still for seconds on a busy machine. Less than a page may take (PATIENT of support/exporter.py).
RABBITMQ_TIMEOUT = "9s"


def rabbitmq(
    broker,
    body="",
    source="auto",
    name="main",
    timeout=RABBITMQ_TIMEOUT,
    max_age="1ms",
    url=None,
    prometheus_urls=None,
):
    """A [[rabbitmq]] table of both sources; `url=""`, `prometheus_urls=[]`: without that one."""
    url = broker.url if url is None else url
    pages = [broker.prometheus_url] if prometheus_urls is None else prometheus_urls
    return f"""
[[rabbitmq]]
name = "{name}"
{f'url = "{url}"' if url else ""}
{f"prometheus_urls = {toml_strings(pages)}" if pages else ""}
source = "{source}"
timeout = "{timeout}"
max_age = "{max_age}"
max_duty = 1.0
{body}
"""


def every_source(broker, body="", **keywords):
    """Three targets, each named by its source: what one says, all must say."""
    return "".join(rabbitmq(broker, body, source=s, name=s, **keywords) for s in SOURCES)


def _libpq(system, server, body, name, timeout, max_age, dsn, user):
    secret = "" if dsn else f'password_file = "{server.password_file(user)}"'
    return f"""
[[{system}]]
name = "{name}"
dsn = "{dsn or server.dsn(user)}"
{secret}
timeout = "{timeout}"
max_age = "{max_age}"
max_duty = 1.0
{body}
"""


# Half of it is for one statement, and a server may stand still for seconds on a busy machine. Less
# than a page may take (PATIENT of support/exporter.py).
LIBPQ_TIMEOUT = "9s"


def postgresql(
    server, body="", name="db", timeout=LIBPQ_TIMEOUT, max_age="1ms", dsn=None, user="monitor"
):
    """A [[postgresql]] table; with `dsn`, the password is the caller's affair."""
    return _libpq("postgresql", server, body, name, timeout, max_age, dsn, user)


def pgbouncer(
    bouncer,
    body="",
    behind=None,
    name="pooler",
    timeout=LIBPQ_TIMEOUT,
    max_age="1ms",
    dsn=None,
    user="stats",
):
    """A [[pgbouncer]] table; `behind`: the name of the [[postgresql]] target behind it."""
    link = f'postgresql = "{behind}"\n' if behind else ""
    return _libpq("pgbouncer", bouncer, link + body, name, timeout, max_age, dsn, user)
