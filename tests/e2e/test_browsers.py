# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Pages in browsers at the real gateway: what the Fetch standard asks of a server before it lets a page send a request with
a token and read the answer, whatever it is. The paths and methods come from /openapi.json."""
import contextlib
import http.client
import io
import json
import sqlite3
import subprocess

from lib import Answer, Case, Client, Gateway, cid_v1, main, request

DEAD = "http://127.0.0.1:9"
ORIGINS = ("https://dapp.example", "http://localhost:5173", "null", "chrome-extension://nibjojkomfdiaoajekhjakgkdhaomnch", None)
HEADERS = (None, "authorization", "authorization,content-type", "Authorization, Content-Type, Idempotency-Key", "x-unheard-of")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")
READABLE = {"x-request-id", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}
REQUESTID = "01900000-0000-7000-8000-000000000000"


def words(text):
    return {word.strip().lower() for word in (text or "").split(",") if word.strip()}


def allowed(preflight, method, headers):
    """The Fetch standard's CORS-preflight fetch without credentials: whether the request itself may be sent."""
    if not 200 <= preflight.status <= 299 or preflight.headers["Access-Control-Allow-Origin"] != "*":
        return False
    methods, names = words(preflight.headers["Access-Control-Allow-Methods"]), words(preflight.headers["Access-Control-Allow-Headers"])
    if method not in ("GET", "HEAD", "POST") and method.lower() not in methods:
        return False
    return words(headers) <= names  # "*" would not cover Authorization


class BrowserCase(Case):
    def serve(self, *args):
        gateway = self.own(Gateway(self.dir, DEAD, *args))
        self.port = gateway.port
        self.client = Client(gateway.port)
        self.conn = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
        self.addCleanup(self.conn.close)
        return gateway

    def ask(self, method, path, body=None, **headers):
        """On one connection that is kept."""
        send = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        self.conn.request(method, path, body=body, headers=send)
        reply = self.conn.getresponse()
        return Answer(reply.status, reply.headers, reply.read())

    def preflight(self, path, method, origin, headers, **more):
        return self.ask("OPTIONS", path, Origin=origin, Access_Control_Request_Method=method, Access_Control_Request_Headers=headers, **more)

    def readable(self, answer, where):
        """Whatever a server says, a page can only read it so, and never with cookies."""
        self.assertEqual(answer.headers.get_all("Access-Control-Allow-Origin"), ["*"], where)
        self.assertEqual(len(answer.headers.get_all("Access-Control-Expose-Headers")), 1, where)
        self.assertLessEqual(READABLE, words(answer.headers["Access-Control-Expose-Headers"]), where)
        self.assertIsNone(answer.headers["Access-Control-Allow-Credentials"], where)
        self.assertIsNone(answer.headers["Set-Cookie"], where)
        self.assertTrue(answer.headers["X-Request-Id"], where)

    def answered(self, preflight, methods, where):
        self.readable(preflight, where)
        self.assertEqual((preflight.status, preflight.body), (204, b""), where)
        self.assertEqual(words(preflight.headers["Access-Control-Allow-Methods"]) - {"options", "head"}, methods, where)
        self.assertGreaterEqual(int(preflight.headers["Access-Control-Max-Age"]), 600, where)
        for name in ("WWW-Authenticate", "X-RateLimit-Remaining", "Retry-After", "Location", "Content-Type"):
            self.assertIsNone(preflight.headers[name], where)

    def table(self):
        paths = request(self.port, "GET", "/openapi.json").json["paths"]
        table = {path.replace("{requestid}", REQUESTID).replace("{id}", "0" * 32): set(row) & {m.lower() for m in METHODS} for path, row in paths.items()}
        self.assertEqual(sum(len(methods) for methods in table.values()), 18)
        return table


class Preflight(BrowserCase):
    def test_the_judge_itself(self):
        answer = lambda status=204, origin="*", methods="", headers="": Answer(status, http.client.parse_headers(io.BytesIO(
            f"Access-Control-Allow-Origin: {origin}\r\nAccess-Control-Allow-Methods: {methods}\r\nAccess-Control-Allow-Headers: {headers}\r\n\r\n".encode())), b"")
        self.assertTrue(allowed(answer(methods="DELETE, GET", headers="AUTHORIZATION"), "DELETE", "authorization"))
        self.assertTrue(allowed(answer(), "POST", None))
        for wrong in (answer(status=401, methods="DELETE", headers="authorization"), answer(origin="null", methods="DELETE", headers="authorization"),
                      answer(methods="GET", headers="authorization"), answer(methods="DELETE", headers="*"), answer(methods="DELETE", headers="content-type")):
            self.assertFalse(allowed(wrong, "DELETE", "authorization"), wrong.headers.items())

    def test_every_path_method_origin_and_header(self):
        self.serve()
        count = 0
        for path, methods in self.table().items():
            for method in METHODS:
                for origin in ORIGINS:
                    for headers in HEADERS:
                        where, count = (path, method, origin, headers), count + 1
                        answer = self.preflight(path, method, origin, headers)
                        self.answered(answer, methods, where)
                        known = headers != "x-unheard-of" and (method.lower() in methods or method in ("GET", "HEAD", "POST"))
                        self.assertEqual(allowed(answer, method, headers), known, where)
        self.assertEqual(count, 15 * 6 * 5 * 5)

    def test_what_is_no_proper_preflight_is_answered_too(self):
        self.serve()
        for headers in ({}, {"Origin": "https://dapp.example"}, {"Access-Control-Request-Method": "POST"}, {"Origin": "x" * 4000},
                        {"Origin": "https://dapp.example", "Access-Control-Request-Method": "", "Access-Control-Request-Headers": ",,, ,"},
                        {"Origin": "https://dapp.example", "Access-Control-Request-Method": "BREW", "Access-Control-Request-Headers": "a" * 8000},
                        {"Origin": "https://dapp.example", "Access-Control-Request-Method": "POST", "Authorization": "Bearer nonsense"},
                        {"Origin": "https://dapp.example", "Access-Control-Request-Method": "GET", "Access-Control-Request-Private-Network": "true"}):
            self.answered(request(self.port, "OPTIONS", "/psa/pins", headers=headers), {"get", "post"}, headers)
        self.answered(self.preflight("/psa/pins/", "POST", "null", None), {"get", "post"}, "slash")
        self.answered(self.preflight("/psa/pins?limit=nonsense", "POST", "null", None), {"get", "post"}, "query")
        self.answered(self.preflight("/psa/pins/nonsense", "DELETE", "null", None), {"get", "post", "delete"}, "no requestid")
        answer = self.preflight("/nowhere", "GET", "https://dapp.example", "authorization")
        self.readable(answer, "nowhere")
        self.assertEqual((answer.status, set(answer.json)), (404, {"error"}))

    def test_it_comes_before_access_and_costs_no_budget(self):
        names = ("poll", "list", "write", "public", "failed")
        self.serve(*(f"--limits.{name}_per_s=1" for name in names), *(f"--limits.{name}_burst=2" for name in names), "--accounts.mode=allowlist")
        table = self.table()
        for _ in range(20):
            for path, methods in table.items():
                self.answered(self.preflight(path, "GET", "https://dapp.example", "authorization"), methods, path)
                self.answered(self.preflight(path, "GET", "https://dapp.example", "authorization", Authorization="Bearer nonsense"), methods, path)
        self.assertEqual(self.ask("GET", "/psa/pins", Authorization="Bearer nonsense").status, 401)  # nothing was counted
        for _ in range(4):
            spent = [self.ask("GET", path, Authorization="Bearer nonsense").status for path in ("/psa/pins", "/price?size=1")]
        self.assertEqual(spent, [429, 429])
        for path, methods in table.items():
            self.answered(self.preflight(path, "GET", "https://dapp.example", "authorization"), methods, path)


class Errors(BrowserCase):
    def seen(self, status, method, path, body=None, **headers):
        """The answer, with each origin."""
        for origin in ORIGINS:
            send = {name.replace("_", "-"): value for name, value in headers.items()} | ({"Origin": origin} if origin else {})
            answer = request(self.port, method, path, body, send)
            self.assertEqual(answer.status, status, (method, path, answer))
            self.readable(answer, (status, method, path, origin))
            self.assertEqual(set(answer.json), {"error"})
            self.assertEqual(set(answer.json["error"]), {"reason", "details"})
        return answer

    def test_a_page_can_read_every_refusal(self):
        gateway = self.serve("--accounts.pins_per_day=1")
        token = "Bearer " + self.client.token
        pin = lambda label: {"cid": cid_v1(label)}
        self.assertEqual(request(self.port, "POST", "/psa/pins", pin("one"), {"Authorization": token, "Idempotency-Key": "k"}).status, 202)
        self.seen(400, "GET", "/psa/pins?limit=0", Authorization=token)
        self.seen(400, "POST", "/psa/pins", "{", Authorization=token)
        self.seen(401, "GET", "/psa/pins")
        self.seen(401, "POST", "/psa/pins", pin("x"), Authorization="Bearer nonsense")
        self.seen(403, "POST", "/psa/pins", pin("two"), Authorization=token)
        self.seen(404, "GET", "/nowhere")
        self.seen(404, "DELETE", "/psa/pins/" + REQUESTID, Authorization=token)
        self.seen(405, "PUT", "/psa/pins", Authorization=token)
        self.seen(413, "POST", "/psa/pins", "x" * 66_000, Authorization=token)
        self.seen(413, "POST", "/psa/pins", "x" * 300_000, Authorization=token)
        self.seen(417, "POST", "/psa/pins", "{}", Authorization=token, Expect="200-maybe")
        self.seen(422, "POST", "/psa/pins", pin("two"), Authorization=token, Idempotency_Key="k")
        self.seen(503, "GET", "/price?size=1")
        with contextlib.closing(sqlite3.connect(gateway.db)) as db:
            db.execute("ALTER TABLE pins RENAME TO pins_away")
        self.seen(503, "GET", "/psa/pins", Authorization=token)
        self.seen(503, "DELETE", "/psa/pins/" + REQUESTID, Authorization=token)

    def test_a_page_can_read_refusals_over_http_2(self):
        self.serve()
        url, many = f"http://127.0.0.1:{self.port}/psa/pins", [part for i in range(101) for part in ("-H", f"x-{i}: x")]
        for status, args in ((431, many), (401, []), (405, ["-X", "PUT"]), (413, ["-d", "x" * 100_000])):
            done = subprocess.run(["curl", "-sS", "-m", "10", "-i", "--http2-prior-knowledge", url, *args], capture_output=True, timeout=20, check=True)
            head, _, body = done.stdout.partition(b"\r\n\r\n")
            line, _, fields = head.partition(b"\r\n")
            answer = Answer(int(line.split()[1]), http.client.parse_headers(io.BytesIO(fields + b"\r\n\r\n")), body)
            self.assertEqual((answer.status, set(answer.json)), (status, {"error"}))
            self.readable(answer, status)

    def test_a_page_can_read_that_it_asks_too_often_and_when_to_come_back(self):
        self.serve("--limits.list_per_s=1", "--limits.list_burst=1", "--limits.public_per_s=1", "--limits.public_burst=1")
        token = "Bearer " + self.client.token
        for path in ("/account", "/openapi.json"):
            for _ in range(30):
                answer = self.ask("GET", path, Authorization=token, Origin="https://dapp.example")
                self.readable(answer, path)
                if answer.status == 429:
                    break
            self.assertEqual(answer.status, 429)
            self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
            self.assertEqual(json.loads(answer.body)["error"]["reason"], "TOO_MANY_REQUESTS")

    def test_a_page_can_read_what_went_well(self):
        self.serve()
        token = "Bearer " + self.client.token
        for origin in ORIGINS:
            added = self.ask("POST", "/psa/pins", json.dumps({"cid": cid_v1("page")}), Authorization=token, Origin=origin, Content_Type="application/json")
            requestid = added.json["requestid"]
            for answer in (added, self.ask("GET", "/psa/pins/" + requestid, Authorization=token, Origin=origin),
                           self.ask("DELETE", "/psa/pins/" + requestid, Authorization=token, Origin=origin)):
                self.assertIn(answer.status, (200, 202))
                self.readable(answer, origin)
            for path in ("/psa/pins", "/account", "/healthz", "/readyz", "/openapi.json"):
                answer = self.ask("GET", path, Authorization=token, Origin=origin)
                self.assertEqual(answer.status, 200, path)
                self.readable(answer, path)


if __name__ == "__main__":
    main()
