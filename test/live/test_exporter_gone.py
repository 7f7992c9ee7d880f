"""A killed exporter, and a job from which Prometheus has no target any more."""

import pytest
from support.debian import NEWER, root_of


@pytest.fixture(scope="module")
def site(start_site):
    """With Debian 13's Prometheus."""
    return start_site(broker=False, root=root_of(NEWER))


def test_a_killed_exporter_is_one_page(site):
    site.webhooks.forget()
    site.exporter.kill()
    site.until_told("pager", "HeadroomExporterDown")
    assert site.webhooks.names("pager") == {"HeadroomExporterDown"}
    assert site.webhooks.names("tickets") == set()


def test_a_job_without_targets_is_one_page(site):
    site.webhooks.forget()
    site.prometheus.scrape_only()
    site.until_told("pager", "HeadroomExporterAbsent")
    assert site.webhooks.names("pager") == {"HeadroomExporterAbsent"}
    assert site.webhooks.names("tickets") == set()
