#!/usr/bin/env python3
# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""schemathesis, which makes requests of all kinds from /openapi.json and judges every answer by it, against the real binary on
a devnet: no 5xx, no breach of a schema, nothing refused that the document permits and nothing taken that it forbids.

    fuzz.py [--seed N] [--examples N] [--seconds N]     or these words in $W3PIN_TEST_OPENAPI
Run by the Python that `install` prints. Bounded by the number of examples (and by --seconds); the seed is in the output."""
import argparse
import collections
import os
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from lib import Client, Devnet, Gateway, clean_env, request
from signin import AUDIENCE, Wallet, token

NO_LIMITS = [f"--limits.{kind}_per_s=0" for kind in ("poll", "list", "write", "public", "failed", "verify")]
# What a W3Auth token may not do, and what does not end the token that asks.
WITH_A_MINTED_TOKEN = "^/auth/(token|tokens|tokens/.*|whoami|legacy)$"


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--seed", type=int, default=20261121, help="0: another one each time")
    parse.add_argument("--examples", type=int, default=60, help="most examples for an operation in each phase")
    parse.add_argument("--seconds", type=int, default=0, help="go on until this time has passed")
    args = parse.parse_args(sys.argv[1:] or os.environ.get("W3PIN_TEST_OPENAPI", "").split())
    seed = args.seed or random.SystemRandom().randrange(1, 2**31)
    with tempfile.TemporaryDirectory(prefix="w3pin-e2e-") as folder:
        net = gateway = None
        try:
            net = Devnet()
            gateway = Gateway(folder, net.url, "--accounts.pins_per_day=0", "--budget.planck_per_day=0", AUDIENCE, *NO_LIMITS)
            done = [fuzz(folder, gateway, seed, args, Client(gateway.port).token),
                    fuzz(folder, gateway, seed, args, token(gateway.port, Wallet()), "--include-path-regex", WITH_A_MINTED_TOKEN)]
            lines = gateway.log_lines("http.access")
        finally:
            for process in (gateway, net):
                if process:
                    process.close()  # a sanitizer's report ends it here
    statuses = collections.Counter(line["status"] for line in lines)
    good = not any(d.returncode for d in done) and len(lines) > 300 and all(status < 500 for status in statuses)
    if not good:
        print("\n".join(d.stdout[-12000:] for d in done if d.returncode))
    print(f"fuzz: seed {seed}, {len(lines)} requests: " + ", ".join(f"{n} times {s}" for s, n in sorted(statuses.items())))
    print(f"result: {int(good)} passed, {int(not good)} failed, 0 skipped")
    return 0 if good else 1


def fuzz(folder, gateway, seed, args, bearer, *more):
    schema = pathlib.Path(folder) / "openapi.json"
    schema.write_bytes(request(gateway.port, "GET", "/openapi.json").body)
    command = [str(pathlib.Path(sys.executable).with_name("st")), "--config-file", str(HERE / "schemathesis.toml"), "run", str(schema), "--url", f"http://127.0.0.1:{gateway.port}",
               "--header", "Authorization: Bearer " + bearer, "--checks", "all", "--seed", str(seed),
               "--max-examples", str(args.examples), "--generation-allow-x00", "false", "--generation-database", "none",
               "--continue-on-failure", "--no-color", *more]
    if args.seconds:
        command += ["--max-time", str(args.seconds)]
    env = clean_env(SCHEMATHESIS_HOOKS="hooks", PYTHONPATH=str(HERE), PYTHONDONTWRITEBYTECODE="1")
    return subprocess.run(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=900 + args.seconds, check=False)


if __name__ == "__main__":
    sys.exit(main())
