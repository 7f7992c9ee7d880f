"""What the exporter says about itself and its targets."""

from support.configs import target
from support.version import VERSION

LIST = 'lists = ["queue:a"]'
REASONS = {
    *("connect", "timeout", "auth", "permission"),
    *("protocol", "unsupported", "limit", "internal"),
}


def test_every_reason_is_there_at_zero_from_the_first_page(redis, exporter):
    page = exporter(target(redis, LIST)).scrape()
    found = {
        s.labels["reason"]: s.value for s in page.series("headroom_target_errors_total", target="main")
    }
    assert found == {reason: 0 for reason in REASONS}


def test_the_first_page_describes_the_exporter_and_its_target(redis, exporter):
    headroom = exporter(target(redis, LIST))
    page = headroom.scrape()
    assert page.value("headroom_target_up", target="main", system="redis") == 1
    assert 0 <= page.value("headroom_target_data_age_seconds") < 10
    assert 0 < page.value("headroom_target_collect_duration_seconds") < 10
    assert page.value("headroom_target_series") >= 1
    assert page.value("headroom_target_dropped_series") == 0
    assert page.value("headroom_config_last_reload_successful") == 1
    assert page.value("headroom_build_info", version=VERSION) == 1
    assert page.value("process_resident_memory_bytes") > 1e6
    assert page.value("process_open_fds") > 3


def test_no_label_takes_a_name_that_prometheus_or_people_use(redis, exporter):
    page = exporter(target(redis, LIST)).scrape()
    used = {label for s in page.samples for label in s.labels}
    assert not used & {"type", "service", "cluster", "env", "job", "instance"}


def test_the_series_cap_folds_the_rest_and_says_how_many(redis, exporter):
    for i in range(20):
        redis("RPUSH", f"queue:{i:02}", *range(i + 1))
    body = """max_series = 5
lists = ["queue:declared"]
list_patterns = ["queue:*"]
discovery_interval = "100ms"
"""
    headroom = exporter(target(redis, body))
    page = headroom.until(lambda p: p.value("headroom_target_dropped_series") > 0, "some are cut")
    queues = page.label_values("headroom_queue_messages", "queue")
    assert "queue:declared" in queues and "_other" in queues
    assert "queue:19" in queues, "the largest backlog goes first"
    total = sum(s.value for s in page.series("headroom_queue_messages", state="ready"))
    assert total == sum(range(1, 21))
