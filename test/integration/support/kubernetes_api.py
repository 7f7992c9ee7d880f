"""As much of a Kubernetes API as prometheus-adapter asks for: which resources there are, who a token
is, and whether that one may. It has no metrics: no value that the adapter answers comes from here."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# The HPA's controller, which is who asks for metrics in a cluster.
TOKEN = "hpa"
USER = "system:serviceaccount:kube-system:horizontal-pod-autoscaler"
METRICS = ("external.metrics.k8s.io", "custom.metrics.k8s.io")
NAMESPACED = {"pods": "Pod", "services": "Service"}

KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters: [{{name: stub, cluster: {{server: "{url}"}}}}]
users: [{{name: adapter, user: {{token: adapter}}}}]
contexts: [{{name: stub, context: {{cluster: stub, user: adapter}}}}]
current-context: stub
"""


def _resource(name, kind, namespaced):
    return {
        "name": name,
        "singularName": kind.lower(),
        "kind": kind,
        "namespaced": namespaced,
        "verbs": ["get", "list"],
    }


DISCOVERY = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {
        "kind": "APIResourceList",
        "groupVersion": "v1",
        "resources": [
            _resource("namespaces", "Namespace", False),
            *(_resource(name, kind, True) for name, kind in NAMESPACED.items()),
        ],
    },
}


def review_token(review):
    known = review["spec"]["token"] == TOKEN
    user = {"username": USER, "groups": ["system:authenticated"]} if known else {}
    return {**review, "status": {"authenticated": known, "user": user}}


def review_access(review):
    """That user may read metrics, and nobody may anything else."""
    wanted = review["spec"].get("resourceAttributes", {})
    allowed = (
        review["spec"].get("user") == USER
        and wanted.get("group") in METRICS
        and wanted.get("verb") in ("get", "list")
    )
    return {**review, "status": {"allowed": allowed}}


REVIEWS = {
    "/apis/authentication.k8s.io/v1/tokenreviews": review_token,
    "/apis/authorization.k8s.io/v1/subjectaccessreviews": review_access,
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body go out apart

    def _path(self):
        path = self.path.partition("?")[0]
        self.server.asked.append(f"{self.command} {path}")
        return path

    def _answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _nothing(self):
        self._answer(404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404})

    def do_GET(self):
        found = DISCOVERY.get(self._path())
        self._answer(200, found) if found else self._nothing()

    def do_POST(self):
        review = REVIEWS.get(self._path())
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(201, review(body)) if review else self._nothing()

    def log_message(self, *_):
        pass


class KubernetesApi:
    def __init__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.asked = []
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def start(self):
        self._thread.start()
        return self

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def kubeconfig(self):
        return KUBECONFIG.format(url=self.url)

    @property
    def asked(self):
        """Each request so far, as "GET /api/v1"."""
        return list(self._server.asked)

    def remove(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
