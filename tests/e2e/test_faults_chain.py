# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Faults of the chain itself, on a real gateway and a development chain: forks, finality, a node that lags, pruned states, an
upgrade, a closed market, an empty account. Each ends with one order for each pin and not a planck more than was quoted, counted
on the chain's side. All scenarios run at the same time, each on a chain of its own."""
import signal
import time

import forge
from faults_lib import MIB, Scenarios, World
from lib import cid_v1, main, rpc, wait_for


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
    world = World(era=64, devnet_args=["--finality-lag=30"])
    yield world
    world.devnet.wait_blocks(24)
    world.add("fork", 3)
    seen = wait_for("an order in a block", lambda: world.events("order.in_block"), 30, 0.02)[0]["block"]
    rpc(world.devnet.url, "dev_fork", {"depth": world.devnet.head() - seen + 4, "lost": "later"})  # 4: blocks come meanwhile
    world.ends_well()
    assert all(line["block"] > seen for line in world.events("order.final")), "there was no fork"


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
    world = World(era=64, devnet_args=["--finality-lag=6"])  # an era that leaves the other program time
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
    world = World(era=64, devnet_args=["--finality-lag=6"])  # an era that leaves the other program time
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
    world = World(era=512)
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
    world = World(era=64)
    yield world
    world.devnet.fault("finality-halted")
    world.devnet.wait_blocks(66)
    world.add("late", 3)
    world.devnet.wait_blocks(10)
    assert not world.events("order.signed"), "it would have been dead at once"
    assert {pin["status"] for pin in world.status().values()} == {"queued"}
    world.wait_words("final")
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
    # A chain with blocks enough that the node is seen to be behind. On a young one it is not, and as this chain makes
    # forty blocks in six seconds, neither does the age of its head tell: orders would be signed too late for ever.
    world = second_node(1, lag=2)
    yield world
    world.devnet.wait_blocks(20)
    world.add("stuck", 3)
    world.order_seen()
    world.devnet.fault("lag", 40)
    world.add("stuck more", 2)
    wait_for("the first node in use", lambda: len(world.events("chain.endpoint")) >= 2, 30)
    world.ends_well()


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

SEEN_LATE = ["--finality-lag=20"]  # the gateway goes by the finalized block: for three seconds it does not see the fault


def waits_in_words(world, fault, word):
    """Nothing is ordered while the fault lasts, and clients are told why."""
    world.devnet.fault(fault)
    world.devnet.wait_blocks(4)
    world.add(word, 2)
    world.devnet.wait_blocks(15)
    world.wait_words(word)
    assert {pin["status"] for pin in world.status().values()} == {"queued"}, world.status()
    world.devnet.fault(fault, False)
    world.ends_well()


@scenario
def market_is_off_and_on_again():
    world = World("--engine.max_attempts=1")
    yield world
    waits_in_words(world, "market-off", "market")


@scenario
def market_goes_off_under_an_order():
    # the order fails in its block: that is not the pin's fault, even when one attempt is all there is
    world = World("--engine.max_attempts=1", era=64, devnet_args=SEEN_LATE)
    yield world
    world.devnet.wait_blocks(22)
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
    # what was accepted while there was money waits; what comes without any is refused, and nothing was promised
    world = World("--engine.max_attempts=1")
    yield world
    world.devnet.fault("market-off")
    world.devnet.wait_blocks(4)
    world.add("poor", 2)
    world.wait_words("market")
    world.devnet.fault("balance-gone")
    world.devnet.fault("market-off", False)
    world.wait_words("planck")
    refused = world.client.add(cid_v1("too poor"))
    assert refused.status == 409 and refused.json["error"]["reason"] == "INSUFFICIENT_FUNDS", refused
    world.devnet.fault("balance-gone", False)
    world.ends_well()


@scenario
def balance_goes_under_an_order():
    world = World("--engine.max_attempts=1", era=64, devnet_args=SEEN_LATE)
    yield world
    world.devnet.wait_blocks(22)
    world.devnet.fault("balance-gone")
    world.add("hungry", 2)
    wait_for("signed", lambda: world.events("order.signed"), 30)
    world.devnet.wait_blocks(10)
    assert {pin["status"] for pin in world.status().values()} == {"queued"}, world.status()
    world.devnet.fault("balance-gone", False)
    world.ends_well()


class Chain(Scenarios):
    pass


Chain.add_all(SCENARIOS)

if __name__ == "__main__":
    main()
