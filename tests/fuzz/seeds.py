#!/usr/bin/env python3
# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of the fuzz targets that are made rather than found: official vectors and the forms of each grammar.

Usage: tests/fuzz/seeds.py [TARGET ...]. Run by hand; what it writes is committed. It writes the same bytes each time and
touches no other seed. Vectors of the outside data ($W3PIN_TEST_DATA, else ../shared/data) are taken when it is there."""
import base64
import hashlib
import json
import os
import pathlib
import re
import struct
import sys

sys.dont_write_bytecode = True
import cid_oracle  # pylint: disable=wrong-import-position

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DATA = pathlib.Path(os.environ.get("W3PIN_TEST_DATA", ROOT.parent / "shared" / "data"))
MAKERS = {}


def maker(function):
    MAKERS[function.__name__.rstrip("_")] = function
    return function


def raw(text):
    return text if isinstance(text, bytes) else text.encode()


# ---- WebSocket: see fuzz_ws.c for the first byte ----

def frame(opcode, payload=b"", fin=True, rsv=0, masked=False, wide=None):
    payload = raw(payload)
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    mask = 0x80 if masked else 0
    wide = wide if wide is not None else 0 if len(payload) < 126 else 2 if len(payload) < 65536 else 8
    if wide == 0:
        head += bytes([mask | len(payload)])
    else:
        head += bytes([mask | (126 if wide == 2 else 127)]) + len(payload).to_bytes(wide, "big")
    return head + (b"abcd" + bytes(b ^ b"abcd"[i % 4] for i, b in enumerate(payload)) if masked else payload)


@maker
def ws():
    text, reply = frame(1, '{"jsonrpc":"2.0","id":1,"result":true}'), '{"id":1}'
    frames = {
        # the examples of RFC 6455 section 5.7
        "rfc-hello": frame(1, "Hello"), "rfc-fragments": frame(1, "Hel", fin=False) + frame(0, "lo"),
        "rfc-masked": bytes.fromhex("818537fa213d7f9f4d5158"), "rfc-ping": frame(9, "Hello"), "rfc-256": frame(2, bytes(256)),
        "rfc-64k": frame(2, bytes(65536)),
        "two": text + text, "binary": frame(2, b"\x00\xff\x80"), "empty": frame(1), "nothing": b"",
        "ping-inside": frame(1, "{", fin=False) + frame(9, "p") + frame(0, "}"), "pong": frame(10, "unasked") + text,
        "ping-125": frame(9, bytes(125)), "ping-126": frame(9, bytes(126)), "ping-cut-up": frame(9, "x", fin=False),
        "close": frame(8) + text, "close-code": frame(8, struct.pack(">H", 1000) + b"bye"), "close-one-byte": frame(8, b"\x03"),
        "close-bad-code": frame(8, struct.pack(">H", 1005)), "close-bad-text": frame(8, struct.pack(">H", 1001) + b"\xff"),
        "rsv1": frame(1, "x", rsv=4), "rsv3": frame(1, "x", rsv=1), "opcode-3": frame(3, "x"), "opcode-11": frame(11, "x"),
        "continue-nothing": frame(0, "x"), "text-inside": frame(1, "a", fin=False) + frame(1, "b"),
        "wide-small": frame(1, "x", wide=2), "wider-small": frame(1, "x" * 200, wide=8),
        "negative": b"\x82\xff" + b"\xff" * 12, "huge": b"\x82\x7f\x7f" + b"\xff" * 7, "limit": frame(2, bytes(2048)),
        "above": frame(2, bytes(2049)), "above-in-two": frame(2, bytes(2000), fin=False) + frame(0, bytes(49)),
        "utf8-cut": frame(1, b"\xe2\x82"), "utf8-over-two": frame(1, b"\xe2\x82", fin=False) + frame(0, b"\xac"),
        "utf8-bad": frame(1, b"\xc0\x80"), "utf8-surrogate": frame(1, b"\xed\xa0\x80"), "cut": text[:9],
        "pings": frame(9) * 150 + text, "flood": frame(9, "x") * 1000, "many": frame(1, "[]") * 60,
    }
    out = {f"frames-{name}": bytes([1]) + body for name, body in frames.items()}
    for flags, name in ((1 | 2, "one-by-one"), (1 | 4 | 8, "sevens-waiting"), (1 | 6 | 16, "slow-writes"), (1 | 8, "waiting")):
        out[f"frames-{name}"] = bytes([flags]) + frame(9, "p") + text + frame(1, "Hel", fin=False) + frame(0, "lo") + frame(8, b"\x03\xe8")
    accept, lines = "Sec-WebSocket-Accept: {accept}", ["Upgrade: websocket", "Connection: Upgrade"]

    def answer(*fields, status="HTTP/1.1 101 Switching Protocols"):
        return "\r\n".join([status, *fields]) + "\r\n\r\n"
    answers = {
        "good": answer(*lines, accept), "no-reason": answer(*lines, accept, status="HTTP/1.1 101"),
        "spaced": answer("upgrade:\t WebSocket ", "connection: keep-alive, uPGRADE", "sec-websocket-accept:{accept}\t", "Server: x"),
        "two-connections": answer("Connection: keep-alive", *lines, accept), "wrong-key": answer(*lines, "Sec-WebSocket-Accept: x"),
        "no-key": answer(*lines), "key-twice": answer(*lines, "Sec-WebSocket-Accept: x", accept),
        "other-upgrade": answer("Upgrade: h2c", lines[1], accept), "no-upgrade": answer(lines[1], accept),
        "connection-close": answer(lines[0], "Connection: close", accept), "extension": answer(*lines, accept, "Sec-WebSocket-Extensions: x"),
        "protocol": answer(*lines, accept, "Sec-WebSocket-Protocol: y"), "empty-protocol": answer(*lines, accept, "Sec-WebSocket-Protocol:"),
        "no-colon": answer(*lines, accept, "junk"), "four-digits": answer(*lines, accept, status="HTTP/1.1 1010 no"),
        "http10": answer(*lines, accept, status="HTTP/1.0 101 x"), "refused": answer("Content-Length: 0", status="HTTP/1.1 403 Forbidden"),
        "redirect": answer("Location: http://x/", status="HTTP/1.1 301 Moved"), "unchanged": answer("Content-Length: 2", status="HTTP/1.1 200 OK") + "{}",
        "no-http": "SSH-2.0-x\r\n\r\n", "bad-status": "HTTP/1.1 4\r\n\r\n", "cut": answer(*lines, accept)[:-2], "nothing": "",
        "newlines": answer(*lines, accept).replace("\r\n", "\n"), "head-only": "\r\n\r\n", "long": answer("X: " + "y" * 17000),
        "nul": answer(*lines, accept, "X\0: y"),
    }
    out.update({f"answer-{name}": bytes([0]) + raw(body) + (text if body else b"") for name, body in answers.items()})
    out["frames-gone-before-reading"] = bytes([1 | 32]) + text * 3
    out["no-connection"] = bytes([64])
    out["answer-slow"] = bytes([2 | 8 | 16]) + raw(answers["good"]) + frame(1, reply)
    return out


# ---- what the unit tests know ----

ESCAPES = {"n": 10, "r": 13, "t": 9, "b": 8, "f": 12, "a": 7, "v": 11, "\\": 92, '"': 34, "'": 39, "?": 63}


def unescape(text):
    out, i = bytearray(), 0
    while i < len(text):
        number = re.match(r"\\(x[0-9a-fA-F]+|[0-7]{1,3})", text[i:])
        if number:
            digits = number.group(1)
            out.append(int(digits[1:], 16) & 255 if digits[0] == "x" else int(digits, 8) & 255)
            i += number.end()
        elif text[i] == "\\":
            out.append(ESCAPES.get(text[i + 1], 63))
            i += 2
        else:
            out += text[i].encode()
            i += 1
    return bytes(out)


def literals(*files):
    """All string constants of unit tests, neighbours joined, without formats and includes."""
    found = []
    for file in files:
        text = (ROOT / "tests/unit" / file).read_text()
        text = re.sub(r"^\s*(#include.*|//.*)$", "", text, flags=re.M)
        for match in re.finditer(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*', text):
            body = b"".join(unescape(part) for part in re.findall(r'"((?:[^"\\\n]|\\.)*)"', match.group()))
            if body not in found and len(body) <= 4096:
                found.append(body)
    return found


def named(bodies, prefix="unit"):
    return {f"{prefix}-{hashlib.sha256(raw(body)).hexdigest()[:10]}": body for body in bodies}


def with_hex(bodies):
    """The bytes of those that are hex."""
    squeezed = [re.sub(rb"\s", b"", body) for body in bodies]
    return [bytes.fromhex(body.decode()) for body in squeezed if re.fullmatch(rb"([0-9a-f]{2})+", body)]


# ---- text encodings ----

@maker
def base58():
    kinds = [rb"[0-9a-fA-F]*", rb"(0x)?[0-9a-fA-F]*", rb"[A-Za-z0-9+/]*=*", rb"[A-Za-z0-9+/]*", rb"[A-Za-z0-9_-]*=*", rb"[A-Za-z0-9_-]*",
             rb"[a-z2-7]*", rb"[1-9A-HJ-NP-Za-km-z]*"]
    rfc4648 = ["", "f", "fo", "foo", "foob", "fooba", "foobar"]
    bodies = []
    for text in literals("base/test_encoding.c"):
        bodies += [bytes([n]) + text for n, kind in enumerate(kinds) if re.fullmatch(kind, text) and len(text) > 3][:3]
    for text in rfc4648:
        b64, b32 = base64.b64encode(raw(text)), base64.b32encode(raw(text)).lower().rstrip(b"=")
        bodies += [b"\0" + raw(text).hex().encode(), b"\2" + b64, b"\3" + b64.rstrip(b"="), b"\6" + b32, b"\7" + raw(text)]
    # Bitcoin's base58 vectors
    for digest in ("61", "626262", "636363", "73696d706c792061206c6f6e6720737472696e67", "00eb15231dfceb60925886b67d065299925915aeb172c06647",
                   "516b6fcd0f", "bf4f89001e670274dd", "572e4794", "ecac89cad93923c02321", "10c8511e", "00000000000000000000"):
        bodies.append(b"\7" + cid_oracle.in_radix(bytes.fromhex(digest), cid_oracle.LETTERS["z"]).encode())
    bodies += [b"\7" + b"z" * 192, b"\7" + b"z" * 193, b"\7" + b"1" * 192, b"\2====", b"\2A===", b"\2AA=A", b"\0abc", b"\6mzxw6yt", b"\6MY"]
    for letter in cid_oracle.LETTERS:
        bodies.append(b"\7" + cid_oracle.encode(letter, b"yes mani !").encode())  # of the multibase specification
    return named(bodies, "text")


@maker
def cid():
    out = named([text for text in literals("base/test_cid.c") if 30 < len(text) < 300 and b" " not in text])
    for code, size in sorted(cid_oracle.LENGTHS.items()):
        if code < 0xb200 or size in (20, 32, 64):
            data = b"\1" + cid_oracle.varint(0x55) + cid_oracle.varint(code) + bytes([size]) + bytes(range(size))
            out[f"hash-{code:x}-{size}"] = cid_oracle.encode("b", data)
    sha = b"\x12\x20" + hashlib.sha256(b"hello world").digest()
    for letter in cid_oracle.LETTERS:
        out[f"letter-{letter}-{'upper' if letter.isupper() else 'lower'}"] = cid_oracle.encode(letter, b"\1\x55" + sha)
    for codec in (0x51, 0x70, 0x71, 0x72, 0x78, 0x0129, 0x0200, 0xf101, 1 << 62, 1 << 63):
        out[f"codec-{codec:x}"] = cid_oracle.encode("b", b"\1" + cid_oracle.varint(codec) + sha)
    return out


@maker
def ss58():
    texts = [text for text in literals("crypto/test_ss58.c", "crypto/test_keypair.c") if 20 < len(text) < 70 and text.isalnum()]
    alice = b"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
    texts += [alice[:n] for n in (0, 1, 10, 46, 47)] + [alice + b"1", b" " + alice, alice.lower(), alice.swapcase(), b"1" + alice, alice[:-1] + b"Z"]
    return named(texts)


@maker
def bech32():
    # see fuzz_bech32.c for the first byte
    prefixes = [b"avax", b"erd", b"a", b"abcdef", b"split", b"1", b"?", b""]
    bodies = [b"", bytes([7]), bytes([2])]
    texts = [text for text in literals("crypto/test_bech32.c") if b"1" in text]
    texts += [b"avax16jlzchtg6pl8sstn4m42uaz7xmnkhv36xy78rp", b"erd1af9xcclzn3fq40h42pa3xtk9lx25wa4wh6l8hyjzrm4xj9zx6gkq38dn52", b"fuji16jlzchtg6pl8sstn4m42uaz7xmnkhv362k6c07", b"avax1", b"avax1bio", b"avax16jlzchtg6pl8sstn4m42uaz7xmnkhv36xy78rP"]
    for text in texts:
        bodies += [bytes([i]) + text for i, prefix in enumerate(prefixes) if text.lower().startswith(prefix)]
    bodies += [bytes([8 | n % 8]) + bytes(range(n)) for n in (0, 1, 2, 3, 4, 5, 19, 20, 32, 45, 49, 51, 90, 200)]
    return named(bodies)


@maker
def cb58():
    bodies = [text for text in literals("crypto/test_cb58.c") if re.fullmatch(rb"[1-9A-HJ-NP-Za-km-z ]+", text)]
    bodies += [b"", b"1" * 192, b"1" * 193, b"2TtN7J9QqJbuXczMdXJJiDwXtnAzo8jPiC1gbA8FWodZQSe6wppsbW9a3Yx2tx7z5nqAmx2mzHBhngF7pvAZ2mU7kHG3oYU"]
    bodies += [b"\1" + bytes(range(n)) for n in (0, 1, 20, 31, 32, 33, 64, 65, 132, 140, 188, 189, 250)]
    return named(bodies)


# ---- credentials ----

@maker
def token():
    out = {}
    vectors = DATA / "w3auth_vectors.json"
    if vectors.is_file():
        for vector in json.loads(vectors.read_text()):
            text = next((vector[key] for key in ("header", "authorization", "token") if isinstance(vector.get(key), str)), None)
            if text is not None and len(text) < 6000:
                out.update(named(["Bearer " + text], "vector"))
    alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
    for i, plain in enumerate(("sol-0OIl:00", "sol-" + "1" * 31 + ":00", "sol-" + "1" * 32 + ":" + "00" * 64, "nea-" + "AB" * 32 + ":00", "nea-" + "zz" * 32 + ":00", "nea-" + "ab" * 32 + ":" + "00" * 64, "nea-a.near:00",
                               "sub-" + alice[:-1] + "Z:00", f"sub-{alice}:0x", f"{alice}:" + "00" * 65, f"{alice}:" + "01" * 65, f"{alice}:02" + "00" * 65, f"{alice}:" + "ff" * 64, f"{alice}:zz", "sub-0x" + "ab" * 32 + ":" + "00" * 64,
                               "sub-0x" + "ab" * 20 + ":" + "00" * 65, "sub-0x" + "ab" * 20 + ":" + "00" * 64, "sub-0x" + "zz" * 32 + ":00", "eth-0x" + "ab" * 20 + ":" + "00" * 65, "eth-0x" + "ab" * 19 + ":00", "eth-" + "ab" * 20 + ":00", "x" * 600 + ":00", "sub-" + "x" * 600 + ":00", "sub--:1", ":", "-:",
                               "sub-" + alice, f"sub-{alice}:a:b", "sol-" + "z" * 200 + ":00", "sol-" + "1" * 32 + ":" + "z" * 88, "sol-" + "1" * 32 + ":" + "A" * 87 + "=")):
        out[f"head-{i:02}"] = plain
    out["header-only-padding"], out["header-no-token"], out["header-control"], out["header-other-word"] = "Bearer ==", "Bearer ", "Bearer a\tb", "Bearerx abc"
    for name, plain in (("token", b"w3s:w3s1_AAAA"), ("empty", b"w3s:"), ("other", b"w3s;w3s1_AAAA"), ("long", b"w3s:" + b"A" * 64)):
        out[f"header-basic-{name}"] = "Basic " + base64.b64encode(plain).decode()
    out["header-long"], out["identity-sub"], out["identity-odd"] = "Bearer " + "A" * 4100, "sub:" + "ab" * 32, "sub:" + "ab" * 31 + "a"
    for i in range(12):
        out[f"key-{i:02}"] = b"K" + bytes([i * 17 + 1]) * 32 + bytes([i, i * 23 % 256, 65 + i])
    login = b"gw.example wants you to sign in with your Aptos account:\n0x00\n\nURI: https://gw.example\nNonce: 0123456789abcdef"
    for i, text in enumerate((b"a", login, login + b"\nIssued At: 2026-01-01T00:00:00Z", b"x" * 4096, b"x" * 4097)):
        out[f"key-text-{i}"] = b"K" + bytes([i + 1]) * 32 + bytes([1, 7, 65]) + text
    for text in literals("../vectors/w3auth.h"):
        if text.startswith(b"Bearer "):
            out.update(named([text], "tree"))
            plain = re.fullmatch(rb"([a-z]+)-([^:-]+)(?:-[^:]*)?:(.*)", base64.b64decode(text[7:] + b"==", altchars=None), re.S)
            if plain and len(plain[3]) < 256:  # its signature of another text, for each scheme
                scheme = next((n for n, names in enumerate((b"sub crust", b"eth pol", b"sol", b"near nea", b"ava", b"elr elrond", b"apt aptos", b"algo algorand")) if plain[1] in names.split()), 0)
                out.update(named([b"V" + bytes([scheme, len(plain[3])]) + plain[3] + b"\nNonce: 1\n"], "text"))
    for name in ("flow", "FLO", "xx", "huochain", "mimir", "mimi"):
        out[f"word-{name}"] = name
    return out


@maker
def siwx():
    eth, sol, sub = "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1", "GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"

    def head(name, address, domain="gw.example"):
        return f"{domain} wants you to sign in with your {name} account:\n{address}\n"

    uri, nonce, issued = "URI: https://gw.example/\n", "Nonce: w3auth00TESTnonce\n", "Issued At: 2026-01-01T00:00:00Z"
    middle = f"Version: 1\nChain ID: 1\n{nonce}{issued}"
    tail = "\nExpiration Time: 2026-12-31T00:00:00.5+01:00\nNot Before: 2026-01-02T00:00:00Z\nRequest ID: a%20b\nResources:\n- urn:w3auth:scope:pin.read\n- ipfs://bafy/?x#[y]"
    full = head("Ethereum", eth) + "\nPin to gw.example\n\n" + uri + middle + tail
    texts = [full, head("Ethereum", eth) + "\n\n" + uri + middle, "https://" + full, "ftp://" + full, head("Solana", sol)[:-1], head("Solana", sol) + "\nSign in", head("Solana", sol) + "\n" + nonce[:-1], head("Solana", sol) + "\nSign in\n\nResources:",
             head("Solana", sol) + "\n\n" + uri[:-1], head("Polkadot", sub) + "\n" + uri + "Version: 1.0.0\n" + nonce + issued, head("Substrate", sub, "localhost:3000") + "\n" + uri + "Version: 1\nChain ID: a b\n" + nonce + issued,
             head("NEAR", sol, "[::1]:80") + "\n" + uri + "Version: 1\n" + nonce + issued + "\nChain ID: mainnet", head("NEAR", sol) + "\n\n" + uri + "Version: 1", head("NEAR", sol) + "\n\n", "<Bytes>" + head("Polkadot", sub) + "\n" + uri + "Version: 1.0.0\n" + nonce + issued + "</Bytes>",
             full + "\n- a:" * 40, full + "\n", "", "\n", "x", "x wants", "x wants you to sign in with your  account:", "x wants you to sign in with your A account", full[: full.index("\n")]]
    edits = (("gw.example wants", "g w wants"), ("gw.example wants", "gw..example wants"), ("Ethereum", "Ether-eum"), (eth, eth.lower()), (eth, sol), (eth, ""), ("F1\n\n", "F1\n"), ("F1\n\n", "F1\n\n\n"), ("example\n\nURI", "example\nURI"), ("Pin to", 'Pin "to"'), ("Pin", "P\tin"),
             ("URI: https://gw.example/", "URI: "), ("URI: https", "URI: 1ttps"), ("URI: https", "URI: ht_ps"), ("URI: https://gw.example/", "URI: a:%2"), ("URI: https://gw.example/", "URI: a:\\"), ("Version: 1\n", "Version: 2\n"), ("Version: 1\n", ""), ("Version: 1\n", "Version: 1\nVersion: 1\n"),
             ("Chain ID: 1", "Chain ID: x"), ("Nonce: w3auth00TESTnonce", "Nonce: short"), ("2026-01-01T", "2026-13-01T"), ("Request ID: a%20b", "Request ID: a b"), ("Request ID: a%20b", "Other: a"), ("- urn", "-urn"), ("\nResources", "\nChain ID: 1\nResources"), ("- urn:w3auth:scope:pin.read", "- pin"))
    texts += [full.replace(old, new, 1) for old, new in edits]
    for old, new in (("Chain ID: 1", "Chain ID: "), ("w3auth00TESTnonce", "")):
        texts.append((head("Solana", sol) + "\n" + uri + middle).replace(old, new, 1))
    texts += [text.replace("Not Before: 2026", "Not Before: 0001") for text in texts[:1]] + ["a" * 2050, head("Solana", sol) + "\n" + "a" * 1900]
    hosts = ["gw.example", "GW.Example:443,dapp.example:80, localhost:3000", "*", "a,*", "https://gw.example:443/x?y#z", "http://[2001:DB8::1]:80/", "HTTPS://u@gw.example", "https://gw.example:0", "[::1", "[::1]x", "[:]", "-a", "a-", "a" * 64, "a." * 130, ".a", "a.", "x_y:65536", "," .join("a" * 300)]
    return {**named(texts, "text"), **named(hosts, "host")}


@maker
def macaroon():
    # see fuzz_macaroon.c for the first byte
    sys.path.insert(0, str(ROOT / "tests/e2e"))
    import macaroon as second  # pylint: disable=import-outside-toplevel
    tokens = [text for _, text, _ in second.vectors()]
    insides = []
    for text in tokens:
        try:
            insides.append(second.raw_of(text)[28:-32])
        except second.Refused:
            pass
    origins, nets = ["https://app.example", "HTTP://Localhost:80", "http://[::1]:5173", "https://app.example/", "ftp://x", "null", "http://" + "a" * 400], \
        ["10.0.0.0/8", "10.0.0.1/8", "2001:db8::/32", "::ffff:10.0.0.1", "::/0", "192.0.2.7", "10.0.0.0/33", "10.0.0.0/x", "x", "1" * 80, "2001:db8::/29"]
    cids = ["QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM", " ".join("b" + base64.b32encode(b"\1\x55\x12\x20" + bytes([n]) * 32).decode().lower().rstrip("=") for n in range(16)),
            "QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM " * 2, "x"]
    scopes = ["pin.read", "pin.read, pin.write token.mint", "pin.red", ",", "account.admin,gw.read ipfs.add"]
    cid_a, cid_b = second.caveat(second.CIDS, [b"a"]), second.caveat(second.CIDS, [b"b", b"b"])
    insides += [cid_a + cid_b, second.caveat(second.ORIGIN, "a") + second.caveat(second.ORIGIN, "b"), second.caveat(second.NET, "10.0.0.0/8") + second.caveat(second.NET, "11.0.0.0/8"),
                second.caveat(second.NET, "10.0.0.0/8") + second.caveat(second.NET, "10.2.0.0/15"), second.caveat(second.MAX_BYTES, 9) + second.caveat(second.MAX_BYTES, 8), bytes(900)]
    return {**named([b"T" + raw(text) for text in tokens], "token"), **named([b"C" + inside for inside in dict.fromkeys(insides)], "inside"),
            **named([raw(kind + text) for kind, texts in (("O", origins), ("N", nets), ("I", cids), ("S", scopes)) for text in texts], "words")}


@maker
def keys():
    out = {f"wish-{name}": name for name in ("auto", "sr25519", "ed25519", "ecdsa", "SR25519", "sr25519 ")}
    out["uri-blanks"] = " \t//Alice\n"
    out["json-blanks"], out["long"] = " \n{}", "a" * 70000
    return out


# ---- the API ----

@maker
def psa_json():
    good = '{"cid":"QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM"'
    bodies = [text for text in literals("http/test_psa_body.c", "http/test_psa_api.c") if text[:1] in (b"{", b"[")]
    rest = ["}", ',"name":null}', ',"name":"a"}', ',"name":7}', ',"name":"\\u0000"}', ',"name":"\\ud83d\\ude00"}', ',"name":"' + "n" * 255 + '"}',
            ',"name":"' + "n" * 256 + '"}', ',"name":"' + "\u00e4" * 255 + '"}', ',"origins":null}', ',"origins":[]}', ',"origins":{}}', ',"origins":[1]}',
            ',"origins":["/ip4/1.2.3.4/tcp/4001/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"]}',
            ',"origins":["/a","/a","/b"]}', ',"origins":["", "x", "/", "/\\u00e4", "/\\"", "/\\\\"]}', ',"origins":[' + ",".join(f'"/{n}"' for n in range(40)) + "]}",
            ',"origins":["/' + "o" * 600 + '"]}', ',"meta":null}', ',"meta":{}}', ',"meta":[]}', ',"meta":{"a":1}}', ',"meta":{"size":"1024"}}',
            ',"meta":{"size":"0"}}', ',"meta":{"size":"-1"}}', ',"meta":{"size":"18446744073709551616"}}', ',"meta":{"size":"01"}}',
            ',"meta":{"app":"x","' + "k" * 100 + '":"' + "v" * 500 + '"}}', ',"meta":{' + ",".join(f'"k{n}":"v"' for n in range(70)) + "}}",
            ',"meta":{"a":"' + "v" * 9000 + '"}}', ',"meta":{"a":"b","a":"c"}}', ',"unknown":[{"x":1}]}', ',"cid":"x"}', ',"name":"x"', "}}"]
    bodies += [good + end for end in rest] + ["", "null", "[]", "7", '{"cid":null}', '{"cid":""}', '{"cid":5}', "{}", '{"cid":"Qm"}', "{" * 40, "\xef\xbb\xbf{}", b"\xff"]
    bodies += ["8e03978e-40d5-43dd-bc93-6894a57f9324", ' \t"a b\\"\\\\c" ', '"', '"a"b"', '"a\\', '"a\\b"', "a\tb", "k" * 255, "k" * 256, '"' + "k" * 256 + '"']
    return named(bodies, "body")


@maker
def auth_json():
    eth, cid = '"chain":"eth","address":"0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1"', "QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM"
    wallets = ["{}", '{"chain":7}', '{"chain":""}', '{"chain":null}', '{"chain":"doge","address":"x"}', '{"chain":"flow","address":"x"}', '{"chain":"ton","address":"x"}',
               '{"chain":"eth"}', '{"chain":"eth","address":"x"}', '{"chain":"eth","address":"' + "a" * 5000 + '"}',
               '{"chain":"sub","address":"5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY","future":[1]}']
    wishes = ["", ',"scopes":null,"ttl":null,"label":null,"chain_id":null', ',"scopes":["pin.read","account.admin"],"ttl":86400,"label":"a%20b","chain_id":"eip155:1"',
              ',"scopes":{}', ',"scopes":[]', ',"scopes":[1]', ',"scopes":["x"]', ',"scopes":[' + ",".join(['"pin.read"'] * 65) + "]", ',"ttl":0', ',"ttl":"1"', ',"ttl":86401',
              ',"ttl":3601', ',"ttl":9223372036854775807', ',"label":""', ',"label":"a b"', ',"label":"' + "x" * 65 + '"', ',"chain_id":1', ',"chain_id":"' + "1" * 65 + '"',
              ',"chain_id":"1\\n"', ',"message":"m"', ',"message":"m","signature":"s"', ',"message":"m","signature":"s","callbackUrl":"u"',
              ',"message":"m","signature":"s","callbackUrl":1', ',"message":1']
    tokens = ["", ',"ttl":60,"label":"l"', ',"cids":["' + cid + '","' + cid + '"]', ',"cids":[]', ',"cids":["x"]', ',"cids":"x"', ',"cids":[' + ",".join([f'"{cid}"'] * 16) + "]",
              ',"origin":"https://app.example"', ',"origin":"app.example"', ',"origin":1', ',"max_bytes":1', ',"max_bytes":0', ',"max_bytes":1099511627776', ',"max_bytes":"1"',
              ',"cid":"' + cid + '"', ',"ttl":-1', ',"label":"a b"', f',"cids":["{cid}"],"origin":"http://localhost:5173","max_bytes":1099511627775']
    bodies = wallets + ["{" + eth + wish + "}" for wish in wishes] + ['{"scopes":["pin.read"]' + token + "}" for token in tokens]
    bodies += ['{"off":true}', '{"off":false}', '{"off":1}', "", "null", "[]", "{", '{"off":true,"off":false}', "0" * 32, "f" * 64, "F" * 32, "0" * 31, "g" * 32]
    return named(bodies, "body")


@maker
def query():
    bodies = [text for text in literals("http/test_psa_query.c", "http/test_query.c") if b"=" in text or b"&" in text or b"%" in text]
    bodies += ["", "&", "=", "&&a", "a=%", "a=%4", "a=%zz", "a=%00", "%00=a", "a=b=c", "name=%C3%A4", "name=%ff", "name=" + "n" * 256, "limit=1", "limit=1000", "limit=1001",
               "limit=0", "limit=01", "limit=", "limit=1&limit=2", "status=queued,pinning,pinned,failed", "status=", "status=queued,,failed", "status=Queued", "match=exact",
               "match=", "match=iexact&name=A", "before=2026-01-02T03:04:05.678Z", "after=2026-01-02T03:04:05%2B01:00", "after=2026-01-02T03:04:05+01:00", "before=x",
               "cid=QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM", "cid=" + ",".join(["QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM"] * 11), "cid=,",
               "meta=%7B%22a%22:%22b%22%7D", "meta=%7B%22a%22:1%7D", "meta=[]", "meta=%7B", "&".join(f"p{n}={n}" for n in range(64)), "&".join(f"p{n}={n}" for n in range(65)),
               "a=" + "%41" * 5600, "x" * 16385, b"a\0b", "name=a&name=b", "cid=x&cid=y", "meta={}&meta={}", "a+b=c+d",
               "meta=%7B" + ",".join(f"%22k{n}%22:%22v%22" for n in range(20)) + "%7D"]
    return named(bodies, "query")


@maker
def multiaddr():
    peer, bodies = "/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN", [t for t in literals("base/test_multiaddr.c") if t[:1] == b"/"]
    for head in ("", "/ip4/1.2.3.4", "/ip4/1.2.3.4/tcp/4001", "/ip4/256.0.0.1/tcp/1", "/ip6/::1/udp/1/quic-v1", "/ip6/::g/tcp/1", "/dns/a.example/tcp/443/wss", "/dns6/-a/tcp/1",
                 "/dns4/a..b/tcp/1", "/dns4/a-/tcp/1", "/dns4/" + "a" * 64 + "/tcp/1", "/dns4/" + "a." * 127 + "b/tcp/1", "/dnsaddr/bootstrap.libp2p.io", "/tcp/1", "/ip4/1.2.3.4/tcp/0",
                 "/ip4/1.2.3.4/tcp/65536", "/ip4/1.2.3.4/tcp/01", "/ip4/1.2.3.4/tcp/1/tls/sni/a.b/ws", "/unix/x", "/ip4/1.2.3.4/udp/1/quic-v1/webtransport/certhash/uEiAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                 "/ip4/1.2.3.4/udp/1/quic-v1/webtransport/certhash/uEiA", "/dns4/a_b/tcp/1/http", "/ip4/1.2.3.4/tcp/1/p2p-circuit", "/dns4//tcp/1", "/dns4/a\0b/tcp/1", "/ip4/1.2.3.4\0/tcp/1"):
        bodies.append(head + peer)
    key33, sha = bytes([0, 37, 8, 2, 18, 33]) + b"\2" * 33, b"\x12\x20" + bytes(range(32))
    for peer_text in (cid_oracle.in_radix(key33, cid_oracle.LETTERS["z"]).rjust(52, "1"), cid_oracle.in_radix(sha, cid_oracle.LETTERS["z"]), cid_oracle.encode("b", b"\1\x72" + sha),
                      cid_oracle.encode("k", b"\1\x72" + key33), cid_oracle.encode("b", b"\1\x55" + sha), cid_oracle.encode("b", b"\2\x72" + sha), "Qm", "1", "", "x", "0"):
        bodies.append("/dns4/a.example/tcp/1/p2p/" + peer_text)
    return named(bodies + ["", "/", "//", peer + "/", "p2p/x", peer * 20, peer + "/ws", peer + "/p2p-circuit" + peer], "addr")


@maker
def peer():
    texts = [text for text in literals("http/test_peer.c") if 0 < len(text) < 70 and re.fullmatch(rb"[0-9a-fA-F.:\[\]/, ]+", text)]
    bodies = list(texts) + [b"10.0.0.0/8\n" + text for text in texts]
    bodies += ["", "\n", "10.0.0.0/8\n192.0.2.1\n10.0.0.2", "10.0.0.0/8\n1.1.1.1, 192.0.2.1,10.0.0.2 \n10.0.0.3", "10.0.0.0/8\n10.0.0.9, 10.0.0.2", "::/0\n2001:db8::1\n[::1]:80",
               "0.0.0.0/0\n1.2.3.4:80,unknown", ",".join(f"10.0.0.{n}" for n in range(65)), "0.0.0.0/0\n" + ",".join(["1.2.3.4"] * 17), "10.0.0.0/31,10.0.0.2/32\n10.0.0.3", "x\n1.2.3.4",
               "127.0.0.1\n[::1", "127.0.0.1\n[::1]x", "127.0.0.1\n[::1]:65536", "127.0.0.1\n1.2.3.4:", b"127.0.0.1\n1.2.3.4\0", "127.0.0.1\n" + "1" * 64, "2001:db8::/33\n2001:db8:8000::1",
               "127.0.0.1\n , ,", "127.0.0.1\n\n\n"]
    return named(bodies, "peer")


@maker
def json_():
    bodies = [text for text in literals("base/test_json.c") if len(text) > 0]
    bodies += ["[" * 32 + "]" * 32, "[" * 33 + "]" * 33, '{"a":' * 32 + "1" + "}" * 32, "[1,]", "[,1]", '{"a":1,}', "{1:2}", '"\\u0000"', '{"\\u0000":1}', '"\\ud800"', '"\\udc00\\ud800"',
               '"\\ud83d\\ude00"', "1e400", "1E+2", "-0", "01", "+1", ".5", "5.", "0x1", "NaN", "-Infinity", "18446744073709551616", "9223372036854775807", "-9223372036854775808",
               "9223372036854775808", '{"a":1,"a":2}', "true", "nul", '"\t"', '"\\x"', '"', "[", "{", "[]]", "[] []", "\xef\xbb\xbf[]", b'"\xff"', b'"\xc0\x80"', b"[\0]", " \t\r\n[ ]\n", '"\\\\\\""',
               "[" + "0," * 300 + "0]", "/*x*/1", "'a'", "", " "]
    return named(bodies, "json")


@maker
def ini():
    bodies = [text for text in literals("base/test_conf.c") if b"=" in text or b"[" in text]
    bodies += ["http.listen=a\nhttp.threads=3\nhttp.tls=on\ncrust.endpoints=x,y\naccounts.mode=open\n", "W3PIN_HTTP_LISTEN=a\nW3PIN_HTTP_THREADS=99\n", "W3PIN_HTTP_THREADS=64",
               "W3PIN_HTTP_TLS=1", "W3PIN_HTTP_TLS=TRUE", "W3PIN_ACCOUNTS_MODE=allowlist", "W3PIN_ACCOUNTS_MODE=allow", "W3PIN_NOTHING=1", "W3PIN_TEST_X=1", "W3PIN_CONFIG=x", "W3PIN_=", "W3PIN_HTTP_LISTEN",
               "OTHER=1", "http.threads=0", "http.threads=x", "http.threads=18446744073709551616", "http.tls=maybe", "accounts.mode=open|allowlist", "accounts.mode=", "http.listen=\t", "http.listen=" + "a" * 8192,
               "http.listen=" + "a" * 8193, "http.nothing=1", "[http]\nlisten = a ; b\n", "[http]\nlisten=a\nlisten=b\n", "[http]x\n", "[nothing]\n", "[http\n", "x=1\n", "[http]\n" + "#\n" * 20, "[http]\nlisten=" + "a" * 9000,
               "[http]\nlisten", "[http]\r\nthreads\t=\t8\r\n", b"[http]\nlisten=\xff\n", b"[http]\0", "\n" * 10001]
    return named(bodies, "conf")


@maker
def text():
    bodies = [text for text in literals("base/test_clock.c", "base/test_bytes.c") if 0 < len(text) < 200]
    bodies += ["2026-02-29T00:00:00Z", "2024-02-29T23:59:59.999999999Z", "1900-02-29T00:00:00Z", "2000-02-29t00:00:00z", "2026-01-01T00:00:60Z", "2026-01-01T24:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59",
               "0000-01-01T00:00:00Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z", "2026-01-01 00:00:00Z", "340282366920938463463374607431768211455", "340282366920938463463374607431768211456",
               "18446744073709551615", "18446744073709551616", "0", "00", "01", "-1", "9" * 60, "0190163d-8694-739b-aea5-966c26f8ad91", "0190163D-8694-739b-aea5-966c26f8ad91", "0190163d_8694-739b-aea5-966c26f8ad91",
               b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xed\x9f\xbf\xed\xa0\x80", b"\xe0\x9f\xbf", b"\xc1\xbf\xc2\x80", b"\xf0\x8f\xbf\xbf\xf0\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"a\xcc\x88\xe2\x82"]
    bodies += [b"U" + ms.to_bytes(6, "big") for ms in (0, 1, 1700000000000, (1 << 48) - 1)]
    return named(bodies, "text")


# ---- chains ----

@maker
def scale():
    bodies = with_hex(literals("chains/test_scale.c", "chains/test_extrinsic.c"))
    compact = ["00", "04", "fc", "0101", "a10f", "fdff", "02000100", "feffffff", "0300000040", "03ffffffff", "13ffffffffffffffff", "33" + "ff" * 16, "37" + "ff" * 17, "0100", "02000000", "0300000000",
               "0b00407a10f35a", "01", "02", "03", "33", "e5 00", "4503", "00", "f5 ff", "ff ff ff ff ff ff", "0400 01000000", "40 00 05 00 00 00", "00 10 ff ff ff ff", "ff ff 00 00 00 80", "0c 61 62 63", "10 61 62", "02"]
    return named([body for body in bodies if len(body) < 400] + [bytes.fromhex(text.replace(" ", "")) for text in compact], "scale")


def compact(number):
    if number < 64:
        return bytes([number << 2])
    return (number << 2 | 1).to_bytes(2, "little") if number < 1 << 14 else (number << 2 | 2).to_bytes(4, "little")


def vec(items):
    items = list(items)
    return compact(len(items)) + b"".join(items)


def string(body):
    return compact(len(raw(body))) + raw(body)


def field(name, kind, doc=()):
    return (b"\1" + string(name) if name else b"\0") + compact(kind) + b"\1" + string("Source") + vec(map(string, doc))


def variant(name, index, fields=(), doc=()):
    return string(name) + vec(fields) + bytes([index]) + vec(map(string, doc))


def registry(address=12, **changed):
    """A type of every kind; what the pallets below refer to. t17=b"…" gives type 17 another definition."""
    def entry(path, definition, params=()):
        return lambda number: compact(number) + vec(map(string, path)) + vec(params) + definition + vec([string("doc")])
    u8, account, dispatch = b"\5\3", b"\0" + vec([field("", 2)]), ("sp_runtime",)
    types = [entry((), u8), entry((), b"\5\6"), entry((), b"\3" + (32).to_bytes(4, "little") + compact(0)), entry(("sp_core", "AccountId32"), account),
             entry((), b"\5\7"), entry((), b"\2" + compact(0)), entry((), b"\6" + compact(4)), entry((), b"\4" + vec([compact(3), compact(1)])), entry((), b"\4" + vec([])),
             entry(("Option",), b"\1" + vec([variant("None", 0), variant("Some", 1, [field("", 3)])])),
             entry(("pallet", "Error"), b"\1" + vec([variant("Bad", 0, doc=(" It is", "", "bad. ")), variant("Worse", 7)])),
             entry(("pallet", "Event"), b"\1" + vec([variant("ExtrinsicSuccess", 0, [field("dispatch_info", 16)]), variant("ExtrinsicFailed", 1, [field("dispatch_error", 17), field("dispatch_info", 16)]),
                                                      variant("Transfer", 2, [field("from", 3), field("to", 3), field("amount", 4)])])),
             entry(("MultiAddress",), b"\1" + vec([variant("Id", 0, [field("", 3)]), variant("Raw", 1, [field("", 5)])])),
             entry(("MultiSignature",), b"\1" + vec([variant(name, n, [field("", 14 + (n == 2))]) for n, name in enumerate(("Ed25519", "Sr25519", "Ecdsa"))])),
             entry((), b"\3" + (64).to_bytes(4, "little") + compact(0)), entry((), b"\3" + (65).to_bytes(4, "little") + compact(0)),
             entry(("DispatchInfo",), b"\0" + vec([field("weight", 18), field("class", 0), field("pays_fee", 0)])),
             entry(dispatch + ("DispatchError",), b"\1" + vec([variant("Other", 0), variant("Module", 3, [field("", 19)]), variant("Token", 7, [field("", 0)])])),
             entry(("Weight",), b"\0" + vec([field("ref_time", 20), field("proof_size", 20)])), entry(("ModuleError",), b"\0" + vec([field("index", 0), field("error", 21)])),
             entry((), b"\6" + compact(1)), entry((), b"\3" + (4).to_bytes(4, "little") + compact(0)), entry((), b"\7" + compact(0) + compact(8)),
             entry(("UncheckedExtrinsic",), b"\0" + vec([field("", 5)]), [string("Address") + b"\1" + compact(address), string("Call") + b"\0", string("Signature") + b"\1" + compact(13), string("Extra") + b"\1" + compact(8)]),
             entry(("CheckMortality",), b"\0" + vec([])), entry((), b"\5\0"), entry((), b"\5\1"), entry((), b"\5\x0e")]
    for name, definition in changed.items():
        types[int(name[1:])] = entry(("Changed",), definition)
    return vec(one(number) for number, one in enumerate(types))


def pallets(version):
    def entry(name, kind):
        return string(name) + b"\1" + kind + string(b"\0") + vec([string("doc")])
    storage = b"\1" + string("System") + vec([entry("Number", b"\0" + compact(1)), entry("Account", b"\1" + vec([b"\2"]) + compact(3) + compact(4)), entry("Double", b"\1" + vec([b"\5", b"\6"]) + compact(7) + compact(9)),
                                               *[entry(f"H{n}", b"\1" + vec([bytes([n])]) + compact(3) + compact(22)) for n in range(7)]])
    system = string("System") + storage + b"\0" + b"\1" + compact(11) + vec([string("SS58Prefix") + compact(0) + string(b"\x42") + vec([])]) + b"\1" + compact(10) + b"\0"
    return vec(one + (vec([string("doc")]) if version > 14 else b"") for one in (system, string("Nothing") + b"\0\0\0" + vec([]) + b"\0\7"))


def metadata_of(version, **changed):
    parts = {"types": registry(), "pallets": pallets(version), "extensions": vec(string(name) + compact(8) + compact(8) for name in ("CheckNothing", "CheckMortality")), "end": compact(8)}
    parts.update(changed)
    if version == 14:
        return b"meta\x0e" + parts["types"] + parts["pallets"] + compact(23) + b"\4" + parts["extensions"] + parts["end"]
    apis = vec([string("Core") + vec([string("version") + vec([string("x") + compact(0)]) + compact(1) + vec([string("doc")])]) + vec([string("doc")])])
    outer = compact(11) * 3 + vec([string("custom") + compact(0) + string("value")])
    return b"meta\x0f" + parts["types"] + parts["pallets"] + b"\4" + compact(12) + compact(11) + compact(13) + compact(8) + parts["extensions"] + parts["end"] + apis + outer


@maker
def metadata():
    out, good, newer = {}, metadata_of(14), metadata_of(15)
    out["v14"], out["v15"], out["v14-raw-address"] = good, newer, metadata_of(14, types=registry(address=2))
    for name, number, definition in (("error-is-a-number", 17, b"\5\3"), ("error-without-0", 17, b"\1" + vec([variant("Other", 1)])), ("module-of-one-byte", 17, b"\1" + vec([variant("Module", 0, [field("", 0)])])),
                                     ("module-first", 17, b"\1" + vec([variant("Module", 0, [field("", 19)])])), ("inner-enum", 17, b"\1" + vec([variant("Token", 0, [field("", 9)])])), ("info-is-a-number", 16, b"\5\3"),
                                     ("weight-is-a-byte", 18, b"\5\3"), ("weight-is-u64", 18, b"\5\6"), ("info-of-two", 16, b"\0" + vec([field("a", 0), field("b", 0)]))):
        out[f"v14-{name}"] = metadata_of(14, types=registry(**{f"t{number}": definition}))
    out["v14-error-without-words"] = metadata_of(14, types=registry(t10=b"\1" + vec([variant("Bad", 0)]), t17=b"\1" + vec([variant("Module", 0, [field("", 19)])])))
    out["v14-no-address"] = metadata_of(14, types=registry(address=3))
    out["v16"], out["v11"], out["v14-trailing"] = b"meta\x10" + good[5:], b"meta\x0b" + good[5:], good + b"\0"
    for n in range(12):
        out[f"v14-cut-{n:02}"] = good[:len(good) * n // 12]
        out[f"v15-cut-{n:02}"] = newer[:len(newer) * n // 12]
    for n in range(40):
        at = 5 + len(good) * n // 41
        out[f"v14-byte-{n:02}"] = good[:at] + bytes([good[at] ^ (1, 4, 0x80, 0xff)[n % 4]]) + good[at + 1:]
    for name, bad in (("type-id", compact(999)), ("type-big", b"\3\xff\xff\xff\xff")):
        out[f"v14-end-{name}"] = metadata_of(14, end=bad)
    out["v14-two-nonces"] = metadata_of(14, extensions=vec(string("CheckNonce") + compact(20) + compact(8) for _ in range(2)))
    out["v14-many-types"], out["v14-loop"] = b"meta\x0e\xfe\xff\xff\xff", b"meta\x0e" + vec([b"\0\0\0\2" + compact(0) + b"\0"]) + b"\0"
    rocky = (ROOT / "chains/devnet/data/rocky-4-v12.scale").read_bytes()
    out["v12-rocky-start"] = rocky[:6000]  # trimmed: the first pallets, then cut
    # Its first three pallets whole: the count in front is what has to change.
    for count in (1, 2, 3, 4):
        out[f"v12-rocky-{count}-cut"] = rocky[:5] + compact(count) + rocky[6:6 + 2500 * count]
    # what is left of V12's layout: calls, constants, errors with documentation, a double map
    doc = vec([string(" A"), string(""), string("b. ")])
    pallet = (string("M") + b"\1" + string("M") + vec([string("D") + b"\0\2\0" + string("A") + string("B") + string("C") + b"\6" + string("") + doc]) + b"\1" + vec([string("call") + vec([string("x") + string("u8")]) + doc])
              + b"\1" + vec([string("Ev") + vec([string("u8"), string("Vec<u8>")]) + doc]) + vec([string("C") + string("u32") + string(b"\1\0\0\0") + doc]) + vec([string("Err") + doc]) + b"\5")
    out["v12-all"] = b"meta\x0c" + vec([pallet]) + b"\4" + vec([string("CheckNonce")])
    out["v13-all"] = b"meta\x0d" + vec([pallet.replace(b"\0\2\0" + string("A") + string("B") + string("C") + b"\6", b"\0\3" + vec([string("A"), string("B")]) + vec([b"\0", b"\6"]) + string("C"))]) + b"\4" + vec([string("CheckNonce")])
    out["answer-none"], out["answer-some"], out["answer-empty"] = b"\0", b"\1" + string(good), b"\1\0"
    out["answer-cut"], out["answer-more"], out["answer-neither"] = b"\1" + string(good)[:-1], b"\1" + string(good) + b"\0", b"\2" + string(good)
    out["v12-nul-name"], out["v12-nul-doc"] = out["v12-all"].replace(string("Err"), string("E\0r")), out["v12-all"].replace(string(" A"), string("\0A"))
    return out


@maker
def extrinsic():
    signed = b"\x84" + bytes(range(32)) + b"\1" + b"\x80" * 64 + b"\0" + b"\4" + b"\0" + b"\0\1\x0cabc"
    out = {"made-raw": compact(len(signed)) + signed}
    for kind, size in ((0, 64), (1, 64), (2, 65), (3, 64)):
        for form in (b"", b"\0", b"\1"):
            for era in (b"\0", b"\x05\x01", b"\x01\x01", b"\xff\xff"):
                body = b"\x84" + form + b"\x11" * 32 + bytes([kind]) + b"\x22" * size + era + b"\4\0\0\1"
                out[f"kind-{kind}-{form.hex() or 'raw'}-{era.hex()}"] = compact(len(body)) + body
    for n in (0, 1, 2, 34, 60, 100, 104):
        out[f"cut-{n:03}"] = (compact(len(signed)) + signed)[:n]
    out["unsigned"], out["version-5"], out["length-wrong"] = b"\x14\4\0\1\4a", compact(5) + b"\x85\0\0\0\0", compact(99) + signed
    out["long-call"] = b"\x77\x33\7\x55" * 120
    return out


@maker
def events():
    out = {}
    names = ["u8", "Vec<u8>", "Option<u32>", "Compact<u64>", "(AccountId,Balance)", "[u8; 32]", "Box<u8>", "DispatchResult", "DispatchError", "DispatchInfo", "Vec<(u8,Vec<bool>)>", "T::AccountId", "<T as Trait>::Balance", "a::b::Kind", "Vec<Vec<Vec<Vec<u8>>>>",
             "Vec<()>", "()", "", "Unknown", "Vec<u8", "Option<>", "IdentificationTuple", "Timepoint<BlockNumber>", "AuthorityList", "ValidatorPrefs", "MerkleRoot", "Vec<PhantomData>", "(" * 20 + ")" * 20, "u256", "EthereumAddress"]
    values = [b"", b"\0", b"\1", b"\x08\0\1", b"\1" + b"\2" * 80, b"\x0cabc" * 10]
    for i, name in enumerate(names):
        out[f"type-{i:02}"] = raw(name) + b"\0" + values[i % len(values)]
    for i, error in enumerate(("031404", "031401", "0314", "00", "01", "02", "04", "0600", "0701", "08", "ff")):
        out[f"failed-{i:02}"] = bytes.fromhex("04" + "00" + "00000000" + "0001" + error + "00" * 10 + "00")
    transfer = "00" + "00000000" + "0500" + "00" * 64 + "11" * 16 + "00"
    success = "00" + "00000000" + "0000" + "00" * 10 + "00"
    order = "00" + "00000000" + "1400" + "00" * 32 + "0c516d41" + "00"
    for i, events_hex in enumerate(("08" + transfer + success, "0c" + transfer + order + success, "08" + order + success, "04" + order, "04" + "01" + "0002" + "00", "04" + "02" + "0002" + "00", "04" + "03" + "0002" + "00", "04" + success[:-2] + "04" + "ab" * 32,
                                    "04" + success[:-2] + "fc", "00", "", "04" + "00000000001e00" + "00" * 9)):
        out[f"block-{i:02}"] = bytes.fromhex(events_hex)
    return out


@maker
def files():
    source = (ROOT / "tests/unit/chains/test_crust_files.c").read_text()
    bodies = []
    for line in re.findall(r'#define \w+\s*\\?\n?((?:.*\\\n)*.*"[^\n]*)', source):
        def repeat(match):
            return '"' + match.group(3) * int(match.group(1)) + '"'
        line = re.sub(r'X(\d+)(\()"([0-9a-f]+)"\)', repeat, line)
        hexed = re.sub(r"\s", "", "".join(re.findall(r'"([^"]*)"', line)))
        if re.fullmatch(r"([0-9a-f]{2}){30,}", hexed):
            bodies.append(bytes.fromhex(hexed))
    pending = bytes.fromhex("0000100000000000" + "00" * 8 + "00000000be4921000000000000" + "00")
    for body in bodies + [pending]:
        for n in (0, 8, 9, 16, 20, 24, 28, 30, 32, 33, 34, 40, 80):
            if n < len(body):
                bodies.append(body[:n])
        bodies += [body + b"\0", body[:-1] + bytes([body[-1] ^ 1]), body[:32] + b"\xff" + body[33:], body.hex().encode()]
        if len(bodies) > 60:
            break
    return named(bodies, "entry")


@maker
def rpc():
    bodies = [text for text in literals("chains/test_rpc.c", "chains/test_crust_backend.c") if text[:1] in (b"{", b"[") and b"%" not in text]
    result = ['"0x"', '"0x00"', '"0x0"', '"0xzz"', '"x"', '"0x' + "ab" * 32 + '"', '"0x' + "AB" * 32 + '"', '"0x' + "ab" * 33 + '"', "0", "42", "-1", "1.5", "18446744073709551615", '"0x2a"', '"0x' + "f" * 16 + '"', '"0x1' + "0" * 16 + '"', "null", "true", "{}", "[]",
              '"0x' + "00" * 4097 + '"', '""']
    bodies += ['{"jsonrpc":"2.0","id":7,"result":' + text + "}" for text in result]
    error = ['{"code":-32601,"message":"Method not found"}', '{"code":4003,"message":"Client error: UnknownBlock: State already discarded for BlockId::Hash(0x00)"}', '{"code":1010,"message":"Invalid Transaction","data":"Transaction is outdated"}',
             '{"code":1010,"message":"Invalid Transaction","data":"Inability to pay some fees (e.g. account balance too low)"}', '{"code":1012,"message":"Transaction is temporarily banned"}',
             '{"code":1013,"message":"Transaction Already Imported","data":"0x00"}', '{"code":1014,"message":"Priority is too low: (1 vs 1)"}', '{"code":1016,"message":"Immediately Dropped"}', '"text"', "{}", "[]", "null", "7", '{"message":"\\u0001\\n\\u00e4  x"}',
             '{"code":"x","message":7,"data":{"a":[1]}}', '{"message":"' + "m" * 400 + '","data":"' + "d" * 400 + '"}', '{"data":{"deep":{"er":1}}}', '{"code":1010,"data":{"code":1,"message":"Stale"}}']
    bodies += ['{"jsonrpc":"2.0","id":7,"error":' + text + "}" for text in error]
    bodies += ['{"id":null,"error":{"code":-32700,"message":"Parse error"}}', '{"id":8,"result":1}', '{"id":"7","result":1}', '{"id":7}', '{"id":7,"result":1,"error":null}', '{"id":7.0,"result":1}', '{"method":"chain_newHead","params":{}}']
    return named(bodies, "rpc")


@maker
def reply():
    bodies = [text + b"\n" for text in literals("net/test_http.c") if b"://" in text]
    urls = ["", "http://a", "https://a:443/x?y=z", "ws://a/", "wss://[::1]:1/", "ftp://a", "http://", "http:///a", "http://u:p@a", "http://a#f", "HTTP://a", "http://a:0", "http://a:65536", "http://a b", "http://a\tb", "http://[::1", "http://%41", "http://a/%0a", "x" * 2049,
            "http://a?b", "http://\u00e4", "http://a:", "ws://a/\x7f", "http://localhost:1", "http://127.0.0.1:1", "https://a/v2/0123456789abcdef", "wss://a:1/0123456789abcdef/x?key=0123456789abcdef&k=1"]
    answers = ["HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 400 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
               "HTTP/1.1 429 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 500 OK\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 301 OK\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}", "HTTP/1.1 200 OK\r\n\r\n" + "x" * 1000, "HTTP/1.1 200 OK\r\n\r\n" + "x" * 1001,
               "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.0 200 OK\r\n\r\n{}", "HTTP/2 200\r\n\r\n{}", "HTTP/0.9", "",
               "HTTP/1.1 200 OK\r\n" + "X-A: y\r\n" * 3000 + "\r\n{}", "HTTP/1.1 200 OK\r\nX: " + "y" * 20000 + "\r\n\r\n{}", "HTTP/1.1 204 OK\r\n\r\n", "HTTP/1.1 999 OK\r\n\r\n{}", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", "220 smtp\r\n",
               "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 401 OK\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
               b"HTTP/1.1 200 OK\r\nA\0: b\r\n\r\n{}", "HTTP/1.1 200 OK\r\nContent-Type: application/jsonx\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 503 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n"]
    bodies += urls + [b"http://a\n" + raw(answer) for answer in answers]
    return named(bodies, "reply")


def patch(answer, kind, body=b""):
    return bytes([answer, kind, len(raw(body))]) + raw(body)


@maker
def node():
    out = {f"good-{n}": bytes([n | 4]) for n in range(3)}
    for n in range(42):
        out[f"null-{n:02}"] = b"\0" + patch(n, 1, "null")
    spoilt = [(1, "7"), (1, "[]"), (1, "{}"), (1, '"0x"'), (1, '"0xff"'), (1, '"0x' + "ab" * 32 + '"'), (2, '{"code":-32601,"message":"Method not found"}'), (2, '{"code":4003,"message":"State already discarded"}'), (2, '{"message":"x"}'), (2, '{"code":1012,"message":"Transaction is temporarily banned"}'),
              (0, "{"), (0, ""), (3, '{"method":"x"}'), (4, b"\x80\x22"), (5, b"\x80"), (6, b"\0"), (6, b"\1"), (7, b"\xff" * 40)]
    for i, (kind, body) in enumerate(spoilt):
        for n in (0, 4, 5, 6, 12, 14, 15, 18, 26, 27, 30):
            if (i + n) % 3 == 0:
                out[f"kind-{kind}-{i:02}-{n:02}"] = bytes([n % 3]) + patch(n, kind, body)
    for n, body in ((0, "null"), (1, "7"), (2, "null"), (3, "null"), (3, '{"number":"0x1ffffffff"}'), (3, '{"number":-1}')):
        for kind in (1, 2, 6):
            out[f"start-{n}-{kind}-{len(body)}"] = b"\1" + patch(n, kind, '{"message":"x"}' if kind == 2 else body)
    out["both-fail"] = b"\4" + b"".join(patch(n, 6, b"\1") for n in range(60))
    out["later-fail"] = b"\4" + b"".join(patch(n, 6, b"\1") for n in range(20, 40))
    out["files-one-by-one"] = b"\0" + patch(30, 2, '{"code":-32601,"message":"Method not found"}') + patch(14, 2, '{"code":-32601,"message":"Method not found"}')
    out["other-genesis"] = b"\4" + patch(0, 1, '"0x' + "11" * 32 + '"') + patch(41, 1, '"0x' + "22" * 32 + '"')
    out["mainnet"] = b"\1" + patch(0, 1, '"0x8b404e7ed8789d813982b9cb4c8b664c05b3fbf433309f603af014ec9ce56a8c"')
    out["syncing"] = b"\6" + patch(1, 1, '{"isSyncing":true}') + patch(13, 1, '{"isSyncing":true}')
    out["new-spec"] = b"\0" + patch(29, 1, '{"specName":"crust","specVersion":99,"transactionVersion":1}')
    for i, version in enumerate(('{"specName":7}', '{"specName":"x","specVersion":-1,"transactionVersion":1}', '{"specName":"' + "s" * 80 + '","specVersion":1,"transactionVersion":1}', '{"specName":"crust","specVersion":4294967296,"transactionVersion":1}')):
        out[f"version-{i}"] = b"\0" + patch(5, 1, version)
    for i, properties in enumerate(('{"tokenSymbol":["CRU"],"tokenDecimals":[12],"ss58Format":66}', '{"tokenSymbol":"' + "T" * 20 + '","tokenDecimals":99,"ss58Format":-1}', '{"tokenSymbol":"C U","tokenDecimals":-1}')):
        out[f"properties-{i}"] = b"\0" + patch(7, 1, properties)
    for i, header in enumerate(('{"number":"0x1ffffffff"}', '{"number":"0xg"}', '{"number":"0x5","parentHash":"0x00"}', '{"number":"0x5","parentHash":"0x' + "00" * 32 + '"}')):
        out[f"header-{i}"] = b"\0" + patch(9, 1, header)
    for n in (14, 30):
        for i, changes in enumerate(('[{"changes":[]}]', '[{"changes":[["0x00","0x00"]]}]', '[{"changes":[[1,2],null]}]', '[]', '[{"changes":{}}]')):
            out[f"changes-{n}-{i}"] = b"\1" + patch(n, 1, changes)
    # names of the metadata, one letter wrong; the pallets must be as long
    for i, name in enumerate(("FilesV2", "Files", "FileInfoV2<", "MerkleRoot", "place_storage_order", "reported_file_size", "EnableMarket", "MarketSwitch", "FileByteFee", "FileKeysCountFee", "FileBaseFee", "MaximumFileSize", "ExistentialDeposit",
                              "SS58Prefix", "Market", "System", "Account", "Events", "Balances", "Timestamp", "CheckNonce", "CheckEra", "CheckMortality", "BalanceOf<T>", "Compact<BalanceOf<T>>", "UsedInfo", "bool", "Vec<u8>", "FileInfo<", "T::AccountId")):
        for n in range(3) if i < 6 else (i % 3,):
            out[f"name-{i:02}-{n}"] = bytes([n]) + patch(6, 8, name + "=" + name[:-1] + "~")
    # the events of the block of our order (rocky-4): it failed, for several reasons
    for index in (1, 2):
        for i, error in enumerate(("03" + "14" + "04", "03" + "14" + "01", "03" + "14" + "05", "03" + "14" + "00", "03ff00", "00", "01", "02", "08", "0314")):
            events = "04" + "00" + index.to_bytes(4, "little").hex() + "0001" + error + "00" * 10 + "00"
            out[f"failed-{index}-{i}"] = b"\0" + patch(27, 1, '"0x' + events + '"')
        events = "08" + "00" + index.to_bytes(4, "little").hex() + "0502" + "11" * 64 + "22" * 16 + "00" + "00" + index.to_bytes(4, "little").hex() + "0000" + "00" * 10 + "00"
        out[f"succeeded-{index}"] = b"\0" + patch(27, 1, '"0x' + events + '"')
    return out


@maker
def devnet():
    requests = [text for text in literals("chains/test_devnet_rpc.c", "chains/test_devnet.c", "http/test_devnet_rpc.c") if text[:1] in (b"{", b"[") and b"%" not in text]
    calls = ["system_health", "system_chain", "system_name", "system_version", "system_properties", "rpc_methods", "author_pendingExtrinsics", "chain_getFinalizedHead", "chain_getHeader", "chain_getBlock", "state_getRuntimeVersion", "nothing", "dev_newBlock"]
    requests += ['{"jsonrpc":"2.0","id":1,"method":"' + name + '","params":[]}' for name in calls]
    params = [("chain_getBlockHash", "[0]"), ("chain_getBlockHash", "[[0,1,2]]"), ("chain_getBlockHash", '["0x1"]'), ("chain_getBlockHash", "[-1]"), ("chain_getHeader", '["0x00"]'), ("chain_getBlock", '["0x' + "00" * 32 + '"]'),
              ("state_getStorage", '["0x26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac"]'), ("state_getStorage", "[]"), ("state_getStorage", '["0x0"]'), ("state_queryStorageAt", '[["0x00","0x01"]]'), ("state_queryStorageAt", '["0x"]'),
              ("system_accountNextIndex", '["5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"]'), ("system_accountNextIndex", '["x"]'), ("author_submitExtrinsic", '["0x00"]'), ("author_submitExtrinsic", '["0x0484"]'), ("payment_queryInfo", '["0x1234"]'),
              ("state_call", '["TransactionPaymentApi_query_info","0x00"]'), ("state_call", '["Core_version","0x"]'), ("state_call", "[7]"), ("dev_setStorage", '[[["0x00","0x01"]]]'), ("dev_setStorage", "[{}]"), ("dev_newBlock", '[{"count":2}]'), ("dev_newBlock", '[{"count":-1}]'),
               ("dev_fork", '[{"depth":1,"lost":"later"}]'), ("dev_fork", '[{"depth":0,"lost":"dropped"}]'), ("dev_fork", '[{"depth":99,"lost":"moved"}]'), ("dev_fork", "[]"), ("dev_setFault", '["x"]'), ("dev_setFault", "[]"), ("dev_setFault", '[{"name":"x"}]')]
    requests += ['{"jsonrpc":"2.0","id":"x","method":"' + name + '","params":' + text + "}" for name, text in params]
    requests += ["", "[]", "{}", "[1]", '{"jsonrpc":"2.0","method":"system_chain"}', '{"jsonrpc":"1.0","id":1,"method":"x"}', '[{"jsonrpc":"2.0","id":1,"method":"system_chain"},{"jsonrpc":"2.0","method":"x"}]', '{"jsonrpc":"2.0","id":{},"method":"system_chain"}',
                 '{"jsonrpc":"2.0","id":1.5,"method":"system_chain","params":{}}', "[" + ",".join(["1"] * 1001) + "]"]
    out = named([b"{" + raw(text) for text in requests], "request")
    # pallets of rocky-4: System 0, Timestamp 3, Balances 5, Utility 17 (0x11), Market 20 (0x14)
    to, cid_text = "11" * 32, "b8" + b"QmYqChcRn4Vf5yNRTXrRrQYFkEkXTXDXnp4tHVcRkL2gfM".hex()
    remark, transfer = "00010c616263", "0500" + to + "0700e40b5402"
    order = "1400" + cid_text + "0000100000000000" + "04"
    rocky = {"remark": remark, "transfer": transfer, "keep-alive": "0501" + to + "130000f444829163450d", "transfer-all": "0500" + to + "33" + "ff" * 16, "batch": "110008" + remark + transfer,
             "batch-all": "110208" + remark + "0500" + to + "33" + "ff" * 16, "batch-stops": "11000c" + remark + "0500" + to + "33" + "ff" * 16 + remark, "nested": "110004" * 6 + remark, "deep": "110004" * 40 + remark, "empty-batch": "110000",
             "cut": "0500" + "11" * 20, "unknown": "ff00", "unknown-call": "00ff", "not-known-here": "0000", "long-batch": "1100feffffff", "nothing": "", "order": order, "order-memo": order + "00", "order-folder": order + "18666f6c646572",
             "order-too-large": "1400" + cid_text + "ff" * 8 + "0400", "order-short-cid": "140008" + "516d" + "00" * 8 + "0400", "prepaid": "1401" + cid_text + "0b00a0724e1809", "prepaid-nothing": "1401" + cid_text + "00",
             "reward": "1402" + cid_text, "merchant": "1403", "open": "140400", "fee": "14050b00a0724e1809", "heap": "0002" + "08" * 8, "timestamp": "03000b00a0724e1809", "batch-of-orders": "110208" + order + order,
             "batch-bad-order": "11000c" + remark + "1400" + cid_text + "ff" * 8 + "04" + transfer}
    for name, call in rocky.items():
        out[f"call-{name}"] = b"c" + bytes.fromhex(call)
    return out


def main():
    for name in sys.argv[1:] or MAKERS:
        folder = HERE / "corpus" / name
        folder.mkdir(parents=True, exist_ok=True)
        seeds = MAKERS[name]()
        for seed, body in seeds.items():
            (folder / seed).write_bytes(raw(body))
        print(f"{name}: {len(seeds)} made, {len(list(folder.iterdir()))} in all")


if __name__ == "__main__":
    main()
