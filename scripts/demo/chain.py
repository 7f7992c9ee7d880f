"""scripts/show-chain's second half: starts the chain, prints what an HPA would read, stops everything.

Usage: chain.py ADAPTER     (the exporter: HEADROOM_BINARY)
"""

import contextlib
import json
import signal
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test" / "integration"))

from support.adapter import rules_of  # noqa: E402
from support.chain import Chain  # noqa: E402
from support.process import Ended  # noqa: E402
from support.redis_server import RedisServer  # noqa: E402
from support.waiting import eventually  # noqa: E402

LIST = "queue:decisions"
LEAST, MOST = 2, 200
LENGTHS = (17, 120, 15000, 3, 0)
VALUES = ROOT / "deploy" / "prometheus-adapter" / "values-queue-depth.yaml"
DEPTH = f'headroom_queue_messages{{queue="{LIST}"}}'
CONFIG = f"""\
[[redis]]
name = "main"
url = "URL"

[[workload]]
name = "decisions"
queues = [{{ target = "main", queue = "{LIST}" }}]
messages_per_worker = 1
min = {LEAST}
max = {MOST}
"""
ROW = "{:>22}  {:>6}  {:>10}  {:>17}  {:>11}  {:>7}  {}"
HEADER = (
    ROW.format("", "", "Prometheus", "HPA reads: depth", "recommended", "minimum", ""),
    ROW.format("", "LLEN", "has", "_decisions_ready", "", "", "seconds until then"),
)


def say(text=""):
    print(text, flush=True)


def shown(values):
    return "-" if values is None else "nothing" if not values else f"{float(values[0]):g}"


class Show:
    def __init__(self, stack, program):
        self.redis = RedisServer()
        stack.callback(self.redis.remove)
        self.redis.start()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="headroom-chain-")))
        rules = rules_of(yaml.safe_load(VALUES.read_text(encoding="utf-8")))
        config = CONFIG.replace("URL", self.redis.url)
        self.chain = Chain(stack, folder, program, config, rules)

    def introduce(self):
        say(f"Redis               {self.redis.url}   {LIST}")
        say(f"headroom            {self.chain.exporter.base}/metrics")
        say(f"Prometheus          {self.chain.prometheus.base}/   scrapes every second")
        rules = VALUES.relative_to(ROOT)
        say(f"prometheus-adapter  https://127.0.0.1:{self.chain.adapter.port}   rules of {rules}\n")

    def read(self):
        """As an HPA does it: the depth, recommended and minimum workers."""
        chain = self.chain
        answers = [chain.adapter.external("headroom_decisions_ready")]
        answers += [chain.workload(number, "decisions") for number in ("recommended", "minimum")]
        return [answer.values for answer in answers]

    def row(self, what, length, expected):
        """Waits for what must be read, and prints it."""
        started = time.monotonic()

        def stored():
            return [int(value) for _, value in self.chain.prometheus.query(DEPTH)]

        depth = expected[0]
        eventually(
            lambda: self.read() == expected and stored() == depth, f"{what}: {expected} is read", 60
        )
        seconds = time.monotonic() - started
        cells = (length, shown(depth), *(shown(v) for v in expected))
        say(ROW.format(what, *cells, f"{seconds:.1f}"))

    def lengths(self):
        for count in LENGTHS:
            self.redis("DEL", LIST)
            if count:
                self.redis("RPUSH", LIST, *range(count))
            length = self.redis("LLEN", LIST)
            workers = max(LEAST, min(MOST, length))
            self.row(f"{count} messages", length, [[length], [workers], [LEAST]])

    def stop_redis(self):
        self.redis.kill()
        self.row("Redis is stopped", "-", [[], [], [LEAST]])

    def one_answer(self):
        answer = self.chain.workload("recommended", "decisions")
        say("\nAn answer as the HPA gets it:\n")
        say("    " + json.dumps(answer.body, indent=2).replace("\n", "\n    "))


def main(program):
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    try:
        with contextlib.ExitStack() as stack:
            show = Show(stack, program)
            show.introduce()
            for line in HEADER:
                say(line)
            show.lengths()
            show.stop_redis()
            say("\nOf what nobody knows nothing is read: the HPA holds, or scales up to the minimum.")
            show.redis.restart()
            show.redis("RPUSH", LIST, *range(42))
            show.row("Redis again, 42", 42, [[42], [42], [LEAST]])
            show.one_answer()
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130
    except (AssertionError, Ended, OSError) as error:
        tail = "\n".join(str(error).splitlines()[-30:])
        print(f"show-chain: {tail}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
