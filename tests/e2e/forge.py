# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Extrinsics for two chains: makes the same good and bad ones for both (through the program xt_forge), sends them, and says
what each chain made of them. Knows the market pallet of the Rocky runtime and nothing of w3pin's own decoding."""
import hashlib
import json
import random
import subprocess

from lib import CRU, TOOLS, RpcError, cid_v0, rpc

ACCOUNT = "26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9"
EVENTS = "0x26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7"
MARKET = "5ebf094108ead4fefa73f7a3b13cb4a7"
FILES = MARKET + "b3b78f30e9b952d60249b22fcdaaa76d"
MARKET_INDEX = 20  # Rocky
FILE_SIZE_NOT_CORRECT, FILE_TOO_LARGE = 1, 4


def compact(n):
    if n < 64:
        return bytes([n << 2])
    if n < 1 << 14:
        return (n << 2 | 1).to_bytes(2, "little")
    if n < 1 << 30:
        return (n << 2 | 2).to_bytes(4, "little")
    size = (n.bit_length() + 7) // 8
    return bytes([(size - 4) << 2 | 3]) + n.to_bytes(size, "little")


def order_call(cid, size, tips=0, memo=b"", pallet=MARKET_INDEX, call=0):
    cid = cid.encode() if isinstance(cid, str) else cid
    return bytes([pallet, call]) + compact(len(cid)) + cid + size.to_bytes(8, "little") + compact(tips) + compact(len(memo)) + memo


def xxh64(data, seed):
    """XXH64 of short keys, for storage keys of maps (twox64concat)."""
    p = [11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261]
    mask = (1 << 64) - 1
    rotl = lambda x, r: (x << r | x >> (64 - r)) & mask
    at, n = 0, len(data)
    if n >= 32:
        v = [(seed + p[0] + p[1]) & mask, (seed + p[1]) & mask, seed, (seed - p[0]) & mask]
        while at <= n - 32:
            for i in range(4):
                lane = int.from_bytes(data[at:at + 8], "little")
                v[i] = rotl((v[i] + lane * p[1]) & mask, 31) * p[0] & mask
                at += 8
        h = (rotl(v[0], 1) + rotl(v[1], 7) + rotl(v[2], 12) + rotl(v[3], 18)) & mask
        for i in range(4):
            h = ((h ^ rotl(v[i] * p[1] & mask, 31) * p[0] & mask) * p[0] + p[3]) & mask
    else:
        h = (seed + p[4]) & mask
    h = (h + n) & mask
    while at + 8 <= n:
        lane = int.from_bytes(data[at:at + 8], "little")
        h = (rotl(h ^ rotl(lane * p[1] & mask, 31) * p[0] & mask, 27) * p[0] + p[3]) & mask
        at += 8
    if at + 4 <= n:
        h = (rotl(h ^ int.from_bytes(data[at:at + 4], "little") * p[0] & mask, 23) * p[1] + p[2]) & mask
        at += 4
    for byte in data[at:]:
        h = rotl(h ^ byte * p[4] & mask, 11) * p[0] & mask
    h = (h ^ h >> 33) * p[1] & mask
    h = (h ^ h >> 29) * p[2] & mask
    return h ^ h >> 32


def file_key(cid):
    key = compact(len(cid)) + cid.encode()
    return "0x" + FILES + xxh64(key, 0).to_bytes(8, "little").hex() + key.hex()


def account_key(pub):
    return "0x" + ACCOUNT + hashlib.blake2b(pub, digest_size=16).hexdigest() + pub.hex()


def account_info(free, nonce=0):
    return "0x" + (nonce.to_bytes(4, "little") + b"\0\0\0\0\1\0\0\0" + free.to_bytes(16, "little") + bytes(48)).hex()


class Case:
    """One extrinsic: how it is made, and what its sender owns."""

    def __init__(self, name, call=None, cid=None, free=1000 * CRU, account_nonce=0, **spec):
        self.name, self.call, self.cid, self.free, self.account_nonce, self.spec = name, call, cid, free, account_nonce, spec


def cases(seed=20):
    """200 extrinsics, each from an account of its own."""
    rng, out = random.Random(seed), []

    def order(name, size=1 << 20, tips=0, memo=b"", cid=None, **spec):
        cid = cid or cid_v0(f"case {len(out)}")
        out.append(Case(name, order_call(cid, size, tips, memo), cid, **spec))

    for kind in ("sr25519", "ed25519", "ecdsa"):
        order(f"good, {kind}", type=kind)
        order(f"good with memo, {kind}", memo=b"folder", type=kind)
        order(f"good with tips, {kind}", tips=5000, type=kind)
        order(f"good immortal, {kind}", period=0, type=kind)
    for i in range(90):
        order(f"bit flip {i}", flip=[[rng.randrange(1 << 16), rng.randrange(8)]], type=("sr25519", "ed25519", "ecdsa")[i % 3])
    for cut in (1, 2, 9, 60, 100, 150):
        order(f"truncated by {cut}", truncate=cut)
    for nonce, at in ((0, 1), (0, 7), (6, 7), (7, 7), (0, 300), (299, 300), (300, 300)):
        order(f"nonce {nonce} at {at}", nonce=nonce, account_nonce=at)
    for period in (4, 8, 16, 32, 64, 128, 256, 1024):
        order(f"era of {period}", period=period)
    for back in (1, 3, 7, 20, 60, 63):
        order(f"era of 64 born {back} blocks ago", back=back)
    for back in (5, 9, 40):
        order(f"era of 4 born {back} blocks ago", period=4, back=back)
    for period in (4, 64):
        order(f"era of {period} with a foreign birth hash", period=period, birth="0x" + "ab" * 32)
    order("immortal with a foreign birth hash", period=0, birth="0x" + "ab" * 32)
    for field, delta in (("spec", 1), ("spec", -1), ("tx", 1), ("tx", -1)):
        order(f"{field} version {delta:+d}", **{field + "_delta": delta})
    order("foreign genesis", genesis="0x" + "cd" * 32)
    for tip in (1, 10**9, 999 * CRU, 1000 * CRU, 10**30):
        order(f"tip {tip}", tip=str(tip))
    for size in (0, 1, 2**20 - 1, 2**20, 2**20 + 1, 2**32, 2**33 - 1, 2**33, 2**33 + 1, 40 * 2**30, 2**63, 2**64 - 1):
        order(f"size {size}", size)
    for tips in (1, 10**12, 2000 * CRU, 2**120):
        order(f"tips {tips}", tips=tips)
    for free in (0, 1, 10**8, 2 * 10**8, 33 * 10**7, 5 * 10**8, 10**9):
        order(f"balance {free}", free=free)
    for cid in (b"", b"x", b"Qm" * 32, bytes(range(46)), b"y" * 300):
        out.append(Case(f"cid of {len(cid)} bytes", order_call(cid, 5000)))
    for tail in (b"\0", b"\1\2\3"):
        out.append(Case("bytes behind the call", order_call(cid_v0("tail"), 5000) + tail))
    out.append(Case("no memo argument", order_call(cid_v0("no memo"), 5000)[:-1]))
    out.append(Case("memo shorter than it says", order_call(cid_v0("memo"), 5000)[:-1] + b"\x10ab"))
    out.append(Case("call index 77", order_call(cid_v0("call 77"), 5000, call=77)))
    out.append(Case("pallet index 200", order_call(cid_v0("pallet 200"), 5000, pallet=200)))
    out.append(Case("empty call", b""))
    out.append(Case("remark", bytes([0, 1]) + compact(5) + b"hello"))
    out.append(Case("transfer", bytes([5, 0]) + b"\x11" * 32 + compact(CRU)))
    out.append(Case("transfer of everything and more", bytes([5, 0]) + b"\x11" * 32 + compact(5000 * CRU)))
    out.append(Case("set_enable_market as nobody", bytes([MARKET_INDEX, 4, 0])))
    out.append(Case("calculate_reward of nothing", bytes([MARKET_INDEX, 2]) + compact(46) + cid_v0("nothing").encode()))
    out.append(Case("add_prepaid of nothing", bytes([MARKET_INDEX, 1]) + compact(46) + cid_v0("nothing").encode() + compact(CRU)))
    while len(out) < 200:
        order(f"several bit flips {len(out)}", flip=[[rng.randrange(1 << 16), rng.randrange(8)] for _ in range(3)])
    return out[:200]


class Chain:
    """One of the two chains, seen through JSON-RPC alone."""

    def __init__(self, url, directory):
        self.url = url
        version = rpc(url, "state_getRuntimeVersion")
        self.spec, self.tx = version["specVersion"], version["transactionVersion"]
        self.genesis = rpc(url, "chain_getBlockHash", 0)
        self.metadata = f"{directory}/metadata-{abs(hash(url))}"
        with open(self.metadata, "w", encoding="ascii") as file:
            file.write(rpc(url, "state_getMetadata"))
        self.forge = subprocess.Popen([str(TOOLS / "xt_forge")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self):
        self.forge.stdin.close()
        self.forge.wait(10)
        self.forge.stdout.close()

    def head(self):
        return int(rpc(self.url, "chain_getHeader")["number"], 16)

    def hash_at(self, number):
        return rpc(self.url, "chain_getBlockHash", number)

    def blocks(self, count):
        for _ in range(count):
            rpc(self.url, "dev_newBlock", timeout=120)

    def storage(self, key, at=None):
        return rpc(self.url, "state_getStorage", key, *([at] if at else []))

    def set_storage(self, pairs):
        rpc(self.url, "dev_setStorage", pairs, timeout=120)

    def make(self, uri, call, **spec):
        head = self.head()
        period, back = spec.get("period", 64), spec.get("back", 0)
        current = max(head - back, 1)
        birth = self.genesis if period == 0 else self.hash_at(max(current, 0))
        if period:
            phase = current % period
            birth = self.hash_at((max(current, phase) - phase) // period * period + phase)
        line = {"metadata": self.metadata, "genesis": spec.get("genesis", self.genesis), "birth": spec.get("birth", birth),
                "spec": self.spec + spec.get("spec_delta", 0), "tx": self.tx + spec.get("tx_delta", 0), "current": current,
                "period": period, "nonce": spec.get("nonce", 0), "tip": spec.get("tip", "0"), "uri": uri,
                "type": spec.get("type", "sr25519"), "call": "0x" + call.hex(), "flip": spec.get("flip", []),
                "truncate": spec.get("truncate", 0)}
        self.forge.stdin.write(json.dumps(line) + "\n")
        self.forge.stdin.flush()
        return self.forge.stdout.readline().strip()

    def signer(self, uri, kind):
        """Account of a URI, read out of an extrinsic that it signed."""
        data = bytes.fromhex(self.make(uri, bytes([0, 1, 0]), type=kind)[2:])
        at = data.index(b"\x84", 1 if data[0] & 3 == 0 else 2) + 1
        return data[at:at + 32]

    def submit(self, xt):
        """'accepted', or why not: bad, stale, future, ancient, payment, or the chain's own words."""
        try:
            rpc(self.url, "author_submitExtrinsic", xt, timeout=60)
            return "accepted"
        except RpcError as error:
            return refusal(error.error)


def refusal(error):
    text = json.dumps(error).lower()
    for word, name in (("badproof", "bad"), ("bad signature", "bad"), ("stale", "stale"), ("outdated", "stale"), ("future", "future"),
                       ("ancient", "ancient"), ("payment", "payment"), ("inability to pay", "payment"),
                       ("exhausts", "exhausts"), ("exhaust the", "exhausts")):
        if word in text:
            return name
    # bytes that are no extrinsic: a decode error here, a trap of the WebAssembly there
    return "bad"


def with_replicas(value, count, expires_at):
    """A Files entry of the Rocky layout, with replicas as storage nodes would have reported them."""
    data = bytes.fromhex(value[2:])
    at = 8 + 8 + 4 + 4
    for _ in range(2):  # amount, prepaid
        at += {0: 1, 1: 2, 2: 4, 3: (data[at] >> 2) + 5}[data[at] & 3]
    replica = b"".join(bytes([i + 1]) * 32 + (7).to_bytes(4, "little") + compact(64) + bytes([i]) * 64 + b"\1\1" + (7).to_bytes(4, "little")
                       for i in range(count))
    return "0x" + (data[:16] + expires_at.to_bytes(4, "little") + data[20:at] + count.to_bytes(4, "little") + compact(count) + replica).hex()
