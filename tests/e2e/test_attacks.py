#!/usr/bin/env python3
# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""The attacks on signing in that are known, each with the tests that prove what becomes of it.

Those here are made at the real binary. The list names the others where they are, and TheList sees to it that each of them exists
and that for every attack there is a mutant (tests/mutants) without whose line one of its tests goes red. Two cannot occur:
21, a credential that goes on to somebody behind the gateway: it calls nobody but the chain, with requests that it makes itself;
25, calls of contracts that are abused: it asks no chain about wallets that are contracts, so their signatures are refused unasked."""
import base64
import concurrent.futures
import http.client
import itertools
import json
import pathlib
import re
import socket
import sqlite3
import subprocess
import time
import unittest

import lib
import macaroon
from lib import Case, Client, Devnet, Gateway, cid_v1, main, request, run
from signin import AUDIENCE, EVERYTHING, HOST, Wallet, answer_of, challenge, login, post, token
from test_endpoints import Handler, Proxy

ATTACKS = {
    1: ("malleable or broken ECDSA", "unit_crypto ecdsa/verdicts_and_untouched_output", "unit_auth auth_schemes/ethereum_recovery_ids",
        "unit_auth auth_vectors/outside", "e2e test_attacks.py Outside.test_attack_01_02_03_05_08_09_10_every_vector"),
    2: ("malleable Ed25519, small orders", "unit_crypto ed25519/verdicts", "unit_auth attack/attack_02_a_hundred_thousand_flips"),
    3: ("sr25519 in other forms", "unit_crypto sr25519/verdicts", "unit_crypto sr25519/no_bit_of_a_signature_is_free"),
    4: ("replay at another service", "unit_auth auth_selfissued/attack_4_places", "unit_auth macaroon/vectors",
        "e2e test_attacks.py Replays.test_attack_04_other_gateways"),
    5: ("signatures from the chain", "unit_auth auth_vectors/in_tree", "unit_auth auth_chains/ton_is_off_until_it_is_switched_on",
        "e2e test_attacks.py Outside.test_attack_01_02_03_05_08_09_10_every_vector"),
    6: ("a sign-in text as a token, or twice", "unit_auth auth_login/attack_6_login_text_as_a_token", "unit_auth keys_store/nonce_is_used_once",
        "e2e test_attacks.py Replays.test_attack_06_login_text_is_no_token", "e2e test_attacks.py Replays.test_attack_06_one_login_of_many_at_once"),
    7: ("one wallet as many accounts", "unit_auth auth_schemes/substrate_prefixes_are_one_account", "unit_auth auth_schemes/substrate_kinds_of_keys",
        "e2e test_attacks.py Accounts.test_attack_07_one_wallet_is_one_account"),
    8: ("one chain's wallet as another's", "unit_auth auth_schemes/solana_and_near_stay_two_accounts",
        "e2e test_attacks.py Accounts.test_attack_08_one_key_on_two_chains_is_two_accounts"),
    9: ("other spellings of a token", "unit_base encoding/refuses_second_spellings", "unit_auth auth_token/bytes_around_a_good_token",
        "unit_auth auth_token/a_third_field_is_not_ignored", "e2e test_attacks.py Headers.test_attack_09_other_spellings"),
    10: ("NUL and Unicode", "unit_auth authn/a_nul_does_not_end_a_header", "unit_auth auth_token/bytes_around_a_good_token",
         "e2e test_attacks.py Headers.test_attack_10_nul_and_unicode"),
    11: ("what is remembered too long", "unit_auth authn_tokens/a_revocation_counts_at_once_and_on_every_thread",
         "unit_auth auth_cache/equal_beginnings_do_not_collide", "e2e test_auth.py Tokens.test_revoked_at_once"),
    12: ("a flood of bad tokens against memory", "unit_auth authn/a_million_bad_ones_leave_memory_and_a_good_one_alone",
         "unit_auth auth_cache/a_million_refusals_take_no_more_memory",
         "e2e test_limits.py Hostile.test_a_hundred_thousand_tokens_leave_memory_flat_and_others_alone"),
    13: ("what time or an answer gives away", "unit_auth attack/attack_13_time_tells_nothing_of_a_tag",
         "unit_http psa_api/one_401_for_every_reason", "e2e test_attacks.py Answers.test_attack_13_every_refusal_is_the_same"),
    14: ("a flood of bad tokens against the processor", "unit_http budget/failed_sign_ins_of_a_peer", "unit_http budget/signatures_of_all_peers",
         "unit_auth auth_selfissued/cheap_checks_come_first", "e2e test_attacks.py Headers.test_attack_14_a_tunnel_through_a_proxy_names_no_clients",
         "e2e test_limits.py Hostile.test_a_peer_that_fails_is_not_verified_any_more"),
    15: ("two credentials, folded lines", "unit_http server/duplicate_authorization_is_counted", "unit_http h2/two_authorizations_are_counted",
         "unit_http server/refuses_with_the_error_of_the_api", "e2e test_attacks.py Headers.test_attack_15_two_credentials"),
    16: ("a request hidden in another", "unit_http server/refuses_with_the_error_of_the_api",
         "e2e test_attacks.py Headers.test_attack_16_a_request_in_a_body_is_never_answered"),
    17: ("words before the token", "unit_auth auth_token/bad_headers", "e2e test_attacks.py Headers.test_attack_09_other_spellings"),
    18: ("credentials where others read them", "unit_http caller/the_log_names_a_refused_credential_and_never_shows_it",
         "unit_http access_log/lines", "e2e test_attacks.py Answers.test_attack_18_nothing_is_left_of_a_credential"),
    19: ("pages of others", "unit_http server/preflight_without_authentication", "unit_http auth_api/pages_that_may_not_sign_users_in",
         "e2e test_auth.py Browsers.test_preflight_matrix", "e2e test_browsers.py Preflight.test_every_path_method_origin_and_header"),
    20: ("a browser that asks for a password", "unit_http psa_api/one_401_for_every_reason", "e2e test_attacks.py Answers.test_attack_13_every_refusal_is_the_same"),
    21: ("credentials that go on", "e2e test_attacks.py Answers.test_attack_21_no_credential_leaves_the_gateway"),
    22: ("restrictions taken away", "unit_auth macaroon/vectors", "unit_auth macaroon/narrowing_never_widens", "e2e test_macaroon.py Oracle.test_random_tokens",
         "e2e test_attacks.py Tokens.test_attack_22_restrictions_stay"),
    23: ("lines smuggled into a sign-in text", "unit_auth auth_siwx/attack_23_every_change_of_form_is_refused", "unit_auth auth_siwx/attack_23_what_is_written_parses",
         "unit_auth auth_login/attack_23_a_changed_field_is_refused", "e2e test_attacks.py Bodies.test_attack_23_nothing_becomes_a_line_of_the_text"),
    24: ("clocks", "unit_auth auth_selfissued/attack_24_times", "unit_auth auth_login/attack_24_times_and_places",
         "unit_auth authn_tokens/ends_are_looked_at_on_every_use", "unit_auth auth_cache/remembers_until_the_time_is_over",
         "unit_auth tokens_store/attack_24_a_clock_set_back_brings_nothing_back"),
    25: ("wallets that are contracts", "unit_auth auth_signed_text/contracts_are_told_apart", "e2e test_attacks.py Outside.test_attack_25_contract_wallets_are_refused_unasked"),
    26: ("more than a token permits", "unit_http caller/every_route_and_every_scope", "unit_http token_api/a_token_never_makes_one_that_permits_more",
         "e2e test_attacks.py Tokens.test_attack_26_every_route_and_every_scope"),
    27: ("JSON that says two things, or never ends", "unit_base json/refuses_with_a_sentence", "unit_base json/depth_is_bounded",
         "unit_http auth_json/nesting_is_bounded", "e2e test_attacks.py Bodies.test_attack_27_json"),
}
CANNOT_OCCUR = {21}

DEAD = "http://127.0.0.1:9"
PAGE = "https://dapp.example"
SCOPES = ["pin.read", "pin.write", "pin.replace", "pin.delete", "ipfs.add", "gw.read", "token.mint", "account.admin"]


class TheList(unittest.TestCase):
    def exists(self, proof):
        words = proof.split()
        if words[0] == "e2e":
            case, _, test = words[2].partition(".")
            text = (lib.ROOT / "tests" / "e2e" / words[1]).read_text()
            found = re.search(rf"^class {case}\(.*?(?=^class |\Z)", text, re.M | re.S)
            return bool(found and re.search(rf"^    def {test}\(self", found[0], re.M))
        suite, _, test = words[1].partition("/")
        folder = lib.ROOT / "tests" / "unit" / words[0].removeprefix("unit_")
        return any(re.search(rf"^(Parameterized)?Test\(([^,()]+, )?{suite}, {test}\b", path.read_text(), re.M) for path in folder.glob("*.c"))

    def test_every_attack_has_tests_and_a_mutant(self):
        mutants = "".join(path.read_text() for path in (lib.ROOT / "tests" / "mutants").glob("*.txt"))
        guarded = set(re.findall(r"^test (.+)$", mutants, re.M))
        self.assertEqual(list(ATTACKS), list(range(1, 28)))
        for number, (what, *proofs) in ATTACKS.items():
            for proof in proofs:
                self.assertTrue(self.exists(proof), f"{number} {what}: there is no {proof}")
            self.assertTrue(number in CANNOT_OCCUR or guarded & set(proofs), f"{number} {what}: no mutant names one of {proofs}")

    def test_the_look_itself(self):
        self.assertTrue(self.exists("unit_auth auth_vectors/in_tree"))
        for wrong in ("unit_auth auth_vectors/in_treee", "unit_auth auth/in_tree", "e2e test_auth.py Tokens.test_keys", "e2e test_auth.py Token.test_revoked_at_once"):
            self.assertFalse(self.exists(wrong), wrong)


def ask(port, bearer, method="GET", path="/psa/pins", body=None, **headers):
    return request(port, method, path, body, {"Authorization": "Bearer " + bearer, **headers} if bearer else headers)


def self_issued(host=HOST, uri="//Alice", scopes="pin.read,pin.write", *more):
    code, out, err = run("token", "new", "--chain", "eth", "--uri", uri, "--for", "https://" + host, "--scopes", scopes, *more)
    assert code == 0, err
    return out.strip()


def with_signature(bearer, signature):
    """A W3Auth or self-issued token with another signature."""
    return base64.b64encode(base64.b64decode(bearer).partition(b":")[0] + b":" + signature.encode()).decode()


class Attack(Case):
    def start(self, *args, chain=DEAD, **more):
        self.gateway = self.own(Gateway(self.dir, chain, AUDIENCE, "--auth.domains=dapp.example", "--limits.failed_per_s=0", *args, **more))
        return self.gateway.port

    def rows(self, query):
        with sqlite3.connect(f"file:{self.gateway.db}?mode=ro", uri=True) as db:
            return db.execute(query).fetchall()

    def narrowed(self, bearer, *restrictions):
        code, out, err = run("token", "narrow", *restrictions, bearer)
        self.assertEqual(code, 0, err)
        return out.strip()


class Outside(Attack):
    def test_attack_01_02_03_05_08_09_10_every_vector(self):
        """All that others' libraries signed and spoilt, over the wire; what the operator has not switched on is refused like the rest."""
        path, seen = lib.DATA / "w3auth_vectors.json", {True: 0, False: 0}
        if not path.exists():
            self.skipTest(f"there is no {path}")
        port = self.start()
        for vector in json.loads(path.read_text()):
            header = bytes.fromhex(vector["header_hex"][2:]) if "header_hex" in vector else (vector.get("header") or "Bearer " + vector.get("token", "")).encode("latin-1")
            if vector["class"] not in ("w3auth", "encoding") or any(c in header for c in b"\0\r\n"):
                continue
            good = vector["valid"] and vector["chain"] not in ("ton", "flow", "xx")
            answer = request(port, "GET", "/psa/pins", headers={"Authorization": header})
            self.assertEqual(answer.status, 200 if good else 401, vector["note"])
            seen[good] += 1
        self.assertGreater(min(seen.values()), 40, seen)

    def test_attack_25_contract_wallets_are_refused_unasked(self):
        """EIP-6492 (a wallet that is not deployed yet), EIP-1271 of several owners, and a contract's free form, in each place for a signature."""
        port, wallet = self.start(), Wallet()
        given = challenge(port, wallet).json
        forms = ("0x" + "00" * 31 + "60" + "11" * 96 + "6492" * 16, "0x" + "22" * 130, "0x" + "33" * 96, "0x" + "44" * 600, "0x")
        for form in forms:
            for bearer in (with_signature(Client(port).token, form), with_signature(self_issued(), form)):
                self.assertEqual(ask(port, bearer).status, 401, form)
            body = {"chain": "eth", "address": wallet.address, "message": given["message"], "signature": form}
            self.assertIn(post(port, "/auth/login", body).status, (400, 401), form)
        self.gateway.stop()
        reasons = [line.get("reason") for line in self.gateway.log_lines("http.access")]
        self.assertGreaterEqual(reasons.count("contract_wallet"), 2, reasons)


class Replays(Attack):
    def test_attack_04_other_gateways(self):
        """What was made for one gateway is nothing at another, even where both have the same database; a W3Auth token, which is good
        everywhere, has an end where its owner says so."""
        port, wallet = self.start(), Wallet()
        minted, own, foreign = token(port, wallet), self_issued(), self_issued("gw2.example")
        self.assertEqual([ask(port, t).status for t in (minted, own, foreign)], [200, 200, 401])
        given = challenge(port, wallet).json
        self.gateway.stop()
        other = self.own(Gateway(self.dir, DEAD, "--auth.audience=gw2.example")).port
        self.assertEqual([ask(other, t).status for t in (minted, own, foreign)], [401, 401, 200])
        self.assertEqual(post(other, "/auth/login", answer_of(wallet, given)).status, 401)
        old, admin = Client(other), token(other, wallet)
        self.assertEqual(old.call("GET", "/pins").status, 200)
        self.assertEqual(post(other, "/auth/legacy", {"off": True}, token=admin).status, 200)
        self.assertEqual([old.call("GET", "/pins").status for _ in range(12)], [401] * 12)
        self.assertEqual([Client(other, "//Alice", c).call("GET", "/pins").status for c in ("polygon", "sub")], [401, 200])  # the account, not the token

    def test_attack_06_login_text_is_no_token(self):
        port, wallet = self.start(), Wallet()
        for more in ({}, {"scopes": EVERYTHING}):
            body = answer_of(wallet, challenge(port, wallet, **more).json)
            message = base64.b64encode(body["message"].encode()).decode().rstrip("=")
            bearer = base64.b64encode(f"eth-{wallet.address}-m1.{message}:{body['signature']}".encode()).decode()
            self.assertEqual(ask(port, bearer).status, 401)
            self.assertEqual(post(port, "/auth/login", body).status, 200)
        spoken = base64.b64decode(self_issued()).decode()  # and the other way round
        message = spoken.partition("-m1.")[2].partition(":")[0]
        text = base64.b64decode(message + "=" * (-len(message) % 4)).decode()
        body = {"chain": "eth", "address": wallet.address, "message": text, "signature": spoken.rpartition(":")[2]}
        self.assertEqual(post(port, "/auth/login", body).status, 401)

    def test_attack_06_one_login_of_many_at_once(self):
        port, wallet = self.start("--http.threads=4"), Wallet()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for _ in range(6):
                body = answer_of(wallet, challenge(port, wallet).json)
                got = sorted(a.status for a in pool.map(lambda _, b=body: post(port, "/auth/login", b), range(8)))
                self.assertEqual(got, [200] + [401] * 7)
        self.assertEqual(self.rows("SELECT count(*) FROM auth_tokens"), [(6,)])


class Accounts(Attack):
    def test_attack_07_one_wallet_is_one_account(self):
        """Every spelling that is accepted pays into one quota."""
        path = lib.DATA / "w3auth_vectors.json"
        if not path.exists():
            self.skipTest(f"there is no {path}")
        port, by_account = self.start("--accounts.pins_per_day=2"), {}
        for vector in json.loads(path.read_text()):
            if vector["class"] == "w3auth" and vector["valid"] and vector["chain"] not in ("ton", "flow", "xx"):
                by_account.setdefault(vector["identity"], []).append(vector["token"])
        for number, bearers in enumerate(by_account.values()):
            got = [ask(port, bearer, "POST", "/psa/pins", {"cid": cid_v1(f"{number} {i}")}).status for i, bearer in enumerate(bearers)]
            self.assertEqual(got, ([202, 202] + [403] * len(got))[:len(got)], bearers[0])
        self.assertGreater(max(len(bearers) for bearers in by_account.values()), 5)
        self.assertEqual(self.rows("SELECT count(*) FROM accounts"), [(len(by_account),)])

    def test_attack_08_one_key_on_two_chains_is_two_accounts(self):
        port = self.start()
        sol, near = Client(port, "//Same", "sol"), Client(port, "//Same", "near")
        self.assertEqual(*(base64.b64decode(c.token).split(b"-")[1].split(b":")[0] for c in (sol, near)))
        self.assertEqual(sol.add(cid_v1("sol")).status, 202)
        self.assertEqual((sol.call("GET", "/pins?status=queued").json["count"], near.call("GET", "/pins?status=queued").json["count"]), (1, 0))
        self.assertEqual(near.add(cid_v1("near")).status, 202)
        self.assertEqual(self.rows("SELECT count(*) FROM accounts"), [(2,)])
        plain = base64.b64decode(Client(port).token)
        for chain in (b"sol", b"near", b"ava", b"algo", b"aptos", b"elrond"):  # an Ethereum token with another name in front
            self.assertEqual(ask(port, base64.b64encode(plain.replace(b"eth", chain, 1)).decode()).status, 401, chain)
        in_substrate_wallet = base64.b64encode(plain.replace(b"eth", b"sub", 1)).decode()  # they hold Ethereum's accounts, too: the same ones
        self.assertEqual(*(ask(port, bearer, path="/auth/whoami").json["account"] for bearer in (in_substrate_wallet, Client(port).token)))


class Headers(Attack):
    def raw(self, port, data):
        """The statuses of all answers until the server closes."""
        with socket.create_connection(("127.0.0.1", port), 10) as sock:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            got = b""
            try:
                while chunk := sock.recv(65536):
                    got += chunk
            except ConnectionError:
                pass
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", got)], got

    def test_attack_09_other_spellings(self):
        port = self.start()
        for bearer in (Client(port).token, self_issued(), token(port, Wallet())):
            body = bearer[5:] if bearer.startswith("w3s1_") else bearer
            self.assertEqual(ask(port, bearer).status, 200)
            for value in (f"Foo Bearer {bearer}", f"Bearer,{bearer}", f"Bearer {bearer},{bearer}", f"Bearer {bearer} x", f"Bearer\t{bearer}", f"Bearer={bearer}",
                          f"Bearer {bearer};q=1", f'Bearer "{bearer}"', bearer, f"Token {bearer}", f"Bearer Bearer {bearer}", f"Bearer ={bearer}",
                          f"Bearer {bearer}====", f"Bearer {bearer.rstrip('=')[:-1]}", f"Bearer {bearer}A", f"Bearer {bearer[:8]}%20{bearer[8:]}", f"Bearer {bearer[:9]}\t{bearer[9:]}",
                          f"Bearer {bearer.replace(body[:4], body[:4].swapcase())}", "Bearer " + bearer * 5, f"Bearer ~{bearer}", f"Bearer {bearer}.x"):
                self.assertEqual(request(port, "GET", "/psa/pins", headers={"Authorization": value}).status, 401, value)
            for more in ({"X-Authorization": f"Bearer {bearer}"}, {"Proxy-Authorization": f"Bearer {bearer}"}, {"Cookie": f"token={bearer}; access_token={bearer}"},
                         {"Authorization-": f"Bearer {bearer}"}, {"X-Forwarded-Authorization": f"Bearer {bearer}"}):
                self.assertEqual(request(port, "GET", "/psa/pins", headers=more).status, 401, more)

    def test_attack_10_nul_and_unicode(self):
        port, client = self.start(), Client(0)
        good, head = client.token.encode(), b"GET /psa/pins HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
        self.assertEqual(self.raw(port, head + good + b"\r\n\r\n")[0], [200])
        for spoilt in (good + b"\0", good + b"\0more", b"\0" + good, good[:20] + b"\0" + good[20:], good + b"\x80", b"\xef\xbb\xbf" + good, good + b"\xc2\xa0", good + b"\x7f", good + b"\x0b"):
            got, text = self.raw(port, head + spoilt + b"\r\n\r\n")
            self.assertIn(got, ([], [400], [401]), (spoilt, text))
        plain = base64.b64decode(good)
        for inner in (plain + b"\0", plain.replace(b"0x", "\uff10x".encode(), 1), plain.replace(b":", b"\0:"), plain.replace(b"-", b"\0-"), plain + b"\n", b"\xef\xbb\xbf" + plain, plain.replace(b"eth", "\u0435th".encode())):
            self.assertEqual(ask(port, base64.b64encode(inner).decode()).status, 401, inner)
        self.assertEqual(ask(port, client.token).status, 200)

    def test_attack_15_two_credentials(self):
        port = self.start()
        good, bad, url = Client(port).token, Client(port, "//Bob").token[:-8] + "AAAAAAAA", f"http://127.0.0.1:{port}/psa/pins"
        for pair in ((good, good), (good, bad), (bad, good), (good, ""), ("", good)):
            lines = "".join(f"{name}: Bearer {one}\r\n" for name, one in zip(("Authorization", "aUTHORIZATION"), pair))
            self.assertEqual(self.raw(port, f"GET /psa/pins HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n".encode())[0], [401], pair)
            done = subprocess.run(["curl", "-s", "-m", "10", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", "--http2-prior-knowledge", url]
                                  + [f"-HAuthorization: Bearer {one}" for one in pair], capture_output=True, text=True, timeout=20, check=False)
            self.assertEqual(done.stdout, "2 401", pair)
        for fold in (f"Authorization: Bearer\r\n {good}\r\n", f"Authorization:\r\n Bearer {good}\r\n", f"Authorization: Bearer x\r\n\tAuthorization: Bearer {good}\r\n",
                     f"X-A: b\r\n Authorization: Bearer {good}\r\n"):
            got, text = self.raw(port, f"GET /psa/pins HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{fold}\r\n".encode())
            self.assertIn(got, ([400], [401]), text)
        for head, behind in (("Authorization : Bearer " + good, ""), ("X: y\rAuthorization: Bearer " + good, ""), ("Authorization\0: Bearer " + good, ""),
                             ("Transfer-Encoding: chunked\r\nTrailer: Authorization", f"2\r\n{{}}\r\n0\r\nAuthorization: Bearer {good}\r\n\r\n")):
            got, text = self.raw(port, f"POST /psa/pins HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n\r\n{behind}".encode())
            self.assertIn(got, ([400], [401]), (head, text))

    def test_attack_16_a_request_in_a_body_is_never_answered(self):
        """Whatever a proxy takes for the end of a body: a second request in it comes to nothing, and the connection ends."""
        port, good = self.start(), Client(0).token
        hidden = f"DELETE /psa/pins HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {good}\r\n\r\n"
        chunked = f"{len(hidden):x}\r\n{hidden}\r\n0\r\n\r\n"
        for framing, body in (("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + hidden), ("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n" + hidden),
                              (f"Content-Length: 0\r\nContent-Length: {len(hidden)}\r\n", hidden), (f"Content-Length: {len(hidden)}\r\nContent-Length: 0\r\n", hidden),
                              (f"Content-Length: {len(hidden)}, {len(hidden)}\r\n", hidden), (f"Content-Length: +{len(hidden)}\r\n", hidden), (f"Content-Length: 0x{len(hidden):x}\r\n", hidden),
                              ("Content-Length: -1\r\n", hidden), ("Content-Length: 1 1\r\n", hidden), ("Content-Length: 18446744073709551616\r\n", hidden),
                              ("Transfer-Encoding: x, chunked\r\n", chunked), ("Transfer-Encoding: chunked, identity\r\n", chunked), ("Transfer-Encoding: xchunked\r\n", chunked),
                              ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", chunked), ("Transfer-Encoding:\r\n chunked\r\n", chunked),
                              (f"Content-Length : {len(hidden)}\r\n", hidden), ("Transfer-Encoding : chunked\r\n", chunked), ("Transfer-Encoding: chunked\r\n", f"-1\r\n{hidden}"),
                              ("Transfer-Encoding: chunked\r\n", f"{1 << 64:x}\r\n{hidden}"), ("Transfer-Encoding: chunked\r\n", f"0x{len(hidden):x}\r\n{hidden}\r\n0\r\n\r\n")):
            got, text = self.raw(port, f"POST /auth/challenge HTTP/1.1\r\nHost: x\r\n{framing}\r\n{body}".encode())
            self.assertLessEqual(len(got), 1, (framing, text))
            self.assertLessEqual(set(got), {400, 411, 501}, (framing, text))
        self.assertEqual(self.raw(port, f"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n{hidden}".encode())[0], [200, 405])  # as it is when it is no secret


    def test_attack_14_a_tunnel_through_a_proxy_names_no_clients(self):
        """A proxy that lets HTTP/2 be upgraded to does not write the X-Forwarded-For in there: its client does, to be somebody else each time."""
        args, budget = ["--http.trusted_proxies=127.0.0.1", "--limits.failed_per_s=1", "--limits.failed_burst=1"], ([], [])
        port = self.own(Gateway(self.dir, DEAD, *args)).port
        for upgrade, net, statuses in (("--http1.1", "203.0.113", budget[0]), ("--http2", "198.51.100", budget[1])):
            parts = [["-s", "-m", "10", "-o", "/dev/null", "-w", "%{http_version} %{http_code} %{num_connects}\\n", upgrade, "-H", f"X-Forwarded-For: {net}.{i}",
                      "-H", f"Authorization: Bearer {upgrade}{i}", f"http://127.0.0.1:{port}/psa/pins"] for i in range(8)]
            done = subprocess.run(["curl", *sum((["--next", *part] for part in parts[1:]), parts[0])], capture_output=True, text=True, timeout=60, check=False)
            lines = [line.split() for line in done.stdout.splitlines()]
            self.assertEqual([int(line[2]) for line in lines], [1] + [0] * 7, lines)  # all in one connection
            self.assertEqual({line[0] for line in lines}, {"1.1" if upgrade == "--http1.1" else "2"})
            statuses += [int(line[1]) for line in lines]
        self.assertEqual(budget[0], [401] * 8)  # as the proxy itself says: eight clients
        self.assertIn(429, budget[1])  # one a second comes back


class Answers(Attack):
    def test_attack_13_every_refusal_is_the_same(self):
        """Body and header lines, whatever is wrong; the log alone knows."""
        port, wallet = self.start(), Wallet()
        admin, good = token(port, wallet), token(port, wallet, "pin.read")
        revoked = post(port, "/auth/token", {"scopes": ["pin.read"]}, token=admin).json
        self.assertEqual(ask(port, admin, "DELETE", "/auth/tokens/" + revoked["id"]).status, 204)
        short = self_issued(HOST, "//Alice", "pin.read", "--ttl", "1")
        raw = macaroon.raw_of(good)
        used = answer_of(wallet, challenge(port, wallet).json)
        self.assertEqual(post(port, "/auth/login", used).status, 200)
        bad_login = dict(answer_of(wallet, challenge(port, wallet).json), signature=used["signature"])
        time.sleep(1.1)
        wrong = [None, "x", Client(port, "//Alice", "ton").token, self_issued("gw2.example"), short, revoked["token"], self.narrowed(good, "--net", "10.0.0.0/8"),
                 self.narrowed(good, "--origin", PAGE), macaroon.text_of(raw[:-1] + bytes([raw[-1] ^ 1])), macaroon.text_of(raw[:1] + b"\x09" + raw[2:]),
                 macaroon.narrow(good, bytes([9, 0])), macaroon.narrow(good, macaroon.caveat(macaroon.EXPIRES, 1)), with_signature(Client(port).token, "0x" + "11" * 65),
                 with_signature(self_issued(), "0x" + "11" * 64 + "1b"), "w3s1_", "A" * 5000]
        seen = {}
        for number, bearer in enumerate(wrong):
            seen[number] = ask(port, bearer)
        seen["used"], seen["signature"] = post(port, "/auth/login", used), post(port, "/auth/login", bad_login)
        seen["message"] = post(port, "/auth/login", dict(used, message="x"))
        self.assertEqual({k: a.status for k, a in seen.items() if a.status != 401}, {})
        self.assertEqual(len({a.body for a in seen.values()}), 1, {k: a.body for k, a in seen.items()})
        for answer in seen.values():
            self.assertEqual(answer.headers.get_all("WWW-Authenticate"), ["Bearer"])
            self.assertIsNone(answer.headers["Set-Cookie"])
        own = {"date", "x-request-id", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "vary", "cache-control"}  # the last two are of the path
        self.assertEqual(len({tuple(sorted((n, v) for n, v in a.headers.items() if n.lower() not in own)) for a in seen.values()}), 1)
        self.gateway.stop()
        self.assertGreater(len({line.get("reason") for line in self.gateway.log_lines("http.access")}), 12)

    def parts_of(self, bearer):
        """What must stand nowhere: the text, parts of it, what it holds, and the secret of it as bytes."""
        found = {bearer.encode(), bearer[10:50].encode(), bearer[-40:].encode()}
        if bearer.startswith("w3s1_"):
            return found | {macaroon.raw_of(bearer)[-32:], macaroon.raw_of(bearer)[-32:].hex().encode()}
        signature = base64.b64decode(bearer).rpartition(b":")[2]
        return found | {base64.b64decode(bearer), signature, signature[2:62], bytes.fromhex(signature[2:].decode())}

    def test_attack_18_nothing_is_left_of_a_credential(self):
        """Used well and badly, in every place: then the log, the database with its journal and every answer are searched."""
        port, wallet, answers = self.start("--log.level=debug"), Wallet(), []
        admin = token(port, wallet)
        made = post(port, "/auth/token", {"scopes": ["pin.read", "pin.write"], "label": "l"}, token=admin).json["token"]
        old, own = Client(port).token, self_issued(HOST, "//Alice", "pin.read", "--label", "mine")
        for bearer in (admin, made, old, own):
            basic = base64.b64encode(b"w3s:" + bearer.encode()).decode()
            for method, path in (("GET", "/psa/pins"), ("GET", "/auth/whoami"), ("GET", "/auth/tokens"), ("GET", "/account"), ("DELETE", "/psa/pins/x"), ("POST", "/psa/pins"),
                                 ("GET", "/psa/pins?access_token=" + bearer), ("GET", "/nowhere/" + bearer), ("GET", "/psa/pins?cid=" + bearer), ("GET", "/psa/pins/" + bearer)):
                answers.append((ask(port, bearer, method, path, {"cid": bearer, "name": "x"} if method == "POST" else None), path))
                answers.append((ask(port, bearer[:-4] + "AAAA", method, path), path))
            self.assertEqual(request(port, "GET", "/psa/pins?access_token=" + bearer + "&token=" + bearer).status, 401)
            request(port, "GET", "/psa/pins", headers={"Authorization": "Basic " + basic})
            request(port, bearer[:20].replace("=", ""), "/psa/pins", headers={"Authorization": "Bearer " + bearer, "Referer": "http://x/?t=" + bearer})
            for body in ({"chain": "eth", "address": bearer}, {"chain": bearer, "address": "x"}, {bearer: 1}):
                post(port, "/auth/challenge", body, token=bearer)
        login_body = answer_of(wallet, challenge(port, wallet).json)
        post(port, "/auth/login", dict(login_body, signature=login_body["signature"][:-2] + "00"))
        post(port, "/auth/login", login_body)
        lib.wait_for("the note of the self-issued one", lambda: self.rows("SELECT 1 FROM auth_tokens WHERE label = 'mine'"))
        places = {p.name: p.read_bytes() for p in pathlib.Path(self.dir).iterdir() if p.is_file()}
        self.assertIn("w3pin.db-wal", places)
        places["the log"] = self.gateway.log_text().encode()
        self.gateway.stop()
        places["the log at the end"] = self.gateway.log_text().encode()
        places |= {p.name + " at the end": p.read_bytes() for p in pathlib.Path(self.dir).iterdir() if p.is_file()}
        for answer, path in answers:
            if not any(bearer in path for bearer in (admin, made, old, own)):  # its own path a client may hear again
                places.setdefault("answers", b"")
                places["answers"] += answer.body
        for bearer in (admin, made, old, own):
            for part, (where, text) in itertools.product(self.parts_of(bearer), places.items()):
                self.assertNotIn(part, text, where)
        for part in (login_body["signature"][2:62].encode(), login_body["message"].encode()[:200]):
            for where, text in places.items():
                self.assertNotIn(part, text, where)

    def test_attack_21_no_credential_leaves_the_gateway(self):
        """What the chain's node gets, to the byte, while clients sign in, pin and list."""
        heard = []

        class Listening(Handler):
            def parse_request(self):
                whole = super().parse_request()
                heard.append(self.raw_requestline + self.headers.as_bytes() if whole else self.raw_requestline)
                return whole

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                heard.append(body)
                self.rfile = __import__("io").BytesIO(body)
                super().do_POST()
                self.close_connection = True
        proxy = self.own(Proxy(self.own(Devnet(block_ms=100)).url))
        proxy.RequestHandlerClass = Listening
        port, wallet = self.start(chain=proxy.url), Wallet()
        bearers = [token(port, wallet), self_issued(), Client(port).token]
        for number, bearer in enumerate(bearers):
            made = ask(port, bearer, "POST", "/psa/pins", {"cid": cid_v1(f"p{number}")}, Cookie="c00kie", Referer="http://referer.example", Origin=PAGE)
            self.assertEqual(made.status, 202, made)
            lib.wait_for("pinned", lambda b=bearer, m=made: ask(port, b, path="/psa/pins/" + m.json["requestid"]).json["status"] == "pinned", 40)
        everything = b"".join(heard)
        self.assertGreater(len(heard), 20)
        for part in (b"authorization", b"bearer", b"cookie", b"c00kie", b"referer", b"dapp.example", *(b.encode().lower() for b in bearers)):
            self.assertNotIn(part, everything.lower())


class Tokens(Attack):
    def test_attack_22_restrictions_stay(self):
        port, wallet = self.start(), Wallet()
        whole, cid, other = token(port, wallet), cid_v1("mine"), cid_v1("other")
        narrow = self.narrowed(whole, "--scopes", "pin.read,pin.write,token.mint", "--cid", cid)
        self.assertEqual(ask(port, narrow, "POST", "/psa/pins", {"cid": cid}).status, 202)
        self.assertEqual(ask(port, narrow, "POST", "/psa/pins", {"cid": other}).status, 403)
        raw, wide = macaroon.raw_of(narrow), macaroon.raw_of(whole)
        body, tag = raw[:-32], raw[-32:]
        for forged in (wide[:-32] + tag, body[:28] + body[32:] + tag, body + macaroon.caveat(macaroon.SCOPES, 0xff) + tag, body[:18] + b"\0" * 5 + b"\xff" * 5 + body[28:] + tag,
                       body[:2] + bytes(16) + body[18:] + tag, wide[:-32] + bytes(32), body + bytes(32), body[:-1] + bytes([body[-1] ^ 1]) + tag):
            self.assertEqual(ask(port, macaroon.text_of(forged)).status, 401)
        for again in (macaroon.narrow(narrow, macaroon.caveat(macaroon.SCOPES, 0xff)), macaroon.narrow(narrow, macaroon.caveat(macaroon.CIDS, [bytes(34)]))):
            self.assertEqual(ask(port, again, "POST", "/psa/pins", {"cid": other}).status, 403)
            self.assertEqual(ask(port, again, "GET", "/auth/tokens").status, 403)
        child = post(port, "/auth/token", {"scopes": ["pin.read", "pin.write"]}, token=narrow).json["token"]
        self.assertEqual([ask(port, child, "POST", "/psa/pins", {"cid": c}).status for c in (cid, other)], [202, 403])
        self.assertEqual(post(port, "/auth/token", {"scopes": ["pin.delete"]}, token=narrow).status, 403)
        for unknown in (bytes([5, 32]) + bytes(32), bytes([8, 0]), bytes([200, 1, 1])):
            self.assertEqual(ask(port, macaroon.narrow(whole, unknown)).status, 401)

    def test_attack_26_every_route_and_every_scope(self):
        """Every route of the document that the gateway gives of itself, with tokens of one scope each: what does not fit is 403 and changes nothing."""
        port, wallet = self.start("--limits.write_per_s=0"), Wallet()
        admin = token(port, wallet, *SCOPES)
        made = ask(port, admin, "POST", "/psa/pins", {"cid": cid_v1("kept")}).json["requestid"]
        needs = {"get /psa/pins": "pin.read", "post /psa/pins": "pin.write", "get /psa/pins/{requestid}": "pin.read", "post /psa/pins/{requestid}": "pin.replace",
                 "delete /psa/pins/{requestid}": "pin.delete", "get /account": "pin.read", "post /auth/token": "token.mint", "get /auth/tokens": "account.admin",
                 "delete /auth/tokens/{id}": "account.admin", "post /auth/logout-all": "account.admin", "post /auth/legacy": "account.admin", "get /auth/whoami": None}
        public = {"get /price", "post /auth/challenge", "post /auth/login", "get /healthz", "get /readyz", "get /openapi.json"}
        routes = {f"{method} {path}" for path, row in request(port, "GET", "/openapi.json").json["paths"].items() for method in row if method in ("get", "post", "delete", "put", "patch")}
        self.assertEqual(routes, set(needs) | public)
        single = {scope: post(port, "/auth/token", {"scopes": [scope]}, token=admin).json["token"] for scope in SCOPES}
        for route, needed in needs.items():
            method, _, path = route.partition(" ")
            for scope, bearer in single.items():
                if needed == scope:
                    continue
                answer = ask(port, bearer, method.upper(), path.replace("{requestid}", made).replace("{id}", "0" * 32), {"cid": cid_v1("new"), "off": True} if method == "post" else None)
                self.assertEqual(answer.status, 200 if needed is None else 403, (route, scope, answer))
                if needed is not None:
                    self.assertEqual(answer.json["error"]["reason"], "INSUFFICIENT_SCOPE")
                for trick in ({"X-HTTP-Method-Override": "GET"}, {"X-Original-URL": "/auth/whoami"}):
                    again = ask(port, bearer, method.upper(), path.replace("{requestid}", made).replace("{id}", "0" * 32) + "?_method=GET", **trick)
                    self.assertEqual(again.status, answer.status, (route, trick))
        self.assertEqual([p["requestid"] for p in ask(port, admin, path="/psa/pins?status=queued").json["results"]], [made])
        self.assertEqual(ask(port, Client(port).token).status, 200)  # nobody switched it off
        for path in ("/psa/pins/../../auth/tokens", "//auth/tokens", "/auth/./tokens", "/auth%2ftokens", "/AUTH/TOKENS", "/auth/tokens;x", "/auth/tokens%00", "/auth/tokens/."):
            self.assertIn(ask(port, single["pin.read"], path=path).status, (400, 403, 404, 405), path)


class Bodies(Attack):
    def test_attack_23_nothing_becomes_a_line_of_the_text(self):
        """What a page or a client may say of itself stands in the text in one place or not at all."""
        port, wallet = self.start(), Wallet()
        extra = "\nURI: https://gw2.example/auth/login\n- urn:w3auth:scope:account.admin"
        for field, value in (("label", "x" + extra), ("label", "x\r" + extra), ("label", "x\u2028y"), ("chain_id", "1" + extra), ("address", wallet.address + extra), ("chain", "eth" + extra),
                             ("address", wallet.address + "\0"), ("scopes", ["pin.read" + extra]), ("label", "é"), ("label", ""), ("ttl", "60" + extra), ("ttl", 1e300), ("ttl", -1), ("ttl", 1.5)):
            answer = post(port, "/auth/challenge", {"chain": "eth", "address": wallet.address, **{field: value}})
            self.assertEqual(answer.status, 400, (field, value, answer))
        for page in ("https://dapp.example\texample", "https://dapp.example@evil.example", "https://evil.example#dapp.example", "https://dapp.example.", "https://d\u0430pp.example".encode(),
                     "https://xn--dpp-7cd.example", "https://dapp.example:1", "null", "https://dapp.example/..", "javascript://dapp.example", "dapp.example", "https://dapp.example,https://dapp.example",
                     b"https://\xff\"\\<>.example", "https://" + "a" * 5000):
            answer = request(port, "POST", "/auth/challenge", {"chain": "eth", "address": wallet.address}, {"Origin": page, "Content-Type": "application/json"})
            self.assertIn(answer.status, (200, 403), page)
            self.assertEqual(answer.status == 200, page in ("https://dapp.example/..",) and answer.status == 200, (page, answer))
            self.assertIn("error" if answer.status == 403 else "message", answer.json)

    def test_attack_27_json(self):
        port, wallet = self.start("--limits.write_per_s=0"), Wallet()
        admin, address = token(port, wallet), json.dumps(wallet.address)
        deep = "[" * 5000 + "]" * 5000
        bad = ("", " ", "null", "1", '"x"', "[]", "{", '{"chain":"eth"', "{}{}", '{"chain":"eth",}', "{'chain':'eth'}", '\ufeff{"chain":"eth"}', '{"chain":"eth","chain":"sol"}',
               f'{{"chain":"eth","address":{address},"\\u0063hain":"sol"}}', deep, '{"x":' + deep + "}", '{"label":"\\ud800"}', '{"a":"\0"}', '{"a":NaN}', '{"a":1e999}',
               '{"a":"\\u0000"}', b'{"label":"\xff"}', '{"off":true,"off":false}', "{" + ",".join(f'"k{i}":1' for i in range(1700)) + "}", '{"ttl":99999999999999999999999999}')
        for path in ("/auth/challenge", "/auth/login", "/auth/token", "/auth/legacy"):
            for body in bad:
                answer = request(port, "POST", path, body if isinstance(body, bytes) else body.encode(), {"Authorization": "Bearer " + admin})
                self.assertEqual(answer.status, 400, (path, body[:60], answer))
                self.assertEqual(set(answer.json["error"]), {"reason", "details"})
            whole = json.dumps({"chain": "eth", "address": wallet.address, "x": ""})
            self.assertEqual(request(port, "POST", path, whole[:-2] + "y" * 17000 + whole[-2:], {"Authorization": "Bearer " + admin}).status, 413, path)
        self.assertEqual(ask(port, Client(port).token).status, 200)


if __name__ == "__main__":
    main()
