# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Defects to be planted at the end of a campaign, one of each kind: its verdict must find them all. The database of the stopped gateway is
changed, or the chain."""
import contextlib
import sqlite3

import forge
from kill_lib import rpc


def change(campaign, *statements):
    with contextlib.closing(sqlite3.connect(campaign.path)) as db, db:
        for statement in statements:
            if db.execute(statement).rowcount != 1:
                raise AssertionError(f"nothing to spoil: {statement}")


def lost(campaign):
    requestid = sorted(campaign.model.pins)[0]
    change(campaign, f"DELETE FROM pins WHERE requestid = '{requestid}'")
    del campaign.snapshot.pins[requestid]


def status(campaign):
    change(campaign, "UPDATE contents SET state = 8, error = 'planted' WHERE id ="
           " (SELECT min(c.id) FROM pins p JOIN contents c ON c.id = p.content WHERE c.state = 6)",
           "UPDATE pins SET status = 3 WHERE requestid = (SELECT min(p.requestid) FROM pins p JOIN contents c ON c.id = p.content"
           " WHERE c.error = 'planted')")


def double(campaign):
    """Somebody pays once more with the operator's key."""
    chain = forge.Chain(campaign.chain.url, campaign.dir)
    try:
        cid = sorted(c for c, (state, pins, _) in campaign.snapshot.contents.items() if state == 6 and pins > 0)[0]
        nonce = len(campaign.chain.books.extrinsics)
        chain.submit(chain.make("//Alice", forge.order_call(cid, 64 << 20, pallet=market_of(chain)), nonce=nonce))
    finally:
        chain.close()
    campaign.chain.blocks.make(6)
    campaign.chain.read()


def market_of(chain):
    return 26 if rpc(chain.url, "state_getRuntimeVersion")["specVersion"] == 25 else 27


def money(campaign):
    change(campaign, "UPDATE orders SET price = price + 1 WHERE id = (SELECT min(id) FROM orders WHERE state = 4 AND event IS NOT NULL)")



def spoil(campaign):
    for plant in (lost, double, status, money):
        plant(campaign)
