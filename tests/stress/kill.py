# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""The kill test: a gateway under load is killed at every crash point of src/base/crash.h and at random moments, again and
again on the same database, while the chain goes on. Then the chain is asked: no acknowledged pin lost, none that was
deleted is back, no content ordered twice, and the payer's balance is what the orders say, to the planck.

  kill.py           every crash point once, some random moments (tests/run)
  kill.py --long    at least 200 kills (tests/run --full)
  kill.py --seed N  --only POINT[,POINT]  --lanes N   (or the same in W3PIN_TEST_KILL)
The seed fixes what is done in which order; what the kill finds under way is up to the machine."""
import argparse
import collections
import contextlib
import os
import queue
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

from kill_lib import (BIN, QUEUED, REJECTED, STORED, Ledger, Snapshot, age, crash_points, cut_power,
                      file_key, power_env, rpc)
import lib
from kill_load import WALLETS, Blocks, Defect, Load, Model
from lib import ROOT, Client, Devnet, Gateway, RpcError, clean_env, wait_for

FRESH = ["SCHEMA_WRITTEN", "SCHEMA_STORED", "BINDING_WRITTEN", "BINDING_STORED", "TERMS_WRITTEN", "TERMS_STORED"]
ENABLE_MARKET = "0x5ebf094108ead4fefa73f7a3b13cb4a7f6cb5618504b5719970aa15e9e1c332d"
TOO_DEAR, TOO_LARGE = 7 << 30, 9 << 30
ARGS = ["--crust.era_blocks=16", "--crust.max_in_flight=16", "--crust.max_order_planck=700000000",
        "--budget.planck_per_day=0", "--engine.retry_wait_s=1", "--engine.max_attempts=100", "--engine.recheck_blocks=10",
        "--accounts.pins_per_day=0", "--accounts.repin_wait_s=1", "--http.access_log=off"]
ROUND_S, SETTLE_S, SETTLE_STARTS = 5.0, 15.0, 6
QUEUE_MOST = 24  # new contents of one client in a round, less what still waits


class Lane(threading.Thread):
    """One chain, one database, one kill after the other."""

    def __init__(self, number, seed, tasks, power, long):
        super().__init__(daemon=True, name=f"lane {number}{' (power)' if power else ''}")
        self.number, self.rng, self.tasks, self.power, self.long = number, random.Random(f"{seed} {number}"), tasks, power, long
        self.hits, self.states, self.kills, self.flying, self.sectors = collections.Counter(), collections.Counter(), 0, 0, 0
        self.defect, self.notes, self.summary, self.gateway, self.devnet = None, [], "", None, None
        self.model, self.snapshot, self.failures = Model(self.rng), None, 0

    # life

    def run(self):
        with tempfile.TemporaryDirectory(prefix="w3pin-kill-") as self.dir:
            os.mkdir(self.dir + "/copy")
            self.path = self.dir + "/w3pin.db"
            self.devnet = Devnet("--replicas-after=2", "--replicas-spread=2", "--finality-lag=3", block_ms=0)
            self.url = self.devnet.url
            self.ledger = Ledger(self.url)
            self.blocks = Blocks(self.url, 0.08)
            try:
                self.work()
                self.devnet.close()  # a sanitizer's report of the chain is a failure, too
            except Defect as defect:
                self.defect = str(defect)
            except Exception:  # whatever it is, the lane did not come to its end
                self.defect = f"{self.name}: {traceback.format_exc()}"
            finally:
                self.blocks.ended.set()
                self.blocks.join(5)
                self.end_processes()

    def end_processes(self):
        """However the lane ended: nothing is left behind."""
        for process in (self.gateway, self.devnet):
            if process and process.proc.poll() is None:
                process.proc.kill()
                process.proc.wait()
            if process and os.path.exists(process.log_path):
                os.unlink(process.log_path)

    def work(self):
        for point in FRESH if self.long or self.number == 0 else []:
            self.round(point, self.rng.randint(1, 5) if point.startswith("SCHEMA") else 1)
        for _ in range(2):
            self.random_round(0.4)
        while True:
            try:
                point, n = self.tasks.get_nowait()
            except queue.Empty:
                break
            for attempt in range(4):
                if point is None:
                    self.random_round()
                    break
                if self.round(point, n if attempt == 0 else 1):
                    break
            else:
                self.notes.append(f"{self.name}: {point} was never reached")
        self.finish()

    def start_gateway(self, crash=None):
        env = power_env(self.path) if self.power else clean_env()
        if crash:
            env["W3PIN_TEST_CRASH"] = crash
        gateway = self.gateway = Gateway(self.dir, self.url, *ARGS, env=env, ready=False)
        end = time.monotonic() + 20
        while gateway.port is None and gateway.proc.poll() is None:
            for line in gateway.log_lines("gateway.ready"):
                gateway.port = int(line["msg"].split("(port ")[1].split(")")[0])
            if time.monotonic() > end:
                gateway.close()
                raise Defect(f"{self.name}: not ready after 20 s")
            time.sleep(0.005)
        return gateway

    # one kill

    def round(self, point, n):
        """True when the gateway died at the point."""
        self.prepare(point)
        gateway = self.start_gateway(f"{point}:{n}")
        loads = self.loads(gateway, point)
        end = time.monotonic() + ROUND_S
        if gateway.port:
            self.happen(point, gateway)
        while gateway.proc.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        hit = gateway.proc.poll() is not None
        self.after(gateway, loads, point if hit else None)
        return hit

    def random_round(self, least_s=0.0):
        gateway = self.start_gateway()
        loads = self.loads(gateway, None)
        fault = self.trouble() if self.long and self.rng.random() < 0.4 else None
        time.sleep(least_s + self.rng.random() * 0.8)
        self.after(gateway, loads, None, fault)

    def loads(self, gateway, point):
        if not gateway.port:
            return []
        if point and point.startswith("CHECKPOINT"):
            return [Load(self.model, gateway.port, self.rng.random(), 0.005, True, 80) for _ in range(2)]
        most = max(1, QUEUE_MOST - (self.snapshot.queued if self.snapshot else 0))
        return [Load(self.model, gateway.port, self.rng.random(), most=most) for _ in range(2)]

    def after(self, gateway, loads, point, fault=None):
        """The process is gone or goes now; what it left is looked at."""
        died_by_itself = gateway.proc.poll() is not None
        if not died_by_itself:
            gateway.proc.send_signal(signal.SIGKILL)
        code = gateway.proc.wait(10)
        if fault:
            rpc(self.url, "dev_setFault", fault, False)  # before the chain is asked
        for load in loads:
            load.ended.set()
            load.join(20)
        if code != -signal.SIGKILL or died_by_itself and point is None:
            raise Defect(f"{self.name}: ended by itself with {code}: {gateway.log_text()[-3000:]}")
        gateway.close()
        for load in loads:
            if load.wrong:
                raise load.wrong
        self.blocks.going.set()
        if self.power:
            self.sectors += cut_power(self.path, self.rng)
        self.kills += 1
        self.hits[point or "a random moment"] += 1
        self.look()

    def look(self):
        self.snapshot = Snapshot(self.path, self.dir + "/copy")
        if self.snapshot.wrong:
            raise Defect(f"{self.name}: the database after kill {self.kills}: " + "; ".join(self.snapshot.wrong))
        self.model.settle(self.snapshot.pins, self.name)
        names = {1: "signed", 2: "submitted", 3: "in block"}
        self.flying += 1 if self.snapshot.live else 0
        for state in set(self.snapshot.live):
            self.states[names[state]] += 1
        self.states["queued"] += 1 if self.snapshot.queued else 0
        self.states["nothing under way"] += 0 if self.snapshot.live or self.snapshot.queued else 1
        for cid, count in self.ledger.read().succeeded.items():
            if count > self.model.orders.get(cid, 0):
                raise Defect(f"{self.name}: {cid} was ordered {count} times, {self.model.orders.get(cid, 0)} wanted")

    # what a point needs

    def prepare(self, point):
        if point in ("ORDER_LOST_WRITTEN", "ORDER_LOST_STORED", "ORDER_ENDED_HALF"):
            if self.round("ORDER_SIGNED_STORED", 1):
                self.blocks.make(24)  # more than the era: what was signed can never land
        if point.startswith(("RENEWAL", "TRACKER_GONE")):
            self.blocks.make(60)
        if point.startswith(("RENEWAL", "TRACKER_GONE", "QUEUE_ADOPT")):
            for _ in range(5):  # they begin with a content that is stored
                if self.stored():
                    break
                self.random_round(1.0)
        if self.failures:
            age(self.path)
            self.failures = 0

    def happen(self, point, gateway):
        try:
            if point.startswith(("ORDER_FAILED", "BATCH_INTERRUPTED")):
                self.close_market()
            elif point.startswith("RENEWAL"):
                self.patch_entry(lambda head: head + 20)
            elif point.startswith("TRACKER_GONE"):
                self.patch_entry(lambda head: None)
            elif point.startswith("QUEUE_ADOPT"):
                self.order_by_others(gateway)
            elif point.startswith("QUEUE_REJECT"):
                self.one_pin(gateway, TOO_LARGE)
            elif point.startswith("QUEUE_DEFER"):
                self.one_pin(gateway, TOO_DEAR)
            elif point.startswith("CHECKPOINT"):
                time.sleep(0.6)
                self.blocks.going.clear()
            elif point.startswith("ORDER_RETRACTED"):
                self.fork_often(gateway)
        except OSError:
            pass  # the gateway was killed meanwhile

    def fork_often(self, gateway):
        """Each takes one or two blocks back; the gateway must have seen an order in them."""
        for depth in (1, 2) * 5:
            rpc(self.url, "dev_setFault", "fork", depth)
            with contextlib.suppress(subprocess.TimeoutExpired):
                gateway.proc.wait(0.5)
                break

    def one_pin(self, gateway, size):
        with self.model.lock:
            content = self.model.content(orders=0)
        self.ask_for(gateway, content, size)

    def ask_for(self, gateway, content, size):
        load = Load(self.model, gateway.port, self.rng.random(), idle=True)
        load.ask("add", None, self.rng.choice(WALLETS), content, {"size": str(size)})

    def close_market(self):
        """What is signed now fails on chain: it is sent, and then the market closes for some blocks."""
        self.failures += 1
        for _ in range(6):
            self.blocks.going.clear()
            time.sleep(0.2)
            rpc(self.url, "dev_setStorage", [[ENABLE_MARKET, "0x00"]])
            self.blocks.make(2)
            rpc(self.url, "dev_setStorage", [[ENABLE_MARKET, "0x01"]])
            self.blocks.going.set()
            time.sleep(0.3)

    def stored(self):
        """A content that is stored, and was ordered as often as it should have been."""
        cids = [cid for cid, (state, pins, _) in self.snapshot.contents.items() if state == STORED and pins > 0 and
                cid not in self.model.special and self.ledger.succeeded.get(cid) == self.model.orders.get(cid)]
        return sorted(cids)

    def patch_entry(self, expiry):
        """The chain's entry ends soon, or is gone: one order more."""
        for cid in self.rng.sample(self.stored(), min(2, len(self.stored()))):
            value = rpc(self.url, "state_getStorage", file_key(cid))
            head = int(rpc(self.url, "chain_getHeader")["number"], 16)
            at = expiry(head)
            patched = None if at is None else "0x" + (bytes.fromhex(value[2:])[:16] + at.to_bytes(4, "little")).hex() + value[2 + 40:]
            rpc(self.url, "dev_setStorage", [[file_key(cid), patched]])
            self.model.orders[cid] += 1

    def order_by_others(self, gateway):
        """Somebody else's entry is on chain before the pin comes: no order."""
        if not self.stored():
            return
        value = rpc(self.url, "state_getStorage", file_key(self.stored()[0]))
        with self.model.lock:
            content = self.model.content(orders=0)
        rpc(self.url, "dev_setStorage", [[file_key(content), value]])
        self.blocks.make(3)
        self.ask_for(gateway, content, 1)

    def trouble(self):
        """A node that is not well, for one round."""
        name, value = self.rng.choice((("reply-lost", "0.5,@author_submitExtrinsic"), ("request-lost", 0.1), ("reset", 0.1),
                                       ("fork", 1), ("1016-pool-full", 0.3), ("delay", "0.3,100ms")))
        try:
            rpc(self.url, "dev_setFault", name, value)
        except RpcError as error:
            raise Defect(f"dev_setFault {name} {value}: {error}") from error
        return name

    # the end

    def finish(self):
        """Without load and without crash points, until everything is where it belongs."""
        for attempt in range(SETTLE_STARTS):
            age(self.path)
            gateway = self.start_gateway()
            if not gateway.port:
                raise Defect(f"{self.name}: a start without any crash point ended: {gateway.log_text()[-3000:]}")
            try:
                wait_for("everything to be ordered and stored", self.is_settled, SETTLE_S, every=0.2)
                break
            except AssertionError as error:
                if attempt == SETTLE_STARTS - 1:
                    text = gateway.log_text()[-1500:]
                    gateway.close()
                    raise Defect(f"{self.name}: {error}: {self.unsettled[:5]}; {text}") from None
                self.after(gateway, [], None)  # what failed meanwhile waits for half a minute
        try:
            self.check_clients(gateway)
        finally:
            self.blocks.going.clear()
            gateway.close()
        if self.power:
            cut_power(self.path, self.rng)
        self.look()
        self.check_chain()

    def is_settled(self):
        snapshot = Snapshot(self.path, self.dir + "/copy")
        done = self.ledger.read().succeeded
        self.unsettled = [(cid, state, done.get(cid, 0), self.model.orders[cid]) for cid, (state, pins, _) in snapshot.contents.items()
                          if pins > 0 and not self.is_done(cid, state, done)]
        return not snapshot.live and not self.unsettled

    def is_done(self, cid, state, done):
        if cid not in self.model.special:
            return state == STORED and done.get(cid, 0) == self.model.orders[cid]
        return state in (QUEUED, REJECTED, STORED)

    def check_clients(self, gateway):
        for wallet in WALLETS:
            client, seen, before = Client(gateway.port, wallet), {}, ""
            while True:
                page = client.call("GET", "/pins?status=queued,pinning,pinned,failed&limit=1000" + before).json["results"]
                seen.update((pin["requestid"], pin) for pin in page)
                if len(page) < 1000:
                    break
                before = "&before=" + page[-1]["created"]
            mine = {r: row for r, row in self.model.pins.items() if row[0] == wallet}
            if set(seen) != set(mine):
                raise Defect(f"{self.name}: {wallet} lists {len(seen)} pins, {len(mine)} were acknowledged and not deleted")
            for requestid, (_, name, content) in mine.items():
                pin = seen[requestid]
                good = ("pinned",) if content not in self.model.special else ("queued", "failed", "pinned")
                if pin["pin"]["name"] != name or pin["pin"]["cid"] not in self.model.texts[content] or pin["status"] not in good:
                    raise Defect(f"{self.name}: {requestid} should be {name} of {content}, pinned: {pin}")
            for requestid in list(self.model.gone)[:50]:
                if client.get(requestid).status != 404:
                    raise Defect(f"{self.name}: deleted pin {requestid} is back")

    def check_chain(self):
        """The chain's side of it: how often each content was ordered, and what the payer paid."""
        self.blocks.make(4)
        done, called = self.ledger.read().succeeded, sum(self.ledger.called.values())
        for cid, count in done.items():
            pins = self.snapshot.contents.get(cid, (0, 0, 0))[1]
            wanted = self.model.orders.get(cid, 0)
            if count > wanted or pins > 0 and count != wanted:
                raise Defect(f"{self.name}: {cid} was ordered {count} times, {wanted} wanted")
        paid = self.ledger.balance_before - self.ledger.balance()
        if paid != self.snapshot.taken:
            raise Defect(f"{self.name}: the payer paid {paid} planck, the orders say {self.snapshot.taken} (difference {paid - self.snapshot.taken})")
        if called != self.snapshot.landed:
            raise Defect(f"{self.name}: {called} orders are in blocks, the database knows {self.snapshot.landed}")
        self.summary = (f"{self.name}: {self.kills} kills, {len(self.model.pins)} pins kept, {len(self.model.gone)} deleted; {len(done)} contents ordered, "
                        f"{sum(done.values())} orders, {called - sum(done.values())} more failed on chain; {paid} planck paid, to the planck"
                        + (f"; {self.sectors} unsynced sectors taken away" if self.power else ""))


def plan(options, rng):
    points = [p for p in crash_points() if p not in FRESH]
    if options.only:
        return [(p, 1) for p in options.only.split(",")]
    tasks = [(p, 1) for p in points] + [(None, 0)] * (4 if not options.long else 70)
    if options.long:
        tasks += [(p, rng.randint(1, 4)) for p in points] + [(p, rng.randint(1, 12)) for p in points if p.startswith(("ORDER_S", "ORDER_IN", "COMMIT", "PIN", "GROUP"))]
    rng.shuffle(tasks)
    return tasks


def report(lanes, options):
    hits, states = sum((lane.hits for lane in lanes), collections.Counter()), sum((lane.states for lane in lanes), collections.Counter())
    kills, flying = sum(lane.kills for lane in lanes), sum(lane.flying for lane in lanes)
    print("\nwhere the kills hit:")
    for name in crash_points() + ["a random moment"]:
        print(f"  {name:28} {hits[name]:4} {'#' * min(hits[name], 60)}")
    print("with orders or contents in this state in the database (a kill may count in several):")
    for name in ("queued", "signed", "submitted", "in block", "nothing under way"):
        print(f"  {name:28} {states[name]:4}")
    print(f"{kills} kills, {flying} of them with an order between signed and final")
    wrong = [lane.defect for lane in lanes if lane.defect]
    if not options.only:
        wrong += [f"crash point {p} was never hit" for p in crash_points() if hits[p] == 0]
        least = 200 if options.long else 40
        if kills < least:
            wrong.append(f"{kills} kills, {least} wanted")
        if flying * 2 < kills:
            wrong.append(f"only {flying} of {kills} kills had an order between signed and final")
    wrong += [f"{lane.name} did not come to its end" for lane in lanes if not lane.summary and not lane.defect]
    return wrong


def release_is_clean():
    """What users run has no crash points: no name of one is in it, and it does not heed the variable."""
    binary = ROOT / "build" / "w3pin"
    if not binary.exists():
        return [f"{binary} is not built: nobody can say whether crash points are in it"]
    data = binary.read_bytes()
    wrong = [f"{binary} holds {name}" for name in crash_points() + ["W3PIN_TEST_CRASH"] if name.encode() in data]
    with tempfile.TemporaryDirectory(prefix="w3pin-kill-") as folder:
        tested, lib.BIN = lib.BIN, str(binary)
        try:
            gateway = Gateway(folder, "http://127.0.0.1:9", env=clean_env(W3PIN_TEST_CRASH="SCHEMA_WRITTEN:1"))
            gateway.close()
        except AssertionError as error:
            wrong.append(f"the release binary heeds W3PIN_TEST_CRASH: {error}")
        finally:
            lib.BIN = tested
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--only", default="")
    parser.add_argument("--lanes", type=int, default=0)
    options = parser.parse_args(os.environ.get("W3PIN_TEST_KILL", "").split() + sys.argv[1:])
    print(f"seed {options.seed} (kill.py{' --long' if options.long else ''} --seed {options.seed}), {BIN}", flush=True)
    began, rng, tasks = time.monotonic(), random.Random(options.seed), queue.Queue()
    for task in plan(options, rng):
        tasks.put(task)
    for wallet in WALLETS:
        Client(0, wallet)  # makes the tokens
    count = options.lanes or (4 if options.long else 3)
    lanes = [Lane(i, options.seed, tasks, i % 2 == 1, options.long) for i in range(count)]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join(max(1.0, began + (1500 if options.long else 240) - time.monotonic()))
    for lane in lanes:
        lane.end_processes()
    wrong = report(lanes, options) + ([] if options.only else release_is_clean())
    for line in [lane.summary for lane in lanes if lane.summary] + sum((lane.notes for lane in lanes), []):
        print(line)
    for line in wrong:
        print("DEFECT:", line)
    print(f"{time.monotonic() - began:.0f} s")
    print(f"result: {len(lanes) + 2 - len(wrong) if len(wrong) < len(lanes) + 2 else 0} passed, {len(wrong)} failed, 0 skipped", flush=True)
    os._exit(1 if wrong else 0)


if __name__ == "__main__":
    sys.exit(main())
