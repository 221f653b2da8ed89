# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Faults of the chain itself, on a real gateway and a development chain: forks, finality, a node that lags, pruned states, an
upgrade, a closed market, an empty account. Each ends with one order for each pin and not a planck more than was quoted, counted
on the chain's side. All scenarios run at the same time, each on a chain of its own."""
import concurrent.futures
import re
import signal
import sys
import tempfile
import time
import unittest

import forge
import lib
from lib import Client, Gateway, Process, RpcError, cid_v1, main, rpc, wait_for

BLOCK_MS = 150
RICH = 10**6 * lib.CRU
ALICE = bytes.fromhex("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d")
MIB = 1 << 20
WORKERS = 8


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

    def details(self):
        return [pin["info"].get("status_details", "") for pin in self.status().values()]

    def order_seen(self, seconds=30):
        """An extrinsic of somebody in the pool or in a block."""
        wait_for("an order", lambda: self.devnet.pending() or self.events("order.signed"), seconds, 0.02)

    def ends_well(self, extra=0, foreign=0, price_known=True):
        """Every pin is pinned, was ordered once, and the payer has paid that and no more. extra: extrinsics of the payer that
        bought nothing; foreign: orders of pins that another program placed with the key."""
        self.wait_status("pinned")
        rpc(self.devnet.url, "dev_setFault", "all", None)
        chain = Ledger(self.devnet)
        counts = {cid: chain.orders.get(cid, 0) for cid in self.ids}
        assert counts == {cid: 1 for cid in self.ids}, (counts, self.gateway.log_text()[-4000:])
        assert chain.renewals == 0
        assert chain.extrinsics == len(self.ids) + extra, (chain.extrinsics, len(self.ids), extra)
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


class Ledger:
    """What the canonical chain holds of //Alice: her extrinsics with their fees, orders by CID, what she has left."""

    def __init__(self, devnet):
        url = devnet.url
        self.orders, self.renewals, self.extrinsics, self.fees, self.prices = {}, 0, 0, 0, 0
        hashes = [rpc(url, "chain_getBlockHash", n) for n in range(devnet.head() + 1)]
        for number in range(1, len(hashes)):
            own = [x for x in rpc(url, "chain_getBlock", hashes[number])["block"]["extrinsics"] if ALICE.hex() in x[:80]]
            if not own:
                continue
            self.extrinsics += len(own)
            for xt in own:
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


def foreign_extrinsic(world, call, nonce):
    """Another program signs with the operator's key."""
    chain = forge.Chain(world.devnet.url, world.directory.name)
    try:
        return chain.make("//Alice", call, nonce=nonce, back=4)
    finally:
        chain.close()


SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


# Forks ----------------------------------------------------------------------------------------------------------------

def fork(world, fault, depth):
    world.devnet.fault(fault, depth)
    world.add(fault, 3)
    wait_for("the fork", lambda: world.devnet.fired(fault), 30)


@scenario
def fork_and_the_order_comes_back_from_the_pool():
    world = World(devnet_args=["--finality-lag=4"])
    yield world
    fork(world, "fork", 3)
    world.ends_well()
    assert world.events("order.retracted")


@scenario
def fork_and_the_order_is_in_another_block():
    world = World(devnet_args=["--finality-lag=4"])
    yield world
    fork(world, "fork-moved", 4)
    world.ends_well()


@scenario
def fork_of_one_block_again_and_again():
    world = World(devnet_args=["--finality-lag=3"])
    yield world
    for i in range(4):
        fork(world, ("fork", "fork-moved")[i % 2], 1 + i % 3)
        world.ids, done = {**world.ids}, len(world.ids)
        for k in range(2):
            world.add(f"again {i} {k}")
        assert len(world.ids) == done + 2
    world.ends_well()


@scenario
def fork_and_the_order_is_lost():
    # banned where it was: only when its era is over for good may it be signed again
    world = World(devnet_args=["--finality-lag=4"])
    yield world
    fork(world, "fork-dropped", 2)
    world.ends_well()
    assert world.events("order.lost")


@scenario
def fork_and_a_foreign_order_takes_the_nonce():
    # another program orders the very same CID with our nonce in the other branch: nothing is paid again
    world = World(devnet_args=["--finality-lag=6"])
    yield world
    world.devnet.wait_blocks(8)
    world.devnet.fault("fork-dropped", 2)
    world.add("foreign")
    cid = next(iter(world.ids))
    wait_for("the fork", lambda: world.devnet.fired("fork-dropped"), 30, 0.02)
    xt = foreign_extrinsic(world, forge.order_call(cid, MIB, pallet=26), 0)
    rpc(world.devnet.url, "author_submitExtrinsic", xt)
    world.ends_well(foreign=1, price_known=False)


@scenario
def fork_and_a_foreign_remark_takes_the_nonce():
    # our order can never land, and nothing of it is on chain: it is ordered again, once
    world = World(devnet_args=["--finality-lag=6"])
    yield world
    world.devnet.wait_blocks(8)
    world.devnet.fault("fork-dropped", 2)
    world.add("remarked")
    wait_for("the fork", lambda: world.devnet.fired("fork-dropped"), 30, 0.02)
    rpc(world.devnet.url, "author_submitExtrinsic", foreign_extrinsic(world, bytes([0, 1]) + forge.compact(5) + b"hello", 0))
    world.ends_well(extra=1)
    assert world.events("key.foreign_use")


# Finality -------------------------------------------------------------------------------------------------------------

@scenario
def finality_halts_and_goes_on():
    world = World(era=64)
    yield world
    world.add("before")
    world.wait_status("pinned")
    world.devnet.fault("finality-halted")
    world.devnet.wait_blocks(4)
    halted = world.devnet.final()
    world.add("during", 2)
    wait_for("in a block", lambda: len(world.events("order.in_block")) >= 3, 30)
    world.devnet.wait_blocks(12)
    rpc(world.devnet.url, "dev_fork", {"depth": 10, "lost": "moved"})
    world.devnet.wait_blocks(12)
    assert world.devnet.final() == halted
    waiting = [pin["status"] for cid, pin in world.status().items() if cid not in (cid_v1("before 0"),)]
    assert set(waiting) <= {"pinning", "queued"}, waiting
    world.devnet.fault("finality-halted", False)
    world.ends_well()


@scenario
def finality_halts_for_longer_than_an_era():
    # what is signed upon the old finalized block could never land: it waits
    world = World(era=8)
    yield world
    world.devnet.fault("finality-halted")
    world.devnet.wait_blocks(12)
    world.add("late", 3)
    world.devnet.wait_blocks(10)
    assert not world.events("order.signed"), "it would have been dead at once"
    assert {pin["status"] for pin in world.status().values()} == {"queued"}
    assert all("final" in text for text in world.details()), world.details()
    world.devnet.fault("finality-halted", False)
    world.ends_well()
    assert not world.events("order.lost")


@scenario
def finality_lags_far_behind():
    world = World(era=64)
    yield world
    world.devnet.fault("finality-lag", 25)
    world.add("lag", 3)
    world.ends_well()


# A second node --------------------------------------------------------------------------------------------------------

def second_node(first, lag=6, era=64, scheme="http"):
    def endpoints(devnet):
        devnet.fault("lag", lag)
        urls = [url.replace("http", scheme, 1) for url in (devnet.url, devnet.second_url)]
        return ",".join(urls if first == 0 else reversed(urls))
    return World(endpoints=endpoints, era=era)


@scenario
def second_node_behind_is_second():
    world = second_node(0)
    yield world
    world.add("second", 3)
    world.ends_well()


@scenario
def second_node_behind_is_first():
    world = second_node(1, scheme="ws")
    yield world
    world.add("first", 3)
    world.ends_well()


@scenario
def second_node_falls_behind_while_orders_are_on_their_way():
    world = second_node(1, lag=2)
    yield world
    world.add("stuck", 3)
    world.order_seen()
    world.devnet.fault("lag", 40)
    world.add("stuck more", 2)
    world.devnet.wait_blocks(10)
    world.ends_well()
    assert world.events("chain.endpoint")


@scenario
def second_node_keeps_what_it_takes_to_itself():
    # the order stays in one node's pool; the same bytes go to the other one, too
    world = second_node(1, lag=2, era=512)
    yield world
    world.devnet.fault("no-gossip")
    world.add("alone", 2)
    world.ends_well()
    assert not world.events("order.lost")


# Pruned states --------------------------------------------------------------------------------------------------------

def away_while_it_lands(world):
    world.add("away", 2)
    wait_for("sent", lambda: len(world.devnet.pending()) == 2 or len(world.events("order.in_block")) > 0, 30, 0.01)
    world.gateway.stop(signal.SIGKILL)
    world.devnet.wait_blocks(12)
    world.start()


@scenario
def pruned_states_on_the_only_node():
    world = World(era=64, devnet_args=["--fault=pruned=4"])
    yield world
    away_while_it_lands(world)
    world.ends_well(price_known=False)


@scenario
def pruned_states_on_the_first_node_only():
    world = World(era=64, devnet_args=["--fault=pruned=4"], endpoints=lambda d: f"{d.url},{d.second_url}")
    yield world
    away_while_it_lands(world)
    world.ends_well()


# An upgrade of the runtime ----------------------------------------------------------------------------------------------

@scenario
def upgrade_moves_the_calls():
    world = World(era=16)
    yield world
    world.add("old runtime")
    world.wait_status("pinned")
    world.add("submitted", 2)
    world.order_seen()
    world.devnet.fault("upgrade", 1)
    world.add("queued", 2)
    wait_for("the upgrade", lambda: world.devnet.fired("upgrade"), 30)
    world.add("new runtime", 2)
    world.ends_well()
    assert any("26" in line["msg"] for line in world.events("chain.runtime")), world.events("chain.runtime")


@scenario
def upgrade_of_the_oldest_layout_that_is_still_about():
    world = World(era=16, devnet_args=["--runtime=rocky-4"])
    yield world
    world.devnet.fault("upgrade", 20)
    for i in range(6):
        world.add(f"through {i}", 2)
        world.devnet.wait_blocks(5)
    assert world.devnet.fired("upgrade") == 1
    world.ends_well()


@scenario
def upgrade_while_nothing_is_on_its_way():
    # what is signed next knows of it: no order is spoilt
    world = World(era=64)
    yield world
    world.add("early")
    world.wait_status("pinned")
    time.sleep(3)  # past what a signature takes on trust
    world.devnet.fault("upgrade", 1)
    wait_for("the upgrade", lambda: world.devnet.fired("upgrade"), 30)
    world.add("after", 2)
    world.ends_well()
    assert not world.events("order.refused") and not world.events("order.lost")


@scenario
def upgrade_while_the_gateway_is_away():
    # an order of the last block of the old runtime is judged by the old one's metadata
    world = World(era=64)
    yield world
    world.add("between", 3)
    wait_for("signed", lambda: len(world.devnet.pending()) > 0 or world.events("order.in_block"), 30, 0.01)
    world.gateway.stop(signal.SIGKILL)
    wait_for("landed", lambda: not world.devnet.pending(), 30, 0.01)
    world.devnet.fault("upgrade", 1)
    world.devnet.wait_blocks(8)
    world.start()
    world.ends_well()


# Market and money -------------------------------------------------------------------------------------------------------

@scenario
def market_is_off_and_on_again():
    world = World("--engine.max_attempts=1")
    yield world
    world.devnet.fault("market-off")
    world.devnet.wait_blocks(4)
    world.add("off", 2)
    world.devnet.wait_blocks(15)
    assert {pin["status"] for pin in world.status().values()} == {"queued"}, world.status()
    assert all("market" in text for text in world.details()), world.details()
    world.devnet.fault("market-off", False)
    world.ends_well()


@scenario
def market_goes_off_under_an_order():
    # the order fails in its block: that is not the pin's fault, even when one attempt is all there is
    world = World("--engine.max_attempts=1", devnet_args=["--finality-lag=6"])
    yield world
    world.devnet.wait_blocks(8)
    world.devnet.fault("market-off")
    world.add("under")
    wait_for("the failure", lambda: world.events("order.failed"), 30)
    world.devnet.wait_blocks(4)
    pin = next(iter(world.status().values()))
    assert pin["status"] == "queued", pin
    assert "PlaceOrderNotAvailable" in str(pin["info"]) or "market" in str(pin["info"]), pin
    failed = len(world.events("order.failed"))
    world.devnet.fault("market-off", False)
    world.ends_well(extra=failed)


@scenario
def balance_goes_and_comes_back():
    world = World("--engine.max_attempts=1")
    yield world
    world.devnet.fault("balance-gone")
    world.devnet.wait_blocks(4)
    world.add("poor", 2)
    world.devnet.wait_blocks(15)
    assert {pin["status"] for pin in world.status().values()} == {"queued"}, world.status()
    assert all("planck" in text for text in world.details()), world.details()
    world.devnet.fault("balance-gone", False)
    world.ends_well()


@scenario
def balance_goes_under_an_order():
    world = World("--engine.max_attempts=1", devnet_args=["--finality-lag=6"])
    yield world
    world.devnet.wait_blocks(8)
    world.devnet.fault("balance-gone")
    world.add("hungry", 2)
    wait_for("signed", lambda: world.events("order.signed"), 30)
    world.devnet.wait_blocks(10)
    assert {pin["status"] for pin in world.status().values()} == {"queued"}, world.status()
    world.devnet.fault("balance-gone", False)
    world.ends_well()


def run_scenario(function):
    began, steps = time.monotonic(), function()
    world = next(steps)
    try:
        try:
            next(steps)
        except StopIteration:
            pass
        except (AssertionError, RpcError) as error:
            raise AssertionError(f"{error}\n--- gateway\n{world.gateway.log_text()[-6000:]}") from error
    finally:
        world.close()
    return time.monotonic() - began


class Chain(unittest.TestCase):
    """One test for each scenario; the first one asked for starts them all."""
    pool, futures = None, {}

    @classmethod
    def start(cls, names):
        if cls.pool is None:
            cls.pool = concurrent.futures.ThreadPoolExecutor(WORKERS)
            cls.futures = {name: cls.pool.submit(run_scenario, SCENARIOS[name]) for name in names}

    @classmethod
    def tearDownClass(cls):
        if cls.pool is not None:
            cls.pool.shutdown()


def add_test(name):
    def test(self):
        Chain.start(WANTED)
        Chain.futures[name].result()
    setattr(Chain, "test_" + name, test)


WANTED = [n for n in SCENARIOS if not sys.argv[1:] or any(n in arg for arg in sys.argv[1:])]
for _name in SCENARIOS:
    add_test(_name)

if __name__ == "__main__":
    main()
