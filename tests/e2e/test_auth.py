# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Signing in at the real binary, the whole way: wallets of four chains, pages in browsers, tokens that are narrowed, revoked,
restarted over and killed over."""
import http.client
import json
import os
import signal
import socket

from lib import Case, Client, Gateway, cid_v1, clean_env, main, request
from signin import AUDIENCE, EVERYTHING, HOST, Wallet, answer_of, challenge, login, post, token

DEAD = "http://127.0.0.1:9"
PAGE = "https://dapp.example"
DOMAINS = "--auth.domains=dapp.example"


def get(port, path, bearer, **headers):
    return request(port, "GET", path, headers={"Authorization": "Bearer " + bearer, **headers})


def delete(port, path, bearer):
    return request(port, "DELETE", path, headers={"Authorization": "Bearer " + bearer})


class Auth(Case):
    def start(self, *args, **more):
        return self.own(Gateway(self.dir, DEAD, *(args or (AUDIENCE, DOMAINS)), **more))

    def refused(self, answer, status, reason):
        self.assertEqual((answer.status, answer.json["error"]["reason"]), (status, reason), answer)


class Signing(Auth):
    def test_four_chains_sign_in_and_pin(self):
        port = self.start().port
        for chain, prefix, form in (("eth", "evm:0x", "eip4361"), ("sub", "sub:", "caip122"), ("sol", "sol:", "siws"), ("near", "near:", "nep413")):
            wallet = Wallet(chain)
            given = challenge(port, wallet, PAGE, label="gallery").json
            self.assertEqual(given["format"], form)
            self.assertTrue(given["message"].startswith("dapp.example wants you to sign in with your "), given)
            made = post(port, "/auth/login", answer_of(wallet, given), PAGE)
            self.assertEqual(made.status, 200, made)
            bearer = made.json["token"]
            self.assertTrue(made.json["account"].startswith(prefix))
            self.assertEqual(request(port, "POST", "/psa/pins", {"cid": cid_v1(chain)}, {"Authorization": "Bearer " + bearer}).status, 202)
            mine = get(port, "/psa/pins?status=queued", bearer).json
            self.assertEqual([p["pin"]["cid"] for p in mine["results"]], [cid_v1(chain)])
            old = Client(port, "//Alice", chain)  # the same account as by the wallet's W3Auth token
            self.assertEqual(old.call("GET", "/pins?status=queued").json["count"], 1)
            self.refused(post(port, "/auth/login", answer_of(wallet, given), PAGE), 401, "UNAUTHORIZED")

    def test_solana_wallets_write_the_text_anew(self):
        port, wallet = self.start().port, Wallet("sol")
        given = challenge(port, wallet, PAGE).json
        fields = given["sign_in"]
        text = (f"{fields['domain']} wants you to sign in with your Solana account:\n{fields['address']}\n\n{fields['statement']}\n\n"
                f"URI: {fields['uri']}\nVersion: {fields['version']}\nChain ID: {fields['chainId']}\nNonce: {fields['nonce']}\n"
                f"Issued At: {fields['issuedAt']}\nExpiration Time: {fields['expirationTime']}\nResources:"
                + "".join("\n- " + r for r in fields["resources"]))
        body = {"chain": "sol", "address": wallet.address, "message": text, "signature": wallet.sign(text)}
        self.assertEqual(post(port, "/auth/login", body, PAGE).status, 200)
        for name, spoilt in (("uri", text.replace(HOST + "/", "gw2.example/")), ("a scope more", text + "\n- urn:w3auth:login:scope:account.admin"),
                             ("a statement", text.replace(fields["statement"], "Win a prize.")),
                             ("no end", text.replace(f"Expiration Time: {fields['expirationTime']}\n", ""))):
            again = {"chain": "sol", "address": wallet.address, "message": spoilt, "signature": wallet.sign(spoilt)}
            self.assertEqual(post(port, "/auth/login", again, PAGE).status, 401, name)

    def test_what_the_text_says_is_what_the_token_permits(self):
        port, wallet = self.start().port, Wallet()
        text = challenge(port, wallet, PAGE, scopes=["pin.read", "token.mint"], ttl=90, label="l-1").json["message"]
        for line in (f"URI: https://{HOST}/auth/login", "Chain ID: 1", "Request ID: l-1", "- urn:w3auth:login", "- urn:w3auth:login:scope:pin.read",
                     "- urn:w3auth:login:scope:token.mint", "- urn:w3auth:login:ttl:90"):
            self.assertIn(line, text.splitlines())
        made = login(port, wallet, PAGE, scopes=["pin.read", "token.mint"], ttl=90, label="l-1").json
        self.assertEqual(made["scopes"], ["pin.read", "token.mint"])
        me = get(port, "/auth/whoami", made["token"]).json
        self.assertEqual((me["scopes"], me["label"], me["id"], me["kind"], me["expires_at"]),
                         (made["scopes"], "l-1", made["id"], "minted", made["expires_at"]))
        self.refused(post(port, "/psa/pins", {"cid": cid_v1("x")}, token=made["token"]), 403, "INSUFFICIENT_SCOPE")

    def test_challenges_that_are_refused(self):
        port, wallet = self.start("--auth.audience=gw.example", "--auth.token_ttl_max_s=100000").port, Wallet()
        for reason, body in (("INVALID_CHAIN", {"chain": "huochain"}), ("INVALID_CHAIN", {"chain": "doge"}), ("INVALID_ADDRESS", {"address": "0x12"}),
                             ("INVALID_SCOPES", {"scopes": ["root"]}), ("INVALID_SCOPES", {"scopes": []}), ("INVALID_TTL", {"ttl": 0}),
                             ("INVALID_TTL", {"ttl": 50000}), ("INVALID_TTL", {"ttl": 100001, "scopes": ["pin.read"]}), ("INVALID_LABEL", {"label": "a b"}),
                             ("INVALID_LABEL", {"label": "x" * 65}), ("INVALID_CHAIN_ID", {"chain_id": "mainnet"})):
            self.refused(challenge(port, wallet, **{"chain": "eth", **body}) if "chain" not in body and "address" not in body else
                         post(port, "/auth/challenge", {"chain": wallet.chain, "address": wallet.address, **body}), 400, reason)
        for body in ("", "{", "[]", '{"chain":"eth","chain":"eth"}', "[" * 60 + "]" * 60):
            self.refused(post(port, "/auth/challenge", body), 400, "INVALID_JSON")
            self.refused(post(port, "/auth/login", body), 400, "INVALID_JSON")
        self.assertEqual(post(port, "/auth/login", "x" * 16385).status, 413)
        self.assertEqual(challenge(port, wallet, ttl=100000, scopes=["pin.read"]).status, 200)
        self.refused(challenge(port, wallet, PAGE), 403, "DOMAIN_NOT_ALLOWED")  # here no page is listed

    def test_a_gateway_without_a_name(self):
        port, wallet = self.start("--http.http2=on").port, Wallet()  # port 0: nobody knows by which one clients come
        self.refused(challenge(port, wallet), 503, "AUDIENCE_UNKNOWN")
        self.assertEqual(Client(port).call("GET", "/pins").status, 200)

    def test_a_challenge_is_of_one_gateway_and_one_key(self):
        first, wallet = self.start(), Wallet()
        given = challenge(first.port, wallet).json
        first.stop()
        self.dir += "/other"
        os.mkdir(self.dir)
        second = self.start()
        self.refused(post(second.port, "/auth/login", answer_of(wallet, given)), 401, "UNAUTHORIZED")
        self.refused(get(second.port, "/psa/pins", answer_of(wallet, given)["signature"]), 401, "UNAUTHORIZED")


class Browsers(Auth):
    def test_preflight_matrix(self):
        """Before any sign-in, whoever asks; what a page may send is said by name, and no cookie is ever meant."""
        port = self.start().port
        for path, method in (("challenge", "POST"), ("login", "POST"), ("token", "POST"), ("tokens", "GET"), ("tokens/" + "0" * 32, "DELETE"),
                             ("whoami", "GET"), ("logout-all", "POST"), ("legacy", "POST")):
            for page in (PAGE, "https://evil.example", "null"):
                answer = request(port, "OPTIONS", "/auth/" + path, headers={
                    "Origin": page, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization,content-type"})
                self.assertEqual((answer.status, answer.body), (204, b""), path)
                self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")
                self.assertIsNone(answer.headers["Access-Control-Allow-Credentials"])
                self.assertIn(method, answer.headers["Access-Control-Allow-Methods"].split(", "))
                self.assertLessEqual({"Authorization", "Content-Type"}, set(answer.headers["Access-Control-Allow-Headers"].split(", ")))
                self.assertEqual(answer.headers["Vary"], "Origin")
                plain = request(port, method, "/auth/" + path, {} if method == "POST" else None, {"Origin": page})
                self.assertIn(plain.status, (400, 401))
                self.assertEqual((plain.headers["Access-Control-Allow-Origin"], plain.headers["Vary"], plain.headers["Cache-Control"]), ("*", "Origin", "no-store"))
                if plain.status == 401:
                    self.assertEqual(plain.headers.get_all("WWW-Authenticate"), ["Bearer"])

    def test_another_page_gets_nothing_for_a_text_of_this_one(self):
        port, wallet = self.start(AUDIENCE, "--auth.domains=dapp.example,other.example").port, Wallet()
        body = answer_of(wallet, challenge(port, wallet, PAGE).json)
        for page in ("https://other.example", "https://evil.example", f"https://{HOST}", None):
            self.refused(post(port, "/auth/login", body, page), 401, "UNAUTHORIZED")
        self.assertEqual(post(port, "/auth/login", body, PAGE).status, 200)


class Tokens(Auth):
    def test_revoked_at_once(self):
        port, wallet = self.start().port, Wallet()
        admin = token(port, wallet)
        for _ in range(10):
            made = post(port, "/auth/token", {"scopes": ["pin.read"]}, token=admin).json
            conns = [http.client.HTTPConnection("127.0.0.1", port, timeout=15) for _ in range(12)]

            def ask(conn, bearer=made["token"]):
                conn.request("GET", "/psa/pins", headers={"Authorization": "Bearer " + bearer})
                reply = conn.getresponse()
                reply.read()
                return reply.status
            self.assertEqual({ask(c) for c in conns}, {200})
            self.assertEqual(delete(port, "/auth/tokens/" + made["id"], admin).status, 204)
            self.assertEqual({ask(c) for c in conns}, {401})
            for conn in conns:
                conn.close()

    def test_everything_survives_a_restart(self):
        gateway, wallet = self.start(), Wallet()
        given = challenge(gateway.port, wallet).json
        unused = answer_of(wallet, challenge(gateway.port, wallet).json)
        used = answer_of(wallet, given)
        self.assertEqual(post(gateway.port, "/auth/login", used).status, 200)
        admin = token(gateway.port, wallet)
        one, two = (post(gateway.port, "/auth/token", {"scopes": ["pin.read"], "label": label}, token=admin).json for label in "ab")
        self.assertEqual(delete(gateway.port, "/auth/tokens/" + one["id"], admin).status, 204)
        gateway.stop()
        port = self.start().port
        self.refused(post(port, "/auth/login", used), 401, "UNAUTHORIZED")
        self.assertEqual(post(port, "/auth/login", unused).status, 200)
        self.assertEqual([get(port, "/psa/pins", t["token"]).status for t in (one, two)], [401, 200])
        listed = {row["id"]: row for row in get(port, "/auth/tokens", admin).json["tokens"]}
        self.assertEqual(listed[two["id"]]["label"], "b")
        self.assertEqual([row["id"] for row in listed.values() if row["current"]], [get(port, "/auth/whoami", admin).json["id"]])

    def test_killed_between_the_disk_and_the_answer(self):
        """Before the commit nothing happened and the same answer signs in; behind it the challenge is used up, and no token that
        nobody has seen is missing from the list."""
        for point, status in (("COMMIT_BEFORE", 200), ("COMMIT_AFTER", 401), ("PIN_ANSWER_BEFORE", 401)):
            wallet, gateway = Wallet("eth", "//" + point), self.start()
            admin = token(gateway.port, wallet)
            count = len(get(gateway.port, "/auth/tokens", admin).json["tokens"])
            gateway.stop()
            gateway = self.dying(point)
            body = answer_of(wallet, challenge(gateway.port, wallet).json)
            with self.assertRaises((ConnectionError, http.client.HTTPException)):
                post(gateway.port, "/auth/login", body)
            self.assertEqual(gateway.proc.wait(20), -signal.SIGKILL)
            gateway = self.start()
            self.assertEqual(post(gateway.port, "/auth/login", body).status, status, point)
            self.assertEqual(len(get(gateway.port, "/auth/tokens", admin).json["tokens"]), count + 1)
            gateway.stop()

    def dying(self, point):
        """A gateway that dies at its first login: what its start comes to before is let pass."""
        for n in range(1, 12):
            gateway = self.start(AUDIENCE, env=clean_env(W3PIN_TEST_CRASH=f"{point}:{n}"), ready=False)
            try:
                return gateway.wait_ready()
            except AssertionError:
                continue
        raise AssertionError(f"it always died at {point}")

    def test_no_credential_in_the_log(self):
        gateway, wallet = self.start(), Wallet()
        admin = token(gateway.port, wallet)
        body = answer_of(wallet, challenge(gateway.port, wallet).json)
        made = post(gateway.port, "/auth/login", body).json["token"]
        post(gateway.port, "/auth/login", body)
        get(gateway.port, "/psa/pins", made[:-4] + "AAAA")
        gateway.stop()
        log = gateway.log_text()
        for secret in (admin, made, made[5:40], made[-40:], body["signature"], body["signature"][2:60], body["message"][:60]):
            self.assertNotIn(secret, log)
        reasons = {line.get("reason") for line in gateway.log_lines("http.access")}
        self.assertLessEqual({"nonce", "mac"}, reasons)


class Operator(Auth):
    def admin(self, method, path, body=None):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(self.socket)
            text = json.dumps(body) if body is not None else ""
            sock.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
            reply = http.client.HTTPResponse(sock)
            reply.begin()
            return reply.status, json.loads(reply.read())

    def setUp(self):
        super().setUp()
        self.socket = self.dir + "/admin.sock"
        self.gateway = self.start(AUDIENCE, "--admin.socket=" + self.socket)

    def test_keys(self):
        port, wallet = self.gateway.port, Wallet()
        old = token(port, wallet)
        under_way = answer_of(wallet, challenge(port, wallet).json)
        status, keys = self.admin("GET", "/auth/keys")
        self.assertEqual((status, [(k["kid"], k["current"]) for k in keys["keys"]]), (200, [(1, True)]))
        self.assertNotIn("key32", json.dumps(keys))
        self.assertEqual(self.admin("POST", "/auth/keys", {}), (200, {"kid": 2}))
        self.assertEqual(post(port, "/auth/login", under_way).status, 200)
        new = token(port, wallet)
        self.assertEqual([get(port, "/auth/whoami", t).status for t in (old, new)], [200, 200])
        self.assertEqual(self.admin("DELETE", "/auth/keys/2")[0], 409)
        self.assertEqual(self.admin("DELETE", "/auth/keys/7")[0], 404)
        self.assertEqual(self.admin("DELETE", "/auth/keys/257")[0], 404)
        self.assertEqual(self.admin("DELETE", "/auth/keys/1"), (200, {"dropped": 1}))
        self.assertEqual([get(port, "/auth/whoami", t).status for t in (old, new)], [401, 200])
        self.gateway.stop()
        port = self.start(AUDIENCE).port
        self.assertEqual([get(port, "/auth/whoami", t).status for t in (old, new)], [401, 200])

    def test_tokens_and_accounts(self):
        port, wallet = self.gateway.port, Wallet()
        made = login(port, wallet, scopes=EVERYTHING).json
        self.assertEqual(self.admin("POST", "/auth/revoke", {"id": "0" * 32})[0], 404)
        for body in ({}, {"id": "x"}, {"account": "x"}, {"id": made["id"], "account": made["account"]}, [], {"id": 1}):
            self.assertEqual(self.admin("POST", "/auth/revoke", body)[0], 400, body)
        self.assertEqual(self.admin("POST", "/auth/revoke", {"id": made["id"]})[0], 200)
        self.assertEqual(get(port, "/auth/whoami", made["token"]).status, 401)
        for account in (made["account"], "eth-" + wallet.address):
            bearer = token(port, wallet)
            self.assertEqual(self.admin("POST", "/auth/revoke", {"account": account})[0], 200)
            self.assertEqual(get(port, "/auth/whoami", bearer).status, 401)
        old = Client(port)
        for body in ({}, {"account": made["account"]}, {"account": made["account"], "off": 1}, {"off": True}):
            self.assertEqual(self.admin("POST", "/auth/accounts/legacy", body)[0], 400, body)
        for off, status in ((True, 401), (False, 200)):
            self.assertEqual(self.admin("POST", "/auth/accounts/legacy", {"account": made["account"], "off": off}), (200, {"legacy_off": off}))
            self.assertEqual(old.call("GET", "/pins").status, status)


if __name__ == "__main__":
    main()
