"""The binary in the image's root, as a container runtime starts it, against real servers."""

import datetime
import shutil
import zoneinfo
from pathlib import Path

import pytest

from name_server import ADDRESS, NameServer
from support.configs import target
from support.postgres_server import PASSWORDS
from support.redis_server import RedisServer
from support.waiting import eventually

LISTS = 'lists = ["queue:a", "queue:empty"]'
WORKLOAD = """
[[workload]]
name = "decisions"
queues = [{{ target = "main", queue = "queue:a" }}]
service_time = "6m"
finish_within = "30m"
min = 2
max = 200

  [[workload.floor]]
  schedule = "0 9 * * *"
  time_zone = "{zone}"
  duration = "1h"
  workers = 20
"""


@pytest.fixture(scope="module", autouse=True)
def queue(redis):
    redis("RPUSH", "queue:a", 1, 2, 3)


def up(headroom):
    """A page on which the target answers, however long the machine takes."""
    return headroom.until(lambda page: page.value("headroom_target_up") == 1, "the target is up")


def depth(page, queue="queue:a"):
    return page.value("headroom_queue_messages", queue=queue, state="ready")


def test_it_is_scraped_and_says_what_redis_says(runtime, redis):
    headroom = runtime.start(target(redis, LISTS))
    page = up(headroom)
    assert depth(page) == redis("LLEN", "queue:a") == 3
    assert depth(page, "queue:empty") == 0
    assert headroom.get("/-/ready").status == 200
    print(f"headroom_queue_messages: {depth(page):.0f}; LLEN queue:a: {redis('LLEN', 'queue:a')}")


def test_it_has_no_right_that_it_does_not_need(runtime, redis, image):
    headroom = runtime.start(target(redis, LISTS))
    proc = Path(f"/proc/{headroom.inner_pid()}")
    status = dict(
        line.split(":\t", 1) for line in (proc / "status").read_text().splitlines() if ":\t" in line
    )
    user, group = image["User"].split(":")
    assert status["Uid"].split() == [user] * 4 and status["Gid"].split() == [group] * 4
    assert status["Groups"].split() == []
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
    assert status["NSpid"].split()[-1] == "1"
    rows = [line.split() for line in (proc / "mountinfo").read_text().splitlines()]
    assert [row[5].split(",")[0] for row in rows if row[4] == "/"] == ["ro"]


def test_as_process_1_it_ends_cleanly_when_it_is_told_to(runtime, redis, image):
    headroom = runtime.start(target(redis, LISTS))
    up(headroom)
    assert image["StopSignal"] in ("SIGTERM", "15")
    headroom.stop()
    assert not headroom.running()


def test_a_name_of_the_hosts_file_is_found(runtime, redis):
    runtime.hosts("127.0.0.1 localhost")
    headroom = runtime.start(target(redis, LISTS, url=f"redis://localhost:{redis.port}"))
    assert depth(up(headroom)) == 3


def test_a_name_of_the_dns_is_found(runtime, redis, keep):
    server = NameServer("main.redis.svc.cluster.local", "127.0.0.1")
    keep.callback(server.close)
    runtime.nameserver(ADDRESS)
    url = f"redis://main.redis.svc.cluster.local:{redis.port}"
    headroom = runtime.start(target(redis, LISTS, url=url))
    assert depth(up(headroom)) == 3


@pytest.fixture(scope="module")
def secured(certificates, keep):
    server = RedisServer(*certificates.redis_options(), tls=certificates.client_context())
    keep.callback(server.remove)
    server.start()("RPUSH", "queue:a", 1, 2)
    return server


def over_tls(server, runtime, certificates):
    """Without ca_file: the authorities are the image's."""
    for source, name in ((certificates.client, "crt"), (certificates.client_key, "key")):
        shutil.copy(source, runtime.config / f"client.{name}")
        (runtime.config / f"client.{name}").chmod(0o644)
    keys = 'cert_file = "/etc/headroom/client.crt"\nkey_file = "/etc/headroom/client.key"'
    return target(server, f"{LISTS}\n[redis.tls]\n{keys}")


def test_an_authority_that_the_image_does_not_know_is_not_trusted(runtime, secured, certificates):
    headroom = runtime.start(over_tls(secured, runtime, certificates))
    page = headroom.until(lambda _: "certificate" in headroom.log(), "it says why")
    assert page.value("headroom_target_up") == 0 and page.absent("headroom_queue_messages")


def test_the_authorities_of_the_image_are_the_ones_that_tls_trusts(runtime, secured, certificates):
    bundle = runtime.root / "etc/ssl/certs/ca-certificates.crt"
    bundle.write_text(certificates.ca.read_text(encoding="ascii"), encoding="ascii")
    headroom = runtime.start(over_tls(secured, runtime, certificates))
    assert depth(up(headroom)) == 2


def test_postgresql_is_read_with_a_password(runtime, postgres):
    config = f"""
[[postgresql]]
name = "db"
dsn = "host=localhost port={postgres.port} user=monitor dbname=postgres"
password_env = "DB_PASSWORD"
timeout = "60s"
"""
    shown = runtime.once(config, "--once", env={"DB_PASSWORD": PASSWORDS["monitor"]})
    assert shown.returncode == 0, shown.stderr
    limit = postgres.sql("SHOW max_connections")[0]["max_connections"]
    rows = [row for row in shown.stdout.splitlines() if row.startswith("headroom_pool_max_conn")]
    assert f" {limit}" in [row[row.rindex(" ") :] for row in rows if 'scope="server"' in row]


def test_a_planned_floor_is_counted_in_its_own_time_zone(runtime, redis):
    zone = zoneinfo.ZoneInfo("Asia/Seoul")
    before = datetime.datetime.now(zone)
    headroom = runtime.start(target(redis, LISTS) + WORKLOAD.format(zone=zone.key))
    page = headroom.until(
        lambda p: p.series("headroom_workload_next_floor_timestamp_seconds"), "the floor"
    )
    said = page.value("headroom_workload_next_floor_timestamp_seconds", workload="decisions")
    start = datetime.datetime.fromtimestamp(said, zone)
    assert (start.hour, start.minute, start.second) == (9, 0, 0)
    assert datetime.timedelta(0) < start - before < datetime.timedelta(days=1, hours=1)


def test_a_zone_that_does_not_exist_is_refused(runtime, redis):
    wrong = runtime.once(target(redis, LISTS) + WORKLOAD.format(zone="Mars/Base"), "--config.check")
    assert wrong.returncode == 2 and "Mars/Base" in wrong.stderr


def test_without_a_configuration_file_it_says_which_one_it_wanted(runtime):
    refused = runtime.once(None)
    assert refused.returncode == 2
    assert "/etc/headroom/headroom.toml" in refused.stderr


def test_flags_and_variables_serve_instead_of_a_file(runtime, redis):
    env = {"HEADROOM_REDIS_URL": redis.url, "HEADROOM_REDIS_LISTS": "queue:a"}

    def read():  # again, if a target's usual two seconds were too few for this machine
        shown = runtime.once(None, "--once", with_cmd=False, env=env)
        return shown if shown.returncode == 0 else None

    shown = eventually(read, "one whole page")
    assert any(
        row.startswith("headroom_queue_messages{") and 'queue="queue:a"' in row and row.endswith(" 3")
        for row in shown.stdout.splitlines()
    )
