"""RabbitMQ's queues through the real prometheus-adapter, as an External metric and as one of an object,
and what is answered when one of two nodes is gone."""

import pytest
from faults import NOTHING, answers_until
from manifests import adapter_rules, answer, hpa, scaled_object
from support.chain import Chain
from support.configs import rabbitmq
from support.rabbitmq_cluster import Cluster
from support.waiting import PATIENCE, eventually

READY, IN_FLIGHT = 7, 5
BACKLOG = READY + IN_FLIGHT
STEADY = 3
[EXTERNAL] = hpa("backlog-per-worker")["metrics"]
[OBJECT] = hpa("backlog-per-worker-object")["metrics"]


@pytest.fixture(scope="module")
def cluster(stack, program):
    nodes = Cluster(2)
    stack.callback(nodes.remove)
    return nodes.start()


@pytest.fixture(scope="module")
def orders(cluster, stack):
    """On the second node, some waiting and some in hand; and another queue on the first."""
    with cluster[0].amqp() as amqp:
        amqp.declare("steady")
        amqp.publish("steady", STEADY)
    amqp = stack.enter_context(cluster[1].amqp())
    amqp.declare("orders")
    amqp.publish("orders", BACKLOG)
    amqp.consume("orders", IN_FLIGHT, prefetch=IN_FLIGHT)


def workload(name, *queues):
    named = ", ".join(f'{{ target = "broker", queue = "{queue}" }}' for queue in queues)
    return f"""
[[workload]]
name = "{name}"
queues = [{named}]
messages_per_worker = 1
max = 100
"""


@pytest.fixture(scope="module")
def chain(stack, folder, program, cluster, orders):
    body = 'queues = ["orders"]\n'
    urls = cluster.prometheus_urls
    config = rabbitmq(cluster[0], body, name="broker", timeout="5s", prometheus_urls=urls)
    config += workload("steady", "steady") + workload("both", "steady", "orders")
    # A broker on a loaded machine may take longer than a second.
    return Chain(stack, folder, program, config, adapter_rules(), interval="3s")


def external(chain):
    return lambda: answer(chain.adapter, EXTERNAL)


def until(ask, values, allowed=(NOTHING, None)):
    answers_until(ask, values, "a queue of RabbitMQ", allowed)


@pytest.mark.parametrize("metric", [EXTERNAL, OBJECT], ids=lambda m: m["type"])
def test_the_backlog_is_what_the_broker_says(chain, cluster, metric):
    told = cluster[0].list_queues()[("/", "orders")]
    assert (told["ready"], told["unacked"]) == (READY, IN_FLIGHT)
    # A broker that has just begun to count may show what waits before what is in hand.
    ask = lambda: answer(chain.adapter, metric)  # noqa: E731
    eventually(lambda: ask().values == [BACKLOG], "ready and in flight", 2 * PATIENCE)


def test_the_query_for_keda_says_the_same(chain):
    [trigger] = scaled_object("backlog-per-worker")["triggers"]
    until(external(chain), [BACKLOG])
    query = trigger["metadata"]["query"]
    eventually(lambda: chain.prometheus.value(query) == BACKLOG, "the query", PATIENCE)


def test_a_node_that_is_gone_takes_its_queues_and_no_others(chain, cluster):
    """Whoever counts on its queue as well holds: the other queue's messages are not the backlog."""
    until(lambda: chain.workload("recommended", "both"), [STEADY + BACKLOG])
    cluster[1].kill()
    until(external(chain), NOTHING, [[BACKLOG]])
    # The other may have been without an answer for a late scrape.
    eventually(lambda: answer(chain.adapter, OBJECT).status == 404, "nor is the object's metric")
    until(lambda: chain.workload("recommended", "both"), NOTHING, [[STEADY + BACKLOG]])
    until(lambda: chain.workload("recommended", "steady"), [STEADY])
    cluster[1].restart()
    until(external(chain), [BACKLOG])
