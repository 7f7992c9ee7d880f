"""An AMQP connection for the tests and the demo: pika, with publishes that the broker confirmed."""

import logging

import pika

# It logs each refused connection in seven lines; what matters is raised.
logging.getLogger("pika").setLevel(logging.CRITICAL)

# How long a broker may take for one answer; the first declare of a quorum queue elects its leader.
ANSWER = 30


class Amqp:
    def __init__(self, port, vhost="/", user="guest", password="guest"):
        self._connection = pika.BlockingConnection(
            pika.ConnectionParameters(
                host="127.0.0.1",
                port=port,
                virtual_host=vhost,
                credentials=pika.PlainCredentials(user, password),
                heartbeat=0,
                socket_timeout=ANSWER,
                blocked_connection_timeout=ANSWER,
            )
        )
        self.channel = self._connection.channel()
        self.channel.confirm_delivery()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Also of a connection whose broker is gone."""
        try:
            if self._connection.is_open:
                self._connection.close()
        except pika.exceptions.AMQPError:
            pass

    def new_channel(self):
        """For a consumer of its own: a prefetch count holds for what its channel holds."""
        return self._connection.channel()

    def work(self, seconds):
        """Takes what has come and calls the consumers' callbacks, for at most that long."""
        self._connection.process_data_events(time_limit=seconds)

    def declare(self, name, kind="classic", durable=True, **arguments):
        """declare("jobs", "quorum", x_dead_letter_exchange=""): `_` stands for `-` in arguments."""
        arguments = {key.replace("_", "-"): value for key, value in arguments.items()}
        self.channel.queue_declare(
            name, durable=durable, arguments={"x-queue-type": kind, **arguments}
        )

    def publish(self, queue, count=1, body=b"m", persistent=True, timestamp=None):
        """Returns when the broker has confirmed each; one that it cannot route raises."""
        properties = pika.BasicProperties(
            delivery_mode=2 if persistent else 1, timestamp=timestamp and int(timestamp)
        )
        for _ in range(count):
            self.channel.basic_publish("", queue, body, properties, mandatory=True)

    def consume(self, queue, count, prefetch=0, **arguments):
        """Takes `count` messages and acknowledges none; returns (consumer tag, delivery tags)."""
        delivered = []
        self.channel.basic_qos(prefetch_count=prefetch)
        arguments = {key.replace("_", "-"): value for key, value in arguments.items()}
        tag = self.channel.basic_consume(
            queue,
            lambda _channel, method, _properties, _body: delivered.append(method.delivery_tag),
            arguments=arguments,
        )
        while len(delivered) < count:
            self.work(1)
        return tag, delivered

    def get(self, queue, ack=True):
        """One message; None when there is none."""
        method, _, body = self.channel.basic_get(queue, auto_ack=False)
        if method is not None and ack:
            self.ack(method.delivery_tag)
        return body

    def ack(self, delivery_tag, multiple=False):
        self.channel.basic_ack(delivery_tag, multiple=multiple)

    def requeue(self, delivery_tag):
        self.channel.basic_nack(delivery_tag, requeue=True)

    def cancel(self, consumer_tag):
        self.channel.basic_cancel(consumer_tag)

    def purge(self, queue):
        self.channel.queue_purge(queue)

    def delete(self, queue):
        self.channel.queue_delete(queue)

    def flush(self):
        """Returns when the broker has worked off what this channel sent without an answer."""
        self.channel.basic_qos(prefetch_count=0)
