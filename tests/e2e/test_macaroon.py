#!/usr/bin/env python3
# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Minted tokens against the second implementation in macaroon.py: random tokens made by one side and read by the other."""
import hashlib
import json
import random
import subprocess

import lib
import macaroon
from lib import Case
from macaroon import CIDS, EXPIRES, MAX_BYTES, NET, ORIGIN, SCOPES, Refused

TOKENS, SEED = 1000, 20261121
NAMES = ["pin.read", "pin.write", "pin.replace", "pin.delete", "ipfs.add", "gw.read", "token.mint", "account.admin"]
CONTENTS = [b"\x12\x20" + hashlib.sha256(bytes([n])).digest() for n in range(20)]
ORIGINS = ["https://app.example", "http://localhost:5173", "https://app.example:8443", "https://[2001:db8::1]"]
NETS = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "192.0.2.0/25", "0.0.0.0/0", "2001:db8::/32", "2001:db8:1::/48", "::/0", "2001:db8::1"]
ADDRS = ["10.1.2.3", "10.1.2.4", "10.200.0.1", "192.0.2.128", "192.0.2.127", "2001:db8::1", "2001:db8:1::9", "2001:db9::"]
QUESTIONS = [{"multihash": c} for c in CONTENTS[:6]] + [{"origin": o} for o in ORIGINS] + [{"addr": a} for a in ADDRS] + \
    [{"size": s} for s in (0, 1000, 1001, 10**9, 2**40)]


class Tool:
    def __init__(self):
        self.process = subprocess.Popen([lib.TOOLS / "macaroon_lines"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **line):
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        code = self.process.wait(20)
        self.process.stdout.close()
        if code != 0:
            raise AssertionError(f"macaroon_lines ended with {code}")


class Oracle(Case):
    def setUp(self):
        super().setUp()
        self.tool, self.rng = self.own(Tool()), random.Random(SEED)

    def caveat(self):
        """(type, value as macaroon.py takes it, fields as the tool takes them)."""
        rng = self.rng
        kind = rng.choice([EXPIRES, SCOPES, CIDS, ORIGIN, MAX_BYTES, NET])
        if kind == EXPIRES:
            value = rng.randrange(1 << rng.randrange(1, 41))
            return kind, value, {"expires": value}
        if kind == MAX_BYTES:
            value = rng.choice([0, 1000, 1001, 2**40 - 1])
            return kind, value, {"max_bytes": value}
        if kind == SCOPES:
            value = rng.randrange(1, 256)
            return kind, value, {"scopes": ", ".join(name for bit, name in enumerate(NAMES) if value >> bit & 1)}
        if kind == CIDS:
            value = rng.sample(CONTENTS, rng.randrange(1, 16))
            return kind, value, {"cids": [rng.choice([lib.base58(c), "b" + lib.base32(b"\x01\x55" + c)]) for c in value]}
        value = rng.choice(ORIGINS if kind == ORIGIN else NETS)
        return kind, value, {"origin" if kind == ORIGIN else "net": value}

    def token(self, key, audience):
        """One random token, each step of it by both sides."""
        rng = self.rng
        kid, tid, issued = rng.randrange(256), rng.randbytes(16), rng.randrange(1 << 39)
        expires = issued + rng.randrange(1, 1 << 39)
        mine = macaroon.mint(key, audience, kid, tid, issued, expires)
        self.assertEqual(self.tool.ask(mint=audience, key=key.hex(), kid=kid, tid=tid.hex(), issued=issued, expires=expires), {"token": mine})
        for _ in range(rng.choice([0, 1, 1, 2, 3, 4, 6, 40])):
            kind, value, fields = self.caveat()
            longer = macaroon.narrow(mine, macaroon.caveat(kind, value))
            try:
                count = len(macaroon.split(macaroon.raw_of(longer)[28:-32]))
            except Refused:
                count = 10**6
            answer = self.tool.ask(narrow=mine, **fields)
            if count > macaroon.CAVEATS_MAX:
                self.assertIn("longer than 1024", answer["error"])
                self.full += 1
                break
            self.assertEqual(answer, {"token": longer}, fields)
            mine = longer
        return kid, mine

    def compare(self, token, key, kid, audience):
        """Both sides' verdict, and what it permits."""
        theirs = self.tool.ask(verify=token, key=key.hex(), audience=audience,
                               ask=[{k: v.hex() if isinstance(v, bytes) else v for k, v in q.items()} for q in QUESTIONS])
        try:
            left = macaroon.verify(token, {kid: key}, [audience])
        except Refused as reason:
            self.assertEqual(theirs, {"reason": "mac" if str(reason) == "key" else str(reason)}, token)
            return str(reason)
        permits = [macaroon.permits(left, **question) for question in QUESTIONS]
        self.assertEqual(theirs, {"reason": "ok", "scopes": left["scopes"], "expires": left["expires"], "permits": permits}, token)
        for question in permits:
            self.seen[question] += 1
        return "ok"

    def spoil(self, token):
        """A change of the bytes, of the text, or of what stands in it with the right tag for it missing."""
        rng, raw = self.rng, bytearray(macaroon.raw_of(token))
        way = rng.randrange(5)
        if way == 0:
            raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
        elif way == 1:
            del raw[rng.randrange(len(raw))]
        elif way == 2:
            raw[28:28] = macaroon.caveat(SCOPES, 255)
        elif way == 3:
            return macaroon.narrow(token, bytes([rng.randrange(10), 3]) + rng.randbytes(rng.randrange(2, 5)))
        else:
            at = rng.randrange(len(token))
            return token[:at] + rng.choice("=+/ .Az") + token[at + 1:]
        return macaroon.text_of(bytes(raw))

    def test_random_tokens(self):
        self.full, self.seen, refused = 0, {True: 0, False: 0}, {}
        for number in range(TOKENS):
            key, audience = self.rng.randbytes(32), self.rng.choice(["gw.example", "gw.example:3000", "[2001:db8::1]:8080", "a" * 63 + ".example"])
            kid, token = self.token(key, audience)
            self.assertEqual(self.compare(token, key, kid, audience), "ok", number)
            self.assertEqual(self.compare(token, key, kid, "gw2.example"), "mac")
            self.assertEqual(self.compare(token, self.rng.randbytes(32), kid, audience), "mac")
            bad = self.spoil(token)
            reason = self.compare(bad, key, kid, audience)
            refused[reason] = refused.get(reason, 0) + 1
            self.assertTrue(reason != "ok" or bad == token, bad)
        print(f"{TOKENS} tokens, spoilt ones by reason {dict(sorted(refused.items()))}, {self.full} full, questions {self.seen}")
        self.assertGreater(min(refused.get("mac", 0), refused.get("caveat", 0), refused.get("macaroon", 0)), 50)
        self.assertGreater(min(self.full, self.seen[True], self.seen[False]), 50)

    def test_vectors_are_those_of_the_tree(self):
        printed = subprocess.run(["python3", lib.ROOT / "tests/e2e/macaroon.py"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(printed, (lib.ROOT / "tests/vectors/macaroon.h").read_text(encoding="utf-8"))


if __name__ == "__main__":
    lib.main()
