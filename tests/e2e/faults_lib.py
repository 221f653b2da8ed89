# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of faults share: a chain and a gateway for each scenario, the ledger that the chain itself keeps, and a runner
that runs scenarios side by side. A scenario is a generator: it yields its World first, so that it is closed whatever happens."""
import concurrent.futures
import re
import sys
import tempfile
import time
import unittest

import forge
import lib
from lib import Client, Gateway, Process, RpcError, cid_v1, rpc, wait_for

BLOCK_MS = 150
RICH = 10**6 * lib.CRU
ALICE = bytes.fromhex("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d")
MIB = 1 << 20


class Devnet(Process):
    """A development chain with two nodes; the second one lags when the fault says so."""

    def __init__(self, *args, block_ms=BLOCK_MS):
        super().__init__(["devnet", "--listen=127.0.0.1:0", "--second-listen=127.0.0.1:0", f"--block-ms={block_ms}",
                          "--replicas-after=2", "--replicas-spread=2", *args], "devnet.ready")
        self.wait_ready()
        second = wait_for("the second port", lambda: self.log_lines("devnet.second"))[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self.second_url = f"http://127.0.0.1:{re.search(r'port ([0-9]+)', second['msg']).group(1)}"

    def fault(self, name, value=True):
        rpc(self.url, "dev_setFault", name, value)

    def fired(self, name):
        return next(f["fired"] for f in rpc(self.url, "dev_faults") if f["name"] == name)

    def head(self):
        return int(rpc(self.url, "chain_getHeader")["number"], 16)

    def final(self):
        return int(rpc(self.url, "chain_getHeader", rpc(self.url, "chain_getFinalizedHead"))["number"], 16)

    def wait_blocks(self, count):
        until = self.head() + count
        wait_for(f"block {until}", lambda: self.head() >= until, 60)

    def pending(self):
        return rpc(self.url, "author_pendingExtrinsics")


class World:
    """One scenario's chain, gateway and wallet; and what the chain says about it in the end."""

    def __init__(self, *gateway_args, devnet_args=(), endpoints=None, era=16):
        self.directory = tempfile.TemporaryDirectory(prefix="w3pin-fault-")
        self.processes = []
        self.devnet = self.own(Devnet(*devnet_args))
        self.endpoints = endpoints(self.devnet) if endpoints else self.devnet.url
        self.args = (f"--crust.era_blocks={era}", "--engine.poll_ms=100", "--engine.retry_wait_s=1",
                     "--http.access_log=off", *gateway_args)
        self.ids = {}
        self.start()

    def own(self, process):
        self.processes.append(process)
        return process

    def start(self):
        self.gateway = self.own(Gateway(self.directory.name, self.endpoints, *self.args))
        self.client = Client(self.gateway.port)

    def add(self, label, count=1):
        for i in range(count):
            cid = cid_v1(f"{label} {i}")
            answer = self.client.add(cid, meta={"size": str(MIB)})
            assert answer.status == 202, answer
            self.ids[cid] = answer.json["requestid"]

    def status(self):
        return {cid: self.client.get(i).json for cid, i in self.ids.items()}

    def events(self, name):
        return [line for p in self.processes if p.ready_event == "gateway.ready" for line in p.log_lines(name)]

    def wait_status(self, status, seconds=70):
        for requestid in self.ids.values():
            self.client.wait_status(requestid, status, seconds)

    def wait_words(self, word):
        """Every pin says in words what it waits for."""
        wait_for(f"pins that speak of {word}", lambda: all(
            word in pin["info"].get("status_details", "") for pin in self.status().values()), 30)

    def order_seen(self, seconds=30):
        """An extrinsic of somebody in the pool or in a block."""
        wait_for("an order", lambda: self.devnet.pending() or self.events("order.signed"), seconds, 0.02)

    def ends_well(self, extra=0, foreign=0, price_known=True):
        """Every pin is pinned, was ordered once, and the payer has paid that and no more. extra: calls of the payer that
        bought nothing; foreign: orders of pins that another program placed with the key."""
        self.wait_status("pinned")
        rpc(self.devnet.url, "dev_setFault", "all", None)
        chain = Ledger(self.devnet)
        counts = {cid: chain.orders.get(cid, 0) for cid in self.ids}
        assert counts == {cid: 1 for cid in self.ids}, (counts, self.gateway.log_text()[-4000:])
        assert chain.renewals == 0
        assert chain.calls == len(self.ids) + extra, (chain.calls, len(self.ids), extra)
        assert chain.spent == chain.fees + chain.prices, (chain.spent, chain.fees, chain.prices)
        told = sum(int(pin["info"].get("price_paid", 0)) for pin in self.status().values())
        if price_known:
            assert told == chain.prices, (told, chain.prices)
        else:
            assert told >= chain.prices, (told, chain.prices)
        assert len(chain.orders) == len(self.ids)
        assert foreign == 0 or self.events("key.foreign_use")

    def close(self):
        trouble = []
        for process in reversed(self.processes):
            try:
                process.close()
            except AssertionError as error:
                trouble.append(error)
        self.directory.cleanup()
        if trouble:
            raise trouble[0]


ORDERED = rb"\xecb[a-z2-7]{58}|\xb8Qm[1-9A-Za-z]{44}"


class Ledger:
    """What the canonical chain holds of //Alice: her extrinsics with their fees, orders by CID, what she has left."""

    def __init__(self, devnet):
        url = devnet.url
        self.orders, self.renewals, self.extrinsics, self.calls, self.fees, self.prices = {}, 0, 0, 0, 0, 0
        hashes = [rpc(url, "chain_getBlockHash", n) for n in range(devnet.head() + 1)]
        for number in range(1, len(hashes)):
            own = [x for x in rpc(url, "chain_getBlock", hashes[number])["block"]["extrinsics"] if ALICE.hex() in x[:80]]
            if not own:
                continue
            self.extrinsics += len(own)
            for xt in own:
                self.calls += max(1, len(re.findall(ORDERED, bytes.fromhex(xt[2:]))))  # a batch holds several orders
                body = xt[2:] + (len(xt) // 2 - 1).to_bytes(4, "little").hex()
                info = bytes.fromhex(rpc(url, "state_call", "TransactionPaymentApi_query_info", "0x" + body, hashes[number - 1])[2:])
                self.fees += int.from_bytes(info[9:25], "little")
            spec = rpc(url, "state_getRuntimeVersion", hashes[number - 1])["specVersion"]
            market, first = {25: (26, 0), 4: (20, 0)}.get(spec, (27, 1))
            events = bytes.fromhex(rpc(url, "state_getStorage", forge.EVENTS, hashes[number])[2:])
            for cid in re.findall(re.escape(bytes([market, first]) + ALICE) + rb"[\xec\xb8](b[a-z2-7]{58}|Qm[1-9A-Za-z]{44})", events):
                self.orders[cid.decode()] = self.orders.get(cid.decode(), 0) + 1
                self.prices += self.price(url, hashes[number - 1])
            self.renewals += events.count(bytes([market, first + 1]) + ALICE)
        account = bytes.fromhex(rpc(url, "state_getStorage", forge.account_key(ALICE), hashes[-1])[2:])
        self.spent = RICH - int.from_bytes(account[12:28], "little")
        self.nonce = int.from_bytes(account[:4], "little")
        assert self.nonce == self.extrinsics, (self.nonce, self.extrinsics)

    @staticmethod
    def price(url, at):
        """Of one MiB: base, byte and keys fee of that block's state, or the runtime's defaults."""
        def item(name, default):
            hashed = b"".join(forge.xxh64(name, seed).to_bytes(8, "little") for seed in (0, 1))
            value = rpc(url, "state_getStorage", "0x" + forge.MARKET + hashed.hex(), at)
            return int.from_bytes(bytes.fromhex(value[2:]), "little") if value else default
        return item(b"FileBaseFee", 0) + item(b"FileByteFee", 10**4) + item(b"FileKeysCountFee", 10**6)


def run_scenario(function):
    steps = function()
    world = next(steps)
    try:
        try:
            next(steps)
        except StopIteration:
            pass
        except (AssertionError, RpcError, OSError) as error:
            raise AssertionError(f"{type(error).__name__}: {error}\n--- gateway\n{world.gateway.log_text()[-6000:]}") from error
    finally:
        world.close()


class Scenarios(unittest.TestCase):
    """One test for each scenario of add_all(); the first one that is asked for starts them all."""
    pool, futures, wanted, functions = None, {}, [], {}
    workers = 8

    @classmethod
    def add_all(cls, functions):
        cls.functions, cls.futures = functions, {}
        cls.wanted = [n for n in functions if not sys.argv[1:] or any(n in arg for arg in sys.argv[1:])]
        for name in functions:
            setattr(cls, "test_" + name, lambda self, name=name: self.result(name))

    @classmethod
    def result(cls, name):
        if cls.pool is None:
            cls.pool = concurrent.futures.ThreadPoolExecutor(cls.workers)
            cls.futures = {n: cls.pool.submit(run_scenario, cls.functions[n]) for n in cls.wanted}
        return cls.futures[name].result()

    @classmethod
    def tearDownClass(cls):
        if cls.pool is not None:
            cls.pool.shutdown()
