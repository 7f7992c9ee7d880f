"""The demo's producers and consumers: queues that move, workers that come, work and die.

Everything is one thread that ticks ten times a second: each worker is a small state machine that
keeps its state in a hash `consumer:<n>`, as real worker pools do. Now and then one dies at work; its
hash stays behind and goes on saying "working", which is what headroom must tell from the truth.
"""

import math
import random
import threading
import time

from support.resp import RespClient

TICK = 0.1
WORKERS = 2  # at first
HEARTBEAT = 1.0
LIFE = 150.0  # mean seconds until a worker dies at work


class Worker:
    """Takes one message at a time off queue:decisions and works on it for 0.3 to 1.5 s."""

    def __init__(self, redis, number):
        self._redis = redis
        self._key = f"consumer:{number}"
        self._busy_until = None
        self._beat_at = 0.0
        self._enter("idle", time.time())

    def _enter(self, state, now):
        self._redis("HSET", self._key, "state", state, "since", f"{now:.3f}")
        self._beat(now)

    def _beat(self, now):
        self._redis("HSET", self._key, "updated_at", f"{now:.3f}")
        self._beat_at = now

    @property
    def working(self):
        return self._busy_until is not None

    def leave(self):
        self._redis("DEL", self._key)

    def tick(self, now):
        if self.working and now >= self._busy_until:
            self._busy_until = None
            self._enter("idle", now)
        elif not self.working and self._redis("RPOP", "queue:decisions") is not None:
            self._busy_until = now + random.uniform(0.3, 1.5)
            self._enter("working", now)
        elif now - self._beat_at >= HEARTBEAT:
            self._beat(now)


class Load(threading.Thread):
    def __init__(self, port):
        super().__init__(name="load", daemon=True)
        self._redis = RespClient(port)
        self._ending = threading.Event()
        self._began = time.time()
        self._next_number = 0
        self._workers = [self._hire() for _ in range(WORKERS)]
        self._wanted = WORKERS
        self._dead = 0
        self.error = None

    def _hire(self):
        self._next_number += 1
        return Worker(self._redis, self._next_number)

    def run(self):
        try:
            while not self._ending.wait(TICK):
                self._tick(time.time())
        except Exception as error:  # whatever it was: the demo must not show frozen numbers
            if not self._ending.is_set():
                self.error = error

    def stop(self):
        self._ending.set()
        self.join()
        self._redis.close()

    def scale(self, workers):
        """There shall be so many from now on; None: as many as there are."""
        if workers is not None:
            self._wanted = workers

    def _tick(self, now):
        self._produce(now)
        self._consume(now)
        for worker in self._workers:
            worker.tick(now)
        self._bury(now)
        self._resize()

    def _produce(self, now):
        wave = 1 + math.sin((now - self._began) / 5)  # a crowd every half a minute
        self._push("queue:decisions", wave * 10)
        self._push("queue:pipelines", 3)
        if self._chance(2):
            self._redis("RPUSH", f"queue:tenant-{random.randint(1, 5)}", "job")
        if self._chance(4):
            due = now + random.uniform(2, 12)
            self._redis("ZADD", "delayed:emails", f"{due:.3f}", f"mail-{now:.6f}")

    def _consume(self, now):
        if self._chance(2.9):
            self._redis("RPOP", "queue:pipelines")
        if self._chance(2):
            self._redis("RPOP", f"queue:tenant-{random.randint(1, 5)}")
        if self._chance(0.5):
            self._redis("ZREMRANGEBYSCORE", "delayed:emails", "-inf", f"{now:.3f}")

    def _bury(self, now):
        """A worker dies at work, without a word; a successor takes its place."""
        for i, worker in enumerate(self._workers):
            first = not self._dead and now - self._began > 5
            if worker.working and (first or random.random() < TICK / LIFE):
                self._workers[i] = self._hire()
                self._dead += 1
                return

    def _resize(self):
        """One more or, of those who are idle, one less in a tick."""
        if len(self._workers) < self._wanted:
            self._workers.append(self._hire())
        elif len(self._workers) > self._wanted:
            idle = next((w for w in self._workers if not w.working), None)
            if idle is not None:
                idle.leave()
                self._workers.remove(idle)

    def _push(self, queue, per_second):
        for _ in range(int(per_second * TICK + random.random())):
            self._redis("LPUSH", queue, "job")

    @staticmethod
    def _chance(per_second):
        return random.random() < per_second * TICK
