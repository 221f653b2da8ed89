# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""The clients of the kill test, what they were told, and the chain's clock."""
import random
import threading

from lib import Client, base32, cid_v0, cid_v1, hashlib, rpc

WALLETS = ["//Alice", "//Bob", "//Carol"]


class Defect(Exception):
    """What must never be."""


def spellings(label, odd):
    """A content's CID as it is ordered, and every spelling of it."""
    if not odd:
        return cid_v1(label), [cid_v1(label)]
    v1 = "b" + base32(bytes([1, 0x70, 0x12, 32]) + hashlib.sha256(label.encode()).digest())
    return cid_v0(label), [cid_v0(label), v1]


class Blocks(threading.Thread):
    """The chain's clock."""

    def __init__(self, url, every_s):
        super().__init__(daemon=True)
        self.url, self.every_s, self.going, self.ended = url, every_s, threading.Event(), threading.Event()
        self.going.set()
        self.start()

    def run(self):
        while not self.ended.wait(self.every_s):
            if self.going.is_set():
                rpc(self.url, "dev_newBlock")

    def make(self, count):
        for _ in range(count):
            rpc(self.url, "dev_newBlock")


class Model:
    """What clients were told. Requests that got no answer are settled by what the database holds after the kill."""

    def __init__(self, rng):
        self.rng, self.lock = rng, threading.Lock()
        self.pins, self.gone = {}, set()     # requestid -> (wallet, name, content); deleted and acknowledged
        self.orders, self.texts = {}, {}     # content -> orders that it may have; its spellings
        self.special = set()                 # contents that no other request names
        self.open = []                       # requests without an answer
        self.made = 0

    def content(self, orders=1):
        self.made += 1
        cid, texts = spellings(f"kill {self.made}", self.made % 3 == 0)
        self.orders[cid], self.texts[cid] = orders, texts
        if orders == 0:
            self.special.add(cid)
        return cid

    def settle(self, found, lane):
        """found: requestid -> (name, ...) of the database after a kill."""
        names = {row[0]: requestid for requestid, row in found.items()}
        for kind, old, wallet, name, content in self.open:
            done = name in names if name else old not in found
            if kind == "replace" and done == (old in found):
                raise Defect(f"{lane}: half of a replacement: {old} and {name}")
            if old and done:
                self.pins.pop(old)
                self.gone.add(old)
            if name and done:
                self.pins[names[name]] = (wallet, name, content)
        self.open = []
        if set(self.pins) != set(found):
            raise Defect(f"{lane}: pins lost {sorted(set(self.pins) - set(found))[:3]}, "
                         f"pins back or from nowhere {sorted(set(found) - set(self.pins))[:3]}")
        for requestid, (_, name, content) in self.pins.items():
            if found[requestid][0] != name or found[requestid][2] != content:
                raise Defect(f"{lane}: pin {requestid} is {found[requestid]}, not {name} of {content}")


class Load(threading.Thread):
    """Requests one after the other until the gateway is gone or nobody wants more."""

    def __init__(self, model, port, seed, pace_s=0.03, bulky=False, most=0, idle=False):
        super().__init__(daemon=True)
        self.model, self.port, self.rng, self.pace_s = model, port, random.Random(seed), pace_s
        self.meta = {"note": "x" * 9000} if bulky else {}
        self.made, self.most, self.wrong, self.ended = 0, most, None, threading.Event()
        if not idle:
            self.start()

    def run(self):
        try:
            while not self.ended.is_set() and self.one():
                self.ended.wait(self.pace_s)
        except Defect as defect:
            self.wrong = defect

    def choose(self):
        with self.model.lock:
            own = [r for r in self.model.pins if self.model.pins[r][2] not in self.model.special and not any(o[1] == r for o in self.model.open)]
            kind = self.rng.choices(["new", "share", "delete", "replace"], [60, 15, 12, 13])[0]
            if kind == "new" and self.made >= self.most:
                kind = "share"
            if kind in ("delete", "replace") and not own:
                kind = "new"
            old = self.rng.choice(own) if kind in ("delete", "replace") else None
            known = [c for c in self.model.orders if c not in self.model.special]
            fresh = kind == "new" or kind == "replace" and self.rng.random() < 0.5 or not known
            content = None if kind == "delete" else self.model.content() if fresh else self.rng.choice(known[-40:])
            self.made += 1 if fresh else 0
            wallet = self.model.pins[old][0] if old else self.rng.choice(WALLETS)
            return kind, old, wallet, content

    def one(self):
        kind, old, wallet, content = self.choose()
        return self.ask("add" if kind in ("new", "share") else kind, old, wallet, content, {}) is not None

    def ask(self, kind, old, wallet, content, meta):
        """Sends one request and notes what came of it: the answer, None when there was none."""
        with self.model.lock:
            self.model.made += 1
            name = None if kind == "delete" else f"op {self.model.made}"
            entry = (kind, old, wallet, name, content)
            self.model.open.append(entry)
        body = content and {"cid": self.rng.choice(self.model.texts[content]), "name": name, "meta": {"size": str(1 + self.rng.randrange(1 << 22)), **self.meta, **meta}}
        try:
            path = "/pins" if kind == "add" else "/pins/" + old
            more = {"Idempotency_Key": name} if body and self.rng.random() < 0.5 else {}
            answer = Client(self.port, wallet).call("DELETE" if kind == "delete" else "POST", path, body, **more)
            reply = answer.json if answer.status == 202 and body else None
        except (OSError, ValueError, EOFError) as error:
            if isinstance(error, TimeoutError):
                raise Defect(f"no answer for 15 s: {entry}") from error
            return None
        except Exception as error:  # http.client's own: the connection ended in the middle
            if type(error).__module__ != "http.client":
                raise
            return None
        if answer.status != 202:
            self.refused(entry, answer)
        with self.model.lock:
            self.model.open.remove(entry)
            if answer.status != 202:
                return answer
            if old:
                self.model.pins.pop(old)
                self.model.gone.add(old)
            if reply:
                self.model.pins[reply["requestid"]] = (wallet, name, content)
        return answer

    def refused(self, entry, answer):
        """Anything but a 202: nobody here expects that."""
        raise Defect(f"{entry[0]} answered {answer}")
