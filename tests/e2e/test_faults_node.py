# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Faults of a node and of the way to it, on a real gateway and a development chain: answers that are lost, late, doubled, spoilt
or endless, by POST and by WebSocket, and everything that author_submitExtrinsic can refuse with, true or not. Each scenario ends
with one order for each pin and not a planck more than was quoted, counted on the chain's side."""
import inspect
import re
import time

import test_endpoints
import test_faults_chain
from faults_lib import Scenarios, World
from lib import Case, Devnet, RpcError, main, request, rpc, wait_for

SUBMIT = "@author_submitExtrinsic"
SCENARIOS = {}

# What happens to an answer: the fault, and its value where the default is none for a fast test.
TRANSPORT = {
    "reply-lost": "", "request-lost": "", "delay": "1700ms", "duplicate": "", "malformed": "", "oversized": "3000000bytes",
    "endless": "10ms", "deep": "50000levels", "wrong-id": "", "reset": "", "close": "", "cut": ""}
HARMLESS = {("duplicate", "ws")}  # the second answer is passed over

REFUSALS = ["1010-stale", "1010-future", "1010-bad-signature", "1010-ancient", "1010-payment", "1010-exhausts", "1010-call",
            "1010-mandatory", "1010-bad-mandatory", "1010-custom", "1011-unknown", "1012-banned", "1013-known", "1014-priority",
            "1016-pool-full"]


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


def world_of(scheme, *gateway_args):
    return World("--engine.poll_ms=50", "--crust.reply_timeout_ms=1000", "--crust.reply_max_bytes=2000000", *gateway_args,
                 endpoints=lambda devnet: devnet.url.replace("http", scheme), devnet_args=["--fault-seed=7"])


def parts(*texts):
    return ",".join(text for text in texts if text) or "1"


def struck(world, fault, since, count=1):
    wait_for(f"{fault} to strike", lambda: world.devnet.fired(fault) >= since + count, 60, 0.02)


def strike_order(world, fault, setting, label):
    """The fault strikes the next orders that are sent."""
    since = world.devnet.fired(fault)
    world.devnet.fault(fault, setting)
    world.add(label, 2)
    struck(world, fault, since)
    world.wait_status("pinned")
    world.devnet.fault(fault, False)


def strike_follow(world, fault, setting, label):
    """The fault strikes while an order is followed."""
    world.add(label)
    world.order_seen()
    since = world.devnet.fired(fault)
    world.devnet.fault(fault, setting)
    struck(world, fault, since)
    world.wait_status("pinned")
    world.devnet.fault(fault, False)


def outage(world, fault, setting, label):
    """The fault strikes everything: pins are taken at once and wait in words, nothing fails."""
    since = world.devnet.fired(fault)
    world.devnet.fault(fault, setting)
    struck(world, fault, since)
    world.add(label)
    wait_for("unreachable", lambda: request(world.gateway.port, "GET", "/readyz").json["chain"] == "unreachable", 30)
    struck(world, fault, since, 3)
    pin = list(world.status().values())[-1]
    assert pin["status"] == "queued", pin
    assert re.search(r"(chain|state|system|author)_\w+: .{10}", pin["info"]["status_details"]), pin
    world.devnet.fault(fault, False)
    world.wait_status("pinned")


def transport(fault, scheme):
    value = TRANSPORT[fault]

    def run():
        world = world_of(scheme)
        yield world
        strike_order(world, fault, parts("2x", SUBMIT, value), f"{fault} order")
        strike_follow(world, fault, parts("4x", "@*", value), f"{fault} follow")
        if (fault, scheme) in HARMLESS:
            strike_order(world, fault, parts("@*", value), f"{fault} always")
        else:
            outage(world, fault, parts("@*", value), f"{fault} outage")
        world.ends_well()
    return run


def refusal(fault):
    def run():
        world = world_of("http")
        yield world
        strike_order(world, fault, "1x", f"{fault} true")
        strike_order(world, fault, "2x,taken", f"{fault} lie")
        world.ends_well()
    return run


for _fault in TRANSPORT:
    for _scheme in ("http", "ws"):
        SCENARIOS[f"{_fault}_{_scheme}"] = transport(_fault, _scheme)
for _fault in REFUSALS:
    SCENARIOS[f"refused_{_fault}"] = refusal(_fault)


@scenario
def hanging_endpoint_holds_nobody_up():
    # the first endpoint takes requests and never answers: orders go on by the second one, and clients notice nothing
    world = World("--engine.poll_ms=50", "--crust.reply_timeout_ms=6000", devnet_args=["--fault=delay=60000ms,node1"],
                  endpoints=lambda devnet: f"{devnet.url},{devnet.second_url}")
    yield world
    slowest = 0
    for i in range(20):
        began = time.monotonic()
        world.add(f"hanging {i}")
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.05)
    assert slowest < 3, f"a request has waited for the chain: {slowest} s"
    world.ends_well()


@scenario
def everything_goes_wrong_now_and_then():
    world = world_of("ws")
    yield world
    for fault, value in TRANSPORT.items():
        world.devnet.fault(fault, parts("0.02", "@*", value))
    for fault in REFUSALS:
        world.devnet.fault(fault, "0.1,taken" if fault[-1] in "del" else "0.1")
    world.add("chaos", 12)
    time.sleep(8)
    assert all(pin["status"] != "failed" for pin in world.status().values()), world.status()
    world.devnet.fault("all", False)
    world.ends_well()


class Node(Scenarios):
    workers = 16


class Registry(Case):
    def test_each_fault_has_a_scenario(self):
        devnet = self.own(Devnet(block_ms=0))
        names = {fault["name"]: fault for fault in rpc(devnet.url, "dev_faults")}
        covered = {fault: {"true", "lie"} for fault in REFUSALS} | {fault: {"true"} for fault in TRANSPORT}
        chain = "".join(inspect.getsource(function) for function in (*test_faults_chain.SCENARIOS.values(), *test_endpoints.SCENARIOS.values()))
        for name, fault in names.items():
            if re.search(rf'["=]{re.escape(name)}["=]', chain):
                covered.setdefault(name, set()).add("true")
            self.assertEqual(covered.get(name), {"true", "lie"} if fault["takesTaken"] else {"true"}, name)
        self.assertLessEqual(set(covered), set(names))

    def test_an_unknown_fault_is_told_and_the_names_are_listed(self):
        devnet = self.own(Devnet(block_ms=0))
        with self.assertRaises(RpcError) as caught:
            rpc(devnet.url, "dev_setFault", "nothing", True)
        self.assertIn("nothing", caught.exception.error["message"])
        for fault in rpc(devnet.url, "dev_faults"):
            self.assertIn(fault["name"], caught.exception.error["data"])


Node.add_all(SCENARIOS)

if __name__ == "__main__":
    main()
