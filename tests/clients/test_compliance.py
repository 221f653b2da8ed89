#!/usr/bin/env python3
# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""The compliance suite of the Pinning Service API, version 1.8.1 from npm, at the real gateway: all nine checks."""
import json
import subprocess

from clients import HERE, NODE, need_node
import lib
from lib import Case, Client, DATA, Devnet, Gateway, main

SUITE = HERE / "node_modules/@ipfs-shipyard/pinning-service-compliance/dist"
SPEC = DATA / "ipfs-pinning-service-v1.0.0.yaml"
SECONDS = 200  # it sends one request a second and takes about 50


class Compliance(Case):
    def test_nine_of_nine(self):
        need_node(self)
        if not SPEC.exists():
            self.skipTest(f"the specification is not in {SPEC}")
        devnet = self.own(Devnet(block_ms=500))
        gateway = self.own(Gateway(self.dir, devnet.url))
        token = Client(gateway.port).token
        report = SUITE / "docs/127.0.0.1.json"
        report.unlink(missing_ok=True)
        done = subprocess.run([NODE, "--import", str(HERE / "spec_hook.mjs"), str(SUITE / "src/index.js"), "-s",
                               f"http://127.0.0.1:{gateway.port}/psa", token], env=lib.clean_env(PSA_SPEC=str(SPEC)),
                              capture_output=True, text=True, timeout=SECONDS, check=False)
        # it ends with 0 whatever it found
        self.assertTrue(report.exists(), done.stdout[-3000:] + done.stderr[-3000:])
        result = json.loads(report.read_text(encoding="utf-8"))
        print(f"figure: compliance suite: {result['passed']} of {result['total']}")
        self.assertEqual(result, {"total": 9, "passed": 9, "failed": 0, "success": True}, done.stdout[-6000:])
        self.assertNotIn(token, gateway.log_text())


if __name__ == "__main__":
    main()
