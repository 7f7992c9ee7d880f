"""Why there should be so many workers, in sentences: --explain and the page for people."""

from support.exporter import run_once
from support.waiting import eventually
from support.workloads import messages, plain, workers


def test_explain_has_the_numbers_in_its_sentences(redis, config):
    messages(redis, 95, 30)
    workers(redis, ["working"] * 14 + ["idle"])
    done = run_once("--once", "--explain", "decisions", config(plain(redis)))
    assert done.returncode == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    assert "95 waiting / 10 per worker + 30 waiting / 20 per worker, rounded up = 11" in first
    assert first.endswith(": recommended 14")
    assert any("14 live in working" in line for line in rest), done.stdout
    assert "headroom_" not in done.stdout


def test_explain_says_what_is_unknown_and_fails(redis, config):
    redis.kill()
    done = run_once("--once", "--explain", "decisions", config(plain(redis)))
    assert done.returncode == 1
    assert "no recommendation, but at least 2" in done.stdout
    assert "main" in done.stderr


def test_explain_of_an_unknown_workload_is_a_mistake(redis, config):
    done = run_once("--once", "--explain", "decision", config(plain(redis)))
    assert done.returncode == 2
    assert done.stdout == ""
    assert 'did you mean "decisions"?' in done.stderr


def test_the_page_for_people_shows_the_sentences(redis, exporter):
    messages(redis, 95, 0)
    headroom = exporter(plain(redis))
    page = eventually(
        lambda: (b := headroom.get("/").body) and "95 waiting / 10 per worker" in b and b,
        "the sentences",
    )
    assert "<h3>Why: decisions</h3>" in page
