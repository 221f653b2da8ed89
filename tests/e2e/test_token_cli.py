# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""`w3pin token` beside a running gateway: every chain signs in, what is narrowed stays narrow, inspect says what the gateway says,
operators rotate keys and revoke, and a gateway that is somebody else gets nothing signed."""
import hashlib
import http.server
import json
import threading
import unittest

from lib import DATA, Case, Gateway, cid_v1, main, request, run, wait_for

DEAD = "http://127.0.0.1:9"
HOST = "gw.example"  # the gateways listen on ports that nobody knows before
FOR = ("--for", f"https://{HOST}/psa")
CHAINS = ["eth", "sub", "sol", "near", "ava", "elr", "aptos", "algo"]
ALICE = "evm:0xe04cc55ebee1cbce552f250e85c57b70b2e2625b"


class Server:
    """Answers every request with handle(method, path, headers, body) -> (status, headers, JSON); keeps what it saw."""

    def __init__(self, handle):
        seen = self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                seen.append((self.command, self.path, dict(self.headers), body))
                status, headers, text = handle(self.command, self.path, body)
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())
            do_GET = do_POST = answer

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class TokenCase(Case):
    def start(self, *args, **more):
        self.gateway = self.own(Gateway(self.dir, DEAD, f"--auth.audience={HOST}", *args, **more))
        self.url = f"http://127.0.0.1:{self.gateway.port}"
        self.login = ("--login", self.url + "/psa", "--audience", HOST)
        return self.gateway

    def new(self, *args, chain="eth", uri="//Alice"):
        code, out, err = run("token", "new", "--chain", chain, "--uri", uri, *args)
        self.assertEqual((code, err, out.count("\n")), (0, "", 1))
        return out.strip()

    def narrow(self, token, *args):
        code, out, err = run("token", "narrow", *args, "-", stdin=token)
        self.assertEqual((code, err, out.count("\n")), (0, "", 1))
        return out.strip()

    def inspect(self, token, *args):
        """(exit code, what it says)"""
        code, out, err = run("token", "inspect", "--json", *args, "-", stdin=token)
        self.assertEqual(err, "")
        return code, json.loads(out)

    def admin(self, *args):
        """Exit code, stdout and stderr of an operator's action."""
        return run("token", *args, f"--store.path={self.gateway.db}")

    def call(self, token, method, path, body=None, **headers):
        return request(self.gateway.port, method, path, body, {"Authorization": "Bearer " + token, "Content-Type": "application/json", **headers})

    def lists(self, token):
        return self.call(token, "GET", "/psa/pins").status


class Making(TokenCase):
    def test_every_chain_signs_in_and_signs_by_itself(self):
        self.start()
        for chain in CHAINS:
            kinds = {}
            for kind, args in (("w3auth", ()), ("self-issued", FOR), ("minted", self.login)):
                token = self.new(*args, chain=chain)
                code, said = self.inspect(token, "--gateway", self.url)
                self.assertEqual((code, said["valid"], said["kind"]), (0, True, kind), said)
                self.assertEqual(said["scopes"], ["pin.read", "pin.write", "pin.replace", "pin.delete"])
                kinds[kind] = said["identity"]
            self.assertEqual(len(set(kinds.values())), 1, kinds)
            self.assertEqual(self.call(token, "POST", "/psa/pins", {"cid": cid_v1(chain)}).status, 202)

    def test_scopes_ends_labels_and_pages(self):
        self.start("--auth.domains=dapp.example")
        for way in (FOR, self.login):
            token = self.new(*way, "--scopes", "pin.read,account.admin", "--ttl=7200", "--label=laptop", "--domain", "Dapp.example")
            said = self.inspect(token, "--gateway", self.url)[1]
            self.assertEqual((said["valid"], said["scopes"]), (True, ["pin.read", "account.admin"]))
            self.assertEqual(self.call(token, "POST", "/psa/pins", {"cid": cid_v1("x")}).status, 403)
            listed = [t for t in self.call(token, "GET", "/auth/tokens").json["tokens"] if t["id"] == said["id"]]
            self.assertEqual([(t["label"], t["current"], t["expires_at"]) for t in listed], [("laptop", True, said["expires"])])
            code, out, err = run("token", "new", "--chain=eth", "--uri=//Alice", *way, "--domain=evil.example")
            refused = err if code else self.inspect(out, "--gateway", self.url)[1]["details"]
            self.assertRegex(refused, "the gateway refuses")
        self.assertEqual(self.inspect(self.new("--for", "https://other.example"), "--gateway", self.url)[0], 1)

    def test_a_gateway_by_another_name_is_named(self):
        self.start()
        code, out, err = run("token", "new", "--chain=eth", "--uri=//Alice", "--login", self.url)
        self.assertEqual((code, out), (1, ""))
        self.assertIn(f"signs people in as '{HOST}', not as '127.0.0.1:{self.gateway.port}'", err)
        self.assertEqual(self.lists(self.new(*self.login)), 200)


class Strangers(TokenCase):
    def test_a_challenge_of_another_gateway_is_not_signed(self):
        """The stranger asks the real gateway for a text of the victim's wallet and shows it as its own."""
        self.start()
        relay = self.own(Server(lambda method, path, body: (200, {}, request(self.gateway.port, method, path, body).body.decode())))
        code, out, err = run("token", "new", "--chain=eth", "--uri=//Alice", "--login", relay.url)
        self.assertEqual((code, out), (1, ""))
        self.assertIn("not signed", err)
        self.assertEqual([path for _, path, _, _ in relay.seen], ["/auth/challenge"])

    def test_what_a_stranger_says_is_one_line(self):
        """Its sentences, labels and tokens neither look like a line of ours nor steer a terminal."""
        line = "no\x1b[2J\nvalid:     yes\r\x9b31m\u202eend"
        kind = self.own(Server(lambda *_: (200, {}, json.dumps({"account": ALICE, "scopes": [], "label": line}))))
        rude = self.own(Server(lambda *_: (401, {}, json.dumps({"error": {"reason": "X", "details": line}}))))
        self.start()
        giver = self.own(Server(lambda method, path, body: (200, {}, json.dumps({"token": "w3s1_" + line})) if path == "/auth/login" else
                                (200, {}, request(self.gateway.port, method, path, body).body.decode())))
        token = self.new(*self.login)
        for args, code in ((("token", "inspect", "--gateway", kind.url, "-"), 0), (("token", "inspect", "--gateway", rude.url, "-"), 1),
                           (("token", "new", "--chain=eth", "--uri=//Alice", "--login", rude.url), 1),
                           (("token", "new", "--chain=eth", "--uri=//Alice", "--login", giver.url, "--audience", HOST), 1)):
            got, out, err = run(*args, stdin=token)
            self.assertEqual(got, code, out + err)
            self.assertRegex(out + err, r"\A[ -~\n]+\Z")
            self.assertEqual(sum(row.startswith("valid:") for row in out.splitlines()), 1 if "inspect" in args else 0, out)

    def test_redirects_get_no_token(self):
        thief = self.own(Server(lambda *_: (200, {}, '{"account":"%s","scopes":[]}' % ALICE)))
        lure = self.own(Server(lambda *_: (302, {"Location": thief.url + "/auth/whoami"}, "{}")))
        code, out, err = run("token", "inspect", "--gateway", lure.url, "-", stdin=self.new())
        self.assertEqual((code, out), (1, ""))
        self.assertIn("redirect", err)
        self.assertEqual((len(lure.seen), thief.seen), (1, []))

    def test_answers_that_are_none(self):
        token = self.new()
        for status, text in ((200, "<h1>hello</h1>"), (500, "{}"), (200, "x" * 70000), (503, '{"error":{"reason":"BUSY","details":"later"}}'), (200, '["x"]')):
            server = self.own(Server(lambda *_, status=status, text=text: (status, {}, text)))
            code, out, err = run("token", "inspect", "--gateway", server.url, "-", stdin=token)
            self.assertEqual((code, out, err.count("\n")), (1, "", 1), (text[:20], out, err))
            self.assertEqual(run("token", "new", "--chain=eth", "--uri=//Alice", "--login", server.url)[0:2], (1, ""))


class Narrowing(TokenCase):
    def test_a_narrow_token_stays_narrow(self):
        self.start()
        whole = self.new(*self.login)
        reader, one = self.narrow(whole, "--scopes=pin.read", "--ttl=60"), self.narrow(whole, "--cid", cid_v1("a"), "--max-bytes=1000")
        paged, far = self.narrow(whole, "--origin=https://app.example"), self.narrow(whole, "--net=192.0.2.0/24")
        add = {"cid": cid_v1("a"), "meta": {"size": "1000"}}
        self.assertEqual((self.lists(reader), self.call(reader, "POST", "/psa/pins", add).status), (200, 403))
        self.assertEqual(self.call(one, "POST", "/psa/pins", add).status, 202)
        self.assertEqual(self.call(one, "POST", "/psa/pins", add | {"cid": cid_v1("b")}).status, 403)
        self.assertEqual(self.call(one, "POST", "/psa/pins", add | {"meta": {"size": "1001"}}).status, 403)
        self.assertEqual(self.call(paged, "GET", "/psa/pins", Origin="https://app.example").status, 200)
        self.assertIn(self.lists(paged), (401, 403))
        self.assertEqual(self.inspect(paged, "--gateway", self.url)[0], 1)
        self.assertEqual(self.inspect(paged, "--gateway", self.url, "--origin", "https://app.example")[0], 0)
        self.assertIn(self.lists(far), (401, 403))
        self.assertEqual(self.call(self.narrow(reader, "--scopes=pin.read"), "GET", "/psa/pins").status, 200)
        self.assertEqual(self.inspect(one, "--gateway", self.url)[1]["restrictions"], {"cids": 1, "max_bytes": 1000})
        code, _, err = self.admin("revoke", self.inspect(reader)[1]["id"])  # what is narrowed ends with the whole one
        self.assertEqual((code, err), (0, ""))
        self.assertEqual([self.lists(t) for t in (whole, reader, one)], [401, 401, 401])


class Inspecting(TokenCase):
    def test_the_log_names_what_inspect_names(self):
        self.start()
        for token in (self.new("--for", "https://other.example"), "w3s1_AAAA", "bm90aGluZw=="):
            self.assertEqual(self.lists(token), 401)
            trace = self.inspect(token)[1]["trace"]
            self.assertEqual(trace, hashlib.sha256(token.encode()).hexdigest()[:8])
            wait_for("its line", lambda trace=trace: [line for line in self.gateway.log_lines() if line.get("credential") == trace])
            self.assertNotIn(token, self.gateway.log_text())

    @unittest.skipUnless((DATA / "w3auth_vectors.json").exists(), "no vectors")
    def test_vectors_of_tokens_that_end(self):
        vectors = [v for v in json.loads((DATA / "w3auth_vectors.json").read_text(encoding="utf-8")) if v["class"] == "proposed"]
        kinds = set()
        for v in vectors:
            place = ["--now", v["now"]]
            if v["chain"] != "w3s1":
                place += ["--audience", v["expect_domain"], "--domains", ",".join(v.get("allowed_dapp_domains", []))]
            code, said = self.inspect(v["token"], *place)
            kinds.add(said.get("kind"))
            if v["chain"] == "w3s1":  # nobody but its gateway can prove one
                self.assertNotEqual(said["valid"], True, v["note"])
                self.assertTrue(said["valid"] is None or not v["valid"], (v["note"], said))
            elif not v.get("optional"):
                self.assertEqual((said["valid"], code), (v["valid"], 0 if v["valid"] else 1), (v["note"], said))
                self.assertEqual(said.get("identity"), v.get("identity", said.get("identity") if v["valid"] else None), v["note"])
        self.assertGreater(len(vectors), 10)
        self.assertLessEqual({"self-issued", "minted"}, kinds)


class Operators(TokenCase):
    def test_keys_are_rotated_and_dropped(self):
        self.start()
        old = self.new(*self.login)
        self.assertEqual(self.admin("keys", "--rotate")[0], 0)
        new = self.new(*self.login)
        code, out, _ = self.admin("keys", "--json")
        self.assertEqual((code, [(k["kid"], k["current"]) for k in json.loads(out)["keys"]]), (0, [(1, False), (2, True)]))
        self.assertNotIn("key32", out)
        self.assertRegex(self.admin("keys")[1], r"^key 1 +made 20\S+Z\nkey 2 +made 20\S+Z  makes new tokens\n$")
        self.assertEqual([self.inspect(t)[1]["kid"] for t in (old, new)], [1, 2])
        self.assertEqual([self.lists(t) for t in (old, new)], [200, 200])
        code, _, err = self.admin("keys", "--drop", "2")
        self.assertEqual((code, "makes the new tokens" in err), (1, True), err)
        self.assertEqual(self.admin("keys", "--drop=1")[0], 0)
        self.assertEqual([self.lists(t) for t in (old, new)], [401, 200])
        self.assertEqual(self.admin("keys", "--drop=1")[0], 1)

    def test_tokens_and_accounts_are_revoked(self):
        self.start()
        minted, issued = self.new(*self.login), self.new(*FOR)
        others, w3auth = self.new(*self.login, uri="//Bob"), self.new()
        self.assertEqual([self.lists(t) for t in (minted, issued, others, w3auth)], [200] * 4)
        self.assertEqual(self.admin("revoke", self.inspect(others)[1]["id"])[0], 0)
        self.assertEqual([self.lists(t) for t in (minted, issued, others, w3auth)], [200, 200, 401, 200])
        code, said = self.inspect(others, "--gateway", self.url)
        self.assertEqual((code, said["valid"], said["reason"]), (1, False, "refused"))
        code, _, err = self.admin("revoke", "00" * 16)
        self.assertEqual((code, err), (1, "w3pin token: no token with this id was made or used here\n"))
        self.assertEqual(self.admin("revoke", "--account", ALICE)[0], 0)
        self.assertEqual([self.lists(t) for t in (minted, issued, others, w3auth)], [401, 401, 401, 200])
        self.assertEqual(self.admin("legacy", ALICE, "off")[0], 0)
        self.assertEqual(self.lists(w3auth), 401)
        self.assertEqual(self.admin("legacy", "eth-0xE04CC55ebEE1cBCE552f250e85c57B70B2E2625b", "on")[0], 0)
        self.assertEqual(self.lists(w3auth), 200)


if __name__ == "__main__":
    main()
