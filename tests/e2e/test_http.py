# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""The HTTP face of the real binary: versions, methods, limits, odd framing, health, the access log."""
import json
import socket
import subprocess
import time

import lib
from lib import Case, Client, Devnet, Gateway, cid_v1, main, request, wait_for

DEAD = "http://127.0.0.1:9"


class HttpCase(Case):
    def setUp(self):
        super().setUp()
        self.gateway = self.own(Gateway(self.dir, DEAD, "--http.request_timeout_ms=1500"))
        self.port = self.gateway.port
        self.client = Client(self.port)

    def raw(self, data, seconds=8):
        """Sends bytes and reads until the server closes or the time is over."""
        with socket.create_connection(("127.0.0.1", self.port), seconds) as sock:
            sock.settimeout(seconds)
            sock.sendall(data)
            got = b""
            try:
                while chunk := sock.recv(65536):
                    got += chunk
            except TimeoutError:
                got += b"<timeout>"
            except ConnectionError:
                pass
            return got

    def curl(self, *args, body=None):
        done = subprocess.run(["curl", "-sS", "-m", "10", "-w", "\n%{http_version} %{http_code}", *args], capture_output=True, text=True,
                              input=body, timeout=20, check=False)
        body, _, tail = done.stdout.rpartition("\n")
        return tail, body


class Versions(HttpCase):
    def test_http_2_without_tls_by_prior_knowledge(self):
        tail, body = self.curl("--http2-prior-knowledge", f"http://127.0.0.1:{self.port}/healthz")
        self.assertEqual(tail, "2 200", body)

    def test_http_2_by_upgrade(self):
        tail, body = self.curl("--http2", f"http://127.0.0.1:{self.port}/healthz")
        self.assertEqual(tail, "2 200", body)

    def test_post_over_http_2(self):
        tail, body = self.curl("--http2-prior-knowledge", "-X", "POST", f"http://127.0.0.1:{self.port}/psa/pins", "-H",
                               "Authorization: Bearer " + self.client.token, "-H", "Content-Type: application/json", "-d",
                               json.dumps({"cid": cid_v1("h2")}))
        self.assertEqual(tail, "2 202", body)

    def test_too_large_over_http_2_is_413_too(self):
        tail, body = self.curl("--http2-prior-knowledge", "-X", "POST", f"http://127.0.0.1:{self.port}/psa/pins", "-H",
                               "Authorization: Bearer " + self.client.token, "-d", "@-", body=json.dumps({"cid": "x", "name": "y" * 300_000}))
        self.assertEqual(tail, "2 413", body)
        self.assertIn("error", json.loads(body))

    def test_http_1_0_and_keep_alive(self):
        self.assertIn(b" 200 ", self.raw(b"GET /healthz HTTP/1.0\r\n\r\n").splitlines()[0])
        answer = self.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertEqual(answer.count(b"HTTP/1.1 200"), 2)


class Methods(HttpCase):
    def test_unknown_paths_are_404(self):
        for path in ("/", "/psa", "/psa/pin", "/psa/pins/a/b", "/healthzz", "/psa%2fpins%00"):
            answer = request(self.port, "GET", path)
            self.assertEqual(answer.status, 404, path)
            self.assertEqual(answer.json["error"]["reason"], "NOT_FOUND")

    def test_other_methods_are_405_with_allow(self):
        for method in ("PUT", "PATCH", "DELETE"):
            answer = request(self.port, method, "/psa/pins")
            self.assertEqual(answer.status, 405, method)
            self.assertEqual({m.strip() for m in answer.headers["Allow"].split(",")} - {"HEAD", "OPTIONS"}, {"GET", "POST"})
            self.assertIn("error", answer.json)

    def test_head_is_get_without_a_body(self):
        answer = request(self.port, "HEAD", "/healthz")
        self.assertEqual((answer.status, answer.body), (200, b""))


class OddRequests(HttpCase):
    def test_malformed_requests_are_400_or_closed(self):
        for data in (b"GARBAGE\r\n\r\n", b"GET  HTTP/1.1\r\n\r\n", b"GET /healthz HTTP/9.9\r\n\r\n", b"\0\0\0\0", b"GET /he\0althz HTTP/1.1\r\n\r\n",
                     b"GET /healthz HTTP/1.1\r\nA" + b"b" * 600_000 + b": c\r\n\r\n"):
            answer = self.raw(data)
            self.assertTrue(answer == b"" or answer == b"<timeout>" or b" 40" in answer.splitlines()[0] or b" 43" in answer.splitlines()[0] or b" 505" in answer.splitlines()[0],
                            (data[:40], answer[:200]))
        self.assertEqual(request(self.port, "GET", "/healthz").status, 200)

    def test_targets_that_are_no_paths(self):
        for target in (b"healthz", b"*"):
            answer = self.raw(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertRegex(answer.splitlines()[0], rb" 40[04] ")

    def test_chunked_body(self):
        body = json.dumps({"cid": cid_v1("chunked")}).encode()
        head = (f"POST /psa/pins HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.client.token}\r\nContent-Type: application/json\r\n"
                "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n").encode()
        answer = self.raw(head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        self.assertIn(b" 202 ", answer.splitlines()[0])

    def test_slow_senders_are_dropped(self):
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.port), 20) as sock:
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost:")
            sock.settimeout(15)
            self.assertEqual(sock.recv(10), b"")
        self.assertLess(time.monotonic() - began, 10)

    def test_folded_authorization_is_refused(self):
        answer = self.raw(f"GET /psa/pins HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer\r\n {self.client.token}\r\nConnection: close\r\n\r\n".encode())
        self.assertRegex(answer.splitlines()[0], rb" 40[01] ")

    def test_a_client_that_leaves_costs_nothing(self):
        body = json.dumps({"cid": cid_v1("gone")}).encode()
        for _ in range(50):
            with socket.create_connection(("127.0.0.1", self.port), 5) as sock:
                sock.sendall((f"POST /psa/pins HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.client.token}\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body)
        self.assertEqual(request(self.port, "GET", "/healthz").status, 200)


class Health(HttpCase):
    def test_healthz_and_readyz(self):
        self.assertEqual(request(self.port, "GET", "/healthz").status, 200)
        wait_for("unreachable", lambda: request(self.port, "GET", "/readyz").json["chain"] == "unreachable")
        answer = request(self.port, "GET", "/readyz")
        self.assertEqual((answer.status, answer.json["ready"]), (200, True))

    def test_readyz_follows_the_chain(self):
        devnet = Devnet(block_ms=100)
        other = lib.tempfile.TemporaryDirectory()
        self.addCleanup(other.cleanup)
        gateway = self.own(Gateway(other.name, devnet.url))
        state = lambda: request(gateway.port, "GET", "/readyz").json["chain"]
        wait_for("ok", lambda: state() == "ok")
        devnet.close()
        wait_for("unreachable", lambda: state() == "unreachable", 40)

    def test_access_log_is_one_json_line_a_request(self):
        request(self.port, "GET", "/psa/pins?limit=1", headers={"Authorization": "Bearer wrong"})
        self.client.call("GET", "/pins")
        lines = wait_for("the lines", lambda: (lambda x: x if len(x) >= 2 else None)(self.gateway.log_lines("http.access")))
        refused, served = lines[0], lines[1]
        self.assertEqual((refused["method"], refused["path"], refused["status"]), ("GET", "/psa/pins", 401))
        self.assertTrue(refused["reason"])
        self.assertEqual(served["status"], 200)
        self.assertTrue(served["identity"].startswith("evm:0x"))


if __name__ == "__main__":
    main()
