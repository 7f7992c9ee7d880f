"""https:// to the management API and to the plugin of a real broker."""

import pytest

from support.certificates import Certificates
from support.configs import SOURCES, every_source
from support.rabbitmq_pages import all_are, counts, down, errors, every, queue_series
from support.rabbitmq_server import RabbitServer


@pytest.fixture(scope="module")
def secured(certificates):
    server = RabbitServer(tls=certificates)
    try:
        server.start()
        with server.amqp() as connection:
            connection.declare("jobs")
            connection.publish("jobs", 3)
        yield server
    finally:
        server.remove()


def tls(server, **keys):
    lines = "\n".join(f'  {key} = "{value}"' for key, value in keys.items())
    return every_source(server, f'queues = ["jobs"]\n  [rabbitmq.tls]\n{lines}')


def test_queues_are_read_over_tls_from_every_source(secured, certificates, exporter):
    headroom = exporter(tls(secured, ca_file=certificates.ca))
    headroom.until(lambda p: every(p, counts) == all_are({"jobs": (3, 0, 0)}), "counted")


def test_a_broker_of_another_authority_is_not_trusted(secured, exporter, tmp_path):
    headroom = exporter(tls(secured, ca_file=Certificates(tmp_path).ca))
    page = headroom.scrape()
    for source in SOURCES:
        assert down(page, source) and queue_series(page, source) == []
        assert errors(page, "auth", source) >= 1
    assert "certificate" in headroom.log()


def test_a_broker_of_another_name_is_not_trusted(secured, certificates, exporter):
    page = exporter(tls(secured, ca_file=certificates.ca, server_name="broker.example")).scrape()
    for source in SOURCES:
        assert down(page, source) and queue_series(page, source) == []
    right = exporter(tls(secured, ca_file=certificates.ca, server_name="localhost"))
    right.until(lambda p: every(p, counts) == all_are({"jobs": (3, 0, 0)}), "counted")


def test_the_system_s_own_authorities_do_not_know_the_broker(secured, exporter):
    page = exporter(every_source(secured, 'queues = ["jobs"]')).scrape()
    assert every(page, down) == all_are(True)
