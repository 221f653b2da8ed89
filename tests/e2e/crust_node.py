# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""A node with one of Crust's real runtimes, in a Node process. Needs Node, npm and a chain spec in the outside data."""
import pathlib
import socket
import subprocess
import threading
import unittest

import lib

NODE_DIR = pathlib.Path(__file__).parent / "crust-node"


def node_binary():
    """A Node that is new enough, with the packages of crust-node beside it."""
    done = subprocess.run([str(NODE_DIR / "install")], capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def outside(name):
    """A file of the outside data, or the test is skipped."""
    path = lib.DATA / name
    if not path.exists():
        raise unittest.SkipTest(f"no {path}")
    return path


class CrustNode:
    def __init__(self, spec, *args):
        spec = outside(f"chain-specs/{spec}")
        with socket.create_server(("127.0.0.1", 0)) as probe:  # the node takes no port 0
            port = probe.getsockname()[1]
        self.proc = subprocess.Popen([node_binary(), "crust-node.cjs", "--spec", str(spec), "--port", str(port), *args],
                                     cwd=NODE_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.proc.stdout:
            if line.startswith("ready "):
                break
        else:
            raise AssertionError("the node of the real runtime did not start")
        self.blocks = []  # of the timer: number, extrinsics, milliseconds of their execution
        threading.Thread(target=self.listen, daemon=True).start()
        self.url = f"http://127.0.0.1:{port}"

    def listen(self):
        for line in self.proc.stdout:
            if line.startswith("block "):
                self.blocks.append(tuple(map(int, line.split()[1:])))

    def close(self):
        self.proc.kill()
        self.proc.wait()
        self.proc.stdout.close()
