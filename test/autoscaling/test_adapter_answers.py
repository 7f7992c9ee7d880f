"""What an HPA reads through the real prometheus-adapter is what Redis says; the way there has no value
of its own, and a selector that is not exactly one workload gets nothing."""

import json
import subprocess
import urllib.parse

import pytest
from hpa_model import desired, proposal
from manifests import adapter_rules, answer, asked, hpa, scaled_object
from rules_for_tests import depth, of_service
from support.adapter import quantity
from support.chain import Chain
from support.configs import target
from support.redis_server import RedisServer
from support.waiting import PATIENCE, eventually, http_request

LIST = "queue:decisions"
HOSTILE = [
    'queue:"q"',
    "queue:a\\b",
    "queue:x\ny",
    'queue:{a="b"} 7',
    "queue:한글",
    "queue:$1",
    "queue:<<.Series>>",
    "queue:{{ .Values }}",
    'queue:"} or vector(0) #',
    "queue:a,b=c",
]
NO_LABEL_VALUE = "a workload: 100 % <late>"
WORKLOADS = f"""
[[workload]]
name = "decisions"
queues = [{{ target = "main", queue = "{LIST}" }}]
service_time = "6m"
finish_within = "6m"
min = 2
max = 200

[[workload]]
name = "others"
queues = [{{ target = "main", queue = "queue:others" }}]
messages_per_worker = 1
min = 5
max = 40

[[workload]]
name = "{NO_LABEL_VALUE}"
queues = [{{ target = "main", queue = "{LIST}" }}]
messages_per_worker = 10
max = 7
"""
RECOMMENDED = "headroom_workload_recommended_workers"


@pytest.fixture(scope="module")
def redis(stack):
    server = RedisServer()
    stack.callback(server.remove)
    return server.start()


@pytest.fixture(scope="module")
def chain(stack, folder, program, redis):
    rules = adapter_rules()
    rules["externalRules"] += [depth(f"depth_{i}", name) for i, name in enumerate(HOSTILE)]
    rules["rules"].append(of_service("depth_of_service", LIST))
    lists = f"lists = {json.dumps([LIST, *HOSTILE], ensure_ascii=False)}"
    for i, name in enumerate(HOSTILE):
        redis("RPUSH", name, *range(i + 1))
    return Chain(stack, folder, program, target(redis, lists) + WORKLOADS, rules)


def put(redis, count):
    redis("DEL", LIST)
    if count:
        redis("RPUSH", LIST, *range(count))


def until(ask, values):
    """Waits for this answer."""
    eventually(lambda: ask().values == values, f"{values} is answered", 2 * PATIENCE)


@pytest.mark.parametrize("metric", hpa("recommended")["metrics"], ids=lambda m: asked(m)[0])
def test_each_metric_of_the_hpa_is_what_redis_says(chain, redis, metric):
    put(redis, 37)
    # One message per worker: the recommendation is the length of the list.
    expected = redis("LLEN", LIST) if asked(metric)[0] == RECOMMENDED else 2
    until(lambda: answer(chain.adapter, metric), [expected])


def test_a_depth_is_the_length_of_its_list(chain, redis):
    put(redis, 1234)
    until(lambda: chain.adapter.external("headroom_decisions_ready"), [redis("LLEN", LIST)])


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2"])
def test_a_depth_as_a_metric_of_a_service_is_the_length_of_its_list(chain, redis, version):
    """The adapter's chart registers the first version only."""
    put(redis, 1234)
    ask = lambda: chain.adapter.of_object("services", "headroom", "depth_of_service", version)  # noqa: E731
    until(ask, [redis("LLEN", LIST)])
    other = chain.adapter.of_object("services", "another", "depth_of_service", version)
    assert other.status == 404


def test_an_empty_list_is_a_known_zero(chain, redis):
    put(redis, 0)
    until(lambda: chain.adapter.external("headroom_decisions_ready"), [0])
    until(lambda: chain.workload("recommended", "decisions"), [2])


# messages, pods that there are, pods that there shall be
CASES = [
    (0, 2, 2),
    (0, 200, 2),
    (1, 2, 2),
    (37, 2, 37),
    (39, 36, 36),  # within 10 % of the pods that there are
    (40, 36, 40),
    (200, 2, 200),
    (200, 182, 182),
    (200, 181, 200),
    (15000, 50, 200),
]


@pytest.mark.parametrize("count,replicas,expected", CASES)
def test_what_the_hpa_makes_of_the_answers(chain, redis, count, replicas, expected):
    put(redis, count)
    until(lambda: chain.workload("recommended", "decisions"), [max(2, min(200, count))])
    spec = hpa("recommended")

    def becomes():
        proposals = []
        for metric in spec["metrics"]:
            per_pod = quantity(asked(metric)[2]["averageValue"])
            proposals.append(proposal(answer(chain.adapter, metric).values, per_pod, replicas))
        return desired(proposals, replicas, spec["minReplicas"], spec["maxReplicas"])

    # At once, unless a scrape came late: then nothing is answered for a moment.
    eventually(lambda: becomes() == expected, f"{expected} replicas", PATIENCE)


def test_only_a_selector_of_one_workload_gets_an_answer(chain, redis):
    """The HPA adds up what it gets: of all workloads that would be 37 + 5 + 4."""
    put(redis, 37)
    until(lambda: chain.workload("recommended", "decisions"), [37])
    until(lambda: chain.workload("recommended", "others"), [5])
    no_one = ("", "workload", "workload!=others", "workload=none")
    for selector in (*no_one, "workload in (decisions,others)"):
        query = urllib.parse.urlencode({"labelSelector": selector})
        path = f"/apis/external.metrics.k8s.io/v1beta1/namespaces/default/{RECOMMENDED}?{query}"
        assert chain.adapter.get(path).values == [], selector


def test_a_selector_may_name_more_than_the_workload(chain, redis):
    put(redis, 37)
    until(lambda: chain.workload("recommended", "decisions"), [37])
    here = {"workload": "decisions", "job": "headroom"}
    until(lambda: chain.adapter.external(RECOMMENDED, here), [37])
    assert chain.adapter.external(RECOMMENDED, {**here, "job": "another"}).values == []


def test_the_namespace_of_the_hpa_does_not_matter(chain, redis):
    put(redis, 37)
    until(lambda: chain.adapter.external(RECOMMENDED, {"workload": "decisions"}, "shop"), [37])


@pytest.mark.parametrize("name", [LIST, NO_LABEL_VALUE])
def test_kubernetes_takes_no_such_value_in_a_selector(chain, name):
    """Why queues stand in the rules, and workloads are named with letters, digits, - _ and dots."""
    assert chain.adapter.external(RECOMMENDED, {"workload": name}).status == 400


@pytest.mark.parametrize("index", range(len(HOSTILE)), ids=HOSTILE)
def test_a_hostile_name_in_a_rule_is_that_queue_and_no_other(chain, redis, index):
    until(lambda: chain.adapter.external(f"depth_{index}"), [redis("LLEN", HOSTILE[index])])


def test_no_value_came_from_the_stub(chain):
    asked_for = {line.split()[1] for line in chain.kubernetes.asked}
    assert asked_for <= {
        "/api",
        "/apis",
        "/api/v1",
        "/apis/authentication.k8s.io/v1/tokenreviews",
        "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    }


def test_who_may_not_read_metrics_gets_none(chain):
    """The stub decides it and the adapter asks: nothing here is answered without authorisation."""
    path = f"/apis/external.metrics.k8s.io/v1beta1/namespaces/default/{RECOMMENDED}"
    assert chain.adapter.get(path, token="nobody").status == 401


# KEDA: its queries on the same Prometheus, its page from the same exporter.


def triggers(name, kind):
    return [t["metadata"] for t in scaled_object(name)["triggers"] if t["type"] == kind]


def test_the_queries_for_keda_say_what_the_adapter_says(chain, redis):
    put(redis, 37)
    until(lambda: chain.workload("recommended", "decisions"), [37])
    queries = [m["query"] for m in triggers("recommended-prometheus", "prometheus")]
    found = lambda: [chain.prometheus.value(query) for query in queries]  # noqa: E731
    eventually(lambda: found() == [37, 2], "both queries", PATIENCE)


@pytest.mark.parametrize("brackets", ["%5B%5D", "[]"])
def test_keda_reads_the_page_of_one_workload(chain, redis, brackets):
    put(redis, 37)
    for metadata, expected in zip(triggers("recommended-direct", "metrics-api"), (37, 2), strict=True):
        path = metadata["url"].partition(":9935")[2].replace("%5B%5D", brackets)
        # What is looked for is a line of the page as it stands there. Again, if this page shares the run
        # of a scrape from before, or Redis did not answer in its time.
        line = f'{metadata["valueLocation"]} {expected}'

        def read():
            page = http_request(chain.exporter.base + path)  # noqa: B023
            return page if page.status != 200 or line in page.body.splitlines() else None  # noqa: B023

        page = eventually(read, line)
        assert page.status == 200
        assert "redis_" not in page.body and 'workload="others"' not in page.body


def test_the_page_for_keda_is_one_that_its_parser_takes(chain):
    """promtool has the parser that KEDA has (prometheus/common, expfmt)."""
    page = http_request(chain.exporter.base + "/metrics?collect%5B%5D=workload:decisions")
    check = ["promtool", "check", "metrics"]
    done = subprocess.run(check, input=page.body, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_unknown_workload_is_an_error_for_keda(chain):
    path = "/metrics?collect%5B%5D=workload:decision"
    assert http_request(chain.exporter.base + path).status == 400
