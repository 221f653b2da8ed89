# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""The Pinning Service API as its clients need it. One gateway without a chain serves all tests; each test is a wallet of
its own. RULE numbers are those of the ten things that break real clients when a server does otherwise."""
import hashlib
import json
import re
import unittest
import urllib.parse

import lib
from lib import Case, Client, Gateway, cid_v0, cid_v1, main, request

DEAD = "http://127.0.0.1:9"
ALL = "status=queued,pinning,pinned,failed"
gateway, folder = None, None


def setUpModule():
    global gateway, folder
    folder = lib.tempfile.TemporaryDirectory(prefix="w3pin-e2e-")
    gateway = Gateway(folder.name, DEAD, "--accounts.pins_per_day=100000")


def tearDownModule():
    gateway.close()
    folder.cleanup()


class PsaCase(Case):
    def setUp(self):
        super().setUp()
        self.client = Client(gateway.port, "//" + hashlib.sha256(self.id().encode()).hexdigest()[:16])

    def add(self, label, **more):
        answer = self.client.add(cid_v1(self.id() + label), **more)
        self.assertEqual(answer.status, 202, answer)
        return answer.json

    def list(self, query="", client=None):
        answer = (client or self.client).call("GET", "/pins" + ("?" + query if query else ""))
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def refused(self, answer, status=400, names=None):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(set(answer.json), {"error"})
        error = answer.json["error"]
        self.assertEqual(set(error), {"reason", "details"})
        self.assertRegex(error["reason"], r"^[A-Z_]+$")
        self.assertGreater(len(error["details"]), 10)
        self.assertRegex(answer.headers["Content-Type"], r"^application/json")
        if names:
            self.assertIn(names, error["details"])
        return error


class TenRules(PsaCase):
    def test_rule_01_created_has_three_decimals_and_is_unique_and_rising(self):
        created = [self.add(f" {i}")["created"] for i in range(30)]
        for text in created:
            self.assertRegex(text, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(created, sorted(set(created)))

    def test_rule_02_newest_first_and_before_and_after_are_strict(self):
        made = [self.add(f" {i}") for i in range(25)]
        seen, query = [], f"{ALL}&limit=10"
        while True:
            page = self.list(query)
            seen += [p["requestid"] for p in page["results"]]
            if page["count"] == len(page["results"]):
                break
            query = f"{ALL}&limit=10&before=" + page["results"][-1]["created"]
        self.assertEqual(seen, [p["requestid"] for p in reversed(made)])
        after = self.list(f"{ALL}&limit=100&after=" + made[10]["created"])
        self.assertEqual([p["requestid"] for p in after["results"]], [p["requestid"] for p in reversed(made[11:])])

    def test_rule_03_count_is_what_all_filters_match_whatever_the_limit(self):
        made = [self.add(f" {i}", name="x" if i % 2 else "y") for i in range(20)]
        self.assertEqual(self.list(f"{ALL}&limit=3")["count"], 20)
        self.assertEqual(self.list(f"{ALL}&limit=3&name=x")["count"], 10)
        self.assertEqual(self.list(f"{ALL}&limit=3&before=" + made[5]["created"])["count"], 5)
        self.assertEqual(self.list("status=pinned")["count"], 0)

    def test_rule_04_info_and_meta_hold_strings_only(self):
        pin = self.add("", meta={"app": "z", "n": "1"})
        for shown in (pin, self.client.get(pin["requestid"]).json, self.list(ALL)["results"][0]):
            for values in (shown["info"], shown["pin"]["meta"]):
                self.assertTrue(all(isinstance(v, str) for v in values.values()), values)
            self.assertGreater(len(shown["info"]["status_details"]), 5)

    def test_rule_05_status_is_one_of_four_words_and_count_an_integer(self):
        pin = self.add("")
        self.assertIn(pin["status"], ("queued", "pinning", "pinned", "failed"))
        self.assertIsInstance(pin["requestid"], str)
        self.assertIsInstance(self.list(ALL)["count"], int)

    def test_rule_06_every_answer_is_application_json(self):
        pin = self.add("")
        for answer in (self.client.get(pin["requestid"]), self.client.get("nope"), self.client.call("GET", "/pins?limit=0"),
                       request(gateway.port, "GET", "/psa/pins"), request(gateway.port, "GET", "/nowhere"),
                       request(gateway.port, "PUT", "/psa/pins")):
            self.assertRegex(answer.headers["Content-Type"], r"^application/json")
            json.loads(answer.body)

    def test_rule_07_errors_have_one_shape_and_nothing_else(self):
        self.refused(self.client.get("nope"), 404)
        self.refused(self.client.call("GET", "/pins?limit=0"))
        self.refused(request(gateway.port, "GET", "/psa/pins"), 401)
        self.refused(self.client.call("POST", "/pins", "{"))
        self.assertEqual(set(self.add("")), {"requestid", "status", "created", "pin", "delegates", "info"})

    def test_rule_08_delegates_end_with_a_peer(self):
        delegates = self.add("")["delegates"]
        self.assertTrue(1 <= len(delegates) <= 20)
        for address in delegates:
            self.assertRegex(address, r"^/.*/p2p/[A-Za-z0-9]+$")

    def test_rule_09_no_redirects_and_the_slash_does_not_matter(self):
        self.add("")
        self.assertEqual(self.client.call("GET", f"/pins?{ALL}").status, 200)
        self.assertEqual(self.client.call("GET", f"/pins/?{ALL}").status, 200)
        for path in ("/psa", "/psa/", "/", "//psa//pins", "/psa/../psa/pins"):
            self.assertFalse(300 <= request(gateway.port, "GET", path).status < 400, path)

    def test_rule_10_an_acknowledged_pin_can_be_read_at_once_and_polled(self):
        for i in range(20):
            pin = self.add(f" {i}")
            for _ in range(3):
                self.assertEqual(self.client.get(pin["requestid"]).status, 200)


class Changes(PsaCase):
    def test_replace_gives_a_new_requestid_and_ends_the_old(self):
        old = self.add("old", name="n")
        answer = self.client.call("POST", "/pins/" + old["requestid"], {"cid": cid_v1("new"), "name": "m"})
        self.assertEqual(answer.status, 202, answer)
        self.assertNotEqual(answer.json["requestid"], old["requestid"])
        self.assertEqual(answer.json["pin"]["cid"], cid_v1("new"))
        self.refused(self.client.get(old["requestid"]), 404)
        self.assertEqual(self.client.get(answer.json["requestid"]).json["pin"]["name"], "m")
        self.assertEqual(self.list(ALL)["count"], 1)

    def test_replace_with_bad_input_changes_nothing(self):
        old = self.add("old")
        self.refused(self.client.call("POST", "/pins/" + old["requestid"], {"cid": "nope"}), names="cid")
        self.assertEqual(self.client.get(old["requestid"]).status, 200)

    def test_delete(self):
        pin = self.add("")
        self.assertEqual(self.client.call("DELETE", "/pins/" + pin["requestid"]).status, 202)
        self.refused(self.client.get(pin["requestid"]), 404)
        self.refused(self.client.call("DELETE", "/pins/" + pin["requestid"]), 404)
        self.assertEqual(self.list(ALL)["count"], 0)

    def test_a_small_body_that_means_nothing_is_passed_over(self):
        pin = self.add("")
        self.assertEqual(self.client.call("GET", "/pins/" + pin["requestid"], "{}").status, 200)
        self.assertEqual(self.client.call("DELETE", "/pins/" + pin["requestid"], "{}").status, 202)

    def test_another_accounts_requestid_is_as_good_as_unknown(self):
        pin = self.add("mine")
        other = Client(gateway.port, "//Mallory")
        unknown = "0190a7c1-0000-7000-8000-000000000000"
        for method, body in (("GET", None), ("DELETE", None), ("POST", {"cid": cid_v1("x")})):
            theirs = other.call(method, "/pins/" + pin["requestid"], body)
            none = other.call(method, "/pins/" + unknown, body)
            self.assertEqual((theirs.status, theirs.body), (404, none.body))
        self.assertEqual(self.list(ALL, other)["count"], 0)
        self.assertEqual(self.client.get(pin["requestid"]).json["pin"]["cid"], pin["pin"]["cid"])

    def test_the_same_cid_twice_is_two_pins(self):
        first, second = self.add("same"), self.add("same")
        self.assertNotEqual(first["requestid"], second["requestid"])
        self.assertEqual(self.list(ALL)["count"], 2)

    def test_everything_of_a_pin_comes_back(self):
        meta, origins = {"app": "täst \"q\"", "empty": ""}, ["/ip4/1.2.3.4/tcp/4001/p2p/12D3KooWMcAHcs97R49PLZjGUKDbP1fr9iijeepod8fkktHTLCgN"]
        pin = self.add("", name="näme \u0000".replace("\u0000", "☃"), meta=meta, origins=origins)
        got = self.client.get(pin["requestid"]).json
        self.assertEqual(got["pin"]["meta"], meta)
        self.assertEqual(got["pin"]["origins"], origins)
        self.assertEqual(got["pin"]["name"], "näme ☃")
        self.assertEqual(got["created"], pin["created"])

    def test_body_as_kubo_sends_it(self):
        cid = cid_v0("kubo")
        answer = request(gateway.port, "POST", "/psa/pins", '{"cid":"' + cid + '","name":"a\\u0026b","origins":["/ip4/127.0.0.1/udp/4001/quic-v1"]}\n',
                         {"User-Agent": "go-pinning-service-http-client", "Accept": "application/json", "Accept-Encoding": "gzip",
                          "Authorization": "Bearer " + self.client.token, "Content-Type": "application/json"})
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual((answer.json["pin"]["cid"], answer.json["pin"]["name"]), (cid, "a&b"))


class Filters(PsaCase):
    def names(self, query):
        return sorted(p["pin"].get("name", "") for p in self.list(ALL + "&" + query)["results"])

    def test_name_and_match(self):
        for name in ("foo", "Foo", "foobar", "100%", "100x", "a_b", "axb", "it's", "ÄRGER", "ärger"):
            self.add(name, name=name)
        q = urllib.parse.quote
        self.assertEqual(self.names("name=foo"), ["foo"])
        self.assertEqual(self.names("name=foo&match=exact"), ["foo"])
        self.assertEqual(self.names("name=FOO&match=iexact"), ["Foo", "foo"])
        self.assertEqual(self.names("name=foo&match=partial"), ["foo", "foobar"])
        self.assertEqual(self.names("name=FOO&match=ipartial"), ["Foo", "foo", "foobar"])
        self.assertEqual(self.names("match=partial&name=" + q("0%")), ["100%"])
        self.assertEqual(self.names("match=ipartial&name=a_b"), ["a_b"])
        self.assertEqual(self.names("match=partial&name=" + q("t's")), ["it's"])
        self.assertEqual(self.names("match=iexact&name=" + q("Ärger")), ["ÄRGER", "ärger"])

    def test_cid_in_any_spelling(self):
        digest = hashlib.sha256(b"spelling").digest()
        v1 = bytes([1, 0x70, 0x12, 32]) + digest
        spellings = [cid_v0("spelling"), "b" + lib.base32(v1), "B" + lib.base32(v1).upper(), "f" + v1.hex(), "F" + v1.hex().upper(),
                     "z" + lib.base58(v1), "u" + lib.base64url(v1)]
        for cid in spellings:
            answer = self.client.add(cid)
            self.assertEqual(answer.status, 202, (cid, answer))
            self.assertEqual(answer.json["pin"]["cid"], cid)
        self.add("another")
        for cid in spellings:
            self.assertEqual(self.list(f"{ALL}&cid={cid}")["count"], len(spellings), cid)
        self.assertEqual(self.list(f"{ALL}&cid={spellings[0]},{cid_v1(self.id() + 'another')}")["count"], len(spellings) + 1)
        # the same digest under another codec is another content
        self.assertEqual(self.list(f"{ALL}&cid=b" + lib.base32(bytes([1, 0x55, 0x12, 32]) + digest))["count"], 0)

    def test_meta(self):
        self.add("1", name="1", meta={"app": "z", "v": "1"})
        self.add("2", name="2", meta={"app": "z", "v": "2"})
        self.add("3", name="3", meta={"a.b": "q\"'%"})
        self.add("4", name="4")
        q = lambda value: "meta=" + urllib.parse.quote(json.dumps(value))
        self.assertEqual(self.names(q({"app": "z"})), ["1", "2"])
        self.assertEqual(self.names(q({"app": "z", "v": "2"})), ["2"])
        self.assertEqual(self.names(q({"a.b": "q\"'%"})), ["3"])
        self.assertEqual(self.names(q({"app": "Z"})), [])

    def test_status_left_out_means_pinned_unless_a_name_is_asked_for(self):
        self.add("", name="queued one")
        self.assertEqual(self.list()["count"], 0)
        self.assertEqual(self.list("cid=" + cid_v1(self.id()))["count"], 0)
        self.assertEqual(self.list("name=queued+one")["count"], 1)
        self.assertEqual(self.list("name=queued%20one&match=exact")["count"], 1)

    def test_dates_with_offsets(self):
        self.add("")
        self.assertEqual(self.list(ALL + "&after=" + urllib.parse.quote("2020-01-01T00:00:00+02:00"))["count"], 1)
        self.assertEqual(self.list(ALL + "&before=2020-01-01T00:00:00Z")["count"], 0)

    def test_limit_is_ten_and_can_be_a_thousand(self):
        for i in range(12):
            self.add(f" {i}")
        self.assertEqual(len(self.list(ALL)["results"]), 10)
        self.assertEqual(len(self.list(ALL + "&limit=1000")["results"]), 12)
        self.assertEqual(len(self.list(ALL + "&limit=1")["results"]), 1)

    def test_unknown_parameters_are_ignored(self):
        self.add("")
        self.assertEqual(self.list(ALL + "&foo=bar&baz")["count"], 1)


class BadInput(PsaCase):
    def test_bodies(self):
        good = cid_v1("good")
        for body, field in (("", None), ("{", None), ("[]", None), ("null", None), ('"x"', None), ("{}", "cid"), ('{"cid":1}', "cid"),
                            ('{"cid":null}', "cid"), ('{"cid":""}', "cid"), ('{"cid":"QmNope"}', "cid"), ('{"cid":"../../etc"}', "cid"),
                            (json.dumps({"cid": good + "a"}), "cid"), (json.dumps({"cid": good[:-1]}), "cid"),
                            (json.dumps({"cid": " " + good}), "cid"), (json.dumps({"cid": good[:9].upper() + good[9:]}), "cid"),
                            (json.dumps({"cid": good, "name": 1}), "name"), (json.dumps({"cid": good, "name": "x" * 256}), "name"),
                            (json.dumps({"cid": good, "name": "ä" * 256}), "name"), (json.dumps({"cid": good, "meta": "x"}), "meta"),
                            (json.dumps({"cid": good, "meta": {"a": {"b": "c"}}}), "meta"), (json.dumps({"cid": good, "meta": {"a": 1}}), "meta"),
                            (json.dumps({"cid": good, "meta": []}), "meta"), (json.dumps({"cid": good, "origins": "x"}), "origins"),
                            (json.dumps({"cid": good, "origins": [1]}), "origins"), (json.dumps({"cid": good, "meta": {"size": "big"}}), "size"),
                            (json.dumps({"cid": good, "meta": {"size": "-1"}}), "size"),
                            ('{"cid":"%s","cid":"%s"}' % (good, good), None), ('{"cid":"%s"}x' % good, None),
                            ('{"cid":"%s","name":"\\u0000"}' % good, None), ("[" * 5000, None), ('{"a":' * 5000, None)):
            with self.subTest(body[:60]):
                self.refused(self.client.call("POST", "/pins", body), names=field)
        self.assertEqual(self.list(ALL)["count"], 0)

    def test_identity_cids_are_refused(self):
        self.refused(self.client.add("bafkqaaa"), names="cid")

    def test_names_of_255_characters_are_fine(self):
        self.assertEqual(self.add("1", name="ä" * 255)["pin"]["name"], "ä" * 255)
        self.assertEqual(self.add("2", name="😀" * 255)["pin"]["name"], "😀" * 255)

    def test_many_and_odd_origins_are_fine(self):
        self.add("", origins=[f"/ip4/10.0.0.{i}/udp/4001/quic-v9/newthing" for i in range(40)])

    def test_unknown_fields_are_ignored(self):
        self.add("", future={"nested": [1, 2]}, other=1)

    def test_queries(self):
        for query, field in (("limit=0", "limit"), ("limit=1001", "limit"), ("limit=-1", "limit"), ("limit=x", "limit"), ("limit=", "limit"),
                             ("limit=1.5", "limit"), ("limit=99999999999999999999", "limit"), ("before=yesterday", "before"),
                             ("before=2026-02-30T00:00:00Z", "before"), ("after=2026-01-01", "after"), ("after=", "after"),
                             ("status=pinned,done", "status"), ("status=", "status"), ("status=Pinned", "status"),
                             ("match=fuzzy", "match"), ("cid=QmNope", "cid"), ("cid=" + ",".join(cid_v1(str(i)) for i in range(11)), "cid"),
                             ("meta=map%5Bapp%3Az%5D", "meta"), ("meta=%7B%22a%22%3A1%7D", "meta"), ("meta=%5B%5D", "meta"),
                             ("name=" + "x" * 256, "name"), ("name=%FF%FE", "name"), ("name=%zz", None)):
            with self.subTest(query[:60]):
                self.refused(self.client.call("GET", "/pins?" + query), names=field)

    def test_requestids_that_are_none(self):
        for requestid in ("nope", "0190a7c1", "%00", "..%2f..", "x" * 2000, "'; DROP TABLE pins; --".replace(" ", "%20")):
            with self.subTest(requestid[:40]):
                self.refused(self.client.get(requestid), 404)

    def test_too_large_a_body_is_413(self):
        self.refused(self.client.add(cid_v1("x"), meta={"a": "x" * 200_000}), 413)


class Credentials(PsaCase):
    def test_every_bad_credential_gets_one_and_the_same_401(self):
        good = self.client.token
        bodies = set()
        for value in (None, "", "Bearer", "Bearer ", "Bearer x", "Bearer purposefullyInvalid", "Token " + good, good, 
                      "Bearer " + good + " ", "Bearer " + good[:-8], "Bearer " + good + "," + good, "Basic dXNlcjpwYXNz",
                      "Bearer " + good[:40] + "A" + good[41:], "Bearer " + "A" * 5000):
            answer = request(gateway.port, "GET", "/psa/pins", headers={"Authorization": value} if value is not None else {})
            if value == "Bearer " + good + " ":
                continue  # HTTP strips white space around a header's value
            self.assertEqual(answer.status, 401, (value, answer))
            self.assertEqual(answer.headers["WWW-Authenticate"].split()[0], "Bearer")
            self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")
            bodies.add(answer.body)
        self.assertEqual(len(bodies), 1)
        self.assertEqual(set(json.loads(bodies.pop())["error"]), {"reason", "details"})

    def test_basic_and_bearer_are_the_same_account(self):
        self.add("")
        for scheme in ("Basic", "bearer", "BEARER", "Bearer "):  # RFC 9110: one space or more
            answer = request(gateway.port, "GET", "/psa/pins?" + ALL, headers={"Authorization": f"{scheme} {self.client.token}"})
            self.assertEqual(answer.json["count"], 1)

    def test_each_chain_signs_in(self):
        for chain in ("eth", "polygon", "substrate", "solana", "near", "avalanche", "elrond", "aptos", "algorand"):
            client = Client(gateway.port, "//Chains", chain)
            self.assertEqual(client.add(cid_v1("chains")).status, 202, chain)
        # eth and polygon are one account
        self.assertEqual(self.list(ALL, Client(gateway.port, "//Chains", "eth"))["count"], 2)
        self.assertEqual(Client(gateway.port, "//Chains", "ton").add(cid_v1("chains")).status, 401)  # off by default

    def test_two_authorization_headers_are_refused(self):
        import socket
        with socket.create_connection(("127.0.0.1", gateway.port), 10) as sock:
            header = f"Authorization: Bearer {self.client.token}\r\n"
            sock.sendall(f"GET /psa/pins HTTP/1.1\r\nHost: x\r\n{header}{header}Connection: close\r\n\r\n".encode())
            self.assertRegex(sock.makefile("rb").readline(), rb"^HTTP/1.1 40[01] ")

    def test_no_credential_in_the_log(self):
        self.add("logged")
        self.client.call("GET", "/pins?limit=0")
        text = gateway.log_text()
        self.assertIn("http.access", text)
        for token in Client.tokens.values():
            self.assertNotIn(token, text)
            self.assertNotIn(token[20:60], text)


if __name__ == "__main__":
    main()
