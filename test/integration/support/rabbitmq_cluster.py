"""Throwaway RabbitMQ nodes that form a cluster, on one epmd and one cookie."""

from support.rabbitmq_server import Home, RabbitServer
from support.waiting import eventually


class Cluster:
    def __init__(self, size=2, root=None, tick=None):
        self.home = Home(root)
        ticks = {} if tick is None else {"tick": tick}
        self.nodes = [
            RabbitServer(*self._joining(i), home=self.home, name=f"rabbit-{i}", **ticks)
            for i in range(size)
        ]

    @staticmethod
    def _joining(index):
        """Every later node joins the first one as it starts."""
        if index == 0:
            return []
        return [
            "cluster_formation.peer_discovery_backend = classic_config",
            "cluster_formation.classic_config.nodes.1 = rabbit-0@localhost",
        ]

    def start(self):
        self.home.start()
        for node in self.nodes:
            node.start()
        eventually(self._is_whole, "one cluster of all nodes")
        return self

    def _is_whole(self):
        """A node says that it runs a moment after it has opened its listeners."""
        running = {n["name"] for n in self.nodes[0].api("GET", "/nodes") if n["running"]}
        assert running == {n.node for n in self.nodes}, f"not one cluster: {running}"
        return True

    def __iter__(self):
        return iter(self.nodes)

    def __getitem__(self, index):
        return self.nodes[index]

    @property
    def prometheus_urls(self):
        return [node.prometheus_url for node in self.nodes]

    def log(self):
        return "\n".join(node.log() for node in self.nodes)

    def remove(self):
        for node in self.nodes:
            node.remove()
        self.home.remove()
