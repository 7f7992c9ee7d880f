"""rediss:// against a real redis-server that demands a client certificate."""

import pytest

from support.certificates import Certificates
from support.configs import target


@pytest.fixture
def secured(redis_server, certificates):
    tls = certificates.client_context()
    server = redis_server(*certificates.redis_options(), tls=tls)
    server("RPUSH", "queue:a", 1, 2, 3)
    return server


def tls_target(server, **keys):
    lines = "\n".join(f'  {key} = "{value}"' for key, value in keys.items())
    return target(server, f'lists = ["queue:a"]\n  [redis.tls]\n{lines}')


def test_queues_are_read_over_tls_with_a_client_certificate(secured, certificates, exporter):
    c = certificates
    config = tls_target(secured, ca_file=c.ca, cert_file=c.client, key_file=c.client_key)
    page = exporter(config).scrape()
    assert page.value("headroom_target_up") == 1
    assert page.value("headroom_queue_messages", queue="queue:a") == 3


def test_without_the_client_certificate_the_target_is_down(secured, certificates, exporter):
    headroom = exporter(tls_target(secured, ca_file=certificates.ca))
    page = headroom.scrape()
    assert page.value("headroom_target_up") == 0
    assert page.absent("headroom_queue_messages")


def test_a_server_of_another_authority_is_not_trusted(secured, certificates, exporter, tmp_path):
    stranger = Certificates(tmp_path)
    c = certificates
    config = tls_target(secured, ca_file=stranger.ca, cert_file=c.client, key_file=c.client_key)
    headroom = exporter(config)
    assert headroom.scrape().value("headroom_target_up") == 0
    assert "certificate" in headroom.log()


def test_a_server_of_another_name_is_not_trusted(secured, certificates, exporter):
    c = certificates
    keys = {"ca_file": c.ca, "cert_file": c.client, "key_file": c.client_key}
    headroom = exporter(tls_target(secured, server_name="redis.example", **keys))
    assert headroom.scrape().value("headroom_target_up") == 0
    right = exporter(tls_target(secured, server_name="localhost", **keys))
    assert right.scrape().value("headroom_target_up") == 1
