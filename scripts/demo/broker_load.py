"""The demo's producers and consumers of RabbitMQ.

`orders` (classic) gets more than its consumers can do, then less: its backlog grows and drains.
`payments` (quorum) keeps pace, but every tenth payment is refused and goes to its dead-letter queue,
which somebody looks through now and then.
"""

import math
import random
import threading
import time

TICK = 0.1
WAVE = 40.0  # seconds from one crowd to the next
FAILED = 0.1
CLEARED_EVERY = 30.0


class Consumer:
    """Holds up to `prefetch` messages, each for its own time, then acknowledges or refuses it."""

    def __init__(self, amqp, queue, prefetch, seconds, failed=0.0):
        self._channel = amqp.new_channel()
        self._held = []  # (done at, delivery tag)
        self._seconds = seconds
        self._failed = failed
        self._channel.basic_qos(prefetch_count=prefetch)
        self._channel.basic_consume(queue, self._take)

    def _take(self, _channel, method, _properties, _body):
        done_at = time.monotonic() + random.uniform(*self._seconds)
        self._held.append((done_at, method.delivery_tag))

    def tick(self, now):
        for _, tag in [h for h in self._held if h[0] <= now]:
            if random.random() < self._failed:
                self._channel.basic_nack(tag, requeue=False)
            else:
                self._channel.basic_ack(tag)
        self._held = [h for h in self._held if h[0] > now]


class BrokerLoad(threading.Thread):
    def __init__(self, broker):
        super().__init__(name="broker load", daemon=True)
        self._amqp = broker.amqp()
        self._amqp.declare("orders")
        self._amqp.declare("payments.failed")
        self._amqp.declare(
            "payments",
            "quorum",
            x_dead_letter_exchange="",
            x_dead_letter_routing_key="payments.failed",
        )
        self._consumers = [Consumer(self._amqp, "orders", 2, (0.3, 0.9)) for _ in range(3)]
        self._consumers.append(Consumer(self._amqp, "payments", 4, (0.2, 0.6), FAILED))
        self._ending = threading.Event()
        self._began = time.monotonic()
        self._cleared_at = self._began
        self.error = None

    def run(self):
        try:
            while not self._ending.is_set():
                self._tick(time.monotonic())
                self._amqp.work(TICK)
            self._amqp.close()
        except Exception as error:  # whatever it was: the demo must not show frozen numbers
            if not self._ending.is_set():
                self.error = error

    def stop(self):
        self._ending.set()
        self.join()

    def _tick(self, now):
        wave = 1 + math.sin((now - self._began) * 2 * math.pi / WAVE)
        self._publish("orders", 10 * wave)  # its consumers do ten in a second
        self._publish("payments", 4)
        for consumer in self._consumers:
            consumer.tick(now)
        if now - self._cleared_at >= CLEARED_EVERY:
            self._amqp.purge("payments.failed")
            self._cleared_at = now

    def _publish(self, queue, per_second):
        self._amqp.publish(queue, int(per_second * TICK + random.random()))
