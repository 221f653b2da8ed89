# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""What the kill test is made of: what must be true of a database after a kill, what the chain itself says of orders and
money, and a power failure on top of a kill. Knows nothing of how a kill is brought about."""
import contextlib
import os
import pathlib
import re
import shutil
import sqlite3
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from lib import BIN, ROOT, TOOLS, clean_env, rpc  # noqa: E402  pylint: disable=wrong-import-position
import forge  # noqa: E402  pylint: disable=wrong-import-position

ALICE = bytes.fromhex("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d")
# an order's CID as it stands in a call or an event: length in front
CID = rb"(?:\xb8(Qm[1-9A-HJ-NP-Za-km-z]{44})|\xec(b[a-z2-7]{58}))"
CALLED, SUCCEEDED = re.compile(CID), re.compile(re.escape(ALICE) + CID)
BASE_FEE, MIB_FEE, MIB = 1000000, 10000, 1 << 20  # of the development chain: base and keys, each MiB

QUEUED, SIGNED, SUBMITTED, IN_BLOCK, FINAL, STORED, RENEWING, REJECTED = 1, 2, 3, 4, 5, 6, 7, 8
STATUS_OF = {0: 0, QUEUED: 0, SIGNED: 0, SUBMITTED: 0, IN_BLOCK: 1, FINAL: 1, STORED: 2, RENEWING: 2, REJECTED: 3}


def file_key(cid):
    """Market.FilesV2 of one CID."""
    item, key = b"FilesV2", forge.compact(len(cid)) + cid.encode()
    name = b"".join(forge.xxh64(item, seed).to_bytes(8, "little") for seed in (0, 1))
    return "0x" + forge.MARKET + name.hex() + forge.xxh64(key, 0).to_bytes(8, "little").hex() + key.hex()


def crash_points():
    text = (ROOT / "src/base/crash.h").read_text(encoding="utf-8")
    return re.findall(r"^ +X\((\w+)\)", text, re.M)


class Ledger:
    """What the finalized blocks say: orders that succeeded and extrinsics that asked for one, per CID; the payer's balance."""

    def __init__(self, url):
        self.url, self.scanned = url, 0
        self.succeeded, self.called = {}, {}
        self.balance_before = self.balance()

    def balance(self):
        value = bytes.fromhex(rpc(self.url, "state_getStorage", forge.account_key(ALICE))[2:])
        return int.from_bytes(value[-64:-48], "little")  # free, the first of four amounts

    def read(self):
        final = int(rpc(self.url, "chain_getHeader", rpc(self.url, "chain_getFinalizedHead"))["number"], 16)
        while self.scanned < final:
            block_hash = rpc(self.url, "chain_getBlockHash", self.scanned + 1)
            extrinsics = rpc(self.url, "chain_getBlock", block_hash)["block"]["extrinsics"]
            events = rpc(self.url, "state_getStorage", forge.EVENTS, block_hash) or "0x"
            self.block(block_hash, extrinsics, events)
            self.scanned += 1
        return self

    def block(self, _, extrinsics, events):
        """Counts what one block holds."""
        for xt in extrinsics:
            self.count(self.called, CALLED, xt)
        self.count(self.succeeded, SUCCEEDED, events)

    @staticmethod
    def count(into, pattern, text):
        for match in pattern.finditer(bytes.fromhex(text[2:])):
            cid = (match.group(1) or match.group(2)).decode()
            into[cid] = into.get(cid, 0) + 1


# Columns that a pin has from its content.
SHOWN = ("state", "size", "replicas_known", "replicas", "expires_at_block", "checked_ms", "error", "order_tx", "order_block", "order_price",
         "order_size")


class Snapshot:
    """The database as a kill left it, read from a copy, so that the gateway finds its own log to recover from."""

    def __init__(self, path, scratch, whole=True):
        """whole: everything is looked at; else only what clients and the test itself must know."""
        scratch = pathlib.Path(scratch)
        for tail in ("", "-wal"):
            (scratch / ("copy.db" + tail)).unlink(missing_ok=True)
            if os.path.exists(path + tail):
                shutil.copyfile(path + tail, scratch / ("copy.db" + tail))
        (scratch / "copy.db-shm").unlink(missing_ok=True)
        self.wrong, self.pins, self.contents, self.live, self.queued = [], {}, {}, [], 0
        with contextlib.closing(sqlite3.connect(scratch / "copy.db")) as self.db:
            steps = {row[0] for row in self.rows("SELECT name FROM migrations")} if self.rows("SELECT 1 FROM sqlite_schema") else set()
            self.whole = {"contents.2", "orders.1"} <= steps  # else the first start had not come to its end
            if whole:
                self.expect("PRAGMA integrity_check is ok", self.rows("PRAGMA integrity_check") == [("ok",)])
            if self.whole:
                if whole:
                    self.check()
                self.read()
        del self.db

    def rows(self, sql):
        return self.db.execute(sql).fetchall()

    def expect(self, what, good):
        if not good:
            self.wrong.append(what)

    def none(self, what, sql):
        found = self.rows(sql)
        self.expect(f"{what}: {found[:3]}", not found)

    def check(self):
        self.none("foreign keys", "PRAGMA foreign_key_check")
        self.none("a live order whose content is elsewhere",
                  "SELECT o.id, o.state, c.state FROM orders o JOIN contents c ON c.id = o.content WHERE o.state IN (1, 2, 3)"
                  " AND (c.order_id IS NOT o.id OR c.state NOT IN (o.state + 1, 7))")
        self.none("a content under way without a live order",
                  "SELECT id, state FROM contents c WHERE state IN (2, 3, 4, 7) AND NOT EXISTS"
                  " (SELECT 1 FROM orders o WHERE o.content = c.id AND o.id = c.order_id AND o.state IN (1, 2, 3))")
        self.none("an extrinsic without orders, or in another state than they",
                  "SELECT x.id, x.state FROM extrinsics x WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.tx = x.id) OR EXISTS"
                  " (SELECT 1 FROM orders o WHERE o.tx = x.id AND o.state <> x.state AND (o.state < 4 OR x.state < 4))")
        self.none("fees of orders that are not their extrinsic's",
                  "SELECT x.id FROM extrinsics x WHERE x.fee <> (SELECT sum(o.fee) FROM orders o WHERE o.tx = x.id)")
        self.none("pins counted wrong",
                  "SELECT id, pins FROM contents c WHERE pins <> (SELECT count(*) FROM pins p WHERE p.content = c.id)")
        self.none("waiting without a pin, or idle with one", "SELECT id FROM contents WHERE state = 1 AND pins = 0 OR state = 0 AND pins > 0")
        self.none("states counted wrong",
                  "SELECT k.state FROM content_counts k WHERE n <> (SELECT count(*) FROM contents c WHERE c.state = k.state)")
        self.none("a pin whose status is not its content's", "SELECT p.requestid, p.status, c.state FROM pins p JOIN contents c ON c.id = p.content"
                  " WHERE p.status <> CASE " + " ".join(f"WHEN c.state = {s} THEN {v}" for s, v in STATUS_OF.items()) + " END")
        self.none("an account's pins counted wrong", "SELECT id FROM accounts a WHERE" + " OR".join(
            f" {name} <> (SELECT count(*) FROM pins p WHERE p.account = a.id AND p.status = {status})"
            for status, name in enumerate(("queued", "pinning", "pinned", "failed"))))
        self.none("another order beside the content than its newest",
                  "SELECT c.id FROM contents c JOIN receipts o ON o.id = c.order_id WHERE c.order_tx IS NOT o.xt_hash"
                  " OR c.order_block <> o.block OR c.order_price <> o.price OR c.order_size <> o.size")
        self.none("a pin that shows something else than its content", "SELECT p.requestid FROM pins p JOIN contents c ON c.id = p.content WHERE "
                  + " OR ".join(f"p.{column} IS NOT c.{column}" for column in SHOWN))
        self.none("money of a day that is not what its orders took",
                  "SELECT day, spent FROM budget b WHERE spent <> (SELECT coalesce(sum(CASE WHEN state IN (1, 2, 3) THEN reserved"
                  " WHEN state IN (4, 5) THEN price + fee ELSE 0 END), 0) FROM orders o WHERE o.day = b.day)")
        self.none("an order of a day without money", "SELECT id FROM orders WHERE day NOT IN (SELECT day FROM budget)")
        self.none("promises above their sum", "SELECT b.day FROM budget b WHERE promised <"
                  " (SELECT coalesce(sum(c.promised), 0) FROM contents c WHERE c.promised_day = b.day)")
        self.none("a final order at another price than the chain's",  # but for those whose outcome no node could tell
                  f"SELECT id, size, price FROM orders WHERE state = 4 AND price <> {BASE_FEE} + {MIB_FEE} * ((size + {MIB - 1}) / {MIB})"
                  " AND NOT (event IS NULL AND fee = 0 AND price = reserved)")

    def read(self):
        self.pins = {row[0]: row[1:] for row in self.rows(
            "SELECT p.requestid, p.name, p.cid, c.cid, a.identity FROM pins p JOIN contents c ON c.id = p.content"
            " JOIN accounts a ON a.id = p.account")}
        self.live = [row[0] for row in self.rows("SELECT state FROM orders WHERE state IN (1, 2, 3)")]
        self.queued = self.rows("SELECT count(*) FROM contents WHERE state = 1")[0][0]
        self.contents = {row[0]: row[1:] for row in self.rows("SELECT cid, state, pins, created_ms FROM contents")}
        self.taken = self.rows("SELECT coalesce(sum(price + fee), 0) FROM orders WHERE state IN (4, 5)")[0][0]
        self.landed = self.rows("SELECT count(*) FROM orders WHERE state IN (4, 5)")[0][0]


def power_env(path, binary=BIN):
    """Environment of a gateway whose unsynced writes can be taken back."""
    preload = str(TOOLS / "libpreload_power.so")
    needs = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    asan = re.search(r"=> (\S*libasan\S*)", needs)  # its runtime must come first
    return clean_env(LD_PRELOAD=f"{asan.group(1)} {preload}" if asan else preload, W3PIN_TEST_POWER=path)


def cut_power(path, rng):
    """Of what was written and not synced, nothing is left, or any part of it, by sectors. Gives how many sectors went."""
    lost = 0
    for name in (path, path + "-wal"):
        notes = pathlib.Path(name + ".undo")
        if not notes.exists() or notes.stat().st_size == 0:
            continue
        now = bytearray(pathlib.Path(name).read_bytes())
        old, data, records, at = bytearray(now), notes.read_bytes(), [], 0
        while at + 24 <= len(data):
            records.append((*struct.unpack_from("<3Q", data, at), at + 24))
            at += 24 + records[-1][1]
        for offset, length, size, begin in reversed(records):
            old.extend(bytes(max(0, offset + length - len(old))))
            old[offset:offset + length] = data[begin:begin + length]
            old = (old + bytes(max(0, size - len(old))))[:size]
        keep = rng.choice((0.0, 0.0, 0.3, 0.9))
        for sector in range(0, max(len(now), len(old)), 512):
            if now[sector:sector + 512] != old[sector:sector + 512]:
                if rng.random() < keep:
                    old.extend(bytes(max(0, min(sector + 512, len(now)) - len(old))))
                    old[sector:sector + 512] = now[sector:sector + 512]
                else:
                    lost += 1
        pathlib.Path(name).write_bytes(old)
        notes.write_bytes(b"")
    return lost


def age(path):
    """The gateway's waits (half a minute after a failed order) are over: as if that time had passed while it was down."""
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE contents SET not_before_ms = 0 WHERE state = 1 AND not_before_ms > 0")
