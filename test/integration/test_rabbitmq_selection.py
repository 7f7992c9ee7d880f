"""Which queues are exported, and that only what was asked for is asked of the broker."""

import pytest

from support.configs import declared, every_source, rabbitmq, toml_strings
from support.counting_proxy import CountingProxy
from support.exporter import PATIENT, run_once
from support.rabbitmq_pages import CONSUMERS, all_are, counts, every, messages, up
from support.waiting import keeps_within

NAMES = ["orders", "orders.eu", "orders.eu.tmp", "invoices", "new\norders"]


@pytest.fixture
def filled(broker, vhost):
    broker.define_queues(vhost, NAMES)
    return vhost


def names(page, target, vhost):
    return set(counts(page, target, vhost))


@pytest.mark.parametrize(
    "keys, expected",
    [
        ("", set(NAMES)),
        ('include = ["orders"]', {"orders"}),
        ('include = ["orders.*"]', {"orders", "orders.eu", "orders.eu.tmp"}),
        ('include = ["orders", "inv.*"]', {"orders", "invoices"}),
        ('exclude = [".*tmp"]', set(NAMES) - {"orders.eu.tmp"}),
        ('include = ["orders.*"]\nexclude = [".*tmp"]', {"orders", "orders.eu"}),
        ('include = ["new.orders"]', {"new\norders"}),
        ('include = ["ORDERS"]', set()),
    ],
)
def test_include_and_exclude_match_the_whole_name(keys, expected, broker, filled, exporter):
    """In auto and in the management API; the plugin's page cannot carry a newline."""
    body = f"vhosts = {toml_strings([filled])}\n{keys}"
    sources = ("management", "auto")
    headroom = exporter(every_source(broker, body))
    page = headroom.until(
        lambda p: every(p, names, filled, sources=sources) == all_are(expected, sources), "those"
    )
    assert names(page, "prometheus", filled) <= expected
    assert names(page, "prometheus", filled) >= expected - {"new\norders"} or headroom.until(
        lambda p: names(p, "prometheus", filled) >= expected - {"new\norders"}, "the plugin's"
    )


def test_a_declared_queue_is_never_excluded(broker, filled, exporter):
    body = declared(filled, "orders") + 'include = ["inv.*"]\nexclude = ["ord.*"]'
    headroom = exporter(every_source(broker, body + f"\nvhosts = {toml_strings([filled])}"))
    headroom.until(
        lambda p: every(p, names, filled) == all_are({"orders", "invoices"}), "both"
    )


def test_a_regular_expression_that_is_none_is_an_error_of_the_configuration(broker, tmp_path):
    path = tmp_path / "headroom.toml"
    path.write_text(rabbitmq(broker, 'include = ["orders("]'), encoding="utf-8")
    done = run_once(f"--config.file={path}", "--config.check")
    assert done.returncode != 0
    assert "include" in done.stderr + done.stdout and "orders(" in done.stderr + done.stdout


def test_a_pattern_that_backtracking_would_take_years_for_stalls_no_run(broker, vhost, amqp, exporter):
    amqp.declare("a" * 200 + "!")
    body = f'vhosts = {toml_strings([vhost])}\ninclude = ["(a|aa)+$", "(a*)*b"]'

    def attempt():
        page = exporter(every_source(broker, body, timeout="8s")).scrape()
        assert all(every(page, lambda p, s: up(p, s)).values())
        return page.seconds

    keeps_within(2, attempt)


@pytest.fixture
def proxies(broker, cleanup):
    """(management, plugin): what headroom asks passes through these."""
    made = [CountingProxy(port) for port in (broker.management_port, broker.prometheus_port)]
    for proxy in made:
        cleanup.callback(proxy.remove)
    return made


@pytest.fixture
def watched(broker, proxies, exporter):
    """watched(source, body, ...): a target whose requests are seen."""

    def start(source, body="", **keywords):
        management, plugin = proxies
        return exporter(
            rabbitmq(
                broker,
                body,
                source=source,
                url=f"http://guest:guest@127.0.0.1:{management.port}",
                prometheus_urls=[f"http://127.0.0.1:{plugin.port}"],
                **keywords,
            )
        )

    return start


def listings(requests):
    """Those that cost the broker something for each queue."""
    return [r for r in requests if r.startswith(("/api/queues", "/metrics"))]


@pytest.mark.parametrize("source", ["management", "prometheus"])
def test_messages_alone_ask_for_no_consumers_and_no_rates(source, watched, proxies, vhost, amqp):
    amqp.declare("jobs")
    amqp.publish("jobs", 2)
    body = f'readings = ["messages"]\nvhosts = {toml_strings([vhost])}'
    headroom = watched(source, body)
    page = headroom.until(
        lambda p: messages(p, "main", vhost) == {"jobs": {"ready": 2, "in_flight": 0}}, "counted"
    )
    assert page.absent(CONSUMERS)
    for request in proxies[0].requests + proxies[1].requests:
        assert "consumer" not in request and "message_stats" not in request, request
    plugin = [r for r in proxies[1].requests if "queue_coarse_metrics" in r]
    whole = [r for r in proxies[0].requests if r.split("?")[0] == "/api/queues" and "?" not in r]
    assert plugin if source == "prometheus" else not whole, proxies[0].requests


def test_consumers_are_asked_for_when_they_are_read(watched, proxies, vhost, amqp):
    amqp.declare("jobs")
    headroom = watched("prometheus", f"vhosts = {toml_strings([vhost])}")
    headroom.until(lambda p: counts(p, "main", vhost) == {"jobs": (0, 0, 0)}, "counted")
    assert any("queue_consumer_count" in r for r in proxies[1].requests)


def test_auto_takes_the_cheap_source_and_says_so(watched, proxies, vhost, amqp):
    amqp.declare("jobs")
    body = f'readings = ["messages"]\nvhosts = {toml_strings([vhost])}'
    headroom = watched("auto", body)
    headroom.until(lambda p: "jobs" in counts(p, "main", vhost), "counted")
    for proxy in proxies:
        proxy.forget()
    headroom.until(lambda p: counts(p, "main", vhost) == {"jobs": (0, 0, None)}, "again")
    assert listings(proxies[1].requests), "the plugin was not asked"
    assert "Prometheus plugin: cheapest" in headroom.get("/", headers=PATIENT).body
    assert "Prometheus plugin: cheapest" in headroom.log()


@pytest.mark.parametrize("source", ["management", "prometheus", "auto"])
def test_two_scrapes_within_max_age_cost_one_request(source, watched, proxies, vhost, amqp):
    amqp.declare("jobs")
    headroom = watched(source, f"vhosts = {toml_strings([vhost])}", max_age="60s")
    headroom.until(up, "up")
    before = [p.requests for p in proxies]
    assert up(headroom.scrape()) and up(headroom.scrape())
    assert [p.requests for p in proxies] == before
    assert listings(before[0] + before[1])


@pytest.mark.parametrize("source", ["management", "prometheus"])
def test_runs_share_one_connection(source, watched, proxies, vhost):
    headroom = watched(source, f"vhosts = {toml_strings([vhost])}")
    headroom.until(up, "up")
    before = [p.connections for p in proxies]
    for _ in range(5):
        assert up(headroom.scrape())
    assert [p.connections for p in proxies] == before
