# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""/openapi.json is a valid document, promises what the frozen Pinning Service API promises, and the gateway keeps it: every
route's real answers, errors too, are judged by it, and a status that it names and that no answer had is a failure.

Run by the Python that `install` prints."""
import email.message
import json
import pathlib
import socket
import sqlite3
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator

from contract import Contract, breaches, resolve, subset
from lib import DATA, Answer, Case, Client, Devnet, Gateway, cid_v0, cid_v1, main, request, tempfile, wait_for
from signin import AUDIENCE, Wallet, answer_of, challenge
from signin import token as sign_in

DEAD = "http://127.0.0.1:9"
FROZEN = DATA / "ipfs-pinning-service-v1.0.0.yaml"
UNKNOWN = "/psa/pins/01890000-0000-7000-8000-000000000000"
SIGNED = [("GET", "/psa/pins"), ("POST", "/psa/pins"), ("GET", UNKNOWN), ("POST", UNKNOWN), ("DELETE", UNKNOWN), ("GET", "/account")]
NO_TOKEN = "/auth/tokens/" + "0" * 32
OWN_TOKENS = [("POST", "/auth/token", {"scopes": ["pin.read"]}), ("GET", "/auth/tokens", None), ("DELETE", NO_TOKEN, None),
              ("POST", "/auth/logout-all", None), ("POST", "/auth/legacy", {"off": False}), ("GET", "/auth/whoami", None)]


def real(path):
    return path.replace("{requestid}", UNKNOWN.rsplit("/", 1)[1]).replace("{id}", "0" * 32)
contract, folders = None, []


def start(chain, *args, **more):
    folders.append(tempfile.TemporaryDirectory(prefix="w3pin-e2e-"))
    return Gateway(folders[-1].name, chain, *args, **more)


def setUpModule():
    global contract
    gateway = start(DEAD)
    try:
        frozen = yaml.safe_load(FROZEN.read_text(encoding="utf-8")) if FROZEN.exists() else None
        contract = Contract(request(gateway.port, "GET", "/openapi.json").json, frozen)
    finally:
        gateway.close()


def tearDownModule():
    for folder in folders:
        folder.cleanup()


class Document(unittest.TestCase):
    def test_it_is_valid_openapi(self):
        self.assertEqual([str(e) for e in OpenAPIV30SpecValidator(contract.doc).iter_errors()], [])

    def test_the_validator_sees_defects(self):
        for spoil in (lambda d: d.pop("info"), lambda d: d["paths"]["/price"]["get"].pop("responses"),
                      lambda d: d["paths"]["/price"]["get"]["parameters"][0].update({"in": "nowhere"}),
                      lambda d: d["components"]["schemas"]["Price"].update(type="thing")):
            doc = json.loads(json.dumps(contract.doc))
            spoil(doc)
            self.assertNotEqual(list(OpenAPIV30SpecValidator(doc).iter_errors()), [])

    def test_examples_fit_their_schemas(self):
        seen = 0

        def walk(node, at):
            nonlocal seen
            if isinstance(node, list):
                for i, item in enumerate(node):
                    walk(item, f"{at}/{i}")
            if not isinstance(node, dict):
                return
            if "example" in node and not at.endswith("/properties"):
                seen += 1
                self.assertEqual(breaches(contract.strict, node.get("schema", node), node["example"]), [], at)
            for key, value in node.items():
                if key != "example":
                    walk(value, f"{at}/{key}")
        walk(contract.doc, "")
        self.assertGreater(seen, 40)

    def test_errors_name_their_reasons(self):
        for (method, path), op in contract.operations.items():
            for key, response in op["responses"].items():
                if key.isdigit() and int(key) >= 400 and (method, path, key) != ("GET", "/readyz", "503"):
                    reason = response["content"]["application/json"]["example"]["error"]["reason"]
                    self.assertEqual(reason, response["x-reasons"][0], (method, path, key))


    def test_the_judge_sees_breaches(self):
        judge = Contract(contract.doc, contract.frozen)
        usual = {"Content-Type": "application/json", "X-Request-Id": "0" * 16}

        def wrong(method, path, status, value, **headers):
            send = email.message.Message()
            for name, text in (usual | headers).items():
                if text is not None:
                    send[name.replace("_", "-")] = text
            return judge.judge(method, path, Answer(status, send, json.dumps(value).encode() if value is not None else b""))
        error = {"error": {"reason": "NOT_FOUND", "details": "x"}}
        self.assertEqual(wrong("GET", "/healthz", 200, {"ok": True}), [])
        self.assertEqual(wrong("GET", UNKNOWN, 404, error), [])
        self.assertEqual(wrong("GET", "/nowhere", 404, error), [])
        self.assertEqual(wrong("POST", "/price", 405, error, Allow="GET, HEAD, OPTIONS"), [])
        for case in (("GET", "/healthz", 200, {"ok": 1}), ("GET", "/healthz", 200, {"ok": True, "more": 1}), ("GET", "/healthz", 200, {}),
                     ("GET", "/healthz", 200, None), ("GET", "/healthz", 202, {"ok": True}), ("GET", "/healthz", 302, {"ok": True}),
                     ("GET", UNKNOWN, 404, None), ("GET", UNKNOWN, 404, {"error": {"reason": "NOT_FOUND"}}),
                     ("GET", UNKNOWN, 404, {"error": {"reason": "NOT_FOUND", "details": "x", "id": "y"}}),
                     ("GET", UNKNOWN, 404, {"error": {"reason": "GONE", "details": "x"}}), ("GET", UNKNOWN, 409, error),
                     ("GET", UNKNOWN, 503, {"error": {"reason": "BUSY", "details": "x"}}), ("DELETE", UNKNOWN, 202, {}),
                     ("GET", "/nowhere", 403, error), ("GET", "/nowhere", 404, {}), ("POST", "/price", 405, error)):
            self.assertNotEqual(wrong(*case), [], case)
        for headers in ({"Content-Type": "text/plain"}, {"Content-Type": None}, {"X-Request-Id": None}, {"X-Request-Id": "x"}):
            self.assertNotEqual(wrong("GET", "/healthz", 200, {"ok": True}, **headers), [], headers)
        self.assertIn(("GET", "/readyz", "503"), judge.never_seen())
        self.assertNotIn(("GET", "/healthz", "200"), judge.never_seen())


# What the frozen version permits a client to send and this gateway refuses, by intent.
NARROWER = {
    ".cid: format": "it must be a CID", ".name: pattern": "no NUL characters", ".meta: maxProperties": "a bound",
    ".meta.size: pattern": "it is a number of bytes", "[]: format": "it must be a CID", "name: pattern": "no NUL characters",
    "meta: maxProperties": "a bound",
}


@unittest.skipUnless(FROZEN.exists(), "no outside data: the frozen specification")
class Frozen(unittest.TestCase):
    def each(self):
        for path, item in contract.frozen["paths"].items():
            for method, op in item.items():
                if method != "parameters":
                    ours = contract.doc["paths"]["/psa" + path][method]
                    yield f"{method} {path}", op, ours, item.get("parameters", []) + op.get("parameters", [])

    def test_every_operation_status_and_security_is_there(self):
        seen = 0
        for where, theirs, ours, _ in self.each():
            self.assertLessEqual(set(theirs["responses"]), set(ours["responses"]), where)
            self.assertIn({"bearer": []}, ours["security"], where)
            self.assertEqual("requestBody" in theirs, "requestBody" in ours, where)
            seen += len(theirs["responses"])
        self.assertEqual(seen, 35)
        self.assertEqual(contract.doc["components"]["securitySchemes"]["bearer"]["scheme"], "bearer")

    def test_every_answer_that_fits_ours_fits_theirs(self):
        for where, theirs, ours, _ in self.each():
            for status, response in theirs["responses"].items():
                mine, response = resolve(contract.doc, ours["responses"][status]), resolve(contract.frozen, response)
                self.assertTrue("content" in mine or "content" not in response or mine.get("x-unused"), (where, status))
                if "content" in response and "content" in mine:
                    self.assertEqual(subset(contract.doc, mine["content"]["application/json"]["schema"], contract.frozen,
                                            response["content"]["application/json"]["schema"]), [], (where, status))

    def test_every_request_that_fits_theirs_fits_ours(self):
        refused = set()
        for where, theirs, ours, parameters in self.each():
            mine = {(p["name"], p["in"]): p for p in ours.get("parameters", [])}
            for parameter in (resolve(contract.frozen, p) for p in parameters):
                self.assertIn((parameter["name"], parameter["in"]), mine, where)
                match = mine.pop((parameter["name"], parameter["in"]))
                for key, usual in (("required", False), ("style", None), ("explode", None)):
                    self.assertEqual(parameter.get(key, usual), match.get(key, usual), (where, key))
                self.assertEqual(set(parameter) & {"schema", "content"}, set(match) & {"schema", "content"}, where)
                if parameter["name"] != "requestid":  # ours are UUIDs, and others are unknown
                    schema = lambda p: p["schema"] if "schema" in p else p["content"]["application/json"]["schema"]
                    refused |= set(subset(contract.frozen, schema(parameter), contract.doc, schema(match),
                                          "" if parameter["name"] == "cid" else parameter["name"]))
                    self.assertEqual(resolve(contract.frozen, schema(parameter)).get("default"), resolve(contract.doc, schema(match)).get("default"))
            beyond = {("Idempotency-Key", "header")} if "requestBody" in theirs else set()
            self.assertEqual(set(mine), beyond, where)
            self.assertFalse(any(p.get("required") for p in mine.values()), where)
            if "requestBody" in theirs:
                schema = lambda op: op["requestBody"]["content"]["application/json"]["schema"]
                refused |= set(subset(contract.frozen, schema(theirs), contract.doc, schema(ours)))
        self.assertEqual(refused, set(NARROWER))

    def test_the_comparison_sees_differences(self):
        pin, status = contract.doc["components"]["schemas"]["Pin"], contract.frozen["components"]["schemas"]["Status"]
        for narrow, wide in (({"type": "string"}, status), ({"type": "string", "enum": ["done"]}, status), ({"type": "integer"}, status),
                             ({"type": "object"}, pin), (dict(pin, required=[]), pin),
                             ({"type": "object", "required": ["cid"], "properties": {"cid": {"type": "integer"}}}, pin),
                             ({"type": "string", "nullable": True}, {"type": "string"}),
                             ({"type": "array", "items": {}}, {"type": "array", "items": {}, "uniqueItems": True}),
                             ({"type": "object", "properties": {"x": {}}}, {"type": "object", "additionalProperties": False})):
            self.assertNotEqual(subset(contract.doc, narrow, contract.frozen if wide is status else contract.doc, wide), [], narrow)
        self.assertEqual(subset(contract.doc, pin, contract.doc, pin), [])


def raw(port, text):
    """Bytes as they are; one answer."""
    import http.client
    with socket.create_connection(("127.0.0.1", port), 15) as sock:
        sock.sendall(text.encode())
        reply = http.client.HTTPResponse(sock)
        reply.begin()
        return Answer(reply.status, reply.headers, reply.read())


class Answers(Case):
    """Named by what they produce; the last one looks whether everything was."""

    def ask(self, port, method, path, status, body=None, token=None, **headers):
        send = {"Content-Type": "application/json"} if body is not None else {}
        send |= {"Authorization": "Bearer " + token} if token else {}
        answer = request(port, method, path, body, send | {k.replace("_", "-"): v for k, v in headers.items()})
        return self.expect(method, path, answer, status)

    def expect(self, method, path, answer, status):
        self.assertEqual(answer.status, status, (method, path, answer))
        self.assertEqual(contract.judge(method, path, answer), [], (method, path, answer))
        return answer

    def signed(self, port, status, token, **pin):
        for method, path in SIGNED:
            self.ask(port, method, path, status, {"cid": cid_v1("x"), **pin} if method == "POST" else None, token)

    def test_1_the_life_of_a_pin(self):
        net = self.own(Devnet())
        gateway = self.own(start(net.url, "--budget.usd_micros_per_token=50000"))
        client = Client(gateway.port)
        port, token = gateway.port, client.token
        pin = {"cid": cid_v1("a"), "name": "é", "meta": {"size": "1000", "app": "x"}, "future": [1],
               "origins": ["/ip4/203.0.113.7/tcp/4001/p2p/QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM"]}
        made = self.ask(port, "POST", "/psa/pins", 202, pin, token).json
        path = "/psa/pins/" + made["requestid"]
        self.ask(port, "POST", "/psa/pins", 202, {"cid": cid_v0("b"), "name": None, "origins": None, "meta": None}, token)
        seen = set()

        def stored():
            seen.add(self.ask(port, "GET", path, 200, token=token).json["status"])
            self.ask(port, "GET", "/psa/pins?status=queued,pinning,pinned,failed", 200, token=token)
            return "pinned" in seen
        wait_for("a pinned pin", stored, 60)
        self.ask(port, "GET", "/psa/pins?name=%C3%A9&match=iexact&limit=1000&cid=" + cid_v1("a") + "&meta=%7B%7D&status=pinned"
                 "&before=2100-01-01T00:00:00Z&after=2000-01-01T00:00:00%2B01:00", 200, token=token)
        self.ask(port, "GET", "/account", 200, token=token)
        self.ask(port, "GET", "/price?size=1", 200)
        self.ask(port, "GET", "/price?size=9223372036854775807", 200)
        self.ask(port, "GET", "/readyz", 200)
        other = self.ask(port, "POST", path, 202, {"cid": cid_v1("c")}, token).json["requestid"]
        self.ask(port, "DELETE", "/psa/pins/" + other, 202, token=token)
        self.ask(port, "GET", path, 404, token=token)
        net.stop()
        wait_for("a chain that is away", lambda: self.ask(port, "GET", "/readyz", 200).json["chain"] == "unreachable", 60)
        described = contract.doc["components"]["schemas"]["StatusInfo"]["properties"]
        self.assertLessEqual(contract.info_keys, set(described))
        self.assertLessEqual({"order_tx", "order_block", "price_paid", "replicas", "expires_at_block", "checked_at"}, contract.info_keys)

    def test_2_bad_requests(self):
        gateway = self.own(start(DEAD))
        port, token = gateway.port, Client(gateway.port).token
        self.signed(port, 401, None)
        self.signed(port, 401, "bm90aGluZw==")
        for method, path in SIGNED[2:5]:
            self.ask(port, method, path, 404, {"cid": cid_v1("x")} if method == "POST" else None, token)
        self.ask(port, "POST", "/psa/pins", 202, {"cid": cid_v1("x")}, token)
        mine = "/psa/pins/" + self.ask(port, "GET", "/psa/pins?status=queued", 200, token=token).json["results"][0]["requestid"]
        for path in ("/psa/pins", mine):
            for body in ("", "{", "[]", {}, {"cid": 1}, {"cid": "bafkqaaa"}, {"cid": cid_v1("x"), "name": 1}, {"cid": cid_v1("x"), "name": "x" * 256},
                         {"cid": cid_v1("x"), "meta": {"a": 1}}, {"cid": cid_v1("x"), "meta": {"size": "0"}}, {"cid": cid_v1("x"), "origins": [1]},
                         '{"cid":"%s","x":1%s}' % (cid_v1("x"), "0" * 30), '{"cid":"%s","name":"\\u0000"}' % cid_v1("x")):
                self.ask(port, "POST", path, 400, body, token)
        for query in ("limit=0", "cid=x", "name=%FF", "match=x", "status=x", "before=x", "after=x", "meta=x", "name=%zz", "limit=1&limit=1"):
            self.ask(port, "GET", "/psa/pins?" + query, 400, token=token)
        for query in ("", "?size=0", "?size=x", "?size=1&size=1", "?size=-1", "?size=9223372036854775808", "?size=%zz"):
            self.ask(port, "GET", "/price" + query, 400)

    def test_2_keys(self):
        gateway = self.own(start(DEAD))
        port, token = gateway.port, Client(gateway.port).token
        keys = {"good": "k", "quoted": '"a\\"b"', "long": "x" * 255}
        made = {name: self.ask(port, "POST", "/psa/pins", 202, {"cid": cid_v1(name)}, token, Idempotency_Key=key).json["requestid"]
                for name, key in keys.items()}
        schema = contract.operations[("POST", "/psa/pins")]["parameters"][0]["schema"]
        for path in ("/psa/pins", "/psa/pins/" + made["good"]):
            for bad in ("", '"', "x" * 256, "\u00e9", '"a";q=1', '"' + "x" * 256 + '"'):
                self.ask(port, "POST", path, 400, {"cid": cid_v1("x")}, token, Idempotency_Key=bad)
                self.assertNotEqual(breaches(contract.strict, schema, bad), [], bad)
            self.ask(port, "POST", path, 422, {"cid": cid_v1("x")}, token, Idempotency_Key=keys["good"])
        for name, key in keys.items():
            self.assertEqual(breaches(contract.strict, schema, key), [], key)
            self.ask(port, "DELETE", "/psa/pins/" + made[name], 202, token=token)
            self.ask(port, "POST", "/psa/pins", 404, {"cid": cid_v1(name)}, token, Idempotency_Key=key)

    def test_2_signing_in(self):
        gateway = self.own(start(DEAD, AUDIENCE, "--auth.domains=dapp.example"))
        port = gateway.port
        for chain in ("eth", "sub", "sol", "near"):
            wallet = Wallet(chain)
            who = {"chain": chain, "address": wallet.address}
            given = self.ask(port, "POST", "/auth/challenge", 200, who | {"label": "l", "ttl": 60, "scopes": ["pin.read"], "chain_id": None}).json
            body = answer_of(wallet, given)
            self.ask(port, "POST", "/auth/login", 200, body)
            self.ask(port, "POST", "/auth/login", 401, body)
        self.ask(port, "POST", "/auth/challenge", 403, who, Origin="https://evil.example")
        for more in ({"chain": "flow"}, {"address": "x"}, {"scopes": ["x"]}, {"ttl": 0}, {"label": "a b"}, {"chain_id": "a b"}):
            self.ask(port, "POST", "/auth/challenge", 400, who | more)
        for more in ({"chain": 1}, {"message": ""}, {"signature": None}, {"callbackUrl": []}):
            self.ask(port, "POST", "/auth/login", 400, body | more)
        for path in ("/auth/challenge", "/auth/login"):
            self.ask(port, "POST", path, 400, "{")

    def test_2_tokens(self):
        gateway = self.own(start(DEAD, AUDIENCE))
        port, wallet = gateway.port, Wallet()
        admin = sign_in(port, wallet)
        wish = {"scopes": ["pin.read", "pin.write"], "ttl": 60, "label": "l", "cids": [cid_v1("a")], "origin": "https://app.example", "max_bytes": 10}
        made = self.ask(port, "POST", "/auth/token", 200, wish, admin).json
        for more in ({"scopes": []}, {"ttl": 0}, {"label": ""}, {"cids": []}, {"origin": "x"}, {"max_bytes": 0}, {"cid": cid_v1("a")}):
            self.ask(port, "POST", "/auth/token", 400, wish | more, admin)
        self.ask(port, "POST", "/auth/token", 403, {"scopes": ["gw.read"]}, admin)
        self.ask(port, "GET", "/auth/whoami", 200, token=made["token"], Origin="https://app.example")
        self.ask(port, "GET", "/auth/whoami", 200, token=admin)
        self.ask(port, "GET", "/auth/whoami", 200, token=Client(port).token)
        some = self.ask(port, "POST", "/auth/token", 200, {"scopes": ["pin.read", "pin.write"], "cids": [cid_v1("a")]}, admin).json["token"]
        for method, path, body in (("GET", "/psa/pins", None), ("POST", "/psa/pins", {"cid": cid_v1("b")})):
            answer = self.ask(port, method, path, 403, body, some)
            self.assertEqual(answer.json["error"]["reason"], "TOKEN_RESTRICTED")
        self.ask(port, "GET", "/auth/tokens", 200, token=admin)
        for id_ in ("0" * 32, "x"):
            self.ask(port, "DELETE", "/auth/tokens/" + id_, 404, token=admin)
        for id_ in (made["id"], "1" * 64):
            self.ask(port, "DELETE", "/auth/tokens/" + id_, 204, token=admin)
        self.ask(port, "GET", "/auth/tokens", 200, token=admin)
        self.ask(port, "POST", "/auth/legacy", 400, {"off": None}, admin)
        self.ask(port, "POST", "/auth/legacy", 200, {"off": False}, admin)
        for method, path, body in OWN_TOKENS[:-1]:
            answer = self.ask(port, method, path, 403, body, Client(port).token)
            self.assertEqual(answer.json["error"]["reason"], "INSUFFICIENT_SCOPE")
        under_way = answer_of(wallet, challenge(port, wallet).json)
        self.fill(gateway, "minted", 1000)
        self.ask(port, "POST", "/auth/token", 409, {"scopes": ["pin.read"]}, admin)
        self.ask(port, "POST", "/auth/login", 409, under_way)
        self.ask(port, "GET", "/auth/tokens", 200, token=admin)
        self.fill(gateway, "revoked", 1000)
        self.ask(port, "DELETE", "/auth/tokens/" + "2" * 64, 204, token=admin)  # the minted one that is revoked gives way
        self.ask(port, "DELETE", "/auth/tokens/" + "3" * 64, 409, token=admin)
        self.ask(port, "POST", "/auth/logout-all", 204, token=admin)
        for method, path, body in OWN_TOKENS:
            self.ask(port, method, path, 401, body, admin)

    def fill(self, gateway, kind, count):
        """Rows as the gateway would have written them for that many tokens."""
        with sqlite3.connect(gateway.db, timeout=10) as db:
            (account, expires), = db.execute("SELECT account, max(expires_s) FROM auth_tokens WHERE kid > 0")
            size, revoked = (16, 0) if kind == "minted" else (32, 1)
            db.executemany("INSERT INTO auth_tokens(id, account, kid, scopes, issued_s, expires_s, revoked_ms, label) VALUES(?, ?, ?, 1, 1, ?, ?, '')",
                           [(bytes([255 - revoked]) + i.to_bytes(size - 1, "big"), account, 1 - revoked, expires, revoked) for i in range(count)])

    def test_3_requests_that_no_handler_sees(self):
        gateway = self.own(start(DEAD))
        port, token = gateway.port, Client(gateway.port).token
        for method, template in contract.operations:
            path = real(template)
            head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n"
            self.expect(method, path, raw(port, head + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400)
            self.expect(method, path, raw(port, head + "Content-Length: 2\r\nExpect: tea\r\n\r\nab"), 417)
            self.ask(port, method, path, 413, b"x" * 65537, token)
            self.expect(method, path, raw(port, head + "Content-Length: 1048577\r\nExpect: 100-continue\r\n\r\n"), 413)
        etag = self.ask(port, "GET", "/openapi.json", 200).headers["ETag"]
        self.ask(port, "GET", "/openapi.json", 304, If_None_Match=etag)
        self.ask(port, "GET", "/healthz", 200)
        for path in contract.doc["paths"]:
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"):
                if (method, path) not in contract.operations:
                    self.ask(port, method, real(path), 405, token=token)
        for method, path in (("GET", "/"), ("POST", "/psa"), ("BREW", "/tea"), ("GET", "/psa/pins/a/b"), ("GET", "/orders"), ("POST", "/pause")):
            self.ask(port, method, path, 404, token=token)

    def test_4_accounts_that_may_not(self):
        gateway = self.own(start(DEAD, "--accounts.mode=allowlist"))
        self.signed(gateway.port, 403, Client(gateway.port).token)
        gateway = self.own(start(DEAD, AUDIENCE, "--accounts.mode=allowlist"))
        self.ask(gateway.port, "POST", "/auth/login", 403, answer_of(Wallet(), challenge(gateway.port, Wallet()).json))
        self.ask(gateway.port, "GET", "/auth/whoami", 403, token=Client(gateway.port).token)
        gateway = self.own(start(DEAD, "--accounts.pins_per_day=1"))
        port, token = gateway.port, Client(gateway.port).token
        mine = self.ask(port, "POST", "/psa/pins", 202, {"cid": cid_v1("x")}, token).json["requestid"]
        for path in ("/psa/pins", "/psa/pins/" + mine):
            answer = self.ask(port, "POST", path, 403, {"cid": cid_v1("y")}, token)
            self.assertEqual(answer.json["error"]["reason"], "QUOTA_EXCEEDED")

    def test_5_no_money(self):
        net = self.own(Devnet())
        gateway = self.own(start(net.url, "--budget.planck_per_day=700000000"))
        port, token = gateway.port, Client(gateway.port).token
        wait_for("prices", lambda: request(port, "GET", "/price?size=1").status == 200)
        mine = self.ask(port, "POST", "/psa/pins", 202, {"cid": cid_v1("x"), "meta": {"size": "1"}}, token).json["requestid"]
        for path in ("/psa/pins", "/psa/pins/" + mine):
            self.ask(port, "POST", path, 409, {"cid": cid_v1("y"), "meta": {"size": "8000000000"}}, token)

    def test_6_a_database_that_fails(self):
        gateway = self.own(start(DEAD))
        port, token = gateway.port, Client(gateway.port).token
        self.ask(port, "GET", "/price?size=1", 503)
        mine = "/psa/pins/" + self.ask(port, "POST", "/psa/pins", 202, {"cid": cid_v1("x")}, token).json["requestid"]
        with sqlite3.connect(gateway.db) as db:
            for table in ("pins", "accounts"):
                db.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
        for method, path in SIGNED:
            path = mine if path == UNKNOWN else path
            self.ask(port, method, path, 503, {"cid": cid_v1("y")} if method == "POST" else None, token)

    def test_6_tokens_in_a_database_that_fails(self):
        gateway = self.own(start(DEAD, AUDIENCE))
        port, wallet = gateway.port, Wallet()
        admin, under_way = sign_in(port, wallet), answer_of(wallet, challenge(port, wallet).json)
        self.ask(port, "GET", "/auth/whoami", 200, token=admin)
        with sqlite3.connect(gateway.db) as db:
            db.execute("ALTER TABLE auth_tokens RENAME TO auth_tokens_away")
        time.sleep(0.3)  # readers let go of what they saw before
        for method, path, body in OWN_TOKENS:
            self.ask(port, method, path, 503, body, admin)
        self.ask(port, "POST", "/auth/login", 503, under_way)
        nameless = self.own(start(DEAD))
        self.ask(nameless.port, "POST", "/auth/challenge", 503, {"chain": "eth", "address": wallet.address})

    def test_7_a_gateway_that_is_not_ready(self):
        gateway = self.own(start(DEAD))
        port, token = gateway.port, Client(gateway.port).token
        with sqlite3.connect(gateway.db) as db:
            db.execute("BEGIN IMMEDIATE")  # for longer than the gateway waits for its turn
            self.ask(port, "POST", "/psa/pins", 503, {"cid": cid_v1("x")}, token)
            self.ask(port, "GET", "/readyz", 503)
        self.ask(port, "POST", "/psa/pins", 202, {"cid": cid_v1("x")}, token)
        self.ask(port, "GET", "/readyz", 200)

    def test_8_budgets(self):
        gateway = self.own(start(DEAD, *(f"--limits.{kind}_{key}=1" for kind in ("poll", "list", "write", "public") for key in ("burst", "per_s"))))
        port = gateway.port
        for method, path in (*SIGNED, *((m, p) for m, p, _ in OWN_TOKENS), ("GET", "/price?size=1"), ("GET", "/openapi.json"), ("POST", "/auth/challenge"),
                             ("POST", "/auth/login")):
            token, told = Client(port, f"//{method}{len(path)}").token, {}
            for _ in range(5):  # the first has a budget, and a second refills it
                body = {"cid": cid_v1("x")} if method == "POST" else None
                answer = request(port, method, path, body, {"Authorization": "Bearer " + token})
                self.expect(method, path, answer, answer.status)
                told[answer.status] = answer.headers
            self.assertIn(429, told, (method, path))
            self.assertEqual(told[429]["X-RateLimit-Remaining"], "0")
        answer = self.ask(port, "GET", "/healthz", 200)
        self.assertIsNone(answer.headers["X-RateLimit-Limit"])

    def test_9_everything_that_is_promised_was_seen(self):
        self.assertEqual(contract.never_seen(), [])
        print(f"\nopenapi: {contract.checked} answers of {len(contract.operations)} operations judged, {len(contract.seen)} "
              "(operation, status) seen, each that is promised among them")


if __name__ == "__main__":
    main()
