#!/usr/bin/env python3
# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""100,000 random texts: what our parser takes for a CID, and how it spells it, is what npm's multiformats says.

W3PIN_NODE is a Node with oracle/node_modules beside it, W3PIN_TOOLS the folder of cid_verdicts. Half of the texts are noise, half are valid CIDs of many forms, most of them spoilt.
Ours refuses more on purpose. EXPECTED lists what, each with a reason that is read off multiformats' own answer and not
off ours; any other difference fails, and so does a class of which no text was seen. Ends with `result: …`, which counts classes."""
import base64
import os
import pathlib
import random
import subprocess
import sys

SEED, TEXTS = 20260117, 100_000
HERE = pathlib.Path(__file__).resolve().parent
TEXT_MAX, SAFE = 192, 1 << 53

LETTERS = {"f": "0123456789abcdef", "F": "0123456789ABCDEF", "b": "abcdefghijklmnopqrstuvwxyz234567",
           "B": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "k": "0123456789abcdefghijklmnopqrstuvwxyz",
           "K": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "z": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
           "u": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
           "m": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"}
# Of the multicodec table: hash functions and the length of their digest.
LENGTHS = {0x11: 20, 0x12: 32, 0x13: 64, 0x14: 64, 0x15: 48, 0x16: 32, 0x17: 28, 0x1a: 28, 0x1b: 32, 0x1c: 48, 0x1d: 64, 0x1e: 32,
           0x20: 48, 0x56: 32, 0x1012: 32, 0x1013: 28, 0x1014: 28, 0x1015: 32, 0x1053: 20, 0xb401: 32,
           **{0xb200 + n: n for n in range(1, 65)}, **{0xb240 + n: n for n in range(1, 33)}}
CODECS = [0x55, 0x70, 0x71, 0x72, 0x78, 0x0129, 0x0200, 0x0202, 0x85, 0x90, 0xe3, 0xf101, 0xf102, 0xb240, 1, 0, 0x51, 0x300000]
OTHER_BASES = "079tTcCvVpPhYZMU"


# Why ours refuses what multiformats takes: NAME, the beginning of our sentence, and when that is right.
EXPECTED = [
    ("too long", "the CID is longer", lambda text, cid: len(text) > TEXT_MAX),
    ("other multibase", "this is no CID: it begins neither", lambda text, cid: text[0] not in LETTERS),
    ("padding behind the text", "the CID holds characters", lambda text, cid: text.endswith("=")),
    ("number of ten bytes or more", "the CID is cut short, or a number", lambda text, cid: max(cid["codec"], cid["hash"]) >= 1 << 63),
    ("number not minimal", "the CID is cut short, or a number", lambda text, cid: not cid["minimal"]),
    ("Qm text that is no version 0", "a CIDv0 (Qm…)", lambda text, cid: text[:2] == "Qm" and (len(text) != 46 or cid["codec"] != 0x70)),
    ("identity", "the CID carries its data inside", lambda text, cid: cid["hash"] == 0),
    ("digest of another length", "the digest in the CID does not", lambda text, cid: LENGTHS.get(cid["hash"], cid["len"]) != cid["len"]),
    ("digest below 20 bytes", "only digests of 20 to 64", lambda text, cid: cid["len"] < 20),
    ("digest above 64 bytes", "only digests of 20 to 64", lambda text, cid: cid["len"] > 64),
    ("libp2p key", "the CID names a libp2p key", lambda text, cid: cid["codec"] == 0x72),
]
# Both take it, but a JavaScript number has lost digits of its codec or hash function.
ROUNDED = "number above 2^53, rounded by multiformats"


def varint(number, pad=0):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7f | 0x80)
        number >>= 7
    out.append(number)
    for _ in range(pad):
        out[-1] |= 0x80
        out.append(0)
    return bytes(out)


def in_radix(data, alphabet):
    number, digits = int.from_bytes(data, "big"), ""
    while number > 0:
        number, rest = divmod(number, len(alphabet))
        digits = alphabet[rest] + digits
    return alphabet[0] * (len(data) - len(data.lstrip(b"\0"))) + digits


def encode(letter, data):
    if letter in "fF":
        return letter + (data.hex() if letter == "f" else data.hex().upper())
    if letter in "bB":
        text = base64.b32encode(data).decode().rstrip("=")
        return letter + (text.lower() if letter == "b" else text)
    if letter in "um":
        text = base64.b64encode(data, b"-_" if letter == "u" else b"+/").decode().rstrip("=")
        return letter + text
    return letter + in_radix(data, LETTERS[letter])


def number(rng):
    return rng.choice([rng.choice(CODECS), rng.choice(CODECS), rng.randrange(1 << 14), rng.getrandbits(rng.randrange(1, 70))])


def qm_heads():
    """Heads of version 1 CIDs that look like version 0 when they are written without a multibase letter."""
    heads = [bytes([1, codec, 0x49, size]) for codec in range(0x80) for size in range(65)]
    return [head for head in heads if in_radix(head + bytes([0x80]) * head[-1], LETTERS["z"]).startswith("Qm")]


QM_HEADS = qm_heads()


def valid(rng):
    """A CID that multiformats takes, mostly also one that we take."""
    hash_code = rng.choice(list(LENGTHS)) if rng.random() < 0.5 else 0x12 if rng.random() < 0.6 else rng.choice([0, number(rng)])
    size = LENGTHS.get(hash_code, rng.choice([0, 1, 19, 20, 21, 32, 63, 64, 65, 80]))
    if rng.random() < 0.05:
        size = rng.randrange(0, 200)
    digest = rng.randbytes(size) if rng.random() < 0.9 else bytes(size)
    if rng.random() < 0.002:
        head = rng.choice(QM_HEADS)
        return in_radix(head + rng.randbytes(head[-1]), LETTERS["z"])
    if rng.random() < 0.25:
        return in_radix(b"\x12\x20" + rng.randbytes(32), LETTERS["z"])
    codec = 0x70 if rng.random() < 0.3 else number(rng)
    pads = [rng.random() < 0.02 for _ in range(4)]
    data = b"".join(varint(n, rng.randrange(1, 3) if pad else 0) for n, pad in zip((1, codec, hash_code, size), pads)) + digest
    return encode(rng.choice(list(LETTERS)), data)


def spoilt(rng, text):
    chars = list(text)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        at = rng.randrange(len(chars)) if chars else 0
        alphabet = LETTERS.get(text[:1], LETTERS["z"])
        what = rng.randrange(8)
        if what == 0 and chars:
            chars[at] = rng.choice(alphabet)
        elif what == 1 and chars:
            chars[at] = chr(rng.randrange(256))
        elif what == 2 and chars:
            del chars[at]
        elif what == 3:
            chars.insert(at, rng.choice(alphabet))
        elif what == 4:
            chars = chars[:at]
        elif what == 5:
            chars += rng.choices(alphabet + "= \n", k=rng.randrange(1, 4)) if rng.random() < 0.7 else ["="] * rng.randrange(1, 7)
        elif what == 6 and chars:
            chars[at] = chars[at].swapcase()
        elif what == 7 and chars:
            chars[0] = rng.choice(list(LETTERS) + list(OTHER_BASES))
    return "".join(chars)


def noise(rng):
    kind, size = rng.randrange(4), rng.randrange(0, 120)
    if kind == 0:
        return rng.randbytes(size).decode("latin1")
    letter = rng.choice(list(LETTERS) + ["Qm", "Q"] + ([rng.choice(OTHER_BASES)] if kind == 1 else []))
    text = letter + "".join(rng.choices(LETTERS.get(letter, LETTERS["z"]), k=45 if letter == "Q" else 44 if letter == "Qm" else size))
    if kind == 2 and letter in LETTERS:  # the right head in front of random digits
        head = encode(letter, b"\x01" + varint(number(rng)) + varint(rng.choice(list(LENGTHS))) + bytes([rng.randrange(70)]))
        return head + text[1:]
    return text


def texts():
    rng = random.Random(SEED)
    for _ in range(TEXTS // 2):
        yield noise(rng)
    for _ in range(TEXTS // 2):
        text = valid(rng)
        yield spoilt(rng, text) if rng.random() < 0.6 else text


def ask(command, cwd, lines):
    done = subprocess.run(command, cwd=cwd, input=lines, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ends with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout.splitlines()


def oracle_cid(line):
    if line == "no":
        return None
    codec, hash_code, size, minimal, v1, v0 = line.split()[1:]
    return {"codec": int(codec), "hash": int(hash_code), "len": int(size), "minimal": minimal == "1", "v1": v1, "v0": v0}


def judge(text, ours, cid):
    """The name of what is the case, or a sentence that begins with `!`."""
    word, rest = ours.split(" ", 1)
    if cid is None:
        return "both refuse" if word == "no" else "!only ours takes it"
    if word == "no":
        return next((name for name, sentence, holds in EXPECTED if rest.startswith(sentence) and holds(text, cid)),
                    f"!only multiformats takes it; ours: {rest}")
    if max(cid["codec"], cid["hash"]) >= SAFE:
        return ROUNDED
    order, alternate = rest.split()
    want = (cid["v0"], cid["v1"]) if cid["v0"] != "-" else (cid["v1"], "-")
    return "both take it, one spelling" if (order, alternate) == want else f"!spelt {order} {alternate}, not {want}"


def main():
    node, verdicts = os.environ.get("W3PIN_NODE", "node"), os.path.join(os.environ["W3PIN_TOOLS"], "cid_verdicts")
    tried = list(texts())
    lines = "".join(text.encode("latin1").hex() + "\n" for text in tried)
    ours = ask([verdicts], HERE, lines)
    theirs = ask([node, "cid-oracle.js"], HERE / "oracle", lines)
    if not len(ours) == len(theirs) == len(tried):
        sys.exit(f"{len(tried)} texts, but {len(ours)} and {len(theirs)} answers")
    counts, failed = {}, 0
    for text, our, their in zip(tried, ours, theirs):
        name = judge(text, our, oracle_cid(their))
        if name.startswith("!"):
            failed += 1
            if failed <= 20:
                print(f"FAILED {text!r}: {name[1:]}")
        else:
            counts[name] = counts.get(name, 0) + 1
    print(f"{len(tried)} texts, seed {SEED}:")
    for name in ["both refuse", "both take it, one spelling", ROUNDED] + [name for name, _, _ in EXPECTED]:
        print(f"  {counts.get(name, 0):6}  {name}" + ("" if name.startswith("both") or name == ROUNDED else ": ours refuses it on purpose"))
        if counts.get(name, 0) == 0:
            print(f"FAILED: no text of the class \"{name}\" was seen")
            failed += 1
    print(f"result: {len(counts)} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
