"""Work that moves, so that rates, waits and ages are not 0: one thread, a round every 200 ms."""

import threading
import time

from support.pressure_load import stampede

ROUND = 0.2
CLIENTS = 6
WORKERS = 4


class Load(threading.Thread):
    """Messages come and go in both brokers, workers live, clients stand in line for three connections."""

    def __init__(self, redis, broker, bouncer, primary):
        super().__init__(name="load", daemon=True)
        self._redis = redis
        self._primary = primary
        self._amqp = broker.amqp()
        self._amqp.declare("orders", x_dead_letter_exchange="", x_dead_letter_routing_key="failed")
        self._amqp.declare("failed")
        self._amqp.declare("late")
        self._amqp.publish("late", 3, persistent=False, timestamp=time.time())
        self._held = []
        consumer = self._amqp.new_channel()
        consumer.basic_qos(prefetch_count=2)
        consumer.basic_consume("orders", lambda channel, method, *_: self._held.append((channel, method)))
        self._sessions = [bouncer.session() for _ in range(CLIENTS)]
        self._ending = threading.Event()
        self._births = f"{time.time():.3f}"
        self.error = None

    def run(self):
        try:
            while not self._ending.wait(ROUND):
                self._lists()
                self._broker()
                stampede(self._sessions, 0.05)
                self._primary.sql("INSERT INTO written VALUES (1)")
        except Exception as error:  # whatever it was: the test must not look at frozen numbers
            if not self._ending.is_set():
                self.error = error

    def stop(self):
        self._ending.set()
        self.join()
        for session in self._sessions:
            session.close()
        self._amqp.close()

    def _lists(self):
        now = f"{time.time():.3f}"
        self._redis("LPUSH", "queue:decisions", "a", "b")
        self._redis("LTRIM", "queue:decisions", 0, 9)
        self._redis("RPUSH", "queue:found", "c")
        self._redis("LTRIM", "queue:found", 0, 4)
        self._redis("ZADD", "delayed:emails", 1, "due", 9e9, "later")
        for i in range(WORKERS):
            state = "working" if i else "idle"
            self._redis("HSET", f"consumer:{i}", "state", state, "updated_at", now, "since", self._births)

    def _broker(self):
        self._amqp.publish("orders", timestamp=time.time())
        self._amqp.work(0.01)
        for channel, method in self._held:
            channel.basic_ack(method.delivery_tag)
        self._held.clear()
