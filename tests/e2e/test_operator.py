# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""The operator's hand on the real binary: the admin socket, orders, pause, retry, order, quote, doctor; prices and accounts."""
import base64
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import signal
import socket
import stat
import time

from lib import Case, Client, Devnet, Gateway, cid_v0, cid_v1, main, request, rpc, run, wait_for

MIB = 2**20
DEAD = "http://127.0.0.1:9"


def cid_base64(label):
    return "m" + base64.b64encode(bytes([1, 0x55, 0x12, 32]) + hashlib.sha256(label.encode()).digest()).decode().rstrip("=")


class World(Case):
    devnet_args, gateway_args, block_ms = (), (), 50

    def setUp(self):
        super().setUp()
        self.devnet = self.own(Devnet(*self.devnet_args, block_ms=self.block_ms))
        self.gateway = self.own(Gateway(self.dir, self.devnet.url, *self.gateway_args))
        self.client = Client(self.gateway.port)
        self.socket = self.gateway.db + ".sock"

    def w3pin(self, *args, expect=0):
        code, out, err = run(*args, f"--store.path={self.gateway.db}", f"--crust.endpoints={self.devnet.url}",
                             "--crust.key_uri=//Alice")
        self.assertEqual(code, expect, (args, out, err))
        return out if expect == 0 else out + err

    def orders(self, *args):
        return json.loads(self.w3pin("orders", "--json", *args))["orders"]

    def on_chain(self, order):
        """Where the receipt says that it is there is the transaction: its bytes have that hash, in the block of that hash."""
        block_hash = rpc(self.devnet.url, "chain_getBlockHash", order["block"])
        self.assertEqual(order["block_hash"], block_hash)
        extrinsics = rpc(self.devnet.url, "chain_getBlock", block_hash)["block"]["extrinsics"]
        self.assertEqual("0x" + hashlib.blake2b(bytes.fromhex(extrinsics[order["index"]][2:]), digest_size=32).hexdigest(), order["tx"])
        self.assertEqual(order["extrinsic"], f"{order['block']}-{order['index']}")
        self.assertRegex(order["event"], rf"\A{order['block']}-[0-9]+\Z")


class Socket(World):
    def test_only_its_owner_and_never_an_address(self):
        mode = os.lstat(self.socket).st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        for method, path in (("GET", "/orders"), ("GET", "/status"), ("POST", "/pause"), ("POST", "/resume"), ("POST", "/retry"),
                             ("POST", "/order"), ("DELETE", "/order/x"), ("GET", "/order/x")):
            self.assertEqual(request(self.gateway.port, method, path, "{}" if method == "POST" else None).status, 404, path)
        self.assertFalse(json.loads(request(self.gateway.port, "GET", "/readyz").body)["paused"])
        # and the socket has nothing of the other one
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(5)
            sock.connect(self.socket)
            sock.sendall(b"GET /psa/pins HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            self.assertIn(b" 404 ", sock.recv(65536).split(b"\r\n")[0])

    def test_gone_after_a_stop_and_replaced_after_a_kill(self):
        self.gateway.proc.send_signal(signal.SIGKILL)
        self.gateway.proc.wait()
        self.assertTrue(os.path.exists(self.socket))
        for args in (("orders",), ("pause",), ("retry", "--failed"), ("order", cid_v1("x"))):
            text = self.w3pin(*args, expect=1)
            self.assertRegex(text, r"\Aw3pin \w+: no gateway is running at .*; start one \(w3pin serve\).*\n\Z")
        again = self.own(Gateway(self.dir, self.devnet.url))
        self.assertEqual(self.orders(), [])
        self.assertEqual(again.stop(), 0)
        self.assertFalse(os.path.lexists(self.socket))
        self.assertIn("no gateway is running", self.w3pin("resume", expect=1))

    def test_what_stands_in_the_way(self):
        other = pathlib.Path(self.dir) / "other"
        other.mkdir()
        (other / "file").write_text("mine")
        link = other / "link"
        link.symlink_to(self.socket)
        long = other / ("x" * 100)
        for path, says in ((other / "file", "no socket"), (link, "no socket"), (pathlib.Path(self.socket), "another process"), (long, "107")):
            code, _, err = run("serve", "--http.listen=127.0.0.1:0", f"--store.path={other}/w3pin.db", f"--admin.socket={path}",
                               "--crust.key_uri=//Bob", f"--crust.endpoints={self.devnet.url}", "--log.level=off")
            self.assertEqual((code, err.count("\n")), (1, 1), err)
            self.assertIn(says, err)
        self.assertEqual((other / "file").read_text(), "mine")
        # a link is no way to it for the command line either
        code, _, err = run("orders", f"--admin.socket={link}")
        self.assertEqual((code, err.count("\n")), (1, 1), err)
        self.assertIn("no UNIX socket", err)
        # without the usual socket beside the database a gateway works all the same; off is off
        (other / "w3pin.db.sock").mkdir()
        gateway = self.own(Gateway(other, self.devnet.url, key=("--crust.key_uri=//Bob",)))
        self.assertTrue(gateway.log_lines("admin.unavailable"))
        gateway.stop()
        (other / "w3pin.db.sock").rmdir()
        gateway = self.own(Gateway(other, self.devnet.url, "--admin.socket=off", key=("--crust.key_uri=//Bob",)))
        self.assertFalse((other / "w3pin.db.sock").exists())


class Orders(World):
    def test_receipts_say_what_the_chain_took(self):
        pin = self.client.add(cid_v1("receipt"), meta={"size": str(3 * MIB)}).json
        self.client.wait_status(pin["requestid"], "pinned")
        row, = self.orders()
        order = row["order"]
        self.assertEqual((row["cid"], row["state"], row["size"], order["state"]), (cid_v1("receipt"), "stored", str(3 * MIB), "final"))
        self.on_chain(order)
        signer = json.loads(run("key", "inspect", "--uri=//Alice", "--json")[1])["ss58_crust"]
        info = self.client.get(pin["requestid"]).json["info"]
        same = {"tx": "order_tx", "block_hash": "order_block_hash", "extrinsic": "order_extrinsic", "event": "order_event", "signer": "order_signer",
                "size": "order_size", "price": "price_paid", "fee": "fee_paid"}
        self.assertEqual({key: order[key] for key in same}, {key: info[name] for key, name in same.items()})
        self.assertEqual((order["signer"], str(order["block"])), (signer, info["order_block"]))
        self.assertGreater(int(order["fee"]), 0)
        self.assertNotIn("error", order)
        listed, = self.client.call("GET", "/pins?status=pinned").json["results"]
        self.assertEqual(set(info) - set(listed["info"]), {"order_block_hash", "order_signer"})
        self.assertEqual({key: listed["info"][key] for key in listed["info"] if key != "checked_at"}, {key: info[key] for key in listed["info"] if key != "checked_at"})
        spent = request(self.gateway.port, "GET", "/account", headers={"Authorization": "Bearer " + self.client.token}).json
        self.assertEqual(int(spent["spent"]["planck"]), int(order["price"]) + int(order["fee"]))
        self.assertEqual((spent["used"]["pinned"], spent["used"]["pins_today"], spent["may"]["pins_per_day"]), (1, 1, 1000))
        for text in (self.w3pin("orders"), self.w3pin("orders", cid_v1("receipt"))):
            for part in (order["tx"], order["extrinsic"], order["event"], order["block_hash"], signer, f"price {order['price']}, fee {order['fee']} planck"):
                self.assertIn(part, text)
        self.assertEqual([r["order"] for r in self.orders(cid_v1("receipt"))], [order])
        self.assertIn("no pin and no order", self.w3pin("orders", cid_v1("nobody's"), expect=1))
        self.assertEqual(request(self.gateway.port, "GET", "/account").status, 401)

    def test_a_pause_stops_orders_also_over_a_restart(self):
        self.w3pin("pause")
        ready = wait_for("paused", lambda: (r := request(self.gateway.port, "GET", "/readyz").json)["paused"] and r)
        self.assertTrue(ready["ready"])
        pin = self.client.add(cid_v1("later")).json
        self.gateway.stop()
        self.gateway = self.own(Gateway(self.dir, self.devnet.url))
        self.client = Client(self.gateway.port)
        wait_for("the words", lambda: "paused by the operator" in self.client.get(pin["requestid"]).json["info"]["status_details"])
        time.sleep(1)
        self.assertEqual(self.orders()[0]["state"], "queued")
        self.assertIn("w3pin resume", self.w3pin("doctor", expect=1))
        self.w3pin("resume")
        self.client.wait_status(pin["requestid"], "pinned")
        self.assertFalse(request(self.gateway.port, "GET", "/readyz").json["paused"])

    def test_the_operators_own_pin_and_its_end(self):
        out = self.w3pin("order", cid_v0("mine"), "--size", str(5 * MIB), "--name=mine")
        self.assertIn("queued", out)
        wait_for("stored", lambda: self.orders()[0]["state"] == "stored")
        row, = self.orders()
        self.assertEqual((row["cid"], row["size"], row["pins"]), (cid_v0("mine"), str(5 * MIB), 1))
        self.assertEqual(self.client.call("GET", "/pins?status=pinned").json["count"], 0)  # nobody else's
        slashed = next(text for i in range(10**6) if "/" in (text := cid_base64(f"slash {i}")))
        self.w3pin("order", slashed)  # a spelling that no path holds
        self.assertEqual(self.orders(slashed)[0]["pins"], 1)
        self.assertIn("1 of", self.w3pin("order", slashed, "--remove"))
        self.assertIn("1 of", self.w3pin("order", cid_v0("mine"), "--remove"))
        self.assertEqual(self.orders(cid_v0("mine"))[0]["pins"], 0)
        for bad in ("0", "-1", "x", str(2**63)):
            self.assertIn("--size", self.w3pin("order", cid_v1("bad"), f"--size={bad}", expect=2))

    def test_refused_contents_get_another_try(self):
        pin = self.client.add(cid_v1("huge"), meta={"size": str(9 * 2**30)})
        self.assertEqual(pin.status, 202, pin)
        self.client.wait_status(pin.json["requestid"], "failed")
        failed, = self.orders("--failed")
        self.assertIn("larg", failed["error"])
        self.assertIn("1 contents were refused", self.w3pin("doctor", expect=1))
        self.w3pin("pause")
        self.assertIn("1 queued again", self.w3pin("retry", "--failed"))
        self.assertEqual(self.client.get(pin.json["requestid"]).json["status"], "queued")
        self.assertIn("1 looked at now", self.w3pin("retry", cid_v1("huge")))
        self.assertEqual(self.w3pin("retry", "--failed"), "nothing to try again\n")
        self.w3pin("resume")
        self.client.wait_status(pin.json["requestid"], "failed")
        self.assertEqual(json.loads(self.w3pin("retry", "--failed", "--json"))["queued"], 1)
        self.assertIn("CID, or --failed", self.w3pin("retry", expect=2))
        self.assertIn("no pin and no order", self.w3pin("retry", cid_v1("nobody's"), expect=1))


class Receipts(World):
    devnet_args, block_ms = ("--finality-lag=0",), 0
    gateway_args = (f"--crust.default_size={MIB}",)

    def block(self, count=1):
        for _ in range(count):
            rpc(self.devnet.url, "dev_newBlock")

    def status(self):
        with contextlib.closing(http.client.HTTPConnection("gateway", timeout=10)) as conn:
            conn.sock = socket.socket(socket.AF_UNIX)
            conn.sock.connect(self.socket)
            conn.request("GET", "/status")
            return json.loads(conn.getresponse().read())

    def ended(self, cid, count):
        """A block with the order that waits; gives all receipts once so many have ended."""
        wait_for("the pool", lambda: rpc(self.devnet.url, "author_pendingExtrinsics"))
        self.block()
        answer = lambda: json.loads(self.w3pin("orders", cid, "--json"))
        return wait_for("the end", lambda: (a := answer()) and [r["state"] in ("final", "failed") for r in a["receipts"]] == [True] * count and a)

    def test_dollars_only_at_the_operators_rate(self):
        self.block(2)
        price = wait_for("prices", lambda: (a := request(self.gateway.port, "GET", "/price?size=1")).status == 200 and a).json
        account = request(self.gateway.port, "GET", "/account", headers={"Authorization": "Bearer " + self.client.token}).json
        self.assertEqual([key for key in (*price, *account["spent"]) if "usd" in key], [])
        self.assertEqual(int(price["total"]), int(price["price"]) + int(price["tx_fee"]))
        self.assertEqual(price["tip"], "0")

    def test_how_long_the_money_lasts(self):
        """What the last days cost is taken for what the next ones will: the log, /readyz and doctor say so."""
        self.block(2)
        self.client.add(cid_v1("today"), meta={"size": str(MIB)})
        paid = self.ended(cid_v1("today"), 1)["paid"]
        daily = int(paid["price"]) + int(paid["fee"])
        purse = self.status()["money"]
        deposit = int(purse["balance"]) - int(purse["available"])  # cannot be spent, and is not counted
        self.assertGreater(deposit, 0)
        self.assertEqual(int(purse["daily"]), daily)
        rpc(self.devnet.url, "dev_setFault", "balance-gone", f"{5 * daily + daily // 2 + deposit}planck")
        self.block(2)
        wait_for("the alarm", lambda: request(self.gateway.port, "GET", "/readyz").json["funds"] in ("low", "empty"))
        self.assertRegex(self.gateway.log_lines("funds.low")[-1]["msg"], r"for about 5 days")
        self.assertEqual(self.status()["money"]["runway_days"], 5)
        self.assertIn("lasts about 5 days", self.w3pin("doctor", f"--crust.default_size={MIB}", expect=1))

    def test_every_order_of_a_content_with_its_own_words(self):
        """The market closes twice between our order and its block: that costs a fee each time, and each receipt says so for ever."""
        cid = cid_v1("again")
        self.block(2)
        pin = self.client.add(cid, meta={"size": str(MIB)}).json
        for count in (1, 2):
            wait_for("the pool", lambda: rpc(self.devnet.url, "author_pendingExtrinsics"))
            rpc(self.devnet.url, "dev_setFault", "market-off", True)
            self.ended(cid, count)
            rpc(self.devnet.url, "dev_setFault", "market-off", False)
            self.block(12)  # no second payment before the first one's end is ten blocks old
            self.w3pin("retry", cid)
        answer = self.ended(cid, 3)
        receipts = answer["receipts"]
        self.assertEqual([r["id"] for r in receipts], [3, 2, 1])
        self.assertEqual(receipts[0], answer["orders"][0]["order"])
        self.assertEqual([r["state"] for r in receipts], ["final", "failed", "failed"])
        for receipt in receipts[1:]:
            self.assertRegex(receipt["error"], r"\AMarket\.PlaceOrderNotAvailable: \w")
            self.assertEqual((receipt["price"], int(receipt["fee"]) > 0), ("0", True))
            self.on_chain(receipt)
        total = {key: str(sum(int(r[key]) for r in receipts)) for key in ("price", "fee")}
        self.assertEqual(answer["paid"], {"orders": 3, **total})
        text = self.w3pin("orders", cid)
        self.assertEqual(text.count(receipts[1]["error"]), 2)
        self.assertIn(f"paid for all 3: price {total['price']}, fees {total['fee']} planck", text)
        # page by page
        first, rest = (json.loads(self.w3pin("orders", cid, flag, "--json")) for flag in ("--limit=1", "--before=3"))
        self.assertEqual((first["receipts"], first["more"], first["paid"]), (receipts[:1], True, answer["paid"]))
        self.assertEqual((rest["receipts"], rest["more"], rest["paid"]), (receipts[1:], False, answer["paid"]))
        self.assertIn("--before=3", self.w3pin("orders", cid, "--limit=1"))
        # the pin shows the newest one
        self.assertEqual(self.client.get(pin["requestid"]).json["info"]["order_extrinsic"], receipts[0]["extrinsic"])


class Money(World):
    devnet_args, block_ms = ("--finality-lag=0", "--fund=//Alice"), 0
    gateway_args = ("--budget.usd_micros_per_token=5000", "--budget.low_runway_days=0")

    def block(self, count=1):
        for _ in range(count):
            rpc(self.devnet.url, "dev_newBlock")

    def test_a_quote_is_what_is_charged_to_the_planck(self):
        self.block(3)
        for i, cid in enumerate((cid_v1("a"), cid_v0("b"), cid_v1("c", 0x70))):
            size = 7 * MIB * i + 1
            quote = json.loads(self.w3pin("quote", cid, f"--size={size}", "--json"))
            pin = self.client.add(cid, meta={"size": str(size)}).json
            wait_for("the pool", lambda: rpc(self.devnet.url, "author_pendingExtrinsics"))
            self.block()  # at the very prices of the quote
            row = wait_for("the receipt", lambda: (r := self.orders()[0]).get("order", {}).get("state") == "final" and r)
            self.assertEqual((row["order"]["price"], row["order"]["fee"]), (quote["price"], quote["tx_fee"]), (cid, quote, row))
            self.assertEqual(int(quote["total"]), int(quote["price"]) + int(quote["tx_fee"]))
            self.assertEqual(pin["status"], "queued")

    def test_price_of_a_size(self):
        self.block(2)
        price = wait_for("prices", lambda: (a := request(self.gateway.port, "GET", f"/price?size={10 * MIB}")).status == 200 and a)
        self.assertIn("public", price.headers["cache-control"])
        quote = json.loads(self.w3pin("quote", str(10 * MIB), "--json", "--budget.usd_micros_per_token=5000"))
        self.assertEqual({k: price.json[k] for k in ("size", "price", "token", "decimals", "orderable", "price_usd")},
                         {k: quote[k] for k in ("size", "price", "token", "decimals", "orderable", "price_usd")})
        self.assertNotIn("price_usd", json.loads(self.w3pin("quote", str(10 * MIB), "--json")))
        self.assertFalse(request(self.gateway.port, "GET", f"/price?size={9 * 2**30}").json["orderable"])
        for bad in ("", "?size=", "?size=0", "?size=-1", "?size=1e6", "?size=1&size=2", f"?size={2**63}", "?size=%zz", "?size=01"):
            answer = request(self.gateway.port, "GET", "/price" + bad)
            self.assertEqual(answer.status, 400, (bad, answer))
        self.assertIn("neither a size", self.w3pin("quote", "ten", expect=2))
        self.assertIn("which size", self.w3pin("quote", expect=2))

    def test_what_the_balance_cannot_pay_is_not_promised(self):
        self.block(2)
        wait_for("the purse", lambda: request(self.gateway.port, "GET", "/readyz").json["funds"] == "ok")
        rpc(self.devnet.url, "dev_setFault", "balance-gone", True)
        self.block(2)
        wait_for("alarm", lambda: request(self.gateway.port, "GET", "/readyz").json["funds"] == "empty")
        self.assertTrue(self.gateway.log_lines("funds.low"))
        answer = self.client.add(cid_v1("poor"))
        self.assertEqual((answer.status, answer.json["error"]["reason"]), (409, "INSUFFICIENT_FUNDS"))
        self.assertIn("does not cover", self.w3pin("order", cid_v1("poor"), expect=1))
        self.assertIn("send it some", self.w3pin("doctor", expect=2))
        rpc(self.devnet.url, "dev_setFault", "balance-gone", False)
        self.block(2)
        wait_for("funds", lambda: request(self.gateway.port, "GET", "/readyz").json["funds"] == "ok")
        self.assertEqual(self.client.add(cid_v1("poor")).status, 202)


class Doctor(Case):
    def doctor(self, *args, expect):
        code, out, err = run("doctor", "--json", f"--store.path={self.dir}/w3pin.db", *args)
        self.assertEqual(code, expect, (args, out, err))
        found = {}
        for check in json.loads(out)["checks"]:
            found.setdefault(check["check"], []).append((check["health"], check["text"]))
        return found

    def test_without_a_gateway_and_with_everything_wrong(self):
        found = self.doctor("--crust.endpoints=" + DEAD, expect=2)
        self.assertEqual(found["key"][0][0], "FAIL")
        self.assertEqual(found["endpoint"][0][0], "WARN")
        self.assertEqual(found["gateway"][0][0], "WARN")
        self.assertEqual(found["accounts"][0][0], "WARN")
        key = pathlib.Path(self.dir) / "key"
        key.write_text("01" * 32)
        key.chmod(0o644)
        found = self.doctor(f"--crust.key_file={key}", "--crust.endpoints=" + DEAD, "--accounts.allow=nonsense", expect=2)
        self.assertIn("600", found["key"][0][1])
        self.assertEqual(found["accounts"][0][0], "FAIL")
        self.assertNotIn("01" * 32, json.dumps(found))
        self.assertEqual(self.doctor("--store.path=/nonexistent/x/w3pin.db", "--crust.endpoints=" + DEAD, expect=2)["disk"][0][0], "FAIL")
        self.assertEqual(self.doctor("--no.such=1", expect=2)["config"][0][0], "FAIL")

    def test_endpoints_are_asked_each_for_itself(self):
        devnet = self.own(Devnet(block_ms=100))
        wait_for("a finalized block", lambda: int(rpc(devnet.url, "chain_getHeader", rpc(devnet.url, "chain_getFinalizedHead"))["number"], 16))
        found = self.doctor("--crust.key_uri=//Alice", f"--crust.endpoints={devnet.url},{DEAD}", "--admin.socket=off", expect=1)
        self.assertEqual([health for health, _ in found["endpoint"]], ["WARN", "OK"])
        self.assertEqual([found[name][0][0] for name in ("key", "disk", "clock", "balance", "gateway")], ["OK"] * 5)
        found = self.doctor("--crust.key_uri=//Alice", f"--crust.endpoints={devnet.url}", "--admin.socket=off", expect=0)
        self.assertNotIn("market", found)
        found = self.doctor("--crust.key_uri=//Alice", f"--crust.endpoints={devnet.url}", "--admin.socket=off",
                            "--http.tls_listen=127.0.0.1:0", expect=2)
        self.assertEqual([name for name in found if found[name][0][0] != "OK"], ["listen"])
        found = self.doctor("--crust.key_uri=//Alice", f"--crust.endpoints={devnet.url}", "--admin.socket=off",
                            "--http.listen=nowhere", "--crust.genesis=0x" + "11" * 32, expect=2)
        self.assertEqual([name for name in found if found[name][0][0] != "OK"], ["listen", "endpoint", "chain"])
        rpc(devnet.url, "dev_setFault", "finality-halted", True)
        time.sleep(2.2)
        found = self.doctor("--crust.key_uri=//Alice", f"--crust.endpoints={devnet.url}", "--admin.socket=off",
                            "--engine.head_age_max_s=1", expect=2)
        self.assertEqual([name for name in found if found[name][0][0] != "OK"], ["clock"])
        rpc(devnet.url, "dev_setFault", "finality-halted", False)
        rpc(devnet.url, "dev_setFault", "market-off", True)
        time.sleep(0.6)
        found = self.doctor("--crust.key_uri=//Alice", f"--crust.endpoints={devnet.url}", "--admin.socket=off", expect=1)
        self.assertEqual(found["market"][0][0], "WARN")


class MoneyWithATip(Money):
    gateway_args = (*Money.gateway_args, "--crust.tip_planck=1000000007")

    def w3pin(self, *args, **kwargs):
        return super().w3pin(*args, self.gateway_args[-1], **kwargs)

    def test_a_quote_is_what_is_charged_to_the_planck(self):
        super().test_a_quote_is_what_is_charged_to_the_planck()
        price = request(self.gateway.port, "GET", "/price?size=1").json
        self.assertEqual((price["tip"], int(price["total"])), ("1000000007", int(price["price"]) + int(price["tx_fee"])))
        self.assertGreater(int(price["price"]), int(price["tip"]))


if __name__ == "__main__":
    main()
