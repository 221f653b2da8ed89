# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Wallets that sign in at a gateway, for the end-to-end tests."""
import subprocess

from lib import TOOLS, request

HOST = "gw.example"
AUDIENCE = f"--auth.audience={HOST}"
EVERYTHING = ["pin.read", "pin.write", "pin.replace", "pin.delete", "token.mint", "account.admin"]


class Wallet:
    """A development key and its address. sign() gives what the chain's wallets would."""

    def __init__(self, chain="eth", uri="//Alice"):
        self.chain, self.uri = chain, uri
        self.address = self._run()[0]

    def _run(self, *args, text=""):
        done = subprocess.run([TOOLS / "wallet", self.chain, self.uri, *args], input=text, capture_output=True, text=True, timeout=30,
                              check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def sign(self, text):
        return self._run("sign", text=text)[1]

    def nep413(self, payload):
        return self._run("nep413", payload["recipient"], payload["nonce"], text=payload["message"])[1]


def post(port, path, body, page=None, token=None, **more):
    headers = {"Content-Type": "application/json", **more}
    headers |= {"Origin": page} if page else {}
    headers |= {"Authorization": "Bearer " + token} if token else {}
    return request(port, "POST", path, body, headers)


def challenge(port, wallet, page=None, **more):
    return post(port, "/auth/challenge", {"chain": wallet.chain, "address": wallet.address, **more}, page)


def answer_of(wallet, given):
    """The body of a login for a challenge, as the page of that chain would send it."""
    body = {"chain": wallet.chain, "address": wallet.address, "message": given["message"]}
    body["signature"] = wallet.nep413(given["nep413"]) if "nep413" in given else wallet.sign(given["message"])
    return body


def login(port, wallet, page=None, **more):
    given = challenge(port, wallet, page, **more)
    assert given.status == 200, given
    return post(port, "/auth/login", answer_of(wallet, given.json), page)


def token(port, wallet, *scopes, **more):
    """Signs in for these scopes; the token's text."""
    answer = login(port, wallet, scopes=list(scopes or EVERYTHING), **more)
    assert answer.status == 200, answer
    return answer.json["token"]
