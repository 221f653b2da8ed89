#!/usr/bin/env python3
# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""kubo's policy that keeps the root of MFS pinned: it wakes every 30 seconds and replaces its pin. The gateway answers each
time, and orders once."""
import json

from clients import need_kubo
from kubo import ALL, Kubo
from lib import Case, Client, Devnet, Gateway, main, orders_on_chain, wait_for

WAKES_S = 30
WAIT_S = 100  # longer than all of this takes


class Policy(Case):
    def test_the_root_of_mfs_is_replaced_and_ordered_once(self):
        need_kubo(self)
        devnet = self.own(Devnet(block_ms=200))
        gateway = self.own(Gateway(self.dir, devnet.url, f"--accounts.repin_wait_s={WAIT_S}"))
        client = Client(gateway.port)
        kubo = self.own(Kubo(self.dir, f"http://127.0.0.1:{gateway.port}/psa", client.token, mfs_interval="1s"))
        peer = json.loads(kubo.run("id"))["ID"]

        def root():
            return kubo.run("files", "stat", "--hash", "/").strip()

        def pinned_root(seconds):
            """The only pin of all is the root as it is now."""
            def check():
                rows = client.call("GET", "/pins?status=queued,pinning,pinned,failed").json["results"]
                return rows if [row["pin"]["cid"] for row in rows] == [root()] else None
            return wait_for("the root's pin", check, seconds, every=0.5)[0]

        kubo.run("files", "write", "--create", "/first", stdin=b"one")
        first = pinned_root(2 * WAKES_S)
        self.assertEqual(first["pin"]["name"], f"policy/{peer}/mfs")
        client.wait_status(first["requestid"], "pinned")
        kubo.run("files", "write", "--create", "/second", stdin=b"two")
        second = pinned_root(2 * WAKES_S)
        self.assertNotEqual(second["requestid"], first["requestid"])
        self.assertEqual(second["status"], "queued")
        self.assertEqual(kubo.remote("ls", ALL)[0]["Cid"], second["pin"]["cid"])
        self.assertEqual(orders_on_chain(devnet.url), {first["pin"]["cid"]: 1})


if __name__ == "__main__":
    main()
