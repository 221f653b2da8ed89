#!/usr/bin/env python3
# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of the fuzz targets that are made rather than found: official vectors and the forms of each grammar.

Usage: tests/fuzz/seeds.py [TARGET ...]. Run by hand; what it writes is committed. It writes the same bytes each time and
touches no other seed. Vectors of the outside data ($W3PIN_TEST_DATA, else ../shared/data) are taken when it is there."""
import base64
import gzip
import json
import os
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DATA = pathlib.Path(os.environ.get("W3PIN_TEST_DATA", ROOT.parent / "shared" / "data"))
MAKERS = {}


def maker(function):
    MAKERS[function.__name__] = function
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
    out["answer-slow"] = bytes([2 | 8 | 16]) + raw(answers["good"]) + frame(1, reply)
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
