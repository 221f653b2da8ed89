# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""What schemathesis cannot read off the document: how a CID is made, which address belongs to which chain, and the limits of JSON
that NewPin's text states."""
import base64
import itertools
import re

import schemathesis
from hypothesis import strategies as st

# codec and hash function, and the length of its digest
KINDS = st.sampled_from([(0x55, 0x12, 32), (0x70, 0x12, 32), (0x71, 0x12, 32), (0x55, 0x13, 64), (0x70, 0x11, 20)])


def base32(data):
    return "b" + base64.b32encode(data).decode().lower().rstrip("=")


schemathesis.openapi.format("cid", KINDS.flatmap(lambda kind: st.binary(min_size=kind[2], max_size=kind[2]).map(
    lambda digest: base32(bytes([1, *kind]) + digest))))


SIZE_BELOW = 8 << 30  # of the devnet, as GET /account says


def fits(value):
    if isinstance(value, dict):
        return all(fits(item) for item in value.values())
    if isinstance(value, list):
        return all(fits(item) for item in value)
    return not isinstance(value, int) or -2**63 <= value < 2**63


@schemathesis.hook
def filter_body(context, body):
    meta = body.get("meta") if isinstance(body, dict) else None
    size = meta.get("size") if isinstance(meta, dict) else None
    large = isinstance(size, str) and size.isascii() and size.isdigit() and int(size) >= SIZE_BELOW
    return fits(body) and not large


COUNT = itertools.count(1)


@schemathesis.hook
def map_headers(context, headers):
    """The example's key, which comes with many bodies, is another one each time but the fourth: else most were refused."""
    key, count = (headers or {}).get("Idempotency-Key"), next(COUNT)
    if isinstance(key, str) and key.startswith("8e03978e") and count % 4:
        headers["Idempotency-Key"] = f"{key[:200]}-{count}"
    return headers


ADDRESS = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"


def is_text(value, pattern=""):
    return isinstance(value, str) and len(value) > 0 and re.search(pattern, value) is not None


@schemathesis.hook
def before_call(context, case, kwargs):
    """Texts that the document permits become such as belong together; what it forbids stays as it is."""
    body = case.body
    if not isinstance(body, dict) or not case.operation.path.startswith("/auth/"):
        return
    if is_text(body.get("chain")) and is_text(body.get("address")):
        body |= {"chain": "eth", "address": ADDRESS}
    if is_text(body.get("chain_id"), "^[A-Za-z0-9:_-]{1,64}$"):
        body["chain_id"] = "1"
    if is_text(body.get("origin"), "^https?://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?$"):
        body["origin"] = "https://app.example"
    if isinstance(body.get("ttl"), int) and body.get("scopes") is None and "address" in body:
        body["scopes"] = ["pin.read"]
