#!/usr/bin/env python3
# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Helia's client for remote pinning, @helia/remote-pinning from npm, at the real gateway; see helia.mjs."""
import json
import subprocess

from clients import DELEGATE, HERE, NODE, need_node
import lib
from lib import Case, Client, Devnet, Gateway, cid_v0, cid_v1, main, orders_on_chain


class Helia:
    """One run of helia.mjs, spoken to line by line."""

    def __init__(self, port, token):
        self.proc = subprocess.Popen([NODE, str(HERE / "helia.mjs"), f"http://127.0.0.1:{port}/psa", token],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=lib.clean_env())

    def ask(self, *step):
        self.proc.stdin.write(json.dumps(step) + "\n")
        self.proc.stdin.flush()
        return json.loads(self.proc.stdout.readline())

    def __call__(self, *step):
        answer = self.ask(*step)
        assert "value" in answer, (step, answer)
        return answer["value"]

    def close(self):
        self.proc.stdin.close()
        self.proc.stdout.close()
        self.proc.wait(10)


class HeliaPins(Case):
    def setUp(self):
        super().setUp()
        need_node(self)
        self.devnet = self.own(Devnet(block_ms=100))
        self.gateway = self.own(Gateway(self.dir, self.devnet.url, f"--psa.delegates={DELEGATE}"))
        self.client = Client(self.gateway.port)
        self.helia = self.own(Helia(self.gateway.port, self.client.token))

    def test_wrong_token_and_unknown_content(self):
        stranger = self.own(Helia(self.gateway.port, "d3Jvbmc="))
        for step in (["add", cid_v1("no")], ["ls"], ["isPinned", cid_v1("no")], ["rm", cid_v1("no")]):
            self.assertIn("error", stranger.ask(*step), step)
        self.assertEqual(self.helia.ask("get", cid_v1("no"))["error"], "NotFoundError")
        self.assertEqual(self.helia.ask("setMetadata", cid_v1("no"), {"a": "b"})["error"], "NotFoundError")
        self.assertIs(self.helia("isPinned", cid_v1("no")), False)
        self.assertEqual(self.helia("rm", cid_v1("no")), [cid_v1("no")])

    def test_a_pin_from_add_to_rm(self):
        for cid in (cid_v1("helia"), cid_v0("helia 0")):
            self.assertEqual(self.helia("add", cid, {"name": "mine", "metadata": {"app": "test"}}), [cid])
            self.assertIs(self.helia("isPinned", cid), True)
            self.assertEqual(self.helia("get", cid), {"status": "pinned", "metadata": {"app": "test"}})
            self.helia("setMetadata", cid, {"app": "ünï"})
            self.assertEqual(self.helia("ls", cid), [{"cid": cid, "status": "pinned", "name": "mine", "metadata": {"app": "ünï"}}])
            self.assertEqual(self.helia("rm", cid), [cid])
            self.assertIs(self.helia("isPinned", cid), False)
        self.assertEqual(self.helia("dialled"), [DELEGATE, DELEGATE])
        # new metadata is a replace with the same content: one order each, for all of this
        self.assertEqual(orders_on_chain(self.devnet.url), {cid_v1("helia"): 1, cid_v0("helia 0"): 1})

    def test_ls_gives_every_pin_and_ends(self):
        cids = [cid_v1(f"many {i}") for i in range(25)]
        requests = [self.client.add(cid).json["requestid"] for cid in cids]
        for requestid in requests:
            self.client.wait_status(requestid, "pinned", 60)
        listed = self.helia("ls", None, {"status": ["queued", "pinning", "pinned", "failed"]})
        self.assertEqual({pin["cid"] for pin in listed}, set(cids))
        # it pages forward from the oldest row of a list that is newest first: each page lacks one row of the one before
        self.assertEqual(len(listed), 25 * 26 // 2)


if __name__ == "__main__":
    main()
