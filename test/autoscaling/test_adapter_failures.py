"""The failure table of docs/autoscaling.md: each part of the chain is broken for real, and the HPA
is told the truth or nothing. Every test mends what it broke."""

import datetime
import platform
import signal
from fractions import Fraction

import pytest
from faults import NOTHING, Page, answers_until
from hpa_model import desired, proposal
from manifests import adapter_rules
from rules_for_tests import FAMILY, believing, unguarded
from support.chain import Chain
from support.configs import pgbouncer, postgresql, target
from support.exporter import Exporter
from support.pgbouncer_server import PgBouncerServer
from support.postgres_server import PostgresServer
from support.redis_server import RedisServer
from support.waiting import PATIENCE, eventually, free_port

WAITING = 37
POOL = 20
FLOOR = 120
SMALLEST_INTEGER = -(2**63)  # what x86-64 makes of NaN as an int64


def workload(name, more=""):
    return f"""
[[workload]]
name = "{name}"
queues = [{{ target = "main", queue = "queue:decisions" }}]
messages_per_worker = 1
min = 2
max = 200
{more}
"""


def pooled(name, more=""):
    pool = '{ target = "pooler", database = "app", user = "app" }'
    return workload(name, f"pools = [{pool}]\n{more}")


@pytest.fixture(scope="module")
def redis(stack):
    server = RedisServer()
    stack.callback(server.remove)
    server.start()
    server("RPUSH", "queue:decisions", *range(WAITING))
    return server


@pytest.fixture(scope="module")
def bouncer(stack):
    postgres = PostgresServer()
    stack.callback(postgres.remove)
    server = PgBouncerServer(postgres.start(), default_pool_size=POOL)
    stack.callback(server.remove)
    server.behind = postgres
    return server.start()


@pytest.fixture(scope="module")
def config(redis, bouncer):
    servers = target(redis) + postgresql(bouncer.behind, timeout="5s")
    servers += pgbouncer(bouncer, behind="db", timeout="5s")
    ignoring = pooled("ignoring", 'pool_when_unknown = "ignore"')
    return servers + workload("decisions") + pooled("pooled") + ignoring


@pytest.fixture(scope="module")
def page(stack):
    served = Page()
    stack.callback(served.remove)
    return served


@pytest.fixture(scope="module")
def second(stack, tmp_path_factory, config):
    """Another headroom with the same configuration, that is not started yet; and its address."""
    port = free_port()
    headroom = Exporter(tmp_path_factory.mktemp("second"), config, port=port)
    stack.callback(headroom.remove)
    return headroom, f"127.0.0.1:{port}"


@pytest.fixture(scope="module")
def whole(stack, folder, program, config, page, second):
    rules = adapter_rules()
    rules["externalRules"] += [unguarded(), believing()]
    return Chain(stack, folder, program, config, rules, others=(page.address, second[1]))


@pytest.fixture
def chain(whole):
    """The chain at rest; and once more afterwards, so that no test leaves it broken."""
    at_rest(whole)
    yield whole
    at_rest(whole)


def at_rest(chain):
    answers(chain, "recommended", [WAITING])
    answers(chain, "minimum", [2])


def answers(chain, number, wanted, allowed=(NOTHING, None), workload="decisions"):
    """Waits for an answer; in between nothing but the allowed ones."""
    ask = lambda: chain.workload(number, workload)  # noqa: E731
    answers_until(ask, wanted, f"{number} of {workload}", allowed)


def reload(chain, text):
    chain.exporter.write_config(text)
    chain.exporter.signal(signal.SIGHUP)


def becomes(chain, replicas, expected, workload="decisions"):
    """What the HPA makes of both metrics, in the end: a late scrape is an empty answer too."""

    def arrived():
        found = [chain.workload(n, workload).values for n in ("recommended", "minimum")]
        proposals = [proposal(values, 1, replicas) for values in found]
        return desired(proposals, replicas, 2, 200) == expected

    eventually(arrived, f"{replicas} replicas become {expected}", 2 * PATIENCE)


def test_exporter_down_is_no_answer_and_the_hpa_holds(chain):
    chain.exporter.stop()
    answers(chain, "recommended", NOTHING, [[WAITING]])
    answers(chain, "minimum", NOTHING, [[2]])
    becomes(chain, WAITING, WAITING)
    chain.exporter.start()
    answers(chain, "recommended", [WAITING])


def test_prometheus_down_is_an_error_and_the_hpa_holds(chain):
    chain.prometheus.kill()
    assert chain.workload("recommended", "decisions").status == 500
    # KEDA directly goes on.
    page = chain.exporter.scrape("/metrics?collect%5B%5D=workload:decisions")
    assert page.value(FAMILY, workload="decisions") == WAITING
    becomes(chain, WAITING, WAITING)
    chain.prometheus.restart()
    answers(chain, "recommended", [WAITING])


def test_prometheus_restarted_while_the_exporter_is_down_does_not_answer_of_the_past(chain):
    chain.prometheus.kill()
    chain.exporter.stop()
    chain.prometheus.restart()
    answers(chain, "recommended", NOTHING, [[WAITING], None])
    # Without `unless ... up == 0` it would, for five minutes: nobody is left who would end the series.
    assert chain.adapter.external("believing", {"workload": "decisions"}).values == [WAITING]
    chain.exporter.start()


def test_a_stopped_backend_is_no_answer_and_never_0(chain, redis):
    redis.pause()
    answers(chain, "recommended", NOTHING, [[WAITING]])
    answers(chain, "minimum", [2])
    # 2 alone would scale in; with one metric missing it does not.
    becomes(chain, WAITING, WAITING)
    redis.resume()
    answers(chain, "recommended", [WAITING])


def soon(seconds):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.isoformat(timespec="seconds")


def test_backend_down_before_a_floor_still_gets_the_workers_of_the_floor(chain, redis, config):
    redis.pause()
    answers(chain, "recommended", NOTHING, [[WAITING]])
    moments = f"start = {soon(3)}\nend = {soon(3600)}"
    floor = f"[[workload.floor]]\n{moments}\nworkers = {FLOOR}\n"
    reload(chain, config + workload("event", floor))
    answers(chain, "minimum", [FLOOR], (NOTHING, None, [2]), "event")
    assert chain.workload("recommended", "event").values == NOTHING
    becomes(chain, 50, FLOOR, "event")
    becomes(chain, 150, 150, "event")
    redis.resume()
    reload(chain, config)


def test_pool_target_down_holds_or_is_ignored_as_configured(chain, bouncer):
    answers(chain, "recommended", [POOL], workload="pooled")
    # A pooler that one scrape did not hear of is ignored as well.
    answers(chain, "recommended", [POOL], (NOTHING, None, [WAITING]), "ignoring")
    bouncer.pause()
    answers(chain, "recommended", NOTHING, [[POOL]], "pooled")
    answers(chain, "minimum", [2], workload="pooled")
    becomes(chain, POOL, POOL, "pooled")
    answers(chain, "recommended", [WAITING], [NOTHING, [POOL]], "ignoring")
    bouncer.resume()
    answers(chain, "recommended", [POOL], workload="pooled")


def test_adapter_restarted_says_the_truth_or_nothing(chain):
    chain.adapter.kill()
    chain.adapter.restart()
    # Not found until it has listed the names: no value. Nor is there one after a scrape that came late.
    answers(chain, "recommended", [WAITING])


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "-1"])
def test_what_is_no_number_of_workers_is_no_answer(chain, page, value):
    page.text = f'{FAMILY}{{workload="injected"}} {value}\n{FAMILY}{{workload="sane"}} 9\n'
    answers(chain, "recommended", [9], workload="sane")
    assert chain.workload("recommended", "injected").values == NOTHING
    # What the HPA would get otherwise, in whole workers: all of them below minReplicas.
    if platform.machine() == "x86_64":
        bare = -1 if value == "-1" else Fraction(SMALLEST_INTEGER, 1000)
        ask = lambda: chain.adapter.external("unguarded", {"workload": "injected"})  # noqa: E731
        answers_until(ask, [bare], "without a guard", [NOTHING])
    page.text = ""
    answers(chain, "recommended", NOTHING, [[9]], "sane")


def test_nan_of_one_exporter_does_not_hide_the_number_of_another(chain, page):
    page.text = f'{FAMILY}{{workload="decisions"}} NaN\n{FAMILY}{{workload="sane"}} 9\n'
    answers(chain, "recommended", [9], workload="sane")
    answers(chain, "recommended", [WAITING])
    page.text = ""
    answers(chain, "recommended", NOTHING, [[9]], "sane")


def test_two_exporters_are_one_answer(chain, second):
    second[0].start()
    summed = lambda: chain.adapter.external("unguarded", {"workload": "decisions"})  # noqa: E731
    one, two = [WAITING], [2 * WAITING]
    answers_until(summed, two, "what sum makes of two", [NOTHING, one])
    answers(chain, "recommended", one)
    # Nor is anything missing when one of the two goes, as in an update of headroom.
    second[0].stop()
    answers_until(summed, one, "one is left", [NOTHING, two])
    answers(chain, "recommended", one)


def test_a_workload_that_a_reload_removed_is_no_answer(chain, config):
    reload(chain, config + workload("passing"))
    answers(chain, "recommended", [WAITING], workload="passing")
    reload(chain, config)
    answers(chain, "recommended", NOTHING, [[WAITING]], "passing")
    answers(chain, "minimum", NOTHING, [[2]], "passing")
    becomes(chain, WAITING, WAITING, "passing")
