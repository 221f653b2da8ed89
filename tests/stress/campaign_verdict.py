# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""What must be true at the end of a campaign: nothing lost, nothing paid twice, every status and every planck as the chain says.
Looks at the stopped gateway's database, at what its clients see, and at the chain's own books."""
import forge
from campaign_chain import expiry_of, replicas_of
from kill_lib import ALICE, REJECTED, STORED, rpc

STATUS = {STORED: "pinned", REJECTED: "failed"}
FINAL, FAILED, LOST = 4, 5, 6
FEW = 5  # of a kind are told


class Verdict:
    def __init__(self, campaign):
        self.campaign, self.books, self.model = campaign, campaign.chain.books, campaign.model
        self.lost, self.double, self.status, self.money = [], [], [], []

    def judge(self):
        self.pins()
        self.orders()
        self.statuses()
        self.receipts()
        return self

    def pins(self):
        """Of those that were acknowledged and not deleted."""
        found = self.campaign.snapshot.pins
        self.lost += [f"pin {r} of {self.model.pins[r][2]}" for r in self.model.pins if r not in found]
        self.status += [f"pin {r} is nobody's" for r in found if r not in self.model.pins]
        self.status += [f"pin {r} is {found[r]}, not {pin}" for r, pin in self.model.pins.items()
                        if r in found and (found[r][0], found[r][2]) != (pin[1], pin[2])]

    def orders(self):
        done = self.books.succeeded
        self.double += [f"{cid} was ordered {count} times, {self.model.orders.get(cid, 0)} wanted"
                        for cid, count in done.items() if count > self.model.orders.get(cid, 0)]
        for cid, (_, pins, _) in self.campaign.snapshot.contents.items():
            if pins > 0 and cid not in self.model.ends and done.get(cid, 0) < self.model.orders.get(cid, 0):
                self.lost.append(f"{cid} was ordered {done.get(cid, 0)} times, {self.model.orders[cid]} wanted")

    def statuses(self):
        """What the chain stores is stored here; what is not is refused, with words; and clients read just that. Nor was anything
        told as failed meanwhile: clients take that for the end."""
        self.status += self.campaign.failed.values()
        contents = {cid: row[0] for cid, row in self.campaign.snapshot.contents.items() if row[1] > 0}
        cids, head, good = sorted(contents), self.campaign.chain.head(), set()
        for cid, value in zip(cids, self.books.entries(cids)):
            state, stored = contents[cid], bool(value) and replicas_of(value) >= 3 and expiry_of(value) > head
            if state not in self.model.ends.get(cid, (STORED,)) or (state == STORED) != stored and cid not in self.model.ends:
                self.status.append(f"{cid} has state {state}, the chain has {'it' if stored else 'no living entry'}")
            else:
                good.add(cid)
        self.clients({cid: contents[cid] for cid in good})

    def clients(self, contents):
        seen = self.campaign.clients()
        self.status += [f"deleted pin {r} is back" for r in self.campaign.back]
        self.lost += [f"pin {r} is not listed" for r in self.model.pins if r not in seen]
        for requestid, (wallet, name, cid) in self.model.pins.items():
            if requestid not in seen or cid not in contents:
                continue
            owner, pin = seen[requestid]
            told = (owner, pin["pin"]["name"], pin["pin"]["cid"] in self.model.texts[cid], pin["status"])
            if told != (wallet, name, True, STATUS[contents[cid]]) or pin["status"] == "failed" and not pin["info"].get("error"):
                self.status.append(f"pin {requestid} of {cid} in state {contents[cid]} is told as {pin}")

    def receipts(self):
        """Transactions, prices and fees of the database against those of the chain."""
        db, books = self.campaign.sql, self.books
        landed = {x: (state, block, fee) for x, state, block, fee in db("SELECT xt_hash, state, block, fee FROM extrinsics")}
        ends = db("SELECT x.xt_hash, o.price, o.fee, o.event, o.reserved FROM orders o JOIN extrinsics x ON x.id = o.tx WHERE o.state IN (4, 5)")
        guesses = [x for x, price, fee, event, reserved in ends if event is None and reserved in (price, fee)]  # no node could tell
        due, open_ends = sum(sum(prices) for prices in books.prices.values()), 0
        for hashed, (block, fee, whole, calls) in books.extrinsics.items():
            mine = landed.get(hashed)
            if mine is None or mine[0] not in (FINAL, FAILED) or mine[1] != block and hashed not in guesses:
                self.money.append(f"transaction {hashed.hex()} of {calls} orders is in block {block}, the database has {mine}")
            elif hashed not in guesses and (mine[2] != fee if whole else mine[2] > fee):
                self.money.append(f"transaction {hashed.hex()} of {calls} orders had a fee of {fee}, the database has {mine[2]}")
            open_ends += not whole and hashed in guesses
            due += fee if whole or mine is None or hashed in guesses else mine[2]
        self.money += [f"transaction {x.hex()} is not on chain" for x, row in landed.items() if row[0] in (FINAL, FAILED) and x not in books.extrinsics]
        self.guessed, self.said, self.paid = len(guesses), sum(row[1] + row[2] for row in ends), books.balance_before - books.balance()
        if self.paid != due and not open_ends or self.paid > due:
            self.money.append(f"the payer paid {self.paid} planck, the chain's orders and fees are {due}")
        if self.said < self.paid or self.said != self.paid and not guesses:
            self.money.append(f"the payer paid {self.paid} planck, the gateway's books say {self.said}")
        nonce = int.from_bytes(bytes.fromhex(rpc(books.url, "state_getStorage", forge.account_key(ALICE))[2:])[:4], "little")
        if nonce != len(books.extrinsics):
            self.money.append(f"the payer has sent {nonce} transactions, {len(books.extrinsics)} were read")
        self.exact(db)

    def exact(self, db):
        """Each order whose end the chain told, to the planck."""
        prices = {cid: list(prices) for cid, prices in self.books.prices.items()}
        for cid, price, event in db("SELECT c.cid, o.price, o.event FROM orders o JOIN contents c ON c.id = o.content WHERE o.state = 4 ORDER BY o.id"):
            left = prices.get(cid, [])
            if event is None and left:
                left.pop(0)
            elif price in left:
                left.remove(price)
            else:
                self.money.append(f"an order of {cid} at {price} planck that the chain does not have")
        self.money += [f"orders of {cid} at {left} planck that the database does not have" for cid, left in prices.items() if left]

    def lines(self):
        for what, wrong in (("lost", self.lost), ("double orders", self.double), ("wrong statuses", self.status), ("wrong amounts", self.money)):
            yield f"  {len(wrong)} {what}"
            yield from (f"    DEFECT: {line}" for line in wrong[:FEW])

    def is_good(self):
        return not (self.lost or self.double or self.status or self.money)

    def is_bad_throughout(self):
        return all((self.lost, self.double, self.status, self.money))
