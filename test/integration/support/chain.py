"""Exporter -> Prometheus -> prometheus-adapter, as processes: the way of a number to an HPA."""

from support.adapter import Adapter
from support.exporter import Exporter
from support.kubernetes_api import KubernetesApi
from support.prometheus import Prometheus
from support.waiting import free_port


class Chain:
    """`others`: addresses of further pages that the Prometheus scrapes, under the same job.

    Every series gets the labels that a ServiceMonitor would give it.
    """

    LABELS = {"namespace": "default", "service": "headroom"}

    def __init__(
        self, stack, folder, program, config, rules, others=(), binary=None, interval="1s"
    ):
        port = free_port()
        chosen = {} if binary is None else {"binary": binary}
        # On a port of its own choice it would come back elsewhere, where nobody scrapes it.
        self.exporter = Exporter(folder, config, port=port, **chosen)
        stack.callback(self.exporter.remove)
        self.exporter.start()
        addresses = (f"127.0.0.1:{port}", *others)
        self.prometheus = Prometheus(*addresses, interval=interval, labels=self.LABELS)
        stack.callback(self.prometheus.remove)
        self.prometheus.start()
        self.kubernetes = KubernetesApi().start()
        stack.callback(self.kubernetes.remove)
        self.adapter = Adapter(program, self.prometheus, self.kubernetes, rules)
        stack.callback(self.adapter.remove)
        self.adapter.start()

    def workload(self, number, workload):
        """What an HPA gets for a workload's recommended or minimum workers."""
        return self.adapter.external(f"headroom_workload_{number}_workers", {"workload": workload})
