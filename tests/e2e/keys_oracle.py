# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Keys against polkadot.js: random key texts derive the same accounts, and keystores open on the other side. Part of the
chain stage (test_chain.py runs it), which brings Node and the packages."""
import json
import pathlib
import random
import string
import subprocess
import unittest

import lib
from lib import Case, run

NODE_DIR = pathlib.Path(__file__).parent / "crust-node"
COUNT = 60
SCHEMES = ("sr25519", "ed25519", "ecdsa")


class KeysOfPolkadotJs(Case):
    def setUp(self):
        super().setUp()
        if not (lib.DATA / "chain-specs").exists():
            raise unittest.SkipTest(f"no outside data in {lib.DATA}, so npm is not used either")
        done = subprocess.run([str(NODE_DIR / "install")], capture_output=True, text=True, timeout=400, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.node = subprocess.Popen([done.stdout.split()[-1], "keys.cjs"], cwd=NODE_DIR, stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(self.stop)

    def stop(self):
        self.node.stdin.close()
        self.node.wait(20)
        self.node.stdout.close()

    def ask(self, **line):
        self.node.stdin.write(json.dumps(line) + "\n")
        self.node.stdin.flush()
        return json.loads(self.node.stdout.readline())

    def file(self, name, text):
        path = pathlib.Path(self.dir) / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    def inspect(self, *args):
        code, out, err = run("key", "inspect", "--json", *args)
        self.assertEqual(code, 0, err)
        return json.loads(out)

    def same(self, ours, theirs, note):
        self.assertEqual((ours["public_key"], ours["ss58_generic"]), (theirs.get("public_key"), theirs.get("address")), f"{note}: {theirs}")

    def random_text(self, rng, scheme):
        """A key text of any form; the seed of rng is fixed, the phrases of polkadot.js are not."""
        by_phrase = rng.random() < 0.7
        text = self.ask(phrase=rng.choice((12, 15, 18, 21, 24)))["phrase"] if by_phrase else "0x" + rng.randbytes(32).hex()
        for _ in range(rng.randrange(5)):
            soft = scheme == "sr25519" and rng.random() < 0.4
            part = rng.choice((str(rng.randrange(100)), str(rng.randrange(2**256)), "00" + str(rng.randrange(9)),
                               "".join(rng.choices(string.ascii_letters + "_-. ~!0x", k=rng.randrange(1, 80))),
                               "w\u00f3rd", "x" * rng.choice((31, 32, 63, 64, 65))))
            text += ("/" if soft else "//") + part
        if by_phrase and rng.random() < 0.4:
            text += "///" + "".join(rng.choices(string.ascii_letters + string.digits + "/ !$%~", k=rng.randrange(1, 40)))
        return text

    def test_random_key_texts_are_the_same_accounts(self):
        rng = random.Random(20)
        for i in range(COUNT):
            scheme = SCHEMES[i % 3]
            text = self.random_text(rng, scheme)
            if "//0x" in text or "/0x" in text:  # polkadot.js reads these as bytes, subkey as text: we refuse
                continue
            theirs = self.ask(derive=text, scheme=scheme)
            self.same(self.inspect(self.file("k", text), f"--scheme={scheme}"), theirs, (scheme, text))

    def test_what_we_seal_polkadot_js_opens(self):
        password = self.file("password", "correct horse \u00e9\n")
        for scheme in SCHEMES:
            path = f"{self.dir}/{scheme}.json"
            code, _, err = run("key", "new", f"--scheme={scheme}", f"--out={path}", f"--password-file={password}")
            self.assertEqual(code, 0, err)
            store = json.loads(pathlib.Path(path).read_text())
            theirs = self.ask(open=store, password="correct horse \u00e9")
            self.assertTrue(theirs.get("signs"), theirs)
            self.same(self.inspect(path, f"--password-file={password}"), theirs, scheme)
            self.assertIn("error", self.ask(open=store, password="wrong"))

    def test_what_polkadot_js_seals_we_open(self):
        password = self.file("password", "correct horse \u00e9")
        for scheme, path in (("sr25519", "//a/soft"), ("ed25519", "//a"), ("ecdsa", "//a//1")):
            text = self.ask(phrase=12)["phrase"] + path
            store = self.ask(seal=text, scheme=scheme, password="correct horse \u00e9")["keystore"]
            ours = self.inspect(self.file("k", json.dumps(store)), f"--password-file={password}")
            self.same(ours, self.ask(derive=text, scheme=scheme), scheme)
            self.assertEqual((ours["kind"], ours["scheme"]), ("keystore", scheme))


if __name__ == "__main__":
    lib.main()
