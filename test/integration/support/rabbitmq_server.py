"""A throwaway RabbitMQ broker on free loopback ports, with its own folder, cookie and epmd."""

import base64
import http.client
import json
import shutil
import signal
import ssl
import subprocess
import urllib.parse

from support.amqp import Amqp
from support.rabbitmq_home import Home
from support.waiting import eventually, free_port

BIN = "/usr/lib/rabbitmq/bin"
PLUGINS = ("rabbitmq_management", "rabbitmq_prometheus")
MANAGEMENT, PROMETHEUS = PLUGINS
# A start takes 4 to 8 s on a quiet machine, a command 1 to 2.
PATIENCE = 240.0
# rabbitmq-plugins waits until the plugin's listeners are gone or there: up to 85 s were seen on a
# machine that compiles at the same time.
TOOL_PATIENCE = 240.0

CONFIG = """\
listeners.tcp.1 = 127.0.0.1:{amqp}
loopback_users = none
log.console = true
log.file = false
disk_free_limit.absolute = 1MB
"""
# The statistics ticks of classic, quorum and stream queues, and how often the management API samples
# what they say: 5 s by default; most tests need not wait that long. Only this file, in Erlang's own
# terms, knows those of quorum and stream queues.
TICK = 500
ADVANCED = """\
[{{rabbit, [{{collect_statistics_interval, {tick}}},
           {{quorum_tick_interval, {tick}}},
           {{stream_tick_interval, {tick}}}]}},
 {{rabbitmq_management_agent, [{{sample_retention_policies,
           [{{global, [{{60, {sample}}}]}}, {{basic, [{{60, {sample}}}]}},
            {{detailed, [{{60, {sample}}}]}}]}}]}}].
"""
# One scheduler that does not spin, since several brokers share two cores.
ERLANG = "+S 1:1 +sbwt none"


class RabbitServer:
    """`conf`: more lines of rabbitmq.conf. `tls`: Certificates, for the management API and the plugin.

    `home` is given by Cluster only.
    """

    def __init__(
        self, *conf, plugins=PLUGINS, tick=TICK, tls=None, root=None, home=None, name="rabbit"
    ):
        self.home = home or Home(root)
        self._owns_home = home is None
        self.node = f"{name}@localhost"
        self.folder = self.home.folder / name
        self.folder.mkdir()
        self._conf = conf
        self._plugins = plugins
        self._tick = tick
        self._tls = tls
        self._process = None
        self.port = self.management_port = self.prometheus_port = self._distribution_port = None

    # Life.

    def begin_start(self):
        """Returns at once, on ports of its own, while it still starts; start() then waits for it."""
        if self._owns_home:
            self.home.start()
        self.port, self.management_port, self.prometheus_port, self._distribution_port = (
            free_port() for _ in range(4)
        )
        self._write_config()
        self._spawn()

    def start(self):
        """A port that somebody else took meanwhile is tried again with another."""
        for _ in range(3):
            if self._process is None:
                self.begin_start()
            if eventually(self._ready, "RabbitMQ answers", PATIENCE, interval=0.1) == "ready":
                return self
            self._process = None
            shutil.rmtree(self.folder / "mnesia", ignore_errors=True)
        raise AssertionError(f"RabbitMQ did not start:\n{self.log()[-5000:]}")

    def restart(self):
        """After kill() or stop(): the same ports and data again."""
        self.begin_restart()
        self.await_ready()

    def begin_restart(self):
        """Returns at once, while it still starts."""
        self._spawn()

    def await_ready(self):
        """A port that somebody else took meanwhile is waited for: these must be the same again."""
        for _ in range(5):
            if eventually(self._ready, f"{self.node} is up", PATIENCE) == "ready":
                return
            self._spawn()
        raise AssertionError(f"RabbitMQ did not start again:\n{self.log()[-5000:]}")

    def _spawn(self):
        # RUNNING_UNDER_SYSTEMD: the script becomes the broker, instead of waiting for it.
        env = {**self.environment(), "RUNNING_UNDER_SYSTEMD": "true"}
        self._process = self.home.start_process(
            f"{BIN}/rabbitmq-server", log=self.folder / "log", env=env
        )

    def _ready(self):
        """The AMQP listener opens last, after the plugins'."""
        if not self._process.running():
            return "ended"
        try:
            self.amqp().close()
        except Exception as error:  # pika has many names for "not yet"
            raise AssertionError(repr(error)) from error
        return "ready"

    def _write_config(self):
        lines = [CONFIG.format(amqp=self.port)]
        lines += [*self._listener("management", self.management_port)]
        lines += [*self._listener("prometheus", self.prometheus_port), *self._conf, ""]
        (self.folder / "rabbitmq.conf").write_text("\n".join(lines), encoding="utf-8")
        advanced = self.folder / "advanced.config"
        sample = max(1, self._tick // 1000)  # whole seconds
        advanced.write_text(ADVANCED.format(tick=self._tick, sample=sample), encoding="utf-8")
        plugins = self.folder / "enabled_plugins"
        plugins.write_text(f"[{','.join(self._plugins)}].\n", encoding="utf-8")

    def _listener(self, plugin, port):
        """Settings of a plugin that is not enabled are unknown keys, which end a start."""
        if f"rabbitmq_{plugin}" not in self._plugins:
            return
        kind = "ssl" if self._tls else "tcp"
        yield f"{plugin}.{kind}.ip = 127.0.0.1"
        yield f"{plugin}.{kind}.port = {port}"
        if self._tls:
            yield f"{plugin}.ssl.cacertfile = {self._tls.ca}"
            yield f"{plugin}.ssl.certfile = {self._tls.server}"
            yield f"{plugin}.ssl.keyfile = {self._tls.server_key}"

    def environment(self):
        inside = self.home.inside(self.folder)
        return {
            **self.home.environment(),
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": f"{inside}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{inside}/advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{inside}/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": f"{inside}/mnesia",
            "RABBITMQ_LOG_BASE": f"{inside}/logs",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{inside}/generated",
            "RABBITMQ_FEATURE_FLAGS_FILE": f"{inside}/feature_flags",
            "RABBITMQ_PID_FILE": f"{inside}/pid",
            "ERL_CRASH_DUMP": f"{inside}/erl_crash.dump",  # not where the test was started
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG,
        }

    @property
    def pid(self):
        """Of the Erlang machine."""
        return self._process.pid

    def running(self):
        return self._process.running()

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def pause(self):
        self._process.pause()

    def resume(self):
        self._process.resume()

    def kill(self):
        """A quorum queue declared in the last second may come back empty: see keep_quorum_queues()."""
        self._process.kill()

    def keep_quorum_queues(self, vhost, *names):
        """Waits until they outlive a kill().

        The messages of one are on disk when they are confirmed, but not under which name: that is
        saved once the file has been left alone for a while (names.dets of Ra; 3.10.8: 1 s), and
        without it the broker makes the queue anew, empty.
        """
        saved = self.folder / "mnesia" / self.node / "quorum" / self.node / "names.dets"
        members = [f"{'%2F' if vhost == '/' else vhost}_{name}".encode() for name in names]

        def kept():
            known = saved.read_bytes()
            return all(member in known for member in members)

        eventually(kept, f"{names} of {vhost} outlive the broker")

    def stop(self):
        """An orderly end."""
        self._process.signal(signal.SIGTERM)
        self._process.wait(PATIENCE)

    def remove(self):
        """Its helpers (erl_child_setup, inet_gethost) end with it."""
        if self._process is not None:
            self._process.kill()
        if self._owns_home:
            self.home.remove()

    # Command line tools.

    def _tool(self, name, *arguments):
        command = self.home.command(f"{BIN}/{name}", *arguments)
        done = subprocess.run(
            command,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TOOL_PATIENCE,
            check=False,
        )
        text = done.stdout.decode("utf-8", errors="surrogateescape")
        assert done.returncode == 0, f"{name} {arguments}: {text}{done.stderr.decode()}"
        return text

    def rabbitmqctl(self, *arguments):
        return self._tool("rabbitmqctl", "--silent", *arguments)

    def list_queues(self, *vhosts):
        """What the queues themselves say, not the statistics: {(vhost, name): {ready, ...}}."""
        columns = {
            "ready": "messages_ready",
            "unacked": "messages_unacknowledged",
            "consumers": "consumers",
            "state": "state",
            "kind": "type",
        }
        found = {}
        for vhost in vhosts or ("/",):
            text = self.rabbitmqctl(
                *["list_queues", "-p", vhost, "--formatter", "json", "name", *columns.values()]
            )
            for row in json.loads(text):
                found[(vhost, row["name"])] = {k: row[v] for k, v in columns.items()}
        return found

    def stop_app(self):
        self.rabbitmqctl("stop_app")

    def start_app(self):
        self.rabbitmqctl("start_app")
        self.await_ready()

    def enable(self, plugin):
        self._tool("rabbitmq-plugins", "--silent", "enable", plugin)

    def disable(self, plugin):
        self._tool("rabbitmq-plugins", "--silent", "disable", plugin)

    # Clients.

    def amqp(self, vhost="/"):
        return Amqp(self.port, vhost)

    @property
    def url(self):
        return self.url_for("guest", "guest")

    def url_for(self, user, password=None):
        account = user if password is None else f"{user}:{password}"
        return f"{'https' if self._tls else 'http'}://{account}@127.0.0.1:{self.management_port}"

    @property
    def prometheus_url(self):
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.prometheus_port}"

    def api(self, method, path, body=None):
        """One request to the management API as guest; the JSON that it answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.management_port, timeout=30)
        if self._tls:
            context = ssl.create_default_context(cafile=str(self._tls.ca))
            connection = http.client.HTTPSConnection(
                "127.0.0.1", self.management_port, timeout=30, context=context
            )
        try:
            account = base64.b64encode(b"guest:guest").decode()
            headers = {"Authorization": f"Basic {account}", "Content-Type": "application/json"}
            text = None if body is None else json.dumps(body)
            connection.request(method, "/api" + path, text, headers)
            answer = connection.getresponse()
            data = answer.read()
            assert answer.status < 300, f"{method} {path}: {answer.status} {data!r}"
            return json.loads(data) if data else None
        finally:
            connection.close()

    def add_vhost(self, name):
        self.api("PUT", f"/vhosts/{_quoted(name)}")

    def delete_vhost(self, name):
        self.api("DELETE", f"/vhosts/{_quoted(name)}")

    def define_queues(self, vhost, names):
        """Durable classic queues of any name: over AMQP the broker takes line ends out of names."""
        rows = [
            {"vhost": vhost, "name": n, "durable": True, "auto_delete": False, "arguments": {}}
            for n in names
        ]
        self.api("POST", "/definitions", {"queues": rows})

    def add_user(self, name, password, tags="", vhosts=(), permission=".*"):
        """`permission`: what it may configure, write and read in `vhosts`."""
        self.api("PUT", f"/users/{_quoted(name)}", {"password": password, "tags": tags})
        granted = dict.fromkeys(("configure", "write", "read"), permission)
        for vhost in vhosts:
            self.api("PUT", f"/permissions/{_quoted(vhost)}/{_quoted(name)}", granted)


def _quoted(name):
    return urllib.parse.quote(name, safe="")
