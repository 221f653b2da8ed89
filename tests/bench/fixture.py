# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""What the benchmark puts into a database before it measures: wallets, and the pins that a year of use would leave, in every
state, beside the orders that paid for them; and the requests that read them back."""
import base64
import concurrent.futures
import os
import random
import sqlite3
import time

import lib

# State of a content, status of its pins, share of all, whether it has an order.
STATES = ((6, 2, 0.90, True), (5, 1, 0.04, True), (1, 0, 0.04, False), (8, 3, 0.02, True))
STATUSES = ("", "", "", "&status=pinned", "&status=queued,pinning,pinned,failed", "&status=queued,pinned")


def wallets(count):
    """Tokens by identity; each is the same wallet in every run."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        clients = list(pool.map(lambda i: lib.Client(0, f"//Bench//{i}"), range(count)))
    text = base64.b64decode(clients[0].token).decode()
    _, out, _ = lib.run("token", "inspect", "--json", clients[0].token)
    expected = lib.json.loads(out)["identity"]
    tokens = {"evm:" + base64.b64decode(c.token).decode().split("-", 1)[1].split(":")[0].lower(): c.token for c in clients}
    if expected.lower() not in tokens:
        raise SystemExit(f"bench: {text} is not the identity {expected}")
    return tokens


def random_cid():
    key = bytes([0x55, 0x12, 0x20]) + os.urandom(32)
    return key, "b" + lib.base32(b"\x01" + key)


def insert(db, table, row):
    return db.execute(f"INSERT INTO {table}({','.join(row)}) VALUES({','.join('?' * len(row))})", list(row.values())).lastrowid


def template(db, table):
    """A row of a table as a dict, without its id: what is not said otherwise is as the gateway made it."""
    cursor = db.execute(f"SELECT * FROM {table} LIMIT 1")
    row = dict(zip([c[0] for c in cursor.description], cursor.fetchone()))
    row.pop("id", None)
    return row


def extrinsic_of(number, now_ms):
    return {"state": 4, "nonce": number, "birth_block": 100 + number, "death_block": 164 + number, "birth_hash": os.urandom(32),
            "signer": "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", "xt": os.urandom(180), "xt_hash": os.urandom(32), "block": 101 + number,
            "block_hash": os.urandom(32), "xt_index": 1, "fee": 1_600_000, "created_ms": now_ms, "updated_ms": now_ms}


def order_of(content, tx, now_ms):
    return {"content": content, "tx": tx, "item": 0, "state": 4, "size": 1 << 20, "price": 1_000_000_000, "fee": 1_600_000, "event": 17,
            "reserved": 1_001_600_000, "day": 20000, "created_ms": now_ms, "updated_ms": now_ms}


def fill(path, identities, total, seed=1):
    """Pins for these accounts until there are `total`: [(requestid, identity, created_ms)]."""
    rng = random.Random(seed)
    db = sqlite3.connect(path)
    db.execute("PRAGMA synchronous=OFF")
    pin, content, account = (template(db, t) for t in ("pins", "contents", "accounts"))
    now_ms = int(time.time() * 1000)
    for counter in ("queued", "pinning", "pinned", "failed"):
        if counter in account:
            account[counter] = 0
    account.update(pins_today=0, created_ms=now_ms, last_created_ms=now_ms)
    ids = [insert(db, "accounts", {**account, "identity": identity}) for identity in identities]
    weights = [s[2] for s in STATES]
    rows = []
    for i in range(total):
        state, status, _, ordered = rng.choices(STATES, weights)[0]
        key, cid = random_cid()
        who, created_ms = i % len(ids), now_ms - (total - i) * 250
        content_id = insert(db, "contents", {**content, "key": key, "cid": cid, "state": state, "pins": 1, "promised": 0,
                                             "replicas": 4 if state == 6 else 0, "replicas_known": int(state in (5, 6)),
                                             "expires_at_block": 2_600_000 if state == 6 else 0, "checked_ms": now_ms})
        if ordered:
            order_id = insert(db, "orders", order_of(content_id, insert(db, "extrinsics", extrinsic_of(i, now_ms)), now_ms))
            db.execute("UPDATE contents SET order_id=? WHERE id=?", (order_id, content_id))
        requestid = f"{created_ms >> 16:08x}-{created_ms & 0xffff:04x}-7000-8000-{rng.getrandbits(48):012x}"  # its time is the pin's
        insert(db, "pins", {**pin, "requestid": requestid, "account": ids[who], "content": content_id, "status": status, "created_ms": created_ms,
                            "cid": cid, "name": f"holiday pictures {i}"})
        rows.append((requestid, identities[who], created_ms))
    db.execute("UPDATE contents SET checked_ms = checked_ms")  # triggers bring what pins show of them up to date
    db.commit()
    db.close()
    return rows


def stamp(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03d}Z"


def get_targets(rows, tokens, count, seed=2):
    rng = random.Random(seed)
    return [f"GET\t/psa/pins/{requestid}\t{tokens[identity]}\t" for requestid, identity, _ in rng.sample(rows, min(count, len(rows)))]


def list_targets(rows, tokens, count, seed=3):
    """Pages at random places: the newest ones, before and after some pin of the account, of some statuses."""
    rng = random.Random(seed)
    made = []
    for _, identity, created_ms in (rng.choice(rows) for _ in range(count)):
        cursor = rng.choice(("", f"&before={stamp(created_ms)}", f"&after={stamp(created_ms)}"))
        made.append(f"GET\t/psa/pins?limit=10{cursor}{rng.choice(STATUSES)}\t{tokens[identity]}\t")
    return made


def post_targets(tokens, count):
    """Distinct contents, the accounts in turn."""
    tokens = list(tokens)
    return [f'POST\t/psa/pins\t{tokens[i % len(tokens)]}\t{{"cid":"{random_cid()[1]}","name":"bench"}}' for i in range(count)]
