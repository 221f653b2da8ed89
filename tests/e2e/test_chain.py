# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""One integration suite, two chains: the development chain and Crust's real runtime get the same extrinsics and the same
gateway. On what a runtime computes the real one is right.

Needs Node and the npm packages of tests/e2e/crust-node, and a real chain spec in the outside data; without them the tests
of the real runtime are skipped, loudly."""
import contextlib
import hashlib
import json
import sqlite3
import subprocess
import threading
import time

import forge
import lib
import parachain
from crust_node import CrustNode
from keys_oracle import KeysOfPolkadotJs  # noqa: F401  its tests run with these
from lib import CRU, Case, Client, Devnet, Gateway, cid_v0, cid_v1, main, rpc, wait_for

MULTIPLIER = "0x3f1467a096bcd71a5b6a0c8155e208103f2edf3bdf381debe331ab7446addfdc"  # TransactionPayment.NextFeeMultiplier
ENABLE_MARKET = "0x" + forge.MARKET + "f6cb5618504b5719970aa15e9e1c332d"
BASE_FEE, BYTE_FEE, KEYS_FEE = ("0x" + forge.MARKET + item for item in ("743463cc3aecb725f091ad4dc5be8363", "0d229d55a36155fe3953f58608e53a36",
                                                                          "b344c14d7cc6fc6466ae7933a1ab85ab"))


class RealNode:
    """Crust's runtime; blocks only on request. One for all tests."""
    instance = None

    @classmethod
    def get(cls):
        if cls.instance is None:
            cls.instance = CrustNode("rocky.json.gz", "--fund", "//Alice", "--block-ms", "0")
        return cls.instance


def tearDownModule():
    if RealNode.instance is not None:
        RealNode.instance.close()


class Ticker:
    """A block every half second for as long as a test wants them."""

    def __init__(self, url, every=0.5):
        self.end = threading.Event()

        def tick():
            while not self.end.wait(every):
                rpc(url, "dev_newBlock", timeout=60)
        self.thread = threading.Thread(target=tick, daemon=True)
        self.thread.start()

    def stop(self):
        self.end.set()
        self.thread.join(60)


class Verdicts(Case):
    """200 extrinsics, most of them spoilt: both chains say the same of each, and charge the same."""

    def verdicts(self, url):
        chain = forge.Chain(url, self.dir)
        self.addCleanup(chain.close)
        chain.blocks(max(0, 80 - chain.head()))
        cases = forge.cases()
        signers = [chain.signer(f"//case//{i}", c.spec.get("type", "sr25519")) for i, c in enumerate(cases)]
        chain.set_storage([[forge.account_key(s), forge.account_info(c.free, c.account_nonce)]
                           for s, c in zip(signers, cases) if c.free or c.account_nonce])
        answers = []
        for i, case in enumerate(cases):
            spec = {"nonce": case.account_nonce, **case.spec}
            answers.append(chain.submit(chain.make(f"//case//{i}", case.call, **spec)))
        # Fees drift with the use of a chain; both charge by the same ones here.
        chain.set_storage([[key, "0x" + value.to_bytes(16, "little").hex()] for key, value in
                           ((MULTIPLIER, 10**18), (BASE_FEE, 5_000), (BYTE_FEE, 10_000), (KEYS_FEE, 1_000_000))])
        chain.blocks(2)
        results = []
        for signer, case, answer in zip(signers, cases, answers):
            info = chain.storage(forge.account_key(signer))
            data = bytes.fromhex(info[2:]) if info else bytes(76)
            entry = chain.storage(forge.file_key(case.cid)) if case.cid else None
            included = int.from_bytes(data[:4], "little") > case.account_nonce
            paid = case.free - int.from_bytes(data[12:28], "little") if included else 0
            # everything but the block number at which it was ordered
            file = entry and entry[:2 + 40] + entry[2 + 48:]
            results.append({"answer": answer, "included": included, "paid": paid, "file": file})
        return cases, results

    def test_200_extrinsics_get_the_same_verdict_from_both_chains(self):
        real = RealNode.get()
        devnet = self.own(Devnet("--runtime=rocky-4", "--replicas-after=100000", block_ms=0))
        cases, expected = self.verdicts(real.url)
        _, got = self.verdicts(devnet.url)
        self.assertEqual(len(cases), 200)
        tried = {}
        for case, want, have in zip(cases, expected, got):
            with self.subTest(case.name):
                tried[want["answer"]] = tried.get(want["answer"], 0) + 1
                self.assertEqual((have["answer"], have["included"]), (want["answer"], want["included"]))
                self.assertEqual(have["file"], want["file"])
                self.assertEqual(have["paid"], want["paid"])
        print("verdicts of the real runtime:", tried)
        self.assertGreater(min(tried.get(x, 0) for x in ("accepted", "bad", "stale", "payment")), 1)


class OnAChain:
    """What a gateway does on a chain; run once for each."""

    def gateway(self, *args, url=None, uri="//Alice"):
        return self.own(Gateway(self.dir, url or self.url, "--engine.head_age_max_s=0", "--engine.retry_wait_s=1", *args,
                                key=(f"--crust.key_uri={uri}",)))

    def ticking(self):
        ticker = Ticker(self.url)
        self.addCleanup(ticker.stop)

    def label(self, text):
        """CIDs of a test of its own: the real node serves several tests."""
        return f"{self.id()} {text}"

    def inject_replicas(self, cid, count):
        entry = rpc(self.url, "state_getStorage", forge.file_key(cid))
        rpc(self.url, "dev_setStorage", [[forge.file_key(cid), forge.with_replicas(entry, count, 2_600_000)]])

    def pin_to_the_end(self, client, cid, size):
        added = client.add(cid, meta={"size": str(size)})
        self.assertEqual(added.status, 202, added)
        requestid = added.json["requestid"]
        pinning, _ = client.wait_status(requestid, "pinning", 60)
        wait_for("finality", lambda: "price_paid" in client.get(requestid).json["info"], 60)
        self.inject_replicas(cid, 2)
        wait_for("two replicas", lambda: client.get(requestid).json["info"].get("replicas") == "2", 60)
        self.assertEqual(client.get(requestid).json["status"], "pinning")
        self.inject_replicas(cid, 3)
        pinned, _ = client.wait_status(requestid, "pinned", 60)
        return pinned

    def price(self, size, *at):
        """Of an order of that size, by the market's own items."""
        base, mib, keys = (int.from_bytes(bytes.fromhex((rpc(self.url, "state_getStorage", key, *at) or default)[2:]), "little")
                           for key, default in ((BASE_FEE, "0x00"), (BYTE_FEE, "0x1027"), (KEYS_FEE, "0x40420f")))
        return base + (size + 2**20 - 1) // 2**20 * mib + keys

    def test_a_pin_is_ordered_and_becomes_pinned(self):
        self.ticking()
        gateway = self.gateway()
        cid, size = cid_v0(self.label("pin")), 5 * 2**20 + 1
        pinned = self.pin_to_the_end(Client(gateway.port), cid, size)
        entry = bytes.fromhex(rpc(self.url, "state_getStorage", forge.file_key(cid))[2:])
        self.assertEqual(int.from_bytes(entry[:8], "little"), size)
        self.assertEqual(int(pinned["info"]["price_paid"]), self.price(size))
        self.assertEqual(pinned["info"]["order_block_hash"], rpc(self.url, "chain_getBlockHash", int(pinned["info"]["order_block"])))
        block, index = map(int, pinned["info"]["order_extrinsic"].split("-"))
        extrinsic = rpc(self.url, "chain_getBlock", rpc(self.url, "chain_getBlockHash", block))["block"]["extrinsics"][index]
        self.assertEqual(pinned["info"]["order_tx"], "0x" + hashlib.blake2b(bytes.fromhex(extrinsic[2:]), digest_size=32).hexdigest())
        self.assertEqual(pinned["info"]["expires_at_block"], "2600000")

    def test_over_websocket(self):
        self.ticking()
        gateway = self.gateway(url=self.url.replace("http:", "ws:"))
        self.pin_to_the_end(Client(gateway.port), cid_v1(self.label("ws")), 1234)

    def test_restart_in_the_middle_orders_once(self):
        cid = cid_v0(self.label("restart"))
        gateway = Gateway(self.dir, self.url, "--engine.head_age_max_s=0")
        client = Client(gateway.port)
        requestid = client.add(cid, meta={"size": "1000"}).json["requestid"]
        wait_for("the submission", lambda: gateway.log_lines("order.submitted"), 30)
        gateway.proc.kill()
        gateway.proc.wait()
        gateway.close()
        nonce_key = forge.account_key(bytes.fromhex("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"))
        nonce = lambda: int.from_bytes(bytes.fromhex(rpc(self.url, "state_getStorage", nonce_key)[2:])[:4], "little")
        before = nonce()
        gateway = self.gateway()
        self.ticking()
        client = Client(gateway.port)
        client.wait_status(requestid, "pinning", 60)
        wait_for("finality", lambda: "price_paid" in client.get(requestid).json["info"], 60)
        self.assertEqual(nonce(), before + 1)

    def probe(self, cid, size, uri="//Alice//probe"):
        """Orders without any of the gateway's checks, and gives what the backend reads out of the events."""
        done = subprocess.run([str(lib.TOOLS / "chain_probe"), "--endpoints", self.url, "--key", uri, "--wait", "60", "--order", cid, str(size)], capture_output=True,
                              text=True, timeout=90, check=False)
        return done.returncode, done.stdout + done.stderr

    def fund(self, uri, scheme="sr25519"):
        chain = forge.Chain(self.url, self.dir)
        key = forge.account_key(chain.signer(uri, scheme))
        chain.set_storage([[key, forge.account_info(1000 * CRU)]])
        chain.close()

    def test_orders_signed_with_ed25519_and_ecdsa(self):
        self.ticking()
        for scheme in ("ed25519", "ecdsa"):
            self.fund("//Alice//order", scheme)
            gateway = Gateway(self.dir, self.url, "--engine.head_age_max_s=0", f"--crust.key_scheme={scheme}",
                              f"--store.path={self.dir}/{scheme}.db", key=("--crust.key_uri=//Alice//order",))
            try:
                client = Client(gateway.port)
                cid = cid_v0(self.label(scheme))
                # 409 as long as the money is not in a finalized block: the gateway promises nothing from it before
                requestid = wait_for("the account's money", lambda: client.add(cid, meta={"size": "1000"}).json.get("requestid"))
                client.wait_status(requestid, "pinning", 60)
                wait_for("finality", lambda: "price_paid" in client.get(requestid).json["info"], 60)
            finally:
                gateway.close()

    def test_orders_that_must_fail_fail_and_are_named(self):
        self.fund("//Alice//probe")
        self.ticking()
        cid = cid_v0(self.label("known"))
        code, text = self.probe(cid, 5_000_000)
        self.assertEqual(code, 0, text)
        code, text = self.probe(cid, 1_000_000)
        self.assertEqual(code, 1, text)
        self.assertIn("Market.FileSizeNotCorrect", text)
        # the constant of this runtime says 32 GiB
        code, text = self.probe(cid_v0(self.label("large")), 32 * 2**30)
        self.assertEqual(code, 1, text)
        self.assertIn("Market.FileTooLarge", text)
        code, text = self.probe(cid_v0(self.label("large enough")), 32 * 2**30 - 1)
        self.assertEqual(code, 0, text)

    def account(self, uri):
        chain = forge.Chain(self.url, self.dir)
        self.addCleanup(chain.close)
        key = forge.account_key(chain.signer(uri, "sr25519"))
        chain.set_storage([[key, forge.account_info(1000 * CRU)]])
        return lambda: bytes.fromhex(chain.storage(key)[2:])

    def test_a_batch_with_one_bad_order(self):
        """The second of four has an entry on chain that nobody saw when it was signed: it alone fails, those behind it go again.
        What that entry holds is larger than what was ordered, so it serves in the end, and no second order is paid."""
        account = self.account("//Alice//batch")
        free = lambda: int.from_bytes(account()[-64:-48], "little")
        rpc(self.url, "dev_setStorage", [[ENABLE_MARKET, "0x00"]])
        for _ in range(3):  # closed in the finalized block, too
            rpc(self.url, "dev_newBlock", timeout=60)
        before = free()
        tip = "--crust.tip_planck=70000003"
        gateway = self.gateway(tip, uri="//Alice//batch")
        client = Client(gateway.port)
        cids = [cid_v0(self.label(str(i))) for i in range(4)]
        requests = [client.add(cid, meta={"size": str(1_000_000 * (i + 1))}).json["requestid"] for i, cid in enumerate(cids)]
        quotes = [json.loads(lib.run("quote", cid, f"--size={1_000_000 * (i + 1)}", "--json", f"--crust.endpoints={self.url}", "--crust.key_uri=//Alice//batch",
                                     tip, f"--store.path={gateway.db}")[1]) for i, cid in enumerate(cids)]
        rpc(self.url, "dev_setStorage", [[ENABLE_MARKET, "0x01"]])
        deadline = time.monotonic() + 60
        while not gateway.log_lines("order.submitted") and time.monotonic() < deadline:
            if not gateway.log_lines("order.signed"):
                rpc(self.url, "dev_newBlock", timeout=60)
            time.sleep(0.3)
        self.assertEqual([line.get("orders") for line in gateway.log_lines("order.submitted")], [4])
        entry = (16 << 20).to_bytes(8, "little") + bytes.fromhex("0000000000000000" "00000000" "03000000" "be492100" "00" "00000000" "00")
        rpc(self.url, "dev_setStorage", [[forge.file_key(cids[1]), "0x" + entry.hex()]])
        self.ticking()
        wait_for("its end", lambda: "Market.FileSizeNotCorrect" in client.get(requests[1]).json["info"].get("error", ""), 60)
        self.assertEqual(client.get(requests[1]).json["status"], "queued")
        code, text, errors = lib.run("retry", cids[1], f"--store.path={gateway.db}")
        self.assertEqual((code, text), (0, "1 looked at now\n"), errors)
        adopted, _ = client.wait_status(requests[1], "pinning", 60)
        self.assertNotIn("order_tx", adopted["info"])
        self.assertNotIn("error", adopted["info"])
        for requestid in (requests[0], *requests[2:]):
            wait_for("finality", lambda r=requestid: "price_paid" in client.get(r).json["info"], 60)
        with contextlib.closing(sqlite3.connect(gateway.db)) as db:
            ends = db.execute("SELECT nonce, item, state, price, fee, event IS NULL, substr(error, 1, 9) FROM receipts ORDER BY id").fetchall()
            taken = db.execute("SELECT sum(price + fee) FROM orders").fetchone()[0]
            final = db.execute("SELECT c.cid, r.size, r.price, r.fee, lower(hex(r.block_hash)) FROM receipts r JOIN contents c ON c.id = r.content WHERE r.state = 4").fetchall()
        self.assertEqual([(nonce, item, state, error) for nonce, item, state, _, _, _, error in ends],
                         [(0, 0, 4, None), (0, 1, 5, "Market.Fi"), (0, 2, 5, "not tried"), (0, 3, 5, "not tried"), (1, 0, 4, None), (1, 1, 4, None)])
        self.assertEqual([event for *_, event, _ in ends], [0, 0, 1, 1, 0, 0])
        self.assertLessEqual(abs(ends[0][4] - ends[1][4]), 1)
        self.assertEqual(ends[2][4], 0)
        self.assertEqual(before - free(), taken)  # to the planck
        # an order in a batch takes the price that it takes alone, and no more of the fee
        self.assertEqual(len(final), 3)
        for cid, size, price, fee, block in final:
            self.assertEqual(price, self.price(size, "0x" + block) + 70000003)
            self.assertLessEqual(fee, int(quotes[cids.index(cid)]["tx_fee"]))
        print(f"{type(self).__name__}: a batch of 4, the second failed: fee {ends[0][4] + ends[1][4]}; then 2: fee {ends[4][4] + ends[5][4]}")

    def test_a_size_beyond_the_chain_is_refused_before_it_costs_anything(self):
        self.ticking()
        client = Client(self.gateway().port)
        added = client.add(cid_v0(self.label("beyond")), meta={"size": str(32 * 2**30)}).json
        failed, _ = client.wait_status(added["requestid"], "failed", 30)
        self.assertIn("larg", failed["info"]["status_details"] + failed["info"].get("error", ""))

    def test_an_entry_that_somebody_made_too_small_is_not_fed(self):
        self.fund("//Alice//probe")
        self.ticking()
        cid = cid_v0(self.label("trap"))
        self.assertEqual(self.probe(cid, 1)[0], 0)
        client = Client(self.gateway().port)
        requestid = client.add(cid, meta={"size": "5000000"}).json["requestid"]
        wait_for("the reason", lambda: "small" in client.get(requestid).json["info"]["status_details"], 30)
        self.assertEqual(client.get(requestid).json["status"], "queued")
        rpc(self.url, "dev_setStorage", [[forge.file_key(cid), None]])  # the chain closes it
        client.wait_status(requestid, "pinning", 60)


class OnTheDevnet(OnAChain, Case):
    def setUp(self):
        super().setUp()
        self.url = self.own(Devnet("--runtime=rocky-4", "--replicas-after=100000", block_ms=0)).url
        for _ in range(3):
            rpc(self.url, "dev_newBlock")


class OnTheRealRuntime(OnAChain, Case):
    def setUp(self):
        super().setUp()
        self.url = RealNode.get().url

    def test_a_quote_is_what_is_charged_to_the_planck(self):
        """Also with a tip, which is part of the price: the account has less by the price and the fee."""
        account = self.account("//Alice//quote")
        free = lambda: int.from_bytes(account()[-64:-48], "little")
        for _ in range(3):  # the money is final
            rpc(self.url, "dev_newBlock", timeout=60)
        gateway = self.gateway("--crust.tip_planck=70000003", uri="//Alice//quote")
        client = Client(gateway.port)
        settings = [f"--store.path={gateway.db}", f"--crust.endpoints={self.url}", "--crust.key_uri=//Alice//quote", "--crust.tip_planck=70000003"]
        terms = lambda: [rpc(self.url, "state_getStorage", key) for key in (BASE_FEE, BYTE_FEE, KEYS_FEE)]
        steady = 0
        for i in range(6):
            cid, size = (cid_v0 if i % 2 else cid_v1)(self.label(f"quote {i}")), (2 * i + 3) * 2**20 + i
            requestid = client.add(cid, meta={"size": str(size)}).json["requestid"]
            wait_for("the pool", lambda: rpc(self.url, "author_pendingExtrinsics"), 30)
            code, out, err = lib.run("quote", cid, f"--size={size}", "--json", *settings)
            self.assertEqual(code, 0, err)
            quote, before, had = json.loads(out), terms(), free()
            self.assertEqual((quote["tip"], int(quote["total"])), ("70000003", int(quote["price"]) + int(quote["tx_fee"])))
            rpc(self.url, "dev_newBlock")
            same = terms() == before  # every few blocks the market moves its prices before it takes orders
            wait_for("finality", lambda: "price_paid" in client.get(requestid).json["info"], 60)
            code, out, err = lib.run("orders", cid, "--json", *settings)
            self.assertEqual(code, 0, err)
            order = json.loads(out)["orders"][0]["order"]
            self.assertEqual(order["fee"], quote["tx_fee"])
            self.assertEqual(had - free(), int(order["price"]) + int(order["fee"]))
            if same:
                self.assertEqual(order["price"], quote["price"])
            steady += same
            self.assertEqual(order["price"], client.get(requestid).json["info"]["price_paid"])
            if steady == 2:
                return
        self.fail("the prices moved at nearly every block")


class OtherRuntimes(Case):
    """The forms of the market that real chains have had, on the development chain."""

    def to_the_end(self, runtime):
        devnet = self.own(Devnet(f"--runtime={runtime}", block_ms=150))
        client = Client(self.own(Gateway(self.dir, devnet.url)).port)
        pinned, seen = client.wait_status(client.add(cid_v0(runtime), meta={"size": "3000000"}).json["requestid"], "pinned", 60)
        self.assertIn("pinning", seen)
        self.assertGreaterEqual(int(pinned["info"]["replicas"]), 3)

    def test_crust_25_with_memo_and_files_v2(self):
        self.to_the_end("crust-25")

    def test_rocky_4_with_memo_and_files(self):
        self.to_the_end("rocky-4")

    def test_crust_1_without_memo_and_the_oldest_files(self):
        self.to_the_end("crust-1")


class MetadataBothWays(parachain.MetadataBothWays, Case):
    pass


class Parachain(parachain.Parachain, Case):
    pass


class CrustAsV14(parachain.CrustAsV14, Case):
    pass


if __name__ == "__main__":
    main()
