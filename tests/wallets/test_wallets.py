#!/usr/bin/env python3
# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Random credentials by the wallets' own libraries: what ours says to each is what these libraries say.

W3PIN_NODE is a Node with node_modules beside this file, W3PIN_TOOLS the folder of the program `verdicts`.
sign.mjs makes the cases; W3PIN_TEST_SEED repeats or varies them, W3PIN_TEST_CASES makes more. What the libraries let
pass and a gateway must not is refused on both sides; EXPECTED lists it, and each must have come up."""
import base64
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
import lib  # noqa: E402

NODE = os.environ.get("W3PIN_NODE", "node")
CASES = int(os.environ.get("W3PIN_TEST_CASES", "1000"))
SECONDS = 600
# Two lots of about the same work, one for each core.
LOTS = [["substrate", "ethereum", "near", "avalanche", "multiversx"], ["solana", "aptos", "algorand", "ton"]]
SCHEMES = sorted(name for lot in LOTS for name in lot)
TEXTLESS = {"ton"}  # their wallets sign no texts
EXPECTED = {"high s", "s not reduced", "key of small order", "keccak for a 32-byte account", "type of another signature"}
EXPECTED_TEXT = {"high s", "s not reduced", "a text that is not of the exact form"}


def made(part, count):
    """What sign.mjs makes of all schemes: (cases, counts of what only libraries take)."""
    def lot(names):
        done = subprocess.run([NODE, "sign.mjs", part, str(count), *names], cwd=HERE, capture_output=True, text=True,
                              timeout=SECONDS, check=False)
        if done.returncode != 0:
            raise AssertionError(f"sign.mjs ends with {done.returncode}: {done.stderr[-3000:]}")
        *cases, last = map(json.loads, done.stdout.splitlines())
        return cases, last

    cases, taken = [], collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(len(LOTS)) as pool:
        for some, last in pool.map(lot, LOTS):
            cases += some
            taken.update(last["taken"])
    return cases, taken


def ours(cases):
    done = subprocess.run([lib.TOOLS / "verdicts"], input="".join(case["line"] + "\n" for case in cases),
                          capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode != 0:
        raise AssertionError(f"verdicts ends with {done.returncode}: {done.stderr[-3000:]}")
    return done.stdout.splitlines()


def shown(line):
    """A case for a person: what is hex stands as text, and what is base64 in it beside it."""
    words = []
    for word in line.split():
        try:
            words.append(bytes.fromhex(word).decode("latin1"))
        except ValueError:
            pass
    for text in words:
        for run in re.findall(r"[A-Za-z0-9+/_-]{16,}", text):
            words.append(base64.b64decode(run[:len(run) // 4 * 4].replace("-", "+").replace("_", "/")).decode("latin1"))
        if len(words) > 4:
            break
    return "".join(f"\n    {word[:1500]!r}" for word in words)


class Wallets(unittest.TestCase):
    def compare(self, part, count):
        cases, taken = made(part, count)
        answers = ours(cases)
        self.assertEqual(len(cases), len(answers))
        differ, seen = collections.defaultdict(list), collections.Counter()
        for case, answer in zip(cases, answers):
            word = answer.split()[0]
            word = "signature" if word == "signature_form" else word
            got = answer if word == "ok" else word
            seen[case["scheme"], "good" if case["want"].startswith("ok ") else "refused"] += 1
            if got != case["want"] and (case["want"], word == "ok") != ("refused", False):
                differ[f"{case['scheme']}, {case['kind']}: libraries {case['want'].split()[0]}, ours {word}"].append(case)
        for name, some in sorted(differ.items()):
            print(f"differ: {len(some)} of {name}; the first: {shown(some[0]['line'])}")
        self.assertEqual(0, sum(map(len, differ.values())), f"of {len(cases)} verdicts differ; they are listed above")
        figures = []
        for scheme in SCHEMES if part == "token" else sorted(set(SCHEMES) - TEXTLESS):
            good, refused = seen[scheme, "good"], seen[scheme, "refused"]
            figures.append(f" {scheme} {good} {refused}")
            self.assertGreaterEqual(good + refused, count)
            self.assertGreaterEqual(min(good, refused), count * 3 // 10, scheme)
        print(f"figure: {part}: {len(cases)} cases, 0 differ; good and refused:{','.join(figures)}")
        return taken

    def test_tokens(self):
        taken = self.compare("token", CASES)
        self.expect(taken, EXPECTED)

    def test_self_issued(self):
        taken = self.compare("selfissued", CASES)
        self.expect(taken, EXPECTED_TEXT)

    def test_login(self):
        self.compare("login", CASES)

    def expect(self, taken, names):
        print("figure: refused although a library takes it: " + ", ".join(f"{name} {n}" for name, n in sorted(taken.items())))
        self.assertLessEqual(names, set(taken))


if __name__ == "__main__":
    lib.main()
