# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""One campaign: a gateway, its clients and a chain, and a random event after the other. What must be true in the end is in
campaign_verdict.py."""
import collections
import contextlib
import os
import pathlib
import queue
import random
import signal
import sqlite3
import tempfile
import time

import lib
from campaign_chain import BLOCK_S, ENTRY_OF_NOBODY, Chain
from kill_lib import BIN, REJECTED, ROOT, STORED, Snapshot, age, crash_points, cut_power, file_key, power_env, rpc
from kill_load import Defect, Load, Model
from lib import Client, Gateway, clean_env, run

RELEASE = os.environ.get("W3PIN_RELEASE", str(ROOT / "build" / "w3pin"))
WALLETS = ["//Campaign//" + name for name in "ABCDEFGH"]
TOO_LARGE = 9 << 30
PLACES = {  # how the gateway reaches the chain: p1 and p2 are the ways to the nodes, n1 and n2 the nodes themselves
    "two": "p1,p2", "other": "p2,p1", "direct": "n1,n2", "alone": "n1", "ws": "w1", "ws two": "w1,w2", "mixed": "w2,p1"}
LYING = ("two", "other")  # with an honest way beside it: what a lone liar can do is bounded elsewhere
ARGS = ["--crust.reply_timeout_ms=1000", "--crust.connect_timeout_ms=1000", "--crust.reply_max_bytes=2000000",
        "--budget.planck_per_day=0", "--engine.retry_wait_s=1", "--engine.recheck_blocks=10", "--accounts.pins_per_day=0", "--accounts.repin_wait_s=1",
        "--http.access_log=off", "--http.drain_timeout_ms=3000"]
EVENTS = {"kill": 16, "crash": 7, "power": 5, "term": 5, "config": 7, "fault": 26, "endpoint": 8, "operator": 6, "money": 4,
          "trap": 4, "adoption": 3, "closure": 4, "bad_item": 4, "market": 3, "too_large": 2}
SETTLE_STARTS = 8


class Crowd(Model):
    """What the clients were told, and how much they may ask for: the events give it out."""

    def __init__(self, rng):
        super().__init__(rng)
        self.quota, self.counts = 0, collections.Counter()
        self.known, self.texts_known = [], []  # request ids, some of them gone; contents
        self.busy = set()
        self.traps, self.ends = {}, {}  # content -> its release in so many events; how special ones may end

    def content(self, orders=1):
        cid = super().content(orders)
        if orders:
            self.texts_known.append(cid)
        return cid

    def own(self):
        """A pin that nobody else changes now, or None."""
        for _ in range(20):
            requestid = self.rng.choice(self.known) if self.known else None
            if requestid in self.pins and requestid not in self.busy and self.pins[requestid][2] not in self.special:
                self.busy.add(requestid)
                return requestid
        return None

    def settle(self, found, lane):
        before = set(self.pins)
        super().settle(found, lane)
        self.known += [requestid for requestid in self.pins if requestid not in before]
        self.busy.clear()


class Visitor(Load):
    """A client that asks while there is quota."""

    def __init__(self, campaign, **more):
        self.campaign = campaign
        super().__init__(campaign.model, campaign.gateway.port, campaign.rng.random(), 0.003, **more)

    def choose(self):
        model = self.model
        with model.lock:
            if model.quota <= 0:
                return None
            model.quota -= 1
            kind = self.rng.choices(["new", "share", "delete", "replace"], [64, 16, 8, 12])[0]
            old = model.own() if kind in ("delete", "replace") else None
            kind = "new" if kind in ("delete", "replace") and old is None or not model.texts_known else kind
            fresh = kind == "new" or kind == "replace" and self.rng.random() < 0.6
            content = None if kind == "delete" else model.content() if fresh else self.rng.choice(model.texts_known[-400:])
            return kind, old, model.pins[old][0] if old else self.rng.choice(WALLETS), content

    def one(self):
        chosen = self.choose()
        if chosen is None:
            return True
        kind, old, wallet, content = chosen
        return self.ask("add" if kind in ("new", "share") else kind, old, wallet, content, {}) is not None

    def ask(self, kind, old, wallet, content, meta):
        answer = super().ask(kind, old, wallet, content, meta)
        with self.model.lock:
            if answer is not None and answer.status == 202:
                self.model.counts[kind] += 1
                self.model.busy.discard(old)
                if content:
                    self.model.known.append(answer.json["requestid"])
        return answer

    def refused(self, entry, answer):
        """Without money nothing is promised; a gateway that stops says so."""
        reason = answer.json["error"]["reason"]
        if answer.status == 409 and reason == "INSUFFICIENT_FUNDS" and self.campaign.poor or answer.status == 503 and self.campaign.stopping:
            with self.model.lock:
                self.model.counts[reason] += 1
                self.model.busy.discard(entry[1])
                self.model.quota += 1
        else:
            super().refused(entry, answer)


class Campaign:
    def __init__(self, seed, pins, events, keep=""):
        self.seed, self.rng, self.pins, self.events, self.keep = seed, random.Random(f"campaign {seed}"), pins, events, keep
        self.model, self.counts, self.hits = Crowd(random.Random(f"crowd {seed}")), collections.Counter(), collections.Counter()
        self.memory_kb, self.interrupted, self.sectors, self.lives, self.looks = 0, 0, 0, 0, 0
        self.gateway, self.loads, self.snapshot, self.power = None, [], None, False
        self.poor, self.stopping, self.lying, self.paused = False, False, False, False
        self.config, self.place, self.last = [], "two", ""
        self.points, self.failed = queue.Queue(), {}

    @contextlib.contextmanager
    def running(self):
        with tempfile.TemporaryDirectory(prefix="w3pin-campaign-") as self.dir:
            os.mkdir(self.dir + "/copy")
            self.path = self.dir + "/w3pin.db"
            lib.BIN = RELEASE  # of the chain, too, for its pace
            self.chain = Chain(self.seed, self.rng)
            try:
                yield self
            finally:
                for load in self.loads:
                    load.ended.set()
                if self.gateway and self.gateway.proc.poll() is None:
                    self.gateway.proc.kill()
                    self.gateway.proc.wait()
                self.save_log()
                self.chain.close()

    # Lives of the gateway

    def endpoints(self):
        node = {"1": self.chain.devnet.url, "2": self.chain.devnet.second_url}
        form = {"p": lambda n: self.chain.ways[int(n) - 1].url, "n": lambda n: node[n], "w": lambda n: node[n].replace("http", "ws")}
        return ",".join(form[place[0]](place[1]) for place in PLACES[self.place].split(","))

    def start(self, crash="", power=False):
        lib.BIN = BIN if crash else RELEASE
        self.power, self.crash = power, crash
        env = power_env(self.path, lib.BIN) if power else clean_env()
        if crash:
            env["W3PIN_TEST_CRASH"] = crash
        self.lives += 1
        self.gateway = Gateway(self.dir, self.endpoints(), *ARGS, *self.config, env=env, ready=False)
        end = time.monotonic() + 30
        while self.gateway.port is None and self.gateway.proc.poll() is None:
            for line in self.gateway.log_lines("gateway.ready"):
                self.gateway.port = int(line["msg"].split("(port ")[1].split(")")[0])
            if time.monotonic() > end:
                raise Defect("not ready after 30 s: " + self.gateway.log_text()[-2000:])
            time.sleep(0.005)
        self.loads = [Visitor(self) for _ in range(3)] if self.gateway.port else []

    def measure(self):
        """The most memory that a release build has had."""
        if not self.crash:
            with contextlib.suppress(OSError):
                text = pathlib.Path(f"/proc/{self.gateway.proc.pid}/status").read_text(encoding="ascii")
                peak = [int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM")]
                self.memory_kb = max([self.memory_kb, *peak])

    def down(self, how):
        """The gateway ends: "kill", "power", "term", or "crash" when it was to do so by itself. What it left is looked at."""
        self.measure()
        died = self.gateway.proc.poll() is not None
        if how == "term":
            self.stopping = True
            code = self.gateway.stop()
        else:
            if not died:
                self.gateway.proc.send_signal(signal.SIGKILL)
            code = self.gateway.proc.wait(20)
        for load in self.loads:
            load.ended.set()
            load.join(30)
        if code != (0 if how == "term" else -signal.SIGKILL) or died and not self.crash:
            raise Defect(f"ended by itself with {code}: {self.gateway.log_text()[-3000:]}")
        wrong, self.loads, self.stopping = [load.wrong for load in self.loads if load.wrong], [], False
        self.save_log()
        if wrong:
            raise wrong[0]
        if how == "power":
            self.sectors += cut_power(self.path, self.rng)
        for tail in (".undo", "-wal.undo"):  # what a process wrote outlives it: no later power failure takes it away
            pathlib.Path(self.path + tail).unlink(missing_ok=True)
        self.hits[self.crash.split(":")[0] if died else {"power": "power loss", "term": "SIGTERM"}.get(how, "a random moment")] += 1
        self.look(how != "term")

    def save_log(self):
        if self.gateway and os.path.exists(self.gateway.log_path):
            if self.keep:
                with open(f"{self.keep}/{self.seed}.jsonl", "a", encoding="utf-8") as file:
                    file.write(f"# life {self.lives} {self.config} {self.place} {self.crash} {self.memory_kb} kB, event {self.last}\n" + self.gateway.log_text())
            self.gateway.close()

    def look(self, killed):
        self.looks += 1
        self.snapshot = Snapshot(self.path, self.dir + "/copy", whole=self.pins <= 1000 or self.looks % 10 == 0)
        if self.snapshot.wrong:
            raise Defect(f"the database behind life {self.lives}: " + "; ".join(self.snapshot.wrong))
        self.interrupted += len(self.snapshot.live) if killed else 0
        self.model.settle(self.snapshot.pins, f"life {self.lives}")
        for cid, (state, pins, _) in self.snapshot.contents.items():
            if state == REJECTED and pins > 0 and cid not in self.model.ends and len(self.failed) < 100:
                self.failed[cid] = f"{cid} was told as failed behind event {sum(self.counts.values())}, and nothing is wrong with it"

    def check_orders(self):
        """No content was ever paid more often than it had to be."""
        for cid, count in self.chain.read().succeeded.items():
            if count > self.model.orders.get(cid, 0):
                raise Defect(f"double order: {cid} was ordered {count} times, {self.model.orders.get(cid, 0)} wanted")

    # Events

    def work(self):
        self.start("SCHEMA_WRITTEN:2")
        self.wait_crash()
        names, given = list(EVENTS), 0
        for done in range(1, self.events + 1):
            self.rng = self.chain.rng = random.Random(f"{self.seed} event {done}")  # whatever the events before have found
            self.last = self.rng.choices(names, EVENTS.values())[0]
            self.counts[self.last] += 1
            more = self.pins * 1.15 * done / self.events - given  # some are refused, and some only delete
            burst = int(more * self.rng.choice((0, 0.5, 1, 1)))
            given += burst
            with self.model.lock:
                self.model.quota += burst
            getattr(self, "event_" + self.last)()
            self.pass_time()
            if done % 10 == 0:
                self.check_orders()
        self.heal()
        self.restart("term")
        self.fill_up()

    def pass_time(self):
        self.chain.event_passed()
        for cid in [cid for cid, left in self.model.traps.items() if left <= 1]:
            self.release(cid)
        for cid in self.model.traps:
            self.model.traps[cid] -= 1
        time.sleep(self.rng.random() * 0.3)
        for load in self.loads:
            if load.wrong:
                raise load.wrong
        if self.gateway.proc.poll() is not None:
            raise Defect(f"ended by itself with {self.gateway.proc.returncode}: {self.gateway.log_text()[-3000:]}")

    def fill_up(self):
        """Until as many pins as were asked for have been acknowledged."""
        end = time.monotonic() + 120
        while self.acknowledged() < self.pins:
            if time.monotonic() > end or any(load.wrong for load in self.loads):
                raise Defect(f"{self.acknowledged()} of {self.pins} pins after 120 s: {[str(load.wrong) for load in self.loads]}")
            with self.model.lock:
                if self.model.quota <= 0:
                    self.model.quota += min(200, self.pins - self.acknowledged())
            self.chain.read()
            time.sleep(0.02)
        with self.model.lock:
            self.model.quota = 0

    def acknowledged(self):
        return self.model.counts["add"] + self.model.counts["replace"]

    def restart(self, how):
        self.down(how)
        if self.rng.random() < 0.3 and self.snapshot.whole:
            age(self.path)
        self.start(power=self.rng.random() < 0.3)

    def event_kill(self):
        self.restart("kill")

    def event_term(self):
        self.restart("term")

    def event_power(self):
        if not self.power:
            self.down("kill")
            self.start(power=True)
            time.sleep(0.1 + self.rng.random() * 0.5)
        self.restart("power")

    def event_crash(self):
        if self.points.empty():
            points = [p for p in crash_points() if not p.startswith(("SCHEMA", "BINDING", "TERMS"))]
            self.rng.shuffle(points)
            for point in points:
                self.points.put(point)
        self.down("kill")
        self.start(f"{self.points.get()}:{self.rng.randint(1, 3)}")
        self.wait_crash()

    def wait_crash(self):
        with self.model.lock:
            self.model.quota += 10
        end = time.monotonic() + 1.5
        while self.gateway.proc.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        self.restart("kill")

    def event_config(self):
        rng = self.rng
        self.down(rng.choice(("kill", "term")))
        self.place = rng.choice([*PLACES, *LYING, *LYING])
        if self.place not in LYING:
            self.honest()
        self.config = [f"--crust.era_blocks={rng.choice((32, 64, 128))}", f"--crust.max_in_flight={rng.choice((2, 16, 48))}",
                       f"--crust.batch_max={rng.choice((1, 4, 32, 32))}", f"--crust.min_replicas={rng.choice((1, 3, 4))}",
                       f"--crust.max_order_planck={rng.choice((1, *[700000000] * 5))}", f"--http.threads={rng.choice((1, 2, 4))}"]
        self.start()

    def event_fault(self):
        if len(self.chain.active) < 4:
            self.chain.trouble()
        else:
            self.chain.clear(self.rng.choice(list(self.chain.active)))

    def honest(self):
        for way in self.chain.ways:
            way.honest()
        self.lying = False

    def event_endpoint(self):
        if self.lying or any(way.off for way in self.chain.ways):
            self.honest()
        elif self.rng.random() < 0.4:
            self.rng.choice(self.chain.ways).off = True
        elif self.place in LYING:
            with self.chain.quiet():
                self.chain.lie()
            self.lying = True
            self.counts["a lying endpoint"] += 1

    def operator(self, *args):
        code, out, err = run(*args, f"--store.path={self.path}")
        if code != 0 and not (self.poor and "the money does not cover" in out + err):
            raise Defect(f"w3pin {' '.join(args)} ended with {code}: {out}{err}")
        return out

    def event_operator(self):
        if self.paused:
            self.operator("resume")
            self.paused = False
        elif self.rng.random() < 0.4:
            self.operator("pause")
            self.paused = True
        else:
            self.operator(*self.rng.choice((("retry", "--failed"), ("orders", "--json"), ("orders", "--stuck"))))

    def event_money(self):
        if "balance-gone" in self.chain.active:
            self.chain.clear("balance-gone")
        else:
            self.chain.fault("balance-gone", self.rng.choice((0, 10**9, 10**10, 10**11)), 0)
            self.poor = True

    def event_trap(self):
        """Somebody orders a content with a size that is too small, and no storage node can ever report it."""
        with self.model.lock:
            cid = self.model.content(orders=0)
            self.model.traps[cid] = self.rng.randint(3, 40)
        self.chain.write([[file_key(cid), "0x" + ENTRY_OF_NOBODY.hex()]])
        self.ask(cid, 5 << 20)

    def release(self, cid):
        """The chain closes it: now it may be ordered, once."""
        with self.model.lock:
            self.model.orders[cid] = 1
        del self.model.traps[cid]
        self.chain.write([[file_key(cid), None]])

    def ask(self, cid, size):
        """A pin of a content that nobody else names."""
        visitor = Visitor(self, idle=True)
        answer = visitor.ask("add", None, self.rng.choice(WALLETS), cid, {"size": str(size)})
        if answer is None:
            self.counts["unanswered"] += 1

    def sql(self, query):
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10)) as db:
            return db.execute(query).fetchall()

    def stored(self, most):
        """Contents that are stored and were ordered as often as they should have been."""
        done = self.chain.read().succeeded
        found = [cid for (cid,) in self.sql(f"SELECT cid FROM contents WHERE state = {STORED} AND pins > 0")
                 if cid not in self.model.special and done.get(cid) == self.model.orders.get(cid)]
        return self.rng.sample(sorted(found), min(most, len(found)))

    def event_closure(self):
        """Entries end soon, or are gone at once: one order more for each."""
        cids = self.stored(self.rng.randint(1, 6))
        with self.chain.quiet():
            values, head = self.chain.books.entries(cids), self.chain.head()
        pairs = []
        for cid, value in zip(cids, values):
            if not value:
                continue  # a fork or a lie is about this one
            soon = value[:16] + (head + 40).to_bytes(4, "little") + value[20:]
            pairs.append([file_key(cid), None if self.rng.random() < 0.5 else "0x" + soon.hex()])
            self.model.orders[cid] += 1
            self.counts["closed or expiring"] += 1
        if pairs:
            self.chain.write(pairs)

    def an_entry(self):
        """Of some content that is stored; b"" when none is yet."""
        found = self.stored(1)
        with self.chain.quiet():
            return (self.chain.books.entries(found) or [b""])[0]

    def event_adoption(self):
        """Somebody else has ordered what is pinned then: not a planck for that."""
        value = self.an_entry()
        if not value:
            return
        with self.model.lock:
            cid = self.model.content(orders=0)
            self.model.ends[cid] = (STORED,)
        self.chain.write([[file_key(cid), "0x" + value.hex()]])
        self.ask(cid, 1)

    def event_bad_item(self):
        """One of many that are ordered together is on chain with a larger size when their block comes."""
        value = self.an_entry()
        if not value:
            return
        with self.model.lock:
            cid = self.model.content(orders=0)
            self.model.orders[cid], self.model.ends[cid] = 1, (STORED, REJECTED)  # a fork may take the entry away
        with self.before_the_block(cid):
            rpc(self.chain.url, "dev_setStorage", [[file_key(cid), "0x" + ((64 << 20).to_bytes(8, "little") + value[8:]).hex()]])

    def event_market(self):
        """What is signed now fails on chain: the market closes before its block, for some events."""
        with self.before_the_block():
            self.chain.fault("market-off", True, self.rng.randint(1, 6))

    @contextlib.contextmanager
    def before_the_block(self, cid=""):
        """No block comes until some orders are signed, that of a pin of this content among them."""
        self.chain.blocks.going.clear()
        time.sleep(0.1)  # one that is being made
        try:
            with self.model.lock:
                self.model.quota += 12
            if cid:
                self.ask(cid, 1)
            wanted, end = f" AND c.cid = '{cid}'" if cid else "", time.monotonic() + 1
            while time.monotonic() < end and not self.sql(
                    f"SELECT 1 FROM orders o JOIN contents c ON c.id = o.content WHERE o.state IN (1, 2){wanted} LIMIT 1"):
                time.sleep(0.02)
            yield
        finally:
            self.chain.blocks.going.set()

    def event_too_large(self):
        with self.model.lock:
            cid = self.model.content(orders=0)
            self.model.ends[cid] = (REJECTED,)
        self.ask(cid, TOO_LARGE)

    # The end

    def heal(self):
        for cid in list(self.model.traps):
            self.release(cid)
        self.chain.heal()
        self.honest()
        if self.paused:
            self.operator("resume")
            self.paused = False
        self.config, self.place = [], "direct"  # the ways cost time that orders in fast blocks do not have

    def settle(self):
        """Without trouble, until everything is where it belongs; some starts in between, for what waits half a minute."""
        for _ in range(SETTLE_STARTS):
            end = time.monotonic() + 10 + self.pins / 500
            while time.monotonic() < end and self.unsettled():
                self.check_orders()  # the chain does not keep its states for ever
                time.sleep(0.3)
            if not self.unsettled():
                return
            self.down("term")
            age(self.path)
            self.start()

    def unsettled(self):
        rows = self.sql("SELECT count(*) FROM contents WHERE pins > 0 AND state NOT IN (6, 8) UNION ALL SELECT count(*) FROM orders WHERE state IN (1, 2, 3)")
        return rows[0][0] + rows[1][0]

    def freeze(self):
        """The last stop, and the books of the chain behind it."""
        self.down("term")
        time.sleep(8 * BLOCK_S)
        self.chain.blocks.going.clear()
        self.chain.blocks.make(6)
        self.chain.read()
        self.snapshot = Snapshot(self.path, self.dir + "/copy")

    def clients(self):
        """Everything that the clients see: requestid -> (wallet, pin)."""
        self.start()
        seen = {}
        for wallet in WALLETS:
            client, before = Client(self.gateway.port, wallet), ""
            while True:
                page = client.call("GET", "/pins?status=queued,pinning,pinned,failed&limit=1000" + before).json["results"]
                seen.update((pin["requestid"], (wallet, pin)) for pin in page)
                if len(page) < 1000:
                    break
                before = "&before=" + page[-1]["created"]
        self.back = [r for r in list(self.model.gone)[:200] if Client(self.gateway.port, WALLETS[0]).get(r).status != 404]
        return seen
