#!/usr/bin/env python3
# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Minted tokens a second time, from the description in auth/macaroon.h alone: only hmac, hashlib, base64, ipaddress.

As a program it prints tests/vectors/macaroon.h."""
import base64
import hashlib
import hmac
import ipaddress
import struct

PREFIX, TEXT_MAX, CAVEATS_MAX = "w3s1_", 1024, 32
EXPIRES, SCOPES, CIDS, ORIGIN, MAX_BYTES, NET = 1, 2, 3, 4, 6, 7


class Refused(Exception):
    """Its text is the name of the reason."""


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def u40(number):
    return number.to_bytes(5, "big")


def caveat(kind, value):
    """A caveat from what a person would write."""
    if kind in (EXPIRES, MAX_BYTES):
        data = u40(value)
    elif kind == SCOPES:
        data = struct.pack(">H", value)
    elif kind == CIDS:
        data = b"".join(hashlib.sha256(multihash).digest()[:16] for multihash in value)
    elif kind == ORIGIN:
        data = hashlib.sha256(value.encode()).digest()[:8]
    else:
        net = ipaddress.ip_network(value)
        data = bytes([net.version, net.prefixlen]) + net.network_address.packed
    return bytes([kind, len(data)]) + data


def text_of(raw):
    return PREFIX + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw_of(text):
    if len(text) > TEXT_MAX:
        raise Refused("too_long")
    body = text[len(PREFIX):]
    try:
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except ValueError as problem:
        raise Refused("macaroon") from problem
    if not text.startswith(PREFIX) or text_of(raw) != text or len(raw) < 60 or raw[0] != 1:
        raise Refused("macaroon")
    if int.from_bytes(raw[18:23], "big") >= int.from_bytes(raw[23:28], "big"):
        raise Refused("macaroon")
    return raw


def mint(key, audience, kid, tid, issued, expires):
    header = bytes([1, kid]) + tid + u40(issued) + u40(expires)
    return text_of(header + mac(key, b"w3s1\0" + bytes([len(audience)]) + audience.encode() + header))


def narrow(text, *caveats):
    raw = raw_of(text)
    body, tag = raw[:-32], raw[-32:]
    for each in caveats:
        body, tag = body + each, mac(tag, each)
    return text_of(body + tag)


def split(data):
    """[(type, value)] of a token's caveats."""
    out = []
    while data:
        if len(data) < 2 or len(data) < 2 + data[1]:
            raise Refused("caveat")
        out.append((data[0], data[2:2 + data[1]]))
        data = data[2 + data[1]:]
    return out


def network(value):
    if len(value) not in (6, 18) or value[0] != (4 if len(value) == 6 else 6) or value[1] > 8 * (len(value) - 2):
        raise Refused("caveat")
    try:
        net = ipaddress.ip_network((value[2:], value[1]))
    except ValueError as problem:
        raise Refused("caveat") from problem
    if net.version == 6 and net.network_address.ipv4_mapped and net.prefixlen >= 96:
        raise Refused("caveat")
    return net


def verify(text, keys, audiences):
    """What is left of the rights; every requirement stays by itself in a list, so nothing has to be intersected."""
    raw = raw_of(text)
    left = {"scopes": 0xff, "expires": int.from_bytes(raw[23:28], "big"), "cids": [], "origins": [], "max_bytes": [], "nets": []}
    caveats = split(raw[28:-32])
    if len(caveats) > CAVEATS_MAX:
        raise Refused("caveat")
    for kind, value in caveats:
        if kind == EXPIRES and len(value) == 5:
            left["expires"] = min(left["expires"], int.from_bytes(value, "big"))
        elif kind == SCOPES and len(value) == 2:
            left["scopes"] &= struct.unpack(">H", value)[0]
        elif kind == CIDS and value and len(value) % 16 == 0:
            left["cids"].append({value[at:at + 16] for at in range(0, len(value), 16)})
        elif kind == ORIGIN and len(value) == 8:
            left["origins"].append(value)
        elif kind == MAX_BYTES and len(value) == 5:
            left["max_bytes"].append(int.from_bytes(value, "big"))
        elif kind == NET:
            left["nets"].append(network(value))
        else:
            raise Refused("caveat")
    if raw[1] not in keys:
        raise Refused("key")
    for audience in audiences:
        tag = mac(keys[raw[1]], b"w3s1\0" + bytes([len(audience)]) + audience.encode() + raw[:28])
        for kind, value in caveats:
            tag = mac(tag, bytes([kind, len(value)]) + value)
        if tag == raw[-32:]:
            return left
    raise Refused("mac")


def permits(left, multihash=None, origin=None, size=None, addr=None):
    if multihash is not None:
        return all(hashlib.sha256(multihash).digest()[:16] in one for one in left["cids"])
    if origin is not None:
        return all(hashlib.sha256(origin.encode()).digest()[:8] == one for one in left["origins"])
    if size is not None:
        return all(size <= one for one in left["max_bytes"])
    here = ipaddress.ip_address(addr)
    mapped = ipaddress.IPv6Address("::ffff:" + addr) if here.version == 4 else here
    return all((here if one.version == 4 else mapped) in one for one in left["nets"])


HEAD = """// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: minted tokens with their verdicts. Key 42 repeated, kid 1, id 07 repeated, audience gw.example.
// Origin: printed by tests/e2e/macaroon.py, an implementation of its own.
#ifndef W3P_TEST_VECTORS_MACAROON_H
#define W3P_TEST_VECTORS_MACAROON_H

#include "auth.h"

// clang-format off
static const struct {
    const char *note, *token;
    enum w3p_auth_reason reason;
    uint16_t scopes;   // 0: refused
    int64_t expires_s; // as what is left
} macaroon_vectors[] = {"""
TAIL = """};
// clang-format on

#endif"""


def vectors():
    key, other = bytes([0x42] * 32), bytes([0x43] * 32)
    day = 1767225600
    plain = mint(key, "gw.example", 1, bytes([7] * 16), day, day + 86400)
    body = raw_of(plain)[:-32]
    content = bytes.fromhex("1220" + "ab" * 32)
    good = [("no caveat", plain), ("read only", narrow(plain, caveat(SCOPES, 1))), ("ends earlier", narrow(plain, caveat(EXPIRES, day + 60))),
            ("ends later, which changes nothing", narrow(plain, caveat(EXPIRES, day + 10**6))),
            ("scopes are ANDed", narrow(plain, caveat(SCOPES, 0x07), caveat(SCOPES, 0x1e))),
            ("scopes of a later version", narrow(plain, caveat(SCOPES, 0xff01))),
            ("every kind", narrow(plain, caveat(EXPIRES, day + 3600), caveat(SCOPES, 0x0f), caveat(CIDS, [content]),
                                  caveat(ORIGIN, "https://app.example"), caveat(MAX_BYTES, 1 << 20), caveat(NET, "10.0.0.0/8"))),
            ("two networks, one in the other", narrow(plain, caveat(NET, "2001:db8::/32"), caveat(NET, "2001:db8:1::/48"))),
            ("most caveats", narrow(plain, *[caveat(SCOPES, 0xff)] * CAVEATS_MAX)),
            ("longest", narrow(plain, *[caveat(CIDS, [bytes([n]) * 34 for n in range(15)])] * 2, caveat(CIDS, [bytes([n]) * 34 for n in range(13)]),
                               caveat(ORIGIN, "https://app.example")))]
    bad = [("the key of another gateway", mint(other, "gw.example", 1, bytes([7] * 16), day, day + 86400)),
           ("for another audience", mint(key, "gw2.example", 1, bytes([7] * 16), day, day + 86400)),
           ("for the audience with a port", mint(key, "gw.example:80", 1, bytes([7] * 16), day, day + 86400)),
           ("caveat taken away, tag kept", text_of(body + raw_of(good[1][1])[-32:])),
           ("caveat put in, tag kept", text_of(body + caveat(SCOPES, 1) + raw_of(plain)[-32:])),
           ("caveats in another order", text_of(body + caveat(SCOPES, 0x1e) + caveat(SCOPES, 0x07) + raw_of(good[4][1])[-32:])),
           ("key confirmation (05) is not known", narrow(plain, bytes([5, 32]) + bytes(32))), ("type 00", narrow(plain, bytes([0, 0]))),
           ("type 08", narrow(plain, bytes([8, 1, 1]))), ("expiry of four bytes", narrow(plain, bytes([1, 4, 0, 0, 0, 9]))),
           ("scopes of one byte", narrow(plain, bytes([2, 1, 1]))), ("scopes of no byte", narrow(plain, bytes([2, 0]))),
           ("no CID", narrow(plain, bytes([3, 0]))), ("a CID of 15 bytes", narrow(plain, bytes([3, 15]) + bytes(15))),
           ("origin of nine bytes", narrow(plain, bytes([4, 9]) + bytes(9))), ("most bytes in eight", narrow(plain, bytes([6, 8]) + bytes(8))),
           ("network of no family", narrow(plain, bytes([7, 6, 5, 8, 10, 0, 0, 0]))), ("IPv4 in 16 bytes", narrow(plain, bytes([7, 18, 4, 8]) + bytes(16))),
           ("prefix of 33", narrow(plain, bytes([7, 6, 4, 33, 10, 0, 0, 1]))), ("prefix of 129", narrow(plain, bytes([7, 18, 6, 129]) + bytes(16))),
           ("bits behind the prefix", narrow(plain, bytes([7, 6, 4, 8, 10, 0, 0, 1]))),
           ("IPv4 as IPv6", narrow(plain, bytes([7, 18, 6, 128]) + bytes(10) + b"\xff\xff\x0a\0\0\1")),
           ("one byte of a caveat", narrow(plain, bytes([2]))), ("caveat that runs into the tag", narrow(plain, bytes([2, 5, 0]))),
           ("one caveat too many", narrow(plain, *[caveat(SCOPES, 0xff)] * (CAVEATS_MAX + 1))),
           ("version 2", text_of(b"\2" + raw_of(plain)[1:])), ("a byte short", text_of(raw_of(plain)[1:])), ("nothing behind the prefix", PREFIX),
           ("ends when it begins", mint(key, "gw.example", 1, bytes([7] * 16), day, day)),
           ("padded", good[1][1] + "=="), ("standard alphabet", plain[:20] + "+" + plain[21:]), ("other prefix", "w3s2_" + plain[5:]),
           ("prefix in capitals", "W3S1_" + plain[5:]), ("no prefix", plain[5:]), ("blank behind", plain + " "),
           ("trailing bits", narrow(plain, caveat(SCOPES, 1))[:-1] + "B"),
           ("too long", narrow(good[-1][1], caveat(SCOPES, 0xff)))]
    if len(good[-1][1]) != TEXT_MAX:
        raise SystemExit("the longest is not the longest")
    return [(note, text, None) for note, text in good] + [(note, text, "refused") for note, text in bad]


def verdict(text):
    try:
        return "ok", verify(text, {1: bytes([0x42] * 32)}, ["gw.example"])
    except Refused as reason:
        return str(reason), {"scopes": 0, "expires": 0}


def main():
    print(HEAD)
    for note, text, refused in vectors():
        reason, left = verdict(text)
        if (reason == "ok") != (refused is None):
            raise SystemExit(f"{note}: {reason}")
        print(f'    {{"{note}",')
        print("\n".join(f'     "{text[at:at + 105]}"' for at in range(0, len(text), 105)) + ",")
        print(f"     W3P_AUTH_{reason.upper()}, {left['scopes']:#x}, {left['expires']}}},")
    print(TAIL)


if __name__ == "__main__":
    main()
