# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Several endpoints, on a real gateway and development chains: one that dies with an order under way, one behind, one of another
chain, one that lies, lacks something or takes its time, one that loses its subscription. In the end the chain itself is asked: one order for each pin, paid once."""
import http.server
import json
import socketserver
import threading
import time

import forge
from faults_lib import Devnet, Ledger, Scenarios, World
from lib import cid_v1, main, request, rpc, wait_for

SCENARIOS = {}
MARKET_OPEN = "0x" + forge.MARKET + "f6cb5618504b5719970aa15e9e1c332d"
ACCOUNT = forge.account_key(bytes.fromhex("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"))


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


class Refused(Exception):
    """What a lie raises for an error object instead of an answer."""


def honest(_method, _params, result):
    return result


class Proxy(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A node in front of a node: counts what is asked, may be switched off, and lies as `lie` says."""
    daemon_threads, allow_reuse_address, ready_event = True, True, None

    def __init__(self, url):
        super().__init__(("127.0.0.1", 0), Handler)
        self.target, self.url = url, f"http://127.0.0.1:{self.server_address[1]}"
        self.count, self.off, self.lie = 0, False, honest
        self.deaf = ()  # methods that it ends the connection at
        self.peer = f"node {self.server_address[1]}"  # None: as the node behind it says
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        ask = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.count += 1
        if self.server.off or ask["method"] in self.server.deaf:
            self.close_connection = True
            return
        port = int(self.server.target.rsplit(":", 1)[1])
        reply = request(port, "POST", "/", ask, {"Content-Type": "application/json"}).json
        if "result" in reply:
            if ask["method"] == "system_localPeerId" and self.server.peer is not None:
                reply["result"] = self.server.peer
            try:
                reply["result"] = self.server.lie(ask["method"], ask.get("params") or [], reply["result"])
            except Refused as error:
                reply = {"jsonrpc": "2.0", "id": ask["id"], "error": {"code": -32601, "message": str(error)}}
        body = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Liar:
    """Hides the orders of //Alice: blocks without them, no entries, and a nonce that says what suits it."""

    def __init__(self, nonce, balance=None):
        self.on, self.nonce, self.balance = True, nonce, balance

    def account(self, value):
        raw = bytearray.fromhex(value[2:])
        raw[0:4] = self.nonce.to_bytes(4, "little")
        if self.balance is not None:
            raw[12:28] = self.balance.to_bytes(16, "little")
        return "0x" + raw.hex()

    def one(self, key, value):
        if key == ACCOUNT and value:
            return self.account(value)
        return None if forge.MARKET in key and len(key) > 100 else value

    def __call__(self, method, params, result):
        if not self.on:
            return result
        if method == "chain_getBlock" and result:
            result["block"]["extrinsics"] = [x for x in result["block"]["extrinsics"] if len(x) < 150]
        if method == "state_getStorage":
            return self.one(params[0], result)
        if method == "state_queryStorageAt":
            for change in result:
                change["changes"] = [[k, self.one(k, v)] for k, v in change["changes"]]
        return result


def proxied(*places, lies=()):
    """Endpoints of a World: a proxy for each place, 1 for the first node of the chain, 2 for the second; what they say from
    the start on."""
    proxies = []

    def endpoints(devnet):
        proxies.extend(Proxy(devnet.url if place == 1 else devnet.second_url) for place in places)
        for proxy, lie in zip(proxies, lies):
            proxy.lie = lie
        return ",".join(proxy.url for proxy in proxies)
    return proxies, endpoints


def ready(world):
    return request(world.gateway.port, "GET", "/readyz").json


def paid_once(world):
    """For orders whose price the gateway was not told: the chain's own count."""
    world.wait_status("pinned")
    chain = Ledger(world.devnet)
    assert chain.orders == {cid: 1 for cid in world.ids}, chain.orders
    assert (chain.extrinsics, chain.renewals) == (len(world.ids), 0), (chain.extrinsics, chain.renewals)
    assert chain.spent == chain.fees + chain.prices


def orders_sent(world):
    return len(world.events("order.signed"))


@scenario
def an_endpoint_dies_in_the_middle_of_an_order():
    proxies, endpoints = proxied(1, 2)
    world = World(endpoints=endpoints)
    yield world
    world.processes[0:0] = proxies
    world.add("dies", 3)
    world.order_seen()
    proxies[0].off = True
    world.ends_well()
    assert proxies[1].count > 0 and world.events("chain.endpoint_failed")
    world.add("goes on")
    proxies[0].off, proxies[1].off = False, True
    world.ends_well()


@scenario
def an_endpoint_behind_is_second_choice():
    proxies, endpoints = proxied(2, 1)
    world = World(endpoints=endpoints, devnet_args=["--fault=lag=25"])
    yield world
    world.processes[0:0] = proxies
    world.devnet.wait_blocks(30)
    world.gateway.stop()
    world.start()
    wait_for("the better one", lambda: len({e["msg"] for e in world.gateway.log_lines("chain.endpoint")}) == 2, 20)
    world.add("behind", 2)
    world.ends_well()


@scenario
def an_order_that_a_node_behind_refused_does_not_wait_for_its_turn():
    # the better node is away for a moment, the one behind does not know the block that the order was born at
    proxies, endpoints = proxied(1, 2)
    world = World(endpoints=endpoints, devnet_args=["--fault=lag=25"], era=256)
    yield world
    world.processes[0:0] = proxies
    world.devnet.wait_blocks(30)
    proxies[0].deaf = ("author_submitExtrinsic",)
    world.add("refused")
    wait_for("the refusal", lambda: world.events("order.refused"), 20)
    proxies[0].deaf = ()
    began = time.monotonic()
    wait_for("the order in the pool", lambda: world.events("order.submitted"), 25)
    print(f"refused by a node behind, in the pool of the other one after {time.monotonic() - began:.1f} s")
    world.ends_well()


@scenario
def an_endpoint_of_another_chain_is_dropped():
    other = Devnet("--fund=//Bob")
    world = World(endpoints=lambda devnet: f"{devnet.url},{other.url}")
    yield world
    world.own(other)
    wait_for("its drop", lambda: ready(world)["endpoints"]["healthy"] == 1, 20)
    assert ready(world)["endpoints"]["all"] == 2
    world.add("dropped")
    world.ends_well()


def no_heads(method, _params, result):
    return None if method == "chain_getHeader" else result


def no_hashes(method, params, result):
    return None if method == "chain_getBlockHash" and params and params[0] else result


def no_state(method, _params, result):
    if method.startswith("state_get") or method == "state_queryStorageAt":
        raise Refused("Method not found")
    return result


def no_metadata(method, _params, result):
    return "0x6d65746163" if method == "state_getMetadata" else result


def far_heads(method, _params, result):
    return {**result, "number": "0xfffffff0"} if method == "chain_getHeader" and result else result


@scenario
def an_endpoint_that_lacks_something_is_left():
    proxies, endpoints = proxied(1, 1)
    world = World(endpoints=endpoints)
    yield world
    world.processes[0:0] = proxies
    for lie in (no_heads, no_hashes, no_state, far_heads):
        hosts = [e["msg"].rsplit(":", 1)[1] for e in world.gateway.log_lines("chain.endpoint")]
        liar = next(proxy for proxy in proxies if proxy.url.endswith(hosts[-1]))
        liar.lie = lie
        world.add(lie.__name__)
        world.wait_status("pinned")
        liar.lie = honest
    world.ends_well()


@scenario
def a_runtime_that_only_one_endpoint_shows_is_no_reason_not_to_start():
    proxies, endpoints = proxied(1, 1, lies=[no_metadata])
    world = World(endpoints=endpoints)
    yield world
    world.processes[0:0] = proxies
    world.add("start")
    world.ends_well()


@scenario
def a_head_that_cannot_be_does_not_lure():
    # it is not in use, and says that it is four thousand million blocks ahead
    proxies, endpoints = proxied(1, 1, lies=[honest, far_heads])
    world = World(endpoints=endpoints)
    yield world
    world.processes[0:0] = proxies
    wait_for("the lure", lambda: any("cannot be" in e["msg"] for e in world.events("chain.endpoint_failed")), 40)
    world.add("lured", 2)
    world.ends_well()
    assert ready(world)["endpoints"]["healthy"] == 1, ready(world)


@scenario
def an_endpoint_that_takes_its_time_is_left():
    proxies, endpoints = proxied(1, 1)
    world = World(endpoints=endpoints)
    yield world
    world.processes[0:0] = proxies
    world.add("fast")
    world.wait_status("pinned")

    def slowly(_method, _params, result):
        time.sleep(3.2)
        return result
    proxies[0].lie = slowly
    wait_for("its end", lambda: world.events("chain.endpoint_slow"), 40)
    world.add("slow")
    world.ends_well()


@scenario
def two_urls_of_one_node_count_as_one_and_both_serve():
    proxies, endpoints = proxied(1, 2)
    world = World(endpoints=endpoints, devnet_args=["--fault=same-peer"])
    yield world
    world.processes[0:0] = proxies
    proxies[0].peer = proxies[1].peer = None
    world.gateway.stop()
    world.start()
    wait_for("one voice", lambda: (ready(world)["endpoints"]["healthy"], ready(world)["endpoints"]["voices"]) == (2, 1), 20)
    assert len(world.gateway.log_lines("chain.endpoint_twin")) == 1
    world.add("twins", 2)
    world.order_seen()
    proxies[0].off = True
    world.ends_well()


@scenario
def an_end_that_one_of_two_endpoints_contradicts_stops_no_other_order():
    # an order fails in its block, since the market went off; the second endpoint shows an entry of its file
    proxies, endpoints = proxied(1, 1)
    world = World(endpoints=endpoints, era=64, devnet_args=["--finality-lag=20"])
    yield world
    world.processes[0:0] = proxies
    wrong = cid_v1("contradicted 0").encode().hex()
    proxies[1].lie = lambda method, params, result: "0x" + "00" * 40 if method == "state_getStorage" and params[0].endswith(wrong) else result
    world.devnet.wait_blocks(22)
    world.devnet.fault("market-off")
    world.add("contradicted")
    wait_for("the contradiction", lambda: world.events("chain.contradiction"), 60)
    world.devnet.fault("market-off", False)
    world.add("others", 3)
    wait_for("the orders of others", lambda: len(world.events("order.final")) == 3, 60)
    assert not world.events("order.failed") and orders_sent(world) == 4, world.events("order.signed")
    proxies[1].lie = lambda method, params, result: result
    world.ends_well(extra=1)


@scenario
def one_of_three_that_closes_the_market_is_outvoted():
    # it is in use, and says that nothing may be ordered and that there is no money
    def closed(method, params, result):
        if method == "state_getStorage" and params[0] == MARKET_OPEN:
            return "0x00"
        if method == "state_queryStorageAt":
            for change in result:
                change["changes"] = [[k, "0x00" if k == MARKET_OPEN else v] for k, v in change["changes"]]
        return result
    proxies, endpoints = proxied(1, 2, 1, lies=[closed, honest, honest])
    world = World(endpoints=endpoints)
    yield world
    world.processes[0:0] = proxies
    wait_for("three voices", lambda: ready(world)["endpoints"]["voices"] == 3, 20)
    world.add("closed", 2)
    world.ends_well()
    assert world.events("chain.contradiction")
    used = [e["msg"] for e in world.events("chain.endpoint")]
    assert len(used) == 2 and used[0].endswith(proxies[0].url.rsplit(":", 1)[1]), used


@scenario
def a_pruned_endpoint_asks_the_other():
    world = World(endpoints=lambda devnet: f"{devnet.url},{devnet.second_url}", devnet_args=["--fault=pruned=1"])
    yield world
    world.add("pruned", 2)
    world.ends_well()


@scenario
def a_death_that_the_second_endpoint_contradicts_is_not_believed():
    # the one in use hides the order until its era is over; the other one has it
    proxies, endpoints = proxied(1, 1)
    world = World(endpoints=endpoints, era=8)
    yield world
    world.processes[0:0] = proxies
    proxies[0].lie = Liar(0)
    world.add("hidden")
    world.order_seen()
    wait_for("the contradiction", lambda: world.events("chain.contradiction"), 40)
    assert ready(world)["endpoints"]["contradicting"] == 1, ready(world)
    proxies[0].lie.nonce = 1  # another lie: the nonce was used by somebody else
    world.devnet.wait_blocks(15)
    assert orders_sent(world) == 1, world.events("order.signed")
    assert not world.events("order.lost") and not world.events("order.failed")
    proxies[0].lie.on = False
    paid_once(world)


@scenario
def nothing_is_paid_again_while_the_second_endpoint_is_away():
    proxies, endpoints = proxied(1, 1)
    world = World(endpoints=endpoints, era=8)
    yield world
    world.processes[0:0] = proxies
    proxies[1].off = True
    proxies[0].lie = Liar(0)
    world.add("alone")
    wait_for("the order", lambda: world.events("order.submitted"), 20)
    proxies[0].lie.nonce = 1  # the order is not found, and its nonce was used
    wait_for("the end", lambda: world.events("order.failed"), 40)
    wait_for("the second try", lambda: "second endpoint" in list(world.status().values())[0]["info"]["status_details"], 60)
    assert orders_sent(world) == 1, world.events("order.signed")
    proxies[0].lie.on = False
    paid_once(world)


@scenario
def a_lone_endpoint_that_hides_an_order_shows_it_by_the_balance():
    proxies, endpoints = proxied(1)
    world = World(endpoints=endpoints, era=8)
    yield world
    world.processes[0:0] = proxies
    proxies[0].lie = Liar(0)
    world.add("balance")
    wait_for("the order", lambda: world.events("order.submitted"), 20)
    proxies[0].lie.nonce = 1
    wait_for("the contradiction", lambda: world.events("chain.contradiction"), 60)
    world.devnet.wait_blocks(15)
    assert orders_sent(world) == 1, world.events("order.signed")
    told = list(world.status().values())[0]["info"]["status_details"]
    assert "balance" in told, told
    proxies[0].lie.on = False
    paid_once(world)


@scenario
def a_lone_liar_gets_no_second_payment_by_a_death():
    # it says that the order died and the nonce is free: the next one has the same nonce, and the chain takes one of them
    proxies, endpoints = proxied(1)
    world = World(endpoints=endpoints, era=8)
    yield world
    world.processes[0:0] = proxies
    proxies[0].lie = Liar(0, balance=10**18)
    world.add("death")
    wait_for("deaths", lambda: len(world.events("order.lost")) >= 2, 60)
    proxies[0].lie.on = False
    paid_once(world)


@scenario
def a_subscription_wakes_and_an_idle_gateway_asks_little():
    world = World("--engine.poll_ms=100", endpoints=lambda devnet: devnet.url.replace("http", "ws"))
    yield world
    wait_for("the subscription", lambda: ready(world)["endpoints"]["subscribed"] == 1, 20)
    wait_for("heads", lambda: ready(world)["finalized"] >= 3, 20)
    rpc(world.devnet.url, "dev_setFault", "close", "1x,@*")  # and it comes back
    world.add("subscribed", 2)
    world.ends_well()
    wait_for("the subscription again", lambda: ready(world)["endpoints"]["subscribed"] == 1, 20)


@scenario
def idle_requests_by_http():
    proxies, endpoints = proxied(1)
    world = World("--engine.poll_ms=100", endpoints=endpoints)
    yield world
    world.processes[0:0] = proxies
    wait_for("heads", lambda: ready(world)["finalized"] >= 3, 20)
    before, began = proxies[0].count, time.monotonic()
    time.sleep(3)
    rate = (proxies[0].count - before) / (time.monotonic() - began)
    print(f"idle by HTTP, poll every 100 ms, a block every 150 ms: {rate:.0f} requests/s")
    assert rate < 110, rate
    world.add("http")
    world.ends_well()


class Endpoints(Scenarios):
    workers = 6


Endpoints.add_all(SCENARIOS)

if __name__ == "__main__":
    main()
