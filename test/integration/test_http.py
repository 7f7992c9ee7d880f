"""The HTTP face: pages, methods, selection, compression."""

import contextlib
import re
import socket

import pytest

from support.configs import target
from support.exposition import parse
from support.exporter import PATIENT
from support.waiting import eventually, keeps_within

LIST = 'lists = ["queue:a"]'


def two_targets(redis_server, exporter, *flags):
    one, two = redis_server(), redis_server()
    return exporter(target(one, LIST, name="one") + target(two, LIST, name="two"), *flags), one, two


def test_healthy_and_ready_whatever_the_targets_do(redis, exporter):
    redis.kill()
    headroom = exporter(target(redis, LIST))
    assert headroom.get("/-/healthy").status == 200
    assert headroom.get("/-/ready").status == 200


def test_the_front_page_shows_targets_and_queues_escaped(redis, exporter):
    redis("RPUSH", "queue:<script>alert(1)</script>", 1)
    body = 'lists = ["queue:<script>alert(1)</script>", "queue:declared"]'
    headroom = exporter(target(redis, body, name="the-target"))
    headroom.scrape()
    answer = headroom.get("/", headers=PATIENT)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "the-target" in answer.body and "queue:declared" in answer.body
    assert "queue:&lt;script&gt;" in answer.body
    assert "<script" not in answer.body


def test_collect_limits_the_page_and_what_is_asked(redis_server, exporter):
    headroom, one, two = two_targets(redis_server, exporter)
    page = headroom.scrape("/metrics?collect[]=one")
    assert page.label_values("headroom_queue_messages", "target") == {"one"}
    assert one.calls("llen") == 1 and two.calls("llen") == 0
    page = headroom.scrape("/metrics?collect%5B%5D=one&collect%5B%5D=two")
    assert page.label_values("headroom_queue_messages", "target") == {"one", "two"}


def test_an_unknown_name_in_collect_is_refused(redis_server, exporter):
    headroom, one, _ = two_targets(redis_server, exporter)
    answer = headroom.get("/metrics?collect[]=one&collect[]=nobody")
    assert answer.status == 400
    assert "nobody" in answer.body
    assert one.calls("llen") == 0


def test_gzip_needs_the_flag_and_a_client_that_takes_it(redis, exporter):
    wanted = {**PATIENT, "Accept-Encoding": "gzip"}
    plain = exporter(target(redis, LIST))
    assert "content-encoding" not in plain.get("/metrics", headers=wanted).headers
    packed = exporter(target(redis, LIST), "--web.enable-gzip")
    assert "content-encoding" not in packed.get("/metrics", headers=PATIENT).headers
    refused = {**PATIENT, "Accept-Encoding": "gzip;q=0, identity"}
    assert "content-encoding" not in packed.get("/metrics", headers=refused).headers
    answer = packed.get("/metrics", headers=wanted)
    assert answer.headers["content-encoding"] == "gzip"
    assert parse(answer.body).value("headroom_queue_messages", queue="queue:a") == 0


def test_head_has_no_body(redis, exporter):
    headroom = exporter(target(redis, LIST))
    with socket.create_connection(("127.0.0.1", int(headroom.base.rsplit(":", 1)[1]))) as s:
        s.sendall(b"HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: s.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] == b"200"
    assert int(re.search(rb"(?i)content-length: (\d+)", head).group(1)) > 1000
    assert body == b""


def test_other_methods_are_refused_with_allow(redis, exporter):
    headroom = exporter(target(redis, LIST))
    for path in ["/metrics", "/", "/-/healthy"]:
        answer = headroom.get(path, method="POST")
        assert answer.status == 405
        assert {m.strip() for m in answer.headers["allow"].split(",")} == {"GET", "HEAD"}


def test_unknown_paths_are_not_found(redis, exporter):
    assert exporter(target(redis, LIST)).get("/nothing/here").status == 404


def test_the_telemetry_path_can_be_changed(redis, exporter):
    headroom = exporter(target(redis, LIST), "--web.telemetry-path=/prom")
    assert headroom.scrape("/prom").value("headroom_target_up") == 1
    assert headroom.get("/metrics").status == 404


def test_idle_connections_do_not_delay_a_scrape(redis, exporter, cleanup):
    headroom = exporter(target(redis, LIST))
    port = int(headroom.base.rsplit(":", 1)[1])
    for _ in range(400):
        cleanup.enter_context(socket.create_connection(("127.0.0.1", port)))

    def attempt():
        page = headroom.scrape()
        assert page.value("headroom_target_up") == 1
        return page.seconds

    keeps_within(1.0, attempt)


def has_ipv6():
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as s:
        s.bind(("::1", 0))
        return True
    return False


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on this machine")
def test_several_listeners_on_ipv4_and_ipv6(redis, exporter):
    headroom = exporter(target(redis, LIST), "--web.listen-address=[::1]:0")
    found = eventually(lambda: re.search(r"address=.?\[::1\]:(\d+)", headroom.log()), "the second one")
    port = int(found.group(1))
    with socket.create_connection(("::1", port)) as s:
        s.sendall(b"GET /-/healthy HTTP/1.0\r\n\r\n")
        assert s.recv(100).split()[1] == b"200"
