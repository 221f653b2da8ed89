#!/usr/bin/env python3
# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Line coverage of every parser of foreign bytes by the seeds of its fuzz target; below LEAST percent is a failure.

W3PIN_COVERAGE_BUILD is a build of the fuzz programs with `gcc --coverage`. Replays each corpus, then asks gcov. Ends with
`result: …`."""
import collections
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEAST = 90

# The one place that says which target tries which parser. A target that is missing here is a failure.
PARSERS = {
    "auth_json": ["src/http/auth_json.c"],
    "base58": ["src/base/radix.c", "src/base/encoding.c"],
    "bech32": ["src/crypto/bech32.c"],
    "cb58": ["src/crypto/cb58.c"],
    "cid": ["src/base/cid.c", "src/base/reader.c"],
    "devnet": ["chains/devnet/rpc.c", "chains/devnet/rpc_chain.c", "chains/devnet/rpc_state.c", "chains/devnet/call.c"],
    "events": ["chains/substrate/events.c", "chains/substrate/dispatch.c"],
    "extrinsic": ["chains/substrate/extrinsic.c"],
    "files": ["chains/crust/crust_files.c"],
    "ini": ["src/base/conf_file.c", "src/base/conf.c"],
    "json": ["src/base/json.c"],
    "macaroon": ["auth/macaroon.c", "auth/caveat.c", "auth/scope.c"],
    "metadata": ["chains/substrate/metadata.c", "chains/substrate/metadata_read.c", "chains/substrate/metadata_v12.c", "chains/substrate/metadata_v14.c",
                 "chains/substrate/type_registry.c", "chains/substrate/type_text.c", "chains/substrate/types.c"],
    "keys": ["src/cli/keytext.c", "src/crypto/suri.c", "src/crypto/bip39.c", "src/crypto/keystore.c"],
    "multiaddr": ["src/base/multiaddr.c"],
    "node": ["chains/crust/crust_state.c", "chains/crust/crust_terms.c", "chains/crust/crust_runtime.c", "chains/crust/crust_outcome.c",
             "chains/crust/crust_order.c", "chains/crust/crust_endpoints.c"],
    "peer": ["src/http/peer.c"],
    "psa_json": ["src/http/psa_json.c"],
    "query": ["src/http/query.c", "src/http/psa_query.c"],
    "reply": ["src/net/net.c", "src/net/net_http.c"],
    "rpc": ["chains/substrate/rpc.c"],
    "scale": ["chains/substrate/scale.c", "chains/substrate/era.c"],
    "siwx": ["auth/siwx.c", "auth/hosts.c"],
    "ss58": ["src/crypto/ss58.c"],
    "text": ["src/base/clock.c", "src/base/bytes.c"],
    "token": ["auth/header.c", "auth/token.c", "auth/identity.c", "auth/schemes.c", "auth/scheme_substrate.c", "auth/scheme_ethereum.c",
              "auth/scheme_ed25519.c", "auth/scheme_avalanche.c", "auth/scheme_multiversx.c", "auth/scheme_aptos.c", "auth/scheme_algorand.c",
              "auth/scheme_ton.c"],
    "ws": ["src/net/net_ws.c", "src/net/net_ws_handshake.c"],
}

# Functions that read nothing foreign, but stand in a parser's file. Each with its reason.
COSTLY = "runs scrypt, a second an input; test_keystore.c covers it"
WRITES = "writes a keystore and reads nothing; test_keystore.c covers it"
BESIDE = {
    "src/crypto/bip39.c": {"w3p_bip39_generate": "makes a phrase"},
    "src/crypto/keystore.c": {"stretch": COSTLY, "w3p_keystore_open": COSTLY, "encode": WRITES, "put_le32": WRITES, "write_json": WRITES, "write_address": WRITES,
                              "w3p_keystore_make": WRITES},
}


def replay(build, target):
    done = subprocess.run([build / "tests" / f"fuzz_{target}", ROOT / "tests/fuzz/corpus" / target], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"FAILED fuzz_{target} ends with {done.returncode}: {done.stderr[-1500:]}")
    return done.returncode == 0


def counts_of(build, source):
    """{line: (function, times)} of a source file, over all objects that were made of it."""
    lines = collections.defaultdict(lambda: ("", 0))
    for notes in build.glob(f"**/{source}.gcno"):
        answer = subprocess.run(["gcov", "--json-format", "--stdout", notes.with_suffix(".gcda")], cwd=build, capture_output=True, check=False)
        if answer.returncode != 0:
            continue
        for file in json.loads(answer.stdout)["files"]:
            if not file["file"].endswith("/" + source):
                continue
            for line in file["lines"]:
                lines[line["line_number"]] = (line.get("function_name", ""), lines[line["line_number"]][1] + line["count"])
    return lines


def judge(build, target, source):
    """Prints one row. True: enough of the parser is reached."""
    lines = counts_of(build, source)
    beside = BESIDE.get(source, {})
    unknown = [name for name in beside if name not in {function for function, _ in lines.values()}]
    counted = {number: times for number, (function, times) in lines.items() if function not in beside}
    missed = sorted(number for number, times in counted.items() if times == 0)
    percent = 100 * (len(counted) - len(missed)) / len(counted) if counted else 0
    good = percent >= LEAST and not unknown
    print(f"{target:12} {source:40} {len(counted):5} lines {percent:6.1f} %" + (f"   not reached: {missed}" if percent < 97 else ""))
    if not good:
        print(f"FAILED {source}: " + (f"no function {unknown}" if unknown else f"below {LEAST} %"))
    return good


def main():
    build = pathlib.Path(os.environ["W3PIN_COVERAGE_BUILD"]).resolve()
    targets = sorted(path.stem.removeprefix("fuzz_") for path in (ROOT / "tests/fuzz").glob("fuzz_*.c"))
    for data in build.glob("**/*.gcda"):
        data.unlink()
    verdicts = [replay(build, target) for target in targets]
    for target in sorted(set(targets) ^ set(PARSERS)):
        print(f"FAILED fuzz_{target}: " + ("its parser is not in the map of coverage.py" if target in targets else "no such target"))
        verdicts.append(False)
    for target in targets:
        verdicts += [judge(build, target, source) for source in PARSERS.get(target, [])]
    print(f"result: {sum(verdicts)} passed, {len(verdicts) - sum(verdicts)} failed, 0 skipped")
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
