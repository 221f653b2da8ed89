# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Runtimes that are not Substrate 3, for test_chain.py: Crust's parachain runtime (metadata V14 and V15, MultiAddress,
modern DispatchError and Weight), what polkadot-js reads in the metadata of real runtimes, and a Crust chain as V14.
Tests to be mixed into a Case there."""
import gzip
import http.server
import json
import pathlib
import subprocess
import threading
import urllib.request

import lib
from crust_node import NODE_DIR, CrustNode, node_binary, outside
from lib import Client, Devnet, Gateway, cid_v0, rpc

ALICE = {"sr25519": "//Alice", "ed25519": "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu",
         "ecdsa": "5C7C2Z5sWbytvHpuLTvzKunnnRwQxft1jiqrLD5rhucQ5S9X"}  # her accounts by kind of key
BOB = "008eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48"  # as a MultiAddress
TWO_MILLION_CRU = "130000c84e676dc11b"  # as a Compact, twice what the node gives to each


def tool(name, *args, ok=True):
    done = subprocess.run([str(lib.TOOLS / name), *args], capture_output=True, text=True, timeout=90, check=False)
    assert (done.returncode == 0) == ok, done.stdout + done.stderr
    return done


class ReadsMetadata:
    """Every index, name, hasher, constant, argument and type that we read is what polkadot-js reads."""

    def compare(self, path, version, types=True):
        words = ["--no-types"] * (not types)
        ours = tool("chain_metadata", *words, str(path))
        done = subprocess.run([node_binary(), "metadata.cjs", *words, str(path)], cwd=NODE_DIR, capture_output=True, text=True,
                              timeout=90, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"\nV{version},", ours.stderr)
        self.assertEqual(ours.stdout.splitlines(), done.stdout.splitlines())
        return ours.stdout.splitlines()


class MetadataBothWays(ReadsMetadata):
    def unpacked(self, name):
        path = pathlib.Path(self.dir) / "metadata"
        path.write_bytes(gzip.decompress(outside(f"metadata/{name}").read_bytes()))
        return path

    def test_v12_of_crust(self):
        self.assertGreater(len(self.compare(outside("metadata/crust-rocky-4-v12.hex"), 12, types=False)), 500)

    def test_v13_of_kusama(self):
        self.assertGreater(len(self.compare(self.unpacked("kusama-v13.bin.gz"), 13, types=False)), 1200)

    def test_v14_of_kusama(self):
        self.assertGreater(len(self.compare(self.unpacked("kusama-v14.bin.gz"), 14)), 1300)


class Parachain(ReadsMetadata):
    """Crust's parachain runtime in a Node process, one for all tests."""
    instance = None

    def setUp(self):
        super().setUp()
        cls = type(self)
        if cls.instance is None:
            cls.instance = CrustNode("crust-parachain-2012.json.gz", "--parachain", "1", "--fund", ",".join(ALICE.values()))
        self.url = cls.instance.url

    @classmethod
    def tearDownClass(cls):
        if cls.instance is not None:
            cls.instance.close()

    def call(self, kind, pallet, call, args, *v15):
        return tool("chain_call", self.url, "//Alice", kind, pallet, call, args, *v15).stdout.splitlines()

    def test_v14_and_v15_of_one_runtime_read_the_same(self):
        folder = pathlib.Path(self.dir)
        (folder / "14").write_text(rpc(self.url, "state_getMetadata"))
        answer = bytes.fromhex(rpc(self.url, "state_call", "Metadata_metadata_at_version", "0x0f000000", timeout=60)[2:])
        self.assertEqual((answer[0], answer[1] & 3), (1, 2))  # Some, and a length of four bytes
        (folder / "15").write_bytes(answer[5:])
        self.assertEqual(self.compare(folder / "14", 14), self.compare(folder / "15", 15))

    def test_a_remark_of_every_kind_of_key(self):
        for kind in ALICE:
            for v15 in ((), ("15",))[:2 if kind == "sr25519" else 1]:
                with self.subTest(kind=kind, v15=v15):
                    lines = self.call(kind, "System", "remark_with_event", "1468656c6c6f", *v15)
                    self.assertEqual(lines[0], "metadata 15" if v15 else "metadata 14")
                    self.assertIn("event System.Remarked", lines)
                    self.assertIn("event TransactionPayment.TransactionFeePaid", lines)
                    self.assertRegex(lines[-1], r"^success ref_time [1-9]\d{7,} proof_size \d+ class 0 pays yes$")

    def test_a_remark_without_an_event(self):
        self.assertRegex(self.call("sr25519", "System", "remark", "1468656c6c6f")[-1], r"^success ref_time [1-9]\d{7,} ")

    def test_failures_are_named(self):
        cid = "b8" + b"QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM".hex()
        for pallet, call, args, says in (
                ("Balances", "transfer_allow_death", BOB + TWO_MILLION_CRU, "failed Token: FundsUnavailable"),
                ("System", "set_code", "1468656c6c6f", "failed BadOrigin"),
                ("Xstorage", "place_storage_order", cid + "0000100000000000" + "00", "failed Xstorage.NotSupportedCurrency")):
            with self.subTest(says):
                self.assertEqual(self.call("sr25519", pallet, call, args)[-1], says)

    def test_a_gateway_says_that_there_is_no_market(self):
        code, _, err = lib.run("serve", "--http.listen=127.0.0.1:0", f"--store.path={self.dir}/x.db", "--crust.key_uri=//Alice",
                               f"--crust.endpoints={self.url}", "--log.level=error")
        self.assertEqual(code, 1)
        self.assertEqual(err.splitlines(), ["w3pin serve: runtime polkadot-crust-parachain has no pallet Market: this is no Crust "
                                            "storage chain; set crust.endpoints to one"])


class NewerNode:
    """In front of a development chain: its metadata is answered in another version, all else passes."""

    def __init__(self, url, first, at_version=None):
        answers = {"state_getMetadata": first}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                asked = json.loads(body)
                answer = answers.get(asked["method"])
                if asked["params"][:1] == ["Metadata_metadata_at_version"]:
                    answer = at_version
                if answer is not None:
                    reply = json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": answer}).encode()
                else:
                    forward = urllib.request.Request(url, body, {"Content-Type": "application/json"})
                    with urllib.request.urlopen(forward, timeout=30) as response:
                        reply = response.read()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class CrustAsV14:
    """A Crust chain whose metadata is V14, V15, or newer than anything: orders go through, and failures are named."""

    def to_the_end(self, newer=False):
        devnet = self.own(Devnet("--runtime=rocky-4", block_ms=150))
        path = pathlib.Path(self.dir) / "v12"
        path.write_text(rpc(devnet.url, "state_getMetadata"))
        written = tool("chain_metadata", "--as-v15" if newer else "--as-v14", str(path)).stdout.strip()
        if newer:
            inner = bytes.fromhex(written[2:])
            option = "0x01" + (len(inner) << 2 | 2).to_bytes(4, "little").hex() + inner.hex()
            node = self.own(NewerNode(devnet.url, "0x6d65746110" + "00" * 8, option))
        else:
            node = self.own(NewerNode(devnet.url, written))
        gateway = self.own(Gateway(self.dir, node.url))
        client = Client(gateway.port)
        pinned, seen = client.wait_status(client.add(cid_v0(self.id()), meta={"size": "3000000"}).json["requestid"], "pinned", 60)
        self.assertIn("pinning", seen)
        self.assertGreaterEqual(int(pinned["info"]["replicas"]), 3)
        self.assertGreater(int(pinned["info"]["price_paid"]), 10**6)
        return node

    def test_an_order_by_v14(self):
        node = self.to_the_end()
        done = tool("chain_probe", "--endpoints", node.url, "--wait", "60", "--order", cid_v0("large"), str(32 * 2**30), ok=False)
        self.assertIn("Market.FileTooLarge", done.stdout)

    def test_newer_than_known_is_asked_for_as_v15(self):
        self.to_the_end(newer=True)
