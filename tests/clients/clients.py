# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests with foreign clients share. W3PIN_NODE: a Node, with node_modules beside this file; W3PIN_KUBO: an `ipfs`.
tests/run sets them; a client that is not there is skipped loudly."""
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
NODE, KUBO = os.environ.get("W3PIN_NODE"), os.environ.get("W3PIN_KUBO")
DELEGATE = "/ip4/127.0.0.1/tcp/9/p2p/12D3KooWMcAHcs97R49PLZjGUKDbP1fr9iijeepod8fkktHTLCgN"


def need_node(test):
    if not NODE:
        test.skipTest("npm cannot install the packages of tests/clients")


def need_kubo(test):
    if not KUBO:
        test.skipTest("there is no kubo: no `ipfs` in PATH, and no Go that can build one")
