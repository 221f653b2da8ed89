#!/usr/bin/env python3
# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""`ipfs pin remote` of a real kubo at the real gateway."""
import json
import time

from clients import DELEGATE, HERE, need_kubo
from kubo import ALL, Kubo
from lib import Case, Client, Devnet, Gateway, cid_v0, cid_v1, main, orders_on_chain, run, wait_for

MANY = 1000
HOST = "gw.example"


class Remote(Case):
    def setUp(self):
        super().setUp()
        need_kubo(self)
        self.devnet = self.own(Devnet(block_ms=100))
        self.gateway = self.own(Gateway(self.dir, self.devnet.url, f"--psa.delegates={DELEGATE}", "--accounts.pins_per_day=0",
                                        "--budget.planck_per_day=0", f"--auth.audience={HOST}"))
        self.url = f"http://127.0.0.1:{self.gateway.port}/psa"
        self.client = Client(self.gateway.port)
        self.kubo = self.own(Kubo(self.dir, self.url, self.client.token))

    def test_a_service_that_refuses(self):
        self.kubo.run("pin", "remote", "service", "add", "wrong", self.url, "d3Jvbmc=")
        code, _, err = self.kubo.tell("pin", "remote", "ls", "--service=wrong")
        self.assertNotEqual(code, 0)
        self.assertIn("401 Unauthorized", err)
        self.assertRegex(err, 'reason: "[A-Z_]+", details: ".+"')
        services = json.loads(self.kubo.run("pin", "remote", "service", "ls", "--stat", "--enc=json"))["RemoteServices"]
        self.assertEqual({s["Service"]: s["Stat"]["Status"] for s in services}, {"w3": "valid", "wrong": "invalid"})

    def test_add_ls_rm(self):
        content = self.kubo.run("add", "--quieter", "--cid-version=0", stdin=b"content of our own").strip()
        self.assertEqual(self.kubo.remote("add", "--name=mine, at 100%", content),
                         [{"Status": "pinned", "Cid": content, "Name": "mine, at 100%"}])
        # its block is here: the node's own addresses were sent as origins
        row = self.client.call("GET", "/pins?cid=" + content).json["results"][0]
        self.assertTrue(row["pin"]["origins"][0].startswith("/ip4/127.0.0.1/tcp/"), row)
        foreign = [cid_v1("away"), cid_v0("away 0")]
        for cid in foreign:
            self.assertEqual(self.kubo.remote("add", "--background", "--name=" + cid, cid)[0]["Cid"], cid)
        wait_for("all pinned", lambda: len(self.kubo.remote("ls")) == 3)
        self.assertEqual([r["Cid"] for r in self.kubo.remote("ls", "--name=mine, at 100%")], [content])
        self.assertEqual(self.kubo.remote("ls", "--name=mine"), [])
        self.assertEqual({r["Cid"] for r in self.kubo.remote("ls", "--cid=" + ",".join(foreign))}, set(foreign))
        # more than one match is not removed without --force
        code, _, err = self.kubo.tell("pin", "remote", "rm", "--service=w3", "--cid=" + ",".join(foreign))
        self.assertNotEqual(code, 0, err)
        self.assertEqual(len(self.kubo.remote("ls", ALL)), 3)
        self.kubo.run("pin", "remote", "rm", "--service=w3", "--force", "--cid=" + ",".join(foreign))
        self.assertEqual([r["Cid"] for r in self.kubo.remote("ls", ALL)], [content])
        self.assertEqual(orders_on_chain(self.devnet.url), {content: 1, foreign[0]: 1, foreign[1]: 1})

    def test_tokens_that_end_are_keys_as_any_other(self):
        def token(*args, stdin=None):
            code, out, err = run("token", *args, stdin=stdin)
            self.assertEqual(code, 0, err)
            return out.strip()
        alice = ("new", "--chain=eth", "--uri=//Alice")
        minted = token(*alice, "--login", self.url, "--audience", HOST, "--scopes=pin.read,pin.write")
        keys = {"signed": token(*alice, "--for", f"https://{HOST}", "--label=kubo"), "minted": minted,
                "reads": token("narrow", "--scopes=pin.read", "-", stdin=minted), "ended": token(*alice, "--for", f"https://{HOST}", "--ttl=1")}
        time.sleep(1.1)
        for name, key in keys.items():
            self.kubo.run("pin", "remote", "service", "add", name, self.url, key)
        services = json.loads(self.kubo.run("pin", "remote", "service", "ls", "--stat", "--enc=json"))["RemoteServices"]
        self.assertEqual({s["Service"]: s["Stat"]["Status"] for s in services},
                         {"w3": "valid", "signed": "valid", "minted": "valid", "reads": "valid", "ended": "invalid"})
        for name in ("signed", "minted"):
            self.kubo.run("pin", "remote", "add", "--background", f"--service={name}", "--name=" + name, cid_v1(name))
        code, _, err = self.kubo.tell("pin", "remote", "add", "--background", "--service=reads", cid_v1("reads"))
        self.assertNotEqual(code, 0)
        self.assertIn("pin.write", err)
        for name in ("signed", "minted", "reads"):  # one wallet, one account
            out = self.kubo.run("pin", "remote", "ls", f"--service={name}", ALL)
            self.assertEqual(out.count(cid_v1("signed")) + out.count(cid_v1("minted")), 2, out)

    def test_rm_takes_exactly_what_is_named(self):
        names = ["foo", "foobar", "FOO", "f%", "f_o", "xfoo"]
        for name in names:
            self.kubo.remote("add", "--background", "--name=" + name, cid_v1(name))
        for gone in ("foo", "f%", "f_o"):
            self.kubo.run("pin", "remote", "rm", "--service=w3", "--force", ALL, "--name=" + gone)
            names.remove(gone)
            self.assertEqual({r["Name"] for r in self.kubo.remote("ls", ALL)}, set(names))

    def test_lines_of_the_page_for_users(self):
        lines = [line.strip() for line in (HERE.parents[1] / "src/http/CLIENTS.md").read_text(encoding="utf-8").splitlines()
                 if line.startswith("    ipfs ")]
        self.assertEqual(len(lines), 6)
        for line in lines:
            args = line.replace("$BASE", self.url).replace("$TOKEN", self.client.token).split()[1:]
            self.kubo.run(*args)
            if args[:3] == ["pin", "remote", "ls"]:
                self.assertEqual(len(self.kubo.remote("ls", ALL)), 1)
        self.assertEqual(self.kubo.remote("ls", ALL), [])

    def test_a_thousand_pins(self):
        ids = [self.client.add(cid_v1(f"many {i}"), name=str(i)).json["requestid"] for i in range(MANY)]
        began = time.monotonic()
        rows = self.kubo.remote("ls", ALL)
        took = time.monotonic() - began
        self.assertEqual(sorted(int(r["Name"]) for r in rows), list(range(MANY)))
        stat = json.loads(self.kubo.run("pin", "remote", "service", "ls", "--stat", "--enc=json"))["RemoteServices"][0]["Stat"]
        self.assertEqual(stat["Status"], "valid")
        self.assertEqual(sum(stat["PinCount"].values()), len(ids))
        print(f"figure: ipfs pin remote ls over {MANY} pins: {took:.2f} s")


if __name__ == "__main__":
    main()
