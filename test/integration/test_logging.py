"""Logs that machines read."""

import json
import re

from support.configs import target
from support.waiting import eventually

LIST = 'lists = ["queue:a"]'


def test_every_json_line_parses_and_has_its_fields(redis, exporter):
    headroom = exporter(target(redis, LIST), "--log.format=json", "--log.level=debug")
    headroom.scrape()
    redis.kill()
    headroom.until(lambda p: p.value("headroom_target_up") == 0, "down")
    headroom.stop()
    lines = [json.loads(line) for line in headroom.log().splitlines()]
    assert len(lines) >= 3
    for line in lines:
        assert line["level"] in ("debug", "info", "warn", "error")
        assert line["msg"]
    assert any(line.get("target") == "main" for line in lines)


def test_every_logfmt_line_is_pairs(redis, exporter):
    headroom = exporter(target(redis, LIST))
    headroom.scrape()
    redis.kill()
    headroom.until(lambda p: p.value("headroom_target_up") == 0, "down")
    pair = r'[a-z_]+=("(\\.|[^"\\])*"|[^\s"=]+)'
    for line in headroom.log().splitlines():
        assert re.fullmatch(rf"{pair}( {pair})*", line), line


def test_the_level_silences_what_is_below(redis, exporter):
    headroom = exporter(target(redis, LIST), "--log.level=info")
    headroom.scrape()
    assert "level=debug" not in headroom.log()
    redis.kill()
    headroom.until(lambda p: p.value("headroom_target_up") == 0, "down")
    eventually(lambda: re.search(r"level=(warn|error) .*target=main", headroom.log()), "the change")
