# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""The campaign's chain: a development chain with two nodes and the ways to them, everything that can go wrong with it by a
seed, and its own books: which orders it took, at what price, for what fee. Knows no gateway."""
import collections
import contextlib
import hashlib
import time

from kill_lib import ALICE, BASE_FEE, CALLED, MIB, MIB_FEE, SUCCEEDED, Ledger, file_key, forge, rpc
from kill_load import Blocks, Defect
from faults_lib import Devnet
from test_endpoints import Liar, Proxy

BLOCK_S = 0.1
FORKS = ("fork", "fork-moved", "fork-dropped")
UNSTEADY = (*FORKS, "finality-halted", "finality-lag")
# What happens to calls, with a value that a fast test can bear.
CALLS = {"reply-lost": "", "request-lost": "", "delay": "400ms", "duplicate": "", "malformed": "", "oversized": "3000000bytes",
         "endless": "10ms", "deep": "50000levels", "wrong-id": "", "reset": "", "close": "", "cut": ""}
BEHIND_A_PROXY = {"endless", "oversized"}  # would fill the proxy and not the gateway: at the second node only
ENTRY_OF_NOBODY = (1).to_bytes(8, "little") + bytes(8 + 4 + 4 + 2 + 4) + (4).to_bytes(4, "little") + b"\0"


class Way(Proxy):
    """A way to a node that can be cut, and that can lie. Faults of the node pass through it."""

    def handle_error(self, *_):
        pass  # the node or the gateway ended the connection: that is what this is for

    def honest(self):
        self.off, self.lie = False, lambda method, params, result: result


class Books(Ledger):
    """What the finalized blocks say of the operator's account, to the planck, by the chain's own prices and fees."""

    def __init__(self, url):
        super().__init__(url)
        self.extrinsics = {}  # hash -> (block, most that its fee can be, whether it is just that, orders asked for)
        self.prices = {}      # CID -> prices of its orders

    def block(self, block_hash, extrinsics, events):
        super().block(block_hash, extrinsics, events)
        own = [xt for xt in extrinsics if ALICE.hex() in xt[:80]]
        if not own:
            return
        parent = rpc(self.url, "chain_getBlockHash", self.scanned)
        taken = [(a or b).decode() for a, b in SUCCEEDED.findall(bytes.fromhex(events[2:]))]
        for xt in own:
            data = bytes.fromhex(xt[2:])
            info = rpc(self.url, "state_call", "TransactionPaymentApi_query_info", xt + len(data).to_bytes(4, "little").hex(), parent)
            fee = int.from_bytes(bytes.fromhex(info[2:])[9:25], "little")
            asked = [(a or b).decode() for a, b in CALLED.findall(data)]
            whole = all(cid in taken for cid in asked)  # a batch that is interrupted gets a part of its fee back
            self.extrinsics[hashlib.blake2b(data, digest_size=32).digest()] = (self.scanned + 1, fee, whole, len(asked))
        for cid, value in zip(taken, self.entries(taken, block_hash)):
            price = BASE_FEE + MIB_FEE * -(-int.from_bytes(value[:8], "little") // MIB)
            self.prices.setdefault(cid, []).append(price)

    def entries(self, cids, at=None):
        """The files' entries at a block, b"" where there is none."""
        found = []
        for i in range(0, len(cids), 100):
            keys = [file_key(cid) for cid in cids[i:i + 100]]
            changes = dict(rpc(self.url, "state_queryStorageAt", keys, *([at] if at else []))[0]["changes"])
            found += [bytes.fromhex((changes.get(key) or "0x")[2:]) for key in keys]
        return found


def replicas_of(value):
    """Of an entry (FileInfoV2); None when it has no life left to show."""
    at = 24
    for _ in range(2):  # amount, prepaid
        at += {0: 1, 1: 2, 2: 4, 3: (value[at] >> 2) + 5}[value[at] & 3]
    return int.from_bytes(value[at:at + 4], "little")


def expiry_of(value):
    return int.from_bytes(value[16:20], "little")


class Chain:
    def __init__(self, seed, rng):
        self.rng = rng
        self.devnet = Devnet("--finality-lag=3", f"--fault-seed={seed % (1 << 32)}", block_ms=0)
        self.url = self.devnet.url
        self.ways = [Way(self.devnet.url), Way(self.devnet.second_url)]
        self.blocks = Blocks(self.url, BLOCK_S)
        self.books = Books(self.url)
        self.active, self.upgraded, self.set_count = {}, False, collections.Counter()  # fault -> (setting, events to live)
        self.refusals = [fault["name"] for fault in rpc(self.url, "dev_faults") if fault["takesTaken"]]

    def close(self):
        self.blocks.ended.set()
        self.blocks.join(5)
        for way in self.ways:
            way.close()
        self.devnet.close()

    # Faults

    def setting(self, name):
        """A value for this fault."""
        rng = self.rng
        if name in CALLS:
            chance = rng.choice(("0.05", "0.2", "0.5", "1"))
            node = "node2" if name in BEHIND_A_PROXY else rng.choice(("", "", "node1", "node2"))
            what = "@author_submitExtrinsic" if rng.random() < 0.4 else "@*"
            return ",".join(part for part in (chance, what, node, CALLS[name]) if part)
        if name in self.refusals:
            return rng.choice(("0.3", "1", "0.3,taken", "1,taken"))
        blocks = {"fork": (1, 3), "fork-moved": (1, 3), "fork-dropped": (1, 3), "finality-lag": (5, 12), "lag": (3, 25), "pruned": (1, 6),
                  "upgrade": (1, 5)}
        return rng.randint(*blocks[name]) if name in blocks else True

    def trouble(self):
        """One fault more, for some events."""
        names = [*CALLS, *self.refusals, *FORKS * 3, "finality-halted", "finality-lag", "lag", "no-gossip", "pruned", "market-off"]
        names += [] if self.upgraded else ["upgrade"]
        name = self.rng.choice(names)
        self.upgraded = self.upgraded or name == "upgrade"
        self.fault(name, self.setting(name), self.rng.randint(1, 8))

    def fault(self, name, setting, events):
        rpc(self.url, "dev_setFault", name, setting)
        self.active[name] = (setting, events)
        self.set_count[name] += 1

    def clear(self, *names):
        for name in names:
            if name in self.active:
                rpc(self.url, "dev_setFault", name, False)
                del self.active[name]

    def event_passed(self):
        for name, (setting, events) in list(self.active.items()):
            if name in ("balance-gone", "upgrade"):
                continue  # the first has its own end, the second has none
            self.active[name] = (setting, events - 1)
            if events <= 1:
                self.clear(name)

    def heal(self):
        rpc(self.url, "dev_setFault", "all", None)
        self.active.clear()
        for way in self.ways:
            way.honest()

    def lie(self):
        """The way to the first node hides the operator's orders, and says a nonce that suits that."""
        nonce = int.from_bytes(bytes.fromhex(rpc(self.url, "state_getStorage", forge.account_key(ALICE))[2:])[:4], "little")
        self.ways[0].lie = Liar(max(0, nonce + self.rng.choice((-9, -2, -1, 0, 0, 1, 3))), self.rng.choice((None, None, 10**18)))

    @contextlib.contextmanager
    def quiet(self):
        """For a look of the test's own: what spoils answers is off meanwhile."""
        spoils = [name for name in self.active if name in CALLS or name == "pruned"]
        for name in spoils:
            rpc(self.url, "dev_setFault", name, False)
        try:
            yield
        finally:
            for name in spoils:
                rpc(self.url, "dev_setFault", name, self.active[name][0])

    # The chain itself

    def head(self):
        return int(rpc(self.url, "chain_getHeader")["number"], 16)

    def write(self, pairs):
        """Writes entries, so that no fork can take them away again."""
        self.clear(*UNSTEADY)
        with self.quiet():
            rpc(self.url, "dev_setStorage", pairs)
            until, end = self.head() + 1, time.monotonic() + 30
            while self.final() <= until:
                if time.monotonic() > end:
                    raise Defect(f"block {until} does not become final")
                time.sleep(BLOCK_S / 2)

    def final(self):
        return int(rpc(self.url, "chain_getHeader", rpc(self.url, "chain_getFinalizedHead"))["number"], 16)

    def read(self):
        with self.quiet():
            return self.books.read()

    def fired(self):
        return {fault["name"]: fault["fired"] for fault in rpc(self.url, "dev_faults")}
