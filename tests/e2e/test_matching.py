# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Lists of pins beside a second implementation: random filters against a model in Python, case folding against Python's own
tables, and `created` when very many pins come at once. One gateway without a chain; each test is a wallet of its own."""
import concurrent.futures
import datetime
import hashlib
import json
import random
import urllib.parse

import lib
from lib import Case, Client, Gateway, cid_v1, main

DEAD = "http://127.0.0.1:9"
ALL = "status=queued,pinning,pinned,failed"
SEED, PINS, QUERIES = 20260321, 300, 2000
LETTERS = ["a", "A", "b", "%", "_", "'", '"', "\\", "*", "?", "[", "ä", "Ä", "σ", "ς", "Σ", "K", "K", "ß", "е́", "🦀", "\n", " ", "é", "é"]
METAS = [("app", "x"), ("app", "X"), ("app", "x%"), ("v", "1"), ("v", "\"1\""), ("a.b", "$"), ("$", "'; --"), ("ü", "ä"), ("", "")]


def folded(text):
    """Of one character at a time, as the gateway says it does it: ß is not ss."""
    return "".join(c.casefold() if len(c.casefold()) == 1 else c for c in text)


def millis(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000 + 0.5)


MATCHES = {
    "exact": lambda name, wanted: name == wanted,
    "iexact": lambda name, wanted: folded(name) == folded(wanted),
    "partial": lambda name, wanted: wanted in name,
    "ipartial": lambda name, wanted: folded(wanted) in folded(name),
}


class Lists(Case):
    def setUp(self):
        super().setUp()
        self.start()

    def start(self):
        self.gateway = self.own(Gateway(self.dir, DEAD, "--accounts.pins_per_day=0", "--limits.list_per_s=0",
                                        "--limits.write_per_s=0"))
        self.client = Client(self.gateway.port, "//" + hashlib.sha256(self.id().encode()).hexdigest()[:16])

    def ask(self, **filters):
        answer = self.client.call("GET", "/pins?" + urllib.parse.urlencode(filters, quote_via=random.choice(
            [urllib.parse.quote, urllib.parse.quote_plus])))
        self.assertEqual(answer.status, 200, (filters, answer))
        return answer.json

    def fill(self, rng):
        pins = []
        for i in range(PINS):
            body = {"cid": cid_v1(f"content {rng.randrange(60)}")}
            if rng.random() < 0.9:
                body["name"] = "".join(rng.choice(LETTERS) for _ in range(rng.randrange(6)))
            if rng.random() < 0.6:
                body["meta"] = dict(rng.sample(METAS, rng.randrange(4)))
            answer = self.client.call("POST", "/pins", body)
            self.assertEqual(answer.status, 202, (body, answer))
            pins.append({**body, "id": answer.json["requestid"], "at": millis(answer.json["created"]), "created": answer.json["created"]})
        self.assertEqual([p["at"] for p in pins], sorted({p["at"] for p in pins}))
        return pins

    def query(self, rng, pins):
        """Filters, and what a pin must be like for each of them."""
        filters, tests = {}, []
        if rng.random() < 0.5:
            # mostly what some pin has, or a part of it
            name = rng.choice(pins).get("name") or rng.choice(LETTERS)
            begin = rng.randrange(len(name))
            name = name[begin:begin + rng.randrange(1, len(name) + 1)] if rng.random() < 0.6 else name
            name = name.swapcase() if rng.random() < 0.3 else name
            match = rng.choice(list(MATCHES) + [None])
            filters["name"] = name
            if match:
                filters["match"] = match
            tests.append(lambda p: "name" in p and MATCHES[match or "exact"](p["name"], name))
        if rng.random() < 0.3:
            meta = dict(rng.sample(METAS, rng.randrange(1, 3)))
            filters["meta"] = json.dumps(meta, ensure_ascii=rng.random() < 0.5)
            tests.append(lambda p: all(p.get("meta", {}).get(k) == v for k, v in meta.items()))
        if rng.random() < 0.3:
            cids = [cid_v1(f"content {rng.randrange(70)}") for _ in range(rng.randrange(1, 11))]
            filters["cid"] = ",".join(cids)
            tests.append(lambda p: p["cid"] in cids)
        for key, test in (("before", lambda at: lambda p: p["at"] < at), ("after", lambda at: lambda p: p["at"] > at)):
            if rng.random() < 0.3:
                pin = rng.choice(pins)
                filters[key] = pin["created"]
                tests.append(test(pin["at"]))
        states = rng.choice([["queued"], ["queued", "pinning", "pinned", "failed"], ["pinned", "queued"], ["failed"], None])
        if states:
            filters["status"] = ",".join(states)
        every = "queued" in states if states else "name" in filters or "match" in filters
        tests.append(lambda p: every)  # without a chain all are queued
        if rng.random() < 0.5:
            filters["limit"] = str(rng.choice([1, 2, 10, 37, 1000]))
        return filters, tests

    def test_random_filters_are_what_a_model_says(self):
        rng = random.Random(SEED)
        pins = self.fill(rng)
        found = 0
        for _ in range(QUERIES):
            filters, tests = self.query(rng, pins)
            expected = [p["id"] for p in reversed(pins) if all(test(p) for test in tests)]
            page = self.ask(**filters)
            self.assertEqual((page["count"], [p["requestid"] for p in page["results"]]),
                             (len(expected), expected[:int(filters.get("limit", 10))]), filters)
            found += bool(expected)
        self.assertGreater(found, QUERIES // 4)

    def test_every_letter_with_case_folds_as_in_pythons_tables(self):
        pairs = [(chr(c), chr(c).casefold()) for c in range(128, 0x110000)
                 if not 0xd800 <= c < 0xe000 and chr(c).casefold() != chr(c) and len(chr(c).casefold()) == 1]
        self.assertGreater(len(pairs), 1300)
        for i in range(0, len(pairs), 200):
            upper, lower = ("".join(side) for side in zip(*pairs[i:i + 200]))
            self.assertEqual(self.client.add(cid_v1(f"letters {i}"), name=upper).status, 202)
            page = self.ask(name=lower, match="iexact", status="queued")
            self.assertEqual([p["pin"]["name"] for p in page["results"]], [upper])
            self.assertEqual(self.ask(name=lower, match="exact", status="queued")["count"], 0)
            self.assertEqual(self.ask(name=lower[1:-1], match="ipartial", status="queued")["count"], 1)
            self.assertEqual(self.ask(name=lower[:-1], match="iexact", status="queued")["count"], 0)

    def test_created_is_unique_and_rising_for_a_thousand_pins_at_once(self):
        def some(lane):
            conn = lib.http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=30)
            made = []
            for i in range(125):
                conn.request("POST", "/psa/pins", json.dumps({"cid": cid_v1(f"at once {lane} {i}")}),
                             {"Authorization": "Bearer " + self.client.token, "Content-Type": "application/json"})
                reply = conn.getresponse()
                body = reply.read()
                assert reply.status == 202, body
                made.append((millis(json.loads(body)["created"]), lib.time.time() * 1000))
            conn.close()
            return made

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            lanes = list(pool.map(some, range(8)))
        for lane in lanes:
            self.assertEqual(lane, sorted(lane))
        self.assertEqual(len({created for lane in lanes for created, _ in lane}), 1000)
        self.assertLessEqual(max(created - now for lane in lanes for created, now in lane), 1000)
        # the last one is behind all of them after a restart, too
        last = max(created for lane in lanes for created, _ in lane)
        self.gateway.stop()
        self.start()
        self.assertGreater(millis(self.client.add(cid_v1("after")).json["created"]), last)
        seen, query = [], {"status": "queued", "limit": "1000"}
        while True:
            page = self.ask(**query)
            seen += [p["created"] for p in page["results"]]
            if page["count"] == len(page["results"]):
                break
            query["before"] = seen[-1]
        self.assertEqual(len(set(seen)), 1001)
        self.assertEqual(seen, sorted(seen, reverse=True))


if __name__ == "__main__":
    main()
