# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""The life of a pin on a real gateway and a development chain: states, restarts, kills, a chain that is away, the disk."""
import concurrent.futures
import os
import pathlib
import resource
import signal
import socket
import sqlite3
import time

import lib
from lib import (Case, Client, Devnet, Gateway, cid_v0, cid_v1, clean_env, main, orders_on_chain, request, rpc,
                 wait_for)

DEAD = "http://127.0.0.1:9"


class States(Case):
    def setUp(self):
        super().setUp()
        self.devnet = self.own(Devnet("--fund=//Alice,//Alice//2", block_ms=200))
        self.gateway = self.own(Gateway(self.dir, self.devnet.url))
        self.client = Client(self.gateway.port)

    def test_queued_pinning_pinned_with_order_and_block(self):
        added = self.client.add(cid_v1("life"), name="life")
        self.assertEqual(added.status, 202)
        self.assertEqual(added.json["status"], "queued")
        last, seen = self.client.wait_status(added.json["requestid"], "pinned")
        self.assertEqual([s for s in seen if s != "queued"], ["pinning", "pinned"])
        info = last["info"]
        self.assertRegex(info["order_tx"], r"^0x[0-9a-f]{64}$")
        self.assertGreaterEqual(int(info["replicas"]), 3)
        self.assertEqual(info["replicas_wanted"], "3")
        self.assertGreater(int(info["price_paid"]), 0)
        self.assertGreater(int(info["expires_at_block"]), int(info["order_block"]))
        # the order is where the gateway says it is
        block = rpc(self.devnet.url, "chain_getBlock", rpc(self.devnet.url, "chain_getBlockHash", int(info["order_block"])))
        import hashlib
        hashes = ["0x" + hashlib.blake2b(bytes.fromhex(x[2:]), digest_size=32).hexdigest() for x in block["block"]["extrinsics"]]
        self.assertIn(info["order_tx"], hashes)

    def test_one_order_for_all_spellings_and_accounts(self):
        cid0 = cid_v0("shared")
        digest = lib.hashlib.sha256(b"shared").digest()
        cid1 = "b" + lib.base32(bytes([1, 0x70, 0x12, 32]) + digest)
        first = self.client.add(cid0).json
        second = Client(self.gateway.port, "//Bob").add(cid1).json
        third = self.client.add(cid1).json
        self.assertNotEqual(first["requestid"], third["requestid"])
        self.assertEqual([first["pin"]["cid"], second["pin"]["cid"]], [cid0, cid1])
        self.client.wait_status(first["requestid"], "pinned")
        Client(self.gateway.port, "//Bob").wait_status(second["requestid"], "pinned")
        late = self.client.add(cid0).json
        self.assertEqual(late["status"], "pinned")
        self.assertEqual(orders_on_chain(self.devnet.url), {cid0: 1})

    def test_what_is_on_chain_already_is_not_ordered_again(self):
        cid = cid_v1("known")
        self.client.wait_status(self.client.add(cid).json["requestid"], "pinned")
        other = pathlib.Path(self.dir) / "other"
        other.mkdir()
        gateway = self.own(Gateway(other, self.devnet.url, key=("--crust.key_uri=//Alice//2",)))
        Client(gateway.port).wait_status(Client(gateway.port).add(cid).json["requestid"], "pinned")
        self.assertEqual(orders_on_chain(self.devnet.url), {cid: 1})

    def test_stated_size_is_ordered(self):
        added = self.client.add(cid_v1("sized"), meta={"size": "5000000"}).json
        last, _ = self.client.wait_status(added["requestid"], "pinned")
        self.assertEqual(last["info"]["order_size"], "5000000")

    def test_size_beyond_the_chain_fails_in_words(self):
        added = self.client.add(cid_v1("huge"), meta={"size": str(9 * 2**30)})
        if added.status == 202:
            last, _ = self.client.wait_status(added.json["requestid"], "failed")
            self.assertIn("larg", last["info"]["status_details"] + last["info"].get("error", ""))
        else:
            self.assertEqual(added.status, 400, added)

    def test_many_pins_in_one_go(self):
        ids = [self.client.add(cid_v1(f"many {i}")).json["requestid"] for i in range(40)]
        for requestid in ids:
            self.client.wait_status(requestid, "pinned", 60)
        self.assertEqual(sorted(orders_on_chain(self.devnet.url).values()), [1] * 40)


class Restarts(Case):
    def test_restart_goes_on_where_it_was(self):
        devnet = self.own(Devnet(block_ms=200))
        gateway = Gateway(self.dir, devnet.url)
        client = Client(gateway.port)
        ids = [client.add(cid_v1(f"restart {i}")).json["requestid"] for i in range(10)]
        gateway.close()
        gateway = self.own(Gateway(self.dir, devnet.url))
        client = Client(gateway.port)
        for requestid in ids:
            client.wait_status(requestid, "pinned", 60)
        self.assertEqual(sorted(orders_on_chain(devnet.url).values()), [1] * 10)

    def test_kill_at_any_moment_orders_once_and_loses_nothing(self):
        devnet = self.own(Devnet(block_ms=200))
        ids, made = [], 0
        for round_ in range(8):
            gateway = Gateway(self.dir, devnet.url)
            client = Client(gateway.port)
            for _ in range(5):
                ids.append(client.add(cid_v1(f"kill {made}")).json["requestid"])
                made += 1
            time.sleep(0.02 + 0.11 * round_)
            gateway.proc.send_signal(signal.SIGKILL)
            gateway.proc.wait()
            gateway.close()
        gateway = self.own(Gateway(self.dir, devnet.url))
        client = Client(gateway.port)
        for requestid in ids:
            client.wait_status(requestid, "pinned", 90)
        self.assertEqual(sorted(orders_on_chain(devnet.url).values()), [1] * made)

    def test_chain_away_serves_and_queues(self):
        devnet = Devnet(block_ms=200)
        port, gateway = devnet.port, None
        devnet.close()
        gateway = self.own(Gateway(self.dir, f"http://127.0.0.1:{port}"))
        client = Client(gateway.port)
        ready = lambda: request(gateway.port, "GET", "/readyz")
        wait_for("unreachable", lambda: ready().json["chain"] == "unreachable")
        self.assertEqual((ready().status, ready().json["ready"]), (200, True))
        added = client.add(cid_v1("patient"))
        self.assertEqual(added.status, 202)
        time.sleep(1)
        got = client.get(added.json["requestid"]).json
        self.assertEqual(got["status"], "queued")
        self.assertIn("no endpoint answers", got["info"]["status_details"])
        self.own(Devnet(block_ms=200, port=port))
        client.wait_status(added.json["requestid"], "pinned", 60)

    def test_graceful_stop_answers_what_is_in_flight(self):
        devnet = self.own(Devnet(block_ms=200))
        gateway = self.own(Gateway(self.dir, devnet.url))
        client = Client(gateway.port)
        answered = []
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            def post(i):
                try:
                    answer = client.add(cid_v1(f"drain {i}"))
                    if answer.status == 202:
                        answered.append(answer.json["requestid"])
                except OSError:
                    pass  # the listener was gone already
            work = [pool.submit(post, i) for i in range(200)]
            time.sleep(0.1)
            self.assertEqual(gateway.stop(), 0)
            concurrent.futures.wait(work)
        self.assertGreater(len(answered), 0)
        again = self.own(Gateway(self.dir, devnet.url))
        for requestid in answered:
            self.assertEqual(Client(again.port).get(requestid).status, 200)


class Money(Case):
    def test_an_account_has_its_pins_of_the_day(self):
        gateway = self.own(Gateway(self.dir, DEAD, "--accounts.pins_per_day=3"))
        client = Client(gateway.port)
        for i in range(3):
            self.assertEqual(client.add(cid_v1(f"quota {i}")).status, 202)
        refused = client.add(cid_v1("quota 3"))
        self.assertEqual(refused.status, 403)
        self.assertIn("day", refused.json["error"]["details"])
        self.assertEqual(Client(gateway.port, "//Bob").add(cid_v1("quota 3")).status, 202)

    def test_the_gateway_has_its_planck_of_the_day(self):
        devnet = self.own(Devnet(block_ms=200))
        gateway = self.own(Gateway(self.dir, devnet.url, "--budget.planck_per_day=2000000000"))
        client = Client(gateway.port)
        client.wait_status(client.add(cid_v1("budget 0")).json["requestid"], "pinning")
        last = None
        for i in range(1, 8):
            last = client.add(cid_v1(f"budget {i}"))
            if last.status != 202:
                break
        self.assertEqual(last.status, 409, last)
        self.assertEqual(last.json["error"]["reason"], "INSUFFICIENT_FUNDS")

    def test_an_account_has_its_planck_of_the_day(self):
        """To the planck, what its price at the POST was; another account has its own, and a restart forgets nothing."""
        devnet = self.own(Devnet("--finality-lag=0", block_ms=0))
        for _ in range(3):
            rpc(devnet.url, "dev_newBlock")
        gateway = Gateway(self.dir, devnet.url)
        total = int(wait_for("prices", lambda: (a := request(gateway.port, "GET", "/price?size=1000")).status == 200 and a).json["total"])
        gateway.close()
        limit = f"--accounts.planck_per_day={2 * total}"
        gateway = Gateway(self.dir, devnet.url, limit)
        client = Client(gateway.port)
        account = lambda: request(gateway.port, "GET", "/account", headers={"Authorization": "Bearer " + client.token}).json
        add = lambda client, name, size=1000: client.add(cid_v1(name), meta={"size": str(size)})
        self.assertEqual(add(client, "planck 0").status, 202)
        refused = add(client, "planck 1", 2**20 + 1)  # another MiB's price too much
        self.assertEqual((refused.status, refused.json["error"]["reason"]), (403, "QUOTA_EXCEEDED"))
        self.assertIn("accounts.planck_per_day", refused.json["error"]["details"])
        self.assertEqual(add(client, "planck 1").status, 202)
        self.assertEqual((account()["may"]["planck_per_day"], account()["used"]["planck_today"]), (str(2 * total), str(2 * total)))
        gateway.close()
        gateway = self.own(Gateway(self.dir, devnet.url, limit))
        client = Client(gateway.port)
        self.assertEqual(add(client, "planck 2").status, 403)
        self.assertEqual(add(client, "planck 0").status, 202)  # known
        self.assertEqual(add(Client(gateway.port, "//Bob"), "planck 2").status, 202)

    def test_an_empty_operator_account_promises_nothing_more_and_keeps_what_it_has(self):
        """Taken while nothing is known of the account: queued. Once it is known to be empty: 409."""
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))
            port = reserved.getsockname()[1]
        gateway = self.own(Gateway(self.dir, f"http://127.0.0.1:{port}"))
        client = Client(gateway.port)
        added = client.add(cid_v1("poor")).json
        self.own(Devnet("--fund=//Bob", block_ms=200, port=port))
        wait_for("the reason", lambda: "operator account" in client.get(added["requestid"]).json["info"]["status_details"], 60)
        self.assertEqual(client.get(added["requestid"]).json["status"], "queued")
        refused = client.add(cid_v1("poorer"))
        self.assertEqual((refused.status, refused.json["error"]["reason"]), (409, "INSUFFICIENT_FUNDS"))

    def test_a_closed_market_queues_and_says_so(self):
        devnet = self.own(Devnet(block_ms=200))
        key = "0x5ebf094108ead4fefa73f7a3b13cb4a7f6cb5618504b5719970aa15e9e1c332d"  # Market.EnableMarket
        rpc(devnet.url, "dev_setStorage", [[key, "0x00"]])
        gateway = self.own(Gateway(self.dir, devnet.url))
        client = Client(gateway.port)
        added = client.add(cid_v1("closed")).json
        wait_for("the reason", lambda: "market" in client.get(added["requestid"]).json["info"]["status_details"])
        rpc(devnet.url, "dev_setStorage", [[key, "0x01"]])
        client.wait_status(added["requestid"], "pinned", 60)

    def test_deleting_the_last_pin_in_the_queue_orders_nothing(self):
        gateway = Gateway(self.dir, DEAD)
        client = Client(gateway.port)
        added = client.add(cid_v1("cancelled")).json
        self.assertEqual(client.call("DELETE", "/pins/" + added["requestid"]).status, 202)
        kept = client.add(cid_v1("kept")).json
        gateway.close()
        devnet = self.own(Devnet(block_ms=200))
        gateway = self.own(Gateway(self.dir, devnet.url))
        Client(gateway.port).wait_status(kept["requestid"], "pinned")
        self.assertEqual(orders_on_chain(devnet.url), {cid_v1("kept"): 1})


class Disk(Case):
    """Durability is counted, not believed: syncs between the POST and its 202."""

    def setUp(self):
        super().setUp()
        self.sync_log = os.path.join(self.dir, "syncs")
        preload = lib.TOOLS / "libpreload_sync.so"
        release = lib.ROOT / "build" / "w3pin"  # a sanitizer does not go with a preloaded library
        self.assertTrue(preload.exists() and release.exists())
        env = clean_env(LD_PRELOAD=str(preload), W3PIN_TEST_SYNC_LOG=self.sync_log)
        binary, lib.BIN = lib.BIN, str(release)
        try:
            self.gateway = self.own(Gateway(self.dir, DEAD, "--engine.poll_ms=1000", env=env))
        finally:
            lib.BIN = binary
        time.sleep(0.5)

    def syncs(self):
        return os.path.getsize(self.sync_log) // 5 if os.path.exists(self.sync_log) else 0

    def test_each_202_has_been_synced(self):
        client = Client(self.gateway.port)
        for i in range(10):
            before = self.syncs()
            self.assertEqual(client.add(cid_v1(f"sync {i}")).status, 202)
            self.assertGreaterEqual(self.syncs() - before, 1)

    def test_group_commit_shares_a_sync(self):
        clients = [Client(self.gateway.port, f"//Alice//{i}") for i in range(16)]
        before = self.syncs()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda i: clients[i % 16].add(cid_v1(f"group {i}")), range(320)))
        self.assertEqual({a.status for a in answers}, {202})
        used = self.syncs() - before
        self.assertGreater(used, 0)
        self.assertLess(used, 320)

    def test_what_was_acknowledged_survives_a_kill(self):
        client = Client(self.gateway.port)
        ids = [client.add(cid_v1(f"hard {i}")).json["requestid"] for i in range(20)]
        self.gateway.proc.send_signal(signal.SIGKILL)
        self.gateway.proc.wait()
        with sqlite3.connect(self.gateway.db) as db:
            found = {row[0] for row in db.execute("SELECT requestid FROM pins")}
        db.close()
        self.assertLessEqual(set(ids), found)


class FullDisk(Case):
    def test_a_disk_that_is_full_for_a_while_loses_nothing_and_stops_nothing(self):
        gateway = self.own(Gateway(self.dir, DEAD, "--http.access_log=off", "--engine.poll_ms=1000"))
        client = Client(gateway.port)
        kept = [client.add(cid_v1("before")).json["requestid"]]
        unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        size = max(os.path.getsize(gateway.db + end) for end in ("", "-wal"))
        resource.prlimit(gateway.proc.pid, resource.RLIMIT_FSIZE, (size + 65536, unlimited))
        refused = 0
        for i in range(100):
            answer = client.add(cid_v1(f"full {i}"))
            if answer.status == 202:
                kept.append(answer.json["requestid"])
            else:
                refused += 1
                self.assertEqual((answer.status, answer.json["error"]["reason"]), (503, "STORE_FAILED"), answer)
        self.assertGreater(refused, 50)
        self.assertEqual(client.get(kept[0]).status, 200)
        resource.prlimit(gateway.proc.pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
        kept.append(client.add(cid_v1("after")).json["requestid"])
        listed = client.call("GET", "/pins?status=queued&limit=1000").json
        self.assertEqual([p["requestid"] for p in listed["results"]], kept[::-1])


if __name__ == "__main__":
    main()
