"""A throwaway certificate authority, a server's and a client's certificate, by openssl."""

import ssl
import subprocess


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Certificates:
    def __init__(self, folder):
        self.folder = folder
        self.ca = folder / "ca.crt"
        self.ca_key = folder / "ca.key"
        _openssl(
            *["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"],
            *["-subj", "/CN=headroom test authority", "-keyout", self.ca_key, "-out", self.ca],
        )
        self.server, self.server_key = self.issue("server", "DNS:localhost,IP:127.0.0.1")
        self.client, self.client_key = self.issue("client", "DNS:client")

    def issue(self, name, alternative_names):
        key, request, certificate = (self.folder / f"{name}.{e}" for e in ("key", "csr", "crt"))
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternative_names}\n", encoding="utf-8")
        _openssl(
            *["req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}"],
            *["-keyout", key, "-out", request],
        )
        _openssl(
            *["x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.ca_key],
            *["-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", certificate],
        )
        return certificate, key

    def client_context(self):
        context = ssl.create_default_context(cafile=str(self.ca))
        context.load_cert_chain(self.client, self.client_key)
        return context

    def redis_options(self):
        return [
            *["--tls-cert-file", self.server, "--tls-key-file", self.server_key],
            *["--tls-ca-cert-file", self.ca, "--tls-auth-clients", "yes"],
        ]
