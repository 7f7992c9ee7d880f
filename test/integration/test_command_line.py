"""--once, --config.check, flags and the environment instead of a file."""

import pytest

from support.configs import target
from support.exporter import run_once
from support.exposition import parse
from support.version import VERSION

BAD = """
[defaults]
timeout = 5
max_agee = "1s"

[[redis]]
name = "main"
url = "http://127.0.0.1"
lists = ["a", "a"]
"""


@pytest.fixture
def config(tmp_path):
    def write(text):
        path = tmp_path / "headroom.toml"
        path.write_text(text, encoding="utf-8")
        return f"--config.file={path}"

    return write


def test_once_prints_a_page_and_succeeds(redis, config):
    redis("RPUSH", "queue:a", 1, 2)
    done = run_once("--once", config(target(redis, 'lists = ["queue:a", "queue:empty"]')))
    page = parse(done.stdout)
    assert page.value("headroom_queue_messages", queue="queue:a") == 2
    assert page.value("headroom_queue_messages", queue="queue:empty") == 0
    assert page.value("headroom_target_up", target="main") == 1
    assert done.returncode == 0, done.stderr


def test_once_finishes_a_whole_discovery_first(redis, config):
    for i in range(5000):
        redis("SET", f"noise:{i}", 1)
    redis("RPUSH", "queue:found", 1)
    body = 'list_patterns = ["queue:*"]\ndiscovery_interval = "1h"'
    done = run_once("--once", config(target(redis, body)))
    assert parse(done.stdout).value("headroom_queue_messages", queue="queue:found") == 1
    assert done.returncode == 0, done.stderr


def test_once_with_a_target_down_says_so_and_fails(redis_server, config):
    down, up = redis_server(), redis_server()
    down.kill()
    lists = 'lists = ["queue:a"]'
    done = run_once("--once", config(target(down, lists) + target(up, lists, name="other")))
    page = parse(done.stdout)
    assert page.value("headroom_target_up", target="main") == 0
    assert page.absent("headroom_queue_messages", target="main")
    assert page.value("headroom_queue_messages", target="other") == 0
    assert done.returncode == 1, done.stderr


@pytest.mark.parametrize("flag", ["--once", "--config.check"])
def test_every_mistake_of_a_config_is_reported_at_once(config, flag):
    done = run_once(flag, config(BAD))
    assert done.returncode == 2
    assert done.stdout == ""
    for line, key in [(3, "timeout"), (4, "max_agee"), (8, "url"), (9, "lists")]:
        assert any(f"headroom.toml:{line}:" in x and key in x for x in done.stderr.splitlines()), (
            f"line {line}, {key}:\n{done.stderr}"
        )
    assert "max_age" in done.stderr.replace("max_agee", ""), "no \"did you mean\""


def test_a_config_that_starts_the_exporter_is_checked_too(config):
    done = run_once("--web.listen-address=127.0.0.1:0", config(BAD))
    assert done.returncode == 2
    assert "headroom.toml:3:" in done.stderr


def test_a_good_config_passes_the_check_without_asking_the_target(redis, config):
    redis.kill()
    done = run_once("--config.check", config(target(redis, 'lists = ["queue:a"]')))
    assert done.returncode == 0, done.stderr


def test_a_file_that_is_not_there_is_named(tmp_path):
    done = run_once("--config.check", f"--config.file={tmp_path / 'absent.toml'}")
    assert done.returncode == 2
    assert "absent.toml" in done.stderr


def test_a_url_by_flag_needs_no_file(redis):
    done = run_once("--once", f"--redis.url={redis.url}")
    assert done.returncode == 0, done.stderr
    page = parse(done.stdout)
    assert [s.value for s in page.series("headroom_target_up", system="redis")] == [1]


def test_a_url_by_environment_needs_no_file(redis):
    done = run_once("--once", env={"HEADROOM_REDIS_URL": redis.url})
    assert done.returncode == 0, done.stderr
    page = parse(done.stdout)
    assert [s.value for s in page.series("headroom_target_up", system="redis")] == [1]


def test_variables_in_a_url_are_expanded_and_unset_ones_are_errors(redis, config):
    flag = config(target(redis, url="redis://127.0.0.1:${REDIS_PORT_OF_TEST}"))
    assert run_once("--once", flag, env={"REDIS_PORT_OF_TEST": str(redis.port)}).returncode == 0
    done = run_once("--once", flag)
    assert done.returncode == 2
    assert "REDIS_PORT_OF_TEST" in done.stderr


def test_a_password_by_environment(redis_server, config):
    redis = redis_server("--requirepass", "pw-0n3", password="pw-0n3")
    flag = config(target(redis, 'password_env = "REDIS_PASSWORD_OF_TEST"'))
    done = run_once("--once", flag, env={"REDIS_PASSWORD_OF_TEST": "pw-0n3"})
    assert done.returncode == 0, done.stderr


def test_version_and_help():
    version = run_once("--version")
    assert version.returncode == 0 and VERSION in version.stdout
    text = run_once("--help")
    assert text.returncode == 0
    for flag in ["--config.file", "--web.listen-address", "--once", "--redis.url", "--log.format"]:
        assert flag in text.stdout


def test_an_unknown_flag_is_an_error():
    done = run_once("--no-such-flag")
    assert done.returncode == 2
    assert "no-such-flag" in done.stderr


def test_a_flag_of_a_target_that_is_not_given_is_an_error(redis):
    done = run_once("--config.check", f"--redis.url={redis.url}", "--pgbouncer.postgresql=db")
    assert done.returncode == 2
    assert "--pgbouncer.postgresql needs --pgbouncer.dsn or HEADROOM_PGBOUNCER_DSN" in done.stderr


def test_nothing_to_watch_is_an_error_that_says_what_to_do():
    done = run_once("--once")
    assert done.returncode == 2
    assert "--config.file" in done.stderr or "--redis.url" in done.stderr


def test_a_taken_port_is_an_error_that_names_it(redis, config):
    address = f"127.0.0.1:{redis.port}"
    done = run_once(f"--web.listen-address={address}", config(target(redis)))
    assert done.returncode not in (0, 2)
    assert address in done.stderr
