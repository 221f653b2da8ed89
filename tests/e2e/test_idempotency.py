# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""A POST that is sent once more, on a real gateway and a development chain: with its Idempotency-Key it gives the same pin,
without one a new requestid, and in no case a second order. And a pin that is replaced all the time, as kubo's MFS policy does,
is ordered now and then."""
import concurrent.futures
import contextlib
import http.client
import re
import shutil
import signal
import sqlite3
import time

from lib import Case, Client, Devnet, Gateway, cid_v1, clean_env, main, orders_on_chain, run, wait_for

DEAD = "http://127.0.0.1:9"
# Where the process dies: before the pin is on the disk, and behind it with the answer still here.
BEHIND = ["PIN_STORED", "PIN_ANSWER_BEFORE"]
POINTS = ["PIN_KEY_HALF", "PIN_ADD_WRITTEN", *BEHIND]


def keyed(client, key, cid, path="/pins", **more):
    return client.call("POST", path, {"cid": cid, **more}, Idempotency_Key=key)


class Answers(Case):
    """Without a chain: what is answered."""

    def setUp(self):
        super().setUp()
        self.gateway = self.own(Gateway(self.dir, DEAD, "--accounts.pins_per_day=3"))
        self.client = Client(self.gateway.port)

    def refused(self, answer, status, reason):
        self.assertEqual((answer.status, answer.json["error"]["reason"]), (status, reason), answer)
        self.assertEqual((list(answer.json), sorted(answer.json["error"])), (["error"], ["details", "reason"]))

    def test_what_is_no_key(self):
        for key in ("", " ", '"', '"a', '"a"b"', "x" * 256, "caf\u00e9", '"a";q=1'):
            self.refused(keyed(self.client, key, cid_v1("bad key")), 400, "INVALID_IDEMPOTENCY_KEY")
            self.refused(keyed(self.client, key, cid_v1("bad key"), "/pins/0190163d-8694-739b-aea5-966c26f8ad91"),
                         404, "NOT_FOUND")  # an account that never pinned has no pin to replace, whatever the key
        self.assertEqual(self.client.call("GET", "/pins?status=queued").json["count"], 0)

    def test_quota_is_charged_once_and_a_refusal_is_not_remembered(self):
        first = [keyed(self.client, f"k{i}", cid_v1(f"quota {i}")).json["requestid"] for i in range(3)]
        again = [keyed(self.client, f"k{i}", cid_v1(f"quota {i}")).json["requestid"] for i in range(3)]
        self.assertEqual(first, again)
        self.refused(keyed(self.client, "k3", cid_v1("quota 3")), 403, "QUOTA_EXCEEDED")
        self.gateway.stop()
        self.client = Client(self.own(Gateway(self.dir, DEAD, "--accounts.pins_per_day=4")).port)
        made = keyed(self.client, "k3", cid_v1("quota 3"))
        self.assertEqual(made.status, 202, made)
        self.assertEqual(keyed(self.client, "k3", cid_v1("quota 3")).json["requestid"], made.json["requestid"])
        self.assertEqual(keyed(self.client, "k0", cid_v1("quota 0")).json["requestid"], first[0])

    def test_another_request_with_the_key_and_a_pin_that_is_gone(self):
        one = keyed(self.client, "k", cid_v1("one"), name="n").json["requestid"]
        self.refused(keyed(self.client, "k", cid_v1("two"), name="n"), 422, "IDEMPOTENCY_KEY_REUSED")
        self.refused(keyed(self.client, "k", cid_v1("one")), 422, "IDEMPOTENCY_KEY_REUSED")
        self.refused(keyed(self.client, "k", cid_v1("one"), "/pins/" + one, name="n"), 422, "IDEMPOTENCY_KEY_REUSED")
        self.assertEqual(keyed(Client(self.gateway.port, "//Bob"), "k", cid_v1("two")).status, 202)  # another account's key
        self.assertEqual(self.client.call("DELETE", "/pins/" + one).status, 202)
        self.refused(keyed(self.client, "k", cid_v1("one"), name="n"), 404, "NOT_FOUND")
        self.assertEqual(self.client.call("GET", "/pins?status=queued").json["count"], 0)

    def test_from_many_connections_at_the_same_moment(self):
        old = self.client.add(cid_v1("old")).json["requestid"]
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            added = list(pool.map(lambda _: keyed(self.client, '"many"', cid_v1("many")), range(24)))
            replaced = list(pool.map(lambda _: keyed(self.client, "replace", cid_v1("new"), "/pins/" + old), range(24)))
        for answers in (added, replaced):
            self.assertEqual({answer.status for answer in answers}, {202})
            self.assertEqual(len({answer.json["requestid"] for answer in answers}), 1)
        self.assertEqual(self.client.call("GET", "/pins?status=queued").json["count"], 2)


class Orders(Case):
    """With a chain: what is ordered."""

    def setUp(self):
        super().setUp()
        self.devnet = self.own(Devnet(block_ms=200))

    def test_one_order_with_and_without_a_key(self):
        gateway = self.own(Gateway(self.dir, self.devnet.url, "--accounts.repin_wait_s=0"))
        client = Client(gateway.port)
        with_key, without = cid_v1("with a key"), cid_v1("without a key")
        ids = {keyed(client, "k", with_key).json["requestid"] for _ in range(3)}
        others = [client.add(without).json["requestid"] for _ in range(3)]
        self.assertEqual((len(ids), len(set(others))), (1, 3))
        for requestid in [*ids, *others]:
            client.wait_status(requestid, "pinned")
        late = keyed(client, "k", with_key)
        self.assertEqual((late.status, late.json["status"], late.json["requestid"]), (202, "pinned", *ids))
        self.assertEqual(client.add(without).json["status"], "pinned")
        self.assertEqual(orders_on_chain(self.devnet.url), {with_key: 1, without: 1})

    def lose(self, point, send):
        """A gateway that dies at the point, before send() has an answer. What it left of pins: CID -> requestid."""
        gateway = self.own(Gateway(self.dir, self.devnet.url, "--accounts.repin_wait_s=0", env=clean_env(W3PIN_TEST_CRASH=point + ":1")))
        try:
            answer = send(Client(gateway.port))
        except (OSError, http.client.HTTPException):
            answer = None
        self.assertIsNone(answer, point)
        wait_for(point, lambda: gateway.proc.poll() is not None)
        self.assertEqual(gateway.proc.returncode, -signal.SIGKILL, point)
        copy = self.dir + "/copy.db"
        for suffix in ("", "-wal"):
            shutil.copyfile(gateway.db + suffix, copy + suffix)
        with contextlib.closing(sqlite3.connect(copy)) as db:
            return dict(db.execute("SELECT cid, requestid FROM pins"))

    def test_killed_before_the_answer(self):
        """The client sends again what it had no answer to: each time to a gateway of before the pin was on the disk, or
        of behind it."""
        gateway = Gateway(self.dir, self.devnet.url, "--accounts.repin_wait_s=0")
        olds = {point: Client(gateway.port).add(cid_v1("old of " + point)).json["requestid"] for point in POINTS}
        gateway.close()
        rounds = [(point, path) for point in POINTS for path in ("/pins", "/pins/" + olds[point])]
        sends, left = {}, {}
        for point, path in rounds:
            cid, at = cid_v1(point + path), point
            if point == "PIN_ADD_WRITTEN" and path != "/pins":
                at = "PIN_REPLACE_WRITTEN"
            sends[cid] = lambda client, cid=cid, path=path: keyed(client, "key of " + cid, cid, path)
            left[cid] = self.lose(at, sends[cid]).get(cid)
            self.assertEqual(left[cid] is not None, point in BEHIND, (point, path))
        gateway = self.own(Gateway(self.dir, self.devnet.url, "--accounts.repin_wait_s=0"))
        client = Client(gateway.port)
        for cid, send in sends.items():
            answer = send(client)
            self.assertEqual(answer.status, 202, answer)
            left[cid] = left[cid] or answer.json["requestid"]
            self.assertEqual(answer.json["requestid"], left[cid])
        page = client.call("GET", "/pins?status=queued,pinning,pinned,failed&limit=1000").json
        self.assertEqual({pin["pin"]["cid"]: pin["requestid"] for pin in page["results"]}, left)
        self.assertEqual(page["count"], len(rounds))
        for requestid in left.values():
            client.wait_status(requestid, "pinned", 60)
        orders = orders_on_chain(self.devnet.url)
        self.assertEqual({cid: orders.get(cid) for cid in left}, {cid: 1 for cid in left})
        self.assertEqual(max(orders.values()), 1)


class Repinning(Case):
    """kubo's MFS policy in its own words: a list by name, and a replacement at every change of the folder."""
    NAME = "policy/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN/mfs"

    def setUp(self):
        super().setUp()
        self.devnet = self.own(Devnet(block_ms=200))

    def repin(self, client, cid):
        """What kubo does when the root changed. The answer to its POST."""
        found = client.call("GET", f"/pins?limit=10&name={self.NAME.replace('/', '%2F')}&status=queued%2Cpinning%2Cpinned%2Cfailed")
        path = "/pins/" + found.json["results"][-1]["requestid"] if found.json["count"] else "/pins"
        answer = client.call("POST", path, {"cid": cid, "name": self.NAME})
        self.assertEqual(answer.status, 202, answer)
        return answer.json

    def test_a_folder_that_changes_all_the_time_is_ordered_now_and_then(self):
        wait_s = 4
        gateway = self.own(Gateway(self.dir, self.devnet.url, f"--accounts.repin_wait_s={wait_s}"))
        client, roots, words = Client(gateway.port), [], set()
        began = time.monotonic()
        while len(roots) < 30 or time.monotonic() - began < wait_s + 1:
            roots.append(cid_v1(f"root {len(roots)}"))
            pin = self.repin(client, roots[-1])
            if len(roots) == 1:
                client.wait_status(pin["requestid"], "pinned")
            words.add(pin["info"]["status_details"])
            self.assertNotIn("error", pin["info"])
            time.sleep(0.2)
        last, _ = client.wait_status(pin["requestid"], "pinned", 60)
        self.assertEqual(last["pin"]["cid"], roots[-1])
        orders = orders_on_chain(self.devnet.url)
        passed = time.monotonic() - began
        self.assertEqual((orders[roots[0]], orders[roots[-1]], max(orders.values())), (1, 1, 1))
        self.assertLessEqual(set(orders), set(roots))
        self.assertLessEqual(len(orders), 2 + passed / wait_s)  # of more than 30 states
        self.assertTrue([w for w in words if re.search(r"not before 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z, since this account", w)], words)
        self.assertEqual(client.call("GET", "/pins?status=queued,pinning,pinned,failed").json["count"], 1)

    def test_who_waits_and_who_does_not(self):
        gateway = self.own(Gateway(self.dir, self.devnet.url, "--accounts.repin_wait_s=86400"))
        client, bob = Client(gateway.port), Client(gateway.port, "//Bob")
        known, held, wanted = cid_v1("known"), cid_v1("held"), cid_v1("wanted")
        bob.wait_status(bob.add(known).json["requestid"], "pinned")
        client.wait_status(self.repin(client, cid_v1("first"))["requestid"], "pinned")
        pin = self.repin(client, held)
        self.assertIn("not before", pin["info"]["status_details"])
        client.wait_status(self.repin(client, known)["requestid"], "pinned")  # what is ordered already costs nothing
        bob.wait_status(self.repin(bob, cid_v1("bob's"))["requestid"], "pinned")  # another account
        pin = self.repin(client, wanted)
        self.assertIn("not before", pin["info"]["status_details"])
        bob.wait_status(bob.add(wanted).json["requestid"], "pinned")  # somebody wants it now
        client.wait_status(pin["requestid"], "pinned")
        orders = orders_on_chain(self.devnet.url)
        self.assertEqual(orders, {cid: 1 for cid in (known, wanted, cid_v1("first"), cid_v1("bob's"))})

    def test_the_wait_survives_a_restart_and_zero_is_none(self):
        gateway = self.own(Gateway(self.dir, self.devnet.url, "--accounts.repin_wait_s=86400"))
        client = Client(gateway.port)
        client.wait_status(self.repin(client, cid_v1("a"))["requestid"], "pinned")
        told = self.repin(client, cid_v1("b"))
        gateway.stop()
        gateway = self.own(Gateway(self.dir, self.devnet.url, "--accounts.repin_wait_s=86400"))
        client = Client(gateway.port)
        time.sleep(1)
        now = client.get(told["requestid"]).json
        self.assertEqual((now["status"], now["info"]["status_details"]), ("queued", told["info"]["status_details"]))
        self.assertIn("not before", self.repin(client, cid_v1("c"))["info"]["status_details"])
        gateway.stop()
        gateway = self.own(Gateway(self.dir, self.devnet.url, "--accounts.repin_wait_s=0"))
        client = Client(gateway.port)
        client.wait_status(self.repin(client, cid_v1("d"))["requestid"], "pinned")
        client.wait_status(self.repin(client, cid_v1("e"))["requestid"], "pinned")
        self.assertEqual(orders_on_chain(self.devnet.url), {cid_v1(name): 1 for name in "ade"})

    def test_what_is_no_wait(self):
        for value in ("-1", "86401", "1h", ""):
            code, _, err = run("serve", f"--accounts.repin_wait_s={value}", f"--store.path={self.dir}/x.db")
            self.assertEqual(code, 2, err)
            self.assertIn("accounts.repin_wait_s", err)


if __name__ == "__main__":
    main()
