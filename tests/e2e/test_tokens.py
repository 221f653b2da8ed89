# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""The three kinds of tokens at the real binary: what the settings say of W3Auth tokens, which gateway self-issued ones are for, what
is told of them, and when a revocation counts."""
import base64
import concurrent.futures
import datetime
import hashlib
import http.client
import json
import re
import socket

from lib import Case, Client, Gateway, cid_v1, main, request, run, wait_for
from signin import AUDIENCE, HOST, Wallet, answer_of, challenge, login, post, token

DEAD = "http://127.0.0.1:9"
NOBODY = {"error": {"reason": "UNAUTHORIZED", "details": "the access token is missing or not valid"}}


def self_issued(wallet, scopes=("pin.read", "pin.write"), host=HOST, domain=None, issued_s=0, ttl_s=3600, label="kubo", scheme="https"):
    """A token that a wallet signs by itself, as a script without a gateway would make it."""
    issued = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=issued_s)
    when = [t.strftime("%Y-%m-%dT%H:%M:%SZ") for t in (issued, issued + datetime.timedelta(seconds=ttl_s))]
    text = (f"{domain or host} wants you to sign in with your Ethereum account:\n{wallet.address}\n\nPin to {host}\n\nURI: {scheme}://{host}/\n"
            f"Version: 1\nChain ID: 1\nNonce: abcdefgh12345678\nIssued At: {when[0]}\nExpiration Time: {when[1]}\nRequest ID: {label}\nResources:"
            + "".join(f"\n- urn:w3auth:scope:{scope}" for scope in scopes))
    inner = base64.b64encode(text.encode()).decode().rstrip("=")
    plain = f"eth-{wallet.address}-m1.{inner}:{wallet.sign(text)}"
    return base64.b64encode(plain.encode()).decode(), hashlib.sha256(text.encode()).hexdigest()


def get(port, path, bearer, **headers):
    return request(port, "GET", path, headers={"Authorization": "Bearer " + bearer, **headers})


class Tokens(Case):
    def start(self, *args, **more):
        return self.own(Gateway(self.dir, DEAD, *args, **more))

    def expect(self, answer, status, reason=None):
        self.assertEqual(answer.status, status, answer)
        if status == 401:
            self.assertEqual(answer.json, NOBODY)
        elif reason:
            self.assertEqual(answer.json["error"]["reason"], reason)
        return answer

    def refusals(self, gateway):
        """(reason, hash of the credential) of each 401 in the log, once they are all written."""
        gateway.stop()
        return [(line.get("reason"), line.get("credential")) for line in gateway.log_lines("http.access") if line["status"] == 401]


class BadInput(Tokens):
    def test_settings_that_make_no_sense_end_the_start_with_one_line(self):
        for setting, word in (("auth.legacy=sometimes", "auth.legacy"), ("auth.legacy_scopes=", "auth.legacy_scopes"),
                              ("auth.legacy_scopes=pin.fly", "pin.fly"), ("auth.legacy_scopes=pin.read,token.mint", "token.mint"),
                              ("auth.audience=https://gw.example", "auth.audience"), ("auth.audience=*", "auth.audience"),
                              ("auth.audience=gw.example,,a b", "auth.audience"), ("auth.domains=user@host", "auth.domains"),
                              ("auth.login_ttl_s=5", "auth.login_ttl_s"), ("auth.token_ttl_max_s=31622401", "auth.token_ttl_max_s"),
                              ("auth.ton=maybe", "auth.ton"), ("limits.verify_per_s=100001", "limits.verify_per_s")):
            code, _, err = run("serve", "--http.listen=127.0.0.1:0", f"--store.path={self.dir}/x.db", f"--crust.endpoints={DEAD}",
                               "--crust.key_uri=//Alice", "--" + setting)
            lines = [line for line in err.splitlines() if not line.startswith("{")]
            self.assertNotEqual(code, 0, setting)
            self.assertEqual(len(lines), 1, err)
            self.assertIn(word, lines[0])

    def test_doctor_looks_at_them(self):
        def doctor(*args):
            _, out, _ = run("doctor", "--json", f"--crust.endpoints={DEAD}", f"--store.path={self.dir}/x.db", *args)
            return [(c["health"], c["text"]) for c in json.loads(out)["checks"] if c["check"] == "auth"]
        for args, state, word in ((["--auth.audience=a b"], "FAIL", "auth.audience"), (["--http.listen=0.0.0.0:3000"], "WARN", "auth.audience"),
                                  (["--http.listen=0.0.0.0:3000", "--crust.key_uri=//Alice"], "OK", "auth.audience"),
                                  (["--auth.audience=GW.example"], "OK", "gw.example"), ([], "OK", "127.0.0.1:3000")):
            found = doctor(*args)
            self.assertEqual([s for s, _ in found], [state], args)
            self.assertIn(word, found[0][1])

    def test_credentials_that_are_none(self):
        """One and the same answer, whatever is wrong; the log says what, and never the credential."""
        gateway, wallet = self.start(AUDIENCE), Wallet()
        good, _ = self_issued(wallet)
        minted = token(gateway.port, wallet, "pin.read")
        future, old, long = (self_issued(wallet, **more)[0] for more in (
            {"issued_s": 600}, {"issued_s": -7200}, {"ttl_s": 367 * 86400}))
        bad = (("audience", self_issued(wallet, host="gw2.example")[0]), ("domain", self_issued(wallet, domain="evil.example")[0]),
               ("scopes", self_issued(wallet, scopes=("root",))[0]), ("scopes", self_issued(wallet, scopes=())[0]), ("not_yet", future),
               ("expired", old), ("lifetime", long), ("mac", minted[:-5] + ("A" if minted[-5] != "A" else "B") + minted[-4:]),
               ("macaroon", "w3s1_" + "A" * 40), ("base64", "abc"), ("chain", base64.b64encode(b"flow-0x12:0x34").decode()))
        for reason, text in bad:
            for _ in range(2):  # verified, and remembered
                self.expect(get(gateway.port, "/account", text), 401)
        self.expect(request(gateway.port, "GET", "/account"), 401)
        self.expect(get(gateway.port, "/account", good), 200)
        self.expect(get(gateway.port, "/account", minted), 200)
        found = self.refusals(gateway)
        wanted = [(reason, hashlib.sha256(text.encode()).hexdigest()[:8]) for reason, text in bad for _ in range(2)] + [("missing", None)]
        self.assertEqual(sorted(found, key=str), sorted(wanted, key=str))
        for text in [good, minted] + [text for _, text in bad if len(text) > 20]:
            self.assertNotIn(text[-20:], gateway.log_text())


class Legacy(Tokens):
    def test_modes(self):
        """Who has pinned keeps his W3Auth token where only known accounts may have one; who comes later never gets one."""
        first = self.start(AUDIENCE)
        alice, bob = Client(first.port), Client(first.port, "//Bob")
        self.expect(alice.add(cid_v1("a")), 202)
        first.stop()
        second = self.start(AUDIENCE, "--auth.legacy=known-accounts")
        alice.port = bob.port = second.port
        self.expect(alice.call("GET", "/pins"), 200)
        self.expect(bob.call("GET", "/pins"), 401)
        own, _ = self_issued(Wallet("eth", "//Bob"))
        self.expect(request(second.port, "POST", "/psa/pins", {"cid": cid_v1("b")}, {"Authorization": "Bearer " + own}), 202)
        self.expect(bob.call("GET", "/pins"), 401)  # he never needed it
        self.expect(alice.call("GET", "/pins"), 200)
        second.stop()
        third = self.start(AUDIENCE, "--auth.legacy=off")
        alice.port = third.port
        self.expect(alice.call("GET", "/pins"), 401)
        self.expect(get(third.port, "/psa/pins", own), 200)
        self.expect(get(third.port, "/account", token(third.port, Wallet(), "pin.read")), 200)
        self.assertIn("legacy_off", {reason for reason, _ in self.refusals(third)})

    def test_capped_scopes(self):
        port = self.start("--auth.legacy_scopes=pin.read").port
        client = Client(port)
        self.expect(client.call("GET", "/pins"), 200)
        answer = self.expect(client.add(cid_v1("a")), 403, "INSUFFICIENT_SCOPE")
        self.assertIn("pin.write", answer.json["error"]["details"])
        self.expect(request(port, "GET", "/auth/tokens", headers={"Authorization": "Bearer " + client.token}), 403, "INSUFFICIENT_SCOPE")

    def test_ton_is_switched_on(self):
        first = self.start()
        ton = Client(first.port, "//Alice", "ton")
        self.expect(ton.call("GET", "/pins"), 401)
        first.stop()
        ton.port = self.start("--auth.ton=on").port
        self.expect(ton.call("GET", "/pins"), 200)


class Audience(Tokens):
    def free_port(self):
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            return sock.getsockname()[1]

    def test_named(self):
        port, wallet = self.start("--auth.audience=GW.example:443, other.example:8080", "--auth.domains=app.example").port, Wallet()
        for host, more, status in (("gw.example", {}, 200), ("other.example:8080", {}, 200), ("other.example", {}, 401),
                                   ("gw.example:3000", {}, 401), ("gw.example", {"domain": "app.example"}, 200),
                                   ("gw.example", {"domain": "other.example:8080"}, 200), ("gw.example", {"domain": "www.app.example"}, 401),
                                   ("app.example", {}, 401), (f"127.0.0.1:{port}", {}, 401)):
            self.expect(get(port, "/account", self_issued(wallet, host=host, **more)[0]), status)

    def test_any_page(self):
        port, wallet = self.start(AUDIENCE, "--auth.domains=*").port, Wallet()
        self.expect(get(port, "/account", self_issued(wallet, domain="wherever.example")[0]), 200)

    def test_of_the_address_that_it_listens_on(self):
        port, wallet = self.free_port(), Wallet()
        self.start(port=port)
        for host in (f"127.0.0.1:{port}", f"localhost:{port}"):
            self.expect(get(port, "/account", self_issued(wallet, host=host, scheme="http")[0]), 200)
        self.expect(get(port, "/account", self_issued(wallet, host="localhost", scheme="http")[0]), 401)

    def test_of_every_address_is_of_none(self):
        port, wallet = self.free_port(), Wallet()
        gateway = self.start(f"--http.listen=0.0.0.0:{port}")
        self.assertEqual(len(gateway.log_lines("auth.audience")), 1)
        for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"0.0.0.0:{port}"):
            self.expect(get(port, "/account", self_issued(wallet, host=host, scheme="http")[0]), 401)
        self.expect(Client(port).call("GET", "/pins"), 200)


class Revoking(Tokens):
    def test_counts_at_the_next_request_of_every_connection(self):
        """Two threads, forty connections that know the token, both kinds."""
        gateway, wallet = self.start(AUDIENCE, "--http.threads=4"), Wallet()
        admin = token(gateway.port, wallet, "account.admin")
        conns = [http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20) for _ in range(40)]
        for conn in conns:
            self.addCleanup(conn.close)

        def all_of(bearer):
            def one(conn):
                conn.request("GET", "/account", headers={"Authorization": "Bearer " + bearer})
                reply = conn.getresponse()
                reply.read()
                return reply.status
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                return set(pool.map(one, conns))

        for round_number in range(3):
            own, own_id = self_issued(wallet, label=f"n-{round_number}")
            minted = token(gateway.port, wallet, "pin.read")
            me = get(gateway.port, "/auth/whoami", minted).json
            for bearer, id_text in ((own, own_id), (minted, me["id"])):
                self.assertEqual(all_of(bearer), {200})
                self.assertEqual(request(gateway.port, "DELETE", "/auth/tokens/" + id_text, headers={"Authorization": "Bearer " + admin}).status, 204)
                self.assertEqual(all_of(bearer), {401})
        self.assertEqual(all_of(admin), {403})

    def test_a_self_issued_one_is_listed_from_its_first_use(self):
        gateway, wallet = self.start(AUDIENCE), Wallet()
        own, own_id = self_issued(wallet, label="kubo-at-home")
        admin = token(gateway.port, wallet, "account.admin")

        def listed():
            return {t["id"]: t for t in get(gateway.port, "/auth/tokens", admin).json["tokens"]}
        self.assertNotIn(own_id, listed())
        self.expect(get(gateway.port, "/account", own), 200)
        row = wait_for("the first use", lambda: listed().get(own_id))
        self.assertEqual((row["label"], row["scopes"], row["kind"]), ("kubo-at-home", ["pin.read", "pin.write"], "self-issued"))

    def test_the_log_says_why_those_who_came_second_were_refused(self):
        """What the writer refuses is logged as what a loop refuses: of logins with one challenge, and of a token that ends itself."""
        gateway, wallet, crowd = self.start(AUDIENCE), Wallet(), 16
        signed = answer_of(wallet, challenge(gateway.port, wallet, scopes=["account.admin"]).json)
        with concurrent.futures.ThreadPoolExecutor(crowd) as pool:
            logins = list(pool.map(lambda _: post(gateway.port, "/auth/login", signed), range(crowd)))
            made = next(answer.json for answer in logins if answer.status == 200)
            ends = list(pool.map(lambda _: request(gateway.port, "DELETE", "/auth/tokens/" + made["id"],
                                                   headers={"Authorization": "Bearer " + made["token"]}), range(crowd)))
        self.assertEqual(sorted(answer.status for answer in logins), [200] + [401] * (crowd - 1))
        self.assertEqual(sorted(answer.status for answer in ends), [204] + [401] * (crowd - 1))
        trace = hashlib.sha256(made["token"].encode()).hexdigest()[:8]
        self.assertEqual(sorted(self.refusals(gateway), key=str), [("nonce", None)] * (crowd - 1) + [("revoked", trace)] * (crowd - 1))

    def test_what_ends_with_a_token_and_what_does_not(self):
        """As the page about tokens says: what was narrowed from it or made by it, and which ones may end themselves."""
        port, wallet = self.start(AUDIENCE).port, Wallet()

        def made(by, **more):
            return self.expect(post(port, "/auth/token", {"scopes": ["pin.read"], **more}, token=by), 200).json

        def end(by, whose):
            return request(port, "DELETE", "/auth/tokens/" + whose, headers={"Authorization": "Bearer " + by})
        minter, other = login(port, wallet, scopes=["pin.read", "token.mint"]).json, token(port, wallet)
        whole, small = made(minter["token"]), made(minter["token"], max_bytes=1000)
        self.expect(end(small["token"], small["id"]), 403, "INSUFFICIENT_SCOPE")
        self.expect(end(whole["token"], small["id"]), 403, "INSUFFICIENT_SCOPE")
        self.expect(end(minter["token"], minter["id"]), 204)
        self.expect(get(port, "/account", minter["token"]), 401)
        for child in (whole, small):
            self.expect(get(port, "/account", child["token"]), 200)
        self.expect(end(whole["token"], whole["id"]), 204)
        self.expect(get(port, "/account", whole["token"]), 401)
        self.expect(post(port, "/auth/logout-all", "", token=other), 204)
        for bearer in (small["token"], other):
            self.expect(get(port, "/account", bearer), 401)

    def test_basic_with_curl(self):
        gateway = self.start(AUDIENCE)
        minted = token(gateway.port, Wallet(), "pin.read")
        basic = base64.b64encode(f"w3s:{minted}".encode()).decode()
        self.expect(request(gateway.port, "GET", "/account", headers={"Authorization": "Basic " + basic}), 200)
        wrong = base64.b64encode(f"user:{minted}".encode()).decode()
        self.expect(request(gateway.port, "GET", "/account", headers={"Authorization": "Basic " + wrong}), 401)


class Limits(Tokens):
    def test_signatures_of_all_peers_together(self):
        gateway = self.start(AUDIENCE, "--limits.verify_per_s=1", "--limits.verify_burst=5")
        known = Client(gateway.port)
        conn = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
        self.addCleanup(conn.close)

        def ask(bearer):
            conn.request("GET", "/account", headers={"Authorization": "Bearer " + bearer})
            reply = conn.getresponse()
            reply.read()
            return reply.status, reply.getheader("Retry-After")
        self.assertEqual(ask(known.token)[0], 200)
        statuses = [ask(Client(gateway.port, f"//W{i}", "sol").token) for i in range(10)]
        self.assertEqual([s for s, _ in statuses[:3]], [200] * 3)
        refused = [wait for s, wait in statuses if s == 429]
        self.assertGreaterEqual(len(refused), 3)
        self.assertTrue(all(re.fullmatch("[1-9][0-9]?", wait) for wait in refused), refused)
        self.assertEqual(ask(known.token)[0], 200)  # what is known is not asked again


if __name__ == "__main__":
    main()
