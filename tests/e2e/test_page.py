# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""The page for users, src/http/CLIENTS.md: its curl lines do what they say, and every reason of an error that it names exists, and
the other way round. (Its lines for `ipfs` are run by tests/clients/test_kubo.py.)"""
import json
import re
import subprocess

from lib import ROOT, Case, Client, Devnet, Gateway, clean_env, main, request

PAGE = (ROOT / "src/http/CLIENTS.md").read_text(encoding="utf-8")
# what a client of the PSA with a well-formed HTTP library does not see
NOT_ON_THE_PAGE = {"METHOD_NOT_ALLOWED", "EXPECTATION_FAILED", "TOO_MANY_HEADERS", "BAD_REQUEST", "INTERNAL_SERVER_ERROR",
                   "UNPROCESSABLE_CONTENT", "INVALID_SIZE", "INVALID_QUERY", "PRICE_UNKNOWN"}


class Page(Case):
    def setUp(self):
        super().setUp()
        self.gateway = self.own(Gateway(self.dir, self.own(Devnet(block_ms=100)).url))
        self.client = Client(self.gateway.port)

    def curl(self, line, **more):
        env = clean_env(BASE=f"http://127.0.0.1:{self.gateway.port}/psa", TOKEN=self.client.token, **more)
        done = subprocess.run(["bash", "-c", line.replace("curl ", "curl -sS --fail-with-body --max-time 10 ", 1)], env=env,
                              capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 0, (line, done.stdout, done.stderr))
        return json.loads(done.stdout)

    def test_curl_lines(self):
        lines = [line.strip() for line in PAGE.splitlines() if line.startswith("    curl ")]
        post = [line for line in lines if "-X POST" in line]
        self.assertEqual((len(lines), len(post)), (4, 1))
        pin = self.curl(post[0])
        self.assertEqual(self.curl(post[0])["requestid"], pin["requestid"])  # its key stands on the page
        self.client.wait_status(pin["requestid"], "pinned")
        for line in lines:
            if line != post[0]:
                self.assertEqual([p["requestid"] for p in self.curl(line)["results"]], [pin["requestid"]], line)
        inline = re.findall(r"`(curl .*REQUESTID)`", PAGE)
        self.assertEqual(len(inline), 1)
        self.assertEqual(self.curl(inline[0].replace("REQUESTID", pin["requestid"]))["requestid"], pin["requestid"])

    def test_reasons_are_those_of_the_gateway(self):
        document = request(self.gateway.port, "GET", "/openapi.json").json
        reasons = set()
        for path, item in document["paths"].items():
            for operation in item.values():
                if path.startswith("/psa") and isinstance(operation, dict):
                    for response in operation["responses"].values():
                        reasons |= set(response.get("x-reasons", []))
        named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", PAGE.split("## What an error means")[1]))
        self.assertGreater(len(reasons), 10)
        self.assertEqual(named - reasons, set())
        self.assertEqual({r for r in reasons if not r.startswith("INVALID_")} - named - NOT_ON_THE_PAGE, set())


if __name__ == "__main__":
    main()
