# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""The page about tokens, auth/TOKENS.md: its shell lines, its JavaScript and its text do what they say."""
import base64
import datetime
import json
import pathlib
import re
import shutil
import socket
import subprocess
import unittest

from lib import BIN, ROOT, TOOLS, Case, Gateway, clean_env, cid_v1, main, request, run
from signin import Wallet

PAGE = (ROOT / "auth/TOKENS.md").read_text(encoding="utf-8")
DEAD = "http://127.0.0.1:9"
SEED = "01" * 32
WALLETS = """
import { execFileSync } from 'node:child_process'
const run = (chain, text) => execFileSync(process.env.WALLET, text === undefined ? [chain, '//Alice'] : [chain, '//Alice', 'sign'], { input: text ?? '' }).toString().split('\\n')
const bytes = (hex) => Buffer.from(hex.slice(2), 'hex')
const shown = []
globalThis.window = {
  ethereum: { request: async ({ method, params }) => {
    if (method === 'eth_requestAccounts') return [run('eth')[0].toLowerCase()]
    shown.push(bytes(params[0]).toString())
    return run('eth', bytes(params[0]).toString())[1]
  } },
  phantom: { solana: {
    connect: async () => ({ publicKey: { toString: () => run('sol')[0] } }),
    signIn: async (i) => {
      const text = `${i.domain} wants you to sign in with your Solana account:\\n${i.address}\\n\\n${i.statement}\\n\\nURI: ${i.uri}\\nVersion: ${i.version}\\n` +
        `Chain ID: ${i.chainId}\\nNonce: ${i.nonce}\\nIssued At: ${i.issuedAt}\\nExpiration Time: ${i.expirationTime}\\n` +
        `Request ID: ${i.requestId}\\nResources:${i.resources.map((r) => '\\n- ' + r).join('')}`
      shown.push(text)
      return { signedMessage: Buffer.from(text), signature: bytes('0x' + run('sol', text)[1].replace(/^0x/, '')) }
    } } },
  injectedWeb3: { 'polkadot-js': { enable: async () => ({
    accounts: { get: async () => [{ address: run('sub')[0] }] },
    signer: { signRaw: async ({ data, type }) => {
      if (type !== 'bytes') throw new Error(type)
      shown.push(bytes(data).toString())
      return { signature: run('sub', bytes(data).toString())[1] } // in <Bytes>, as such wallets do
    } } }) } },
}
const plain = globalThis.fetch
globalThis.fetch = (url, options) => plain(url, { ...options, headers: { ...options.headers, Origin: 'https://dapp.example' } })
"""
CALLS = """
const made = []
for (const sign of [withMetaMask, withPhantom, withPolkadotJs]) made.push(await sign(process.env.GATEWAY, { scopes: ['pin.read'], ttl: 3600, label: 'page' }))
console.log(JSON.stringify({ made, shown }))
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def blocks(title):
    """The indented blocks of a section, each a list of lines."""
    section = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return [[line[4:] for line in block.splitlines()] for block in section.split("\n\n") if block.startswith("    ")]


class Page(Case):
    def setUp(self):
        super().setUp()
        port = free_port()
        self.gateway = self.own(Gateway(self.dir, DEAD, "--auth.domains=dapp.example", port=port))
        self.url = f"http://127.0.0.1:{port}"
        folder = pathlib.Path(self.dir)
        (folder / "w3pin").symlink_to(pathlib.Path(BIN).resolve())
        (folder / "ipfs").write_text('#!/bin/sh\nprintf "%s\\n" "$@" > ipfs.args\n', encoding="ascii")
        (folder / "ipfs").chmod(0o700)
        (folder / "wallet.key").write_text(SEED, encoding="ascii")
        (folder / "wallet.key").chmod(0o600)

    def shell(self, lines, fail=0, **more):
        """Runs lines of the page as one script: its stdout."""
        text = "\n".join(lines if isinstance(lines, list) else [lines])
        text = re.sub(r"(?m)^curl ", "curl -sS --fail-with-body --max-time 10 ", text)
        env = clean_env(GATEWAY=self.url, W3PIN_STORE_PATH=self.gateway.db, **more)
        env["PATH"] = f"{self.dir}:{env['PATH']}"
        done = subprocess.run(["bash", "-eu", "-c", text], env=env, cwd=self.dir, capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, fail, (text, done.stdout, done.stderr))
        return done.stdout

    def call(self, token, method="GET", path="/psa/pins", body=None):
        return request(self.gateway.port, method, path, body, {"Authorization": "Bearer " + token, "Content-Type": "application/json"})

    def whoami(self, token):
        answer = self.call(token, path="/auth/whoami")
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def test_lines_with_a_key_file(self):
        kubo, script, inspect = blocks("With a key file")
        token = self.shell([*kubo, 'printf %s "$TOKEN"'])
        args = (pathlib.Path(self.dir) / "ipfs.args").read_text(encoding="utf-8").split()
        self.assertEqual(args, ["pin", "remote", "service", "add", "w3pin", self.url + "/psa", token])
        said = self.whoami(token)
        self.assertEqual((said["kind"], said["label"], self.call(token).status), ("self-issued", "kubo", 200))
        self.assertGreater(len(token), 800)
        for line in inspect:
            self.assertRegex(self.shell(line, TOKEN=token), "valid:     yes")

        whole, narrow = self.shell([script[0], 'printf "%s\\n" "$TOKEN"', script[1]]).split()
        self.assertEqual((self.whoami(whole)["scopes"], self.whoami(whole)["label"]), (["pin.read", "pin.write"], "nightly"))
        self.assertEqual(self.whoami(narrow)["restrictions"], {"cids": 1, "max_bytes": 1048576})
        cid = re.search(r"--cid (\S+)", script[1]).group(1)
        for body, status in (({"cid": cid, "meta": {"size": "1048576"}}, 202), ({"cid": cid, "meta": {"size": "1048577"}}, 403),
                             ({"cid": cid_v1("another"), "meta": {"size": "1"}}, 403)):
            self.assertEqual(self.call(narrow, "POST", body=body).status, status, body)
        self.assertRegex(self.shell(inspect[0], fail=1, TOKEN=whole), "valid:     unknown: only the gateway")
        self.assertRegex(self.shell(inspect[1], TOKEN=whole), "valid:     yes, by the gateway's word")

    def test_curl_lines_sign_in_and_end_tokens(self):
        (ask, answer), text = blocks("With curl")[0], blocks("With curl")[1]
        self.assertRegex(text[0], "wants you to sign in")
        wallet = Wallet("eth")

        def sign_in():
            given = json.loads(self.shell(ask, ADDRESS=wallet.address))
            message = given["message"]
            return json.loads(self.shell(answer, ADDRESS=wallet.address, MESSAGE=json.dumps(message), SIGNATURE=wallet.sign(message)))["token"]

        admin, other = sign_in(), sign_in()
        old = run("token", "new", "--chain=eth", "--uri=//Alice")[1].strip()
        listing, one, legacy, everything = blocks("To end one")[0]
        ids = {t["id"] for t in json.loads(self.shell(listing, ADMIN=admin))["tokens"]}
        self.assertEqual(ids, {self.whoami(admin)["id"], self.whoami(other)["id"]})
        self.shell(one, ADMIN=admin, ID=self.whoami(other)["id"])
        self.assertEqual([self.call(t).status for t in (admin, other, old)], [200, 401, 200])
        self.shell(legacy, ADMIN=admin)
        self.assertEqual([self.call(t).status for t in (admin, old)], [200, 401])
        self.shell(legacy.replace("true", "false"), ADMIN=admin)
        self.shell(everything, ADMIN=admin)
        self.assertEqual([self.call(t).status for t in (admin, old)], [401, 200])

    def test_the_line_for_somebody_else(self):
        minter = run("token", "new", "--chain=eth", "--uri=//Alice", "--login", self.url, "--scopes=pin.read,pin.write,token.mint")[1].strip()
        made = json.loads(self.shell(blocks("For somebody else")[0], MINTER=minter))
        said = self.whoami(made["token"])
        self.assertEqual((said["scopes"], said["label"], said["account"]), (["pin.read"], "for-bob", self.whoami(minter)["account"]))
        self.assertNotEqual(said["id"], self.whoami(minter)["id"])
        self.call(minter, "DELETE", "/auth/tokens/" + self.whoami(minter)["id"])
        self.assertEqual([self.call(t).status for t in (minter, made["token"])], [401, 200])

    def test_the_text_makes_a_token(self):
        wallet = Wallet("eth")
        section = PAGE.split("TEXT is the text in base64")[1].split("\n## ")[0]
        text = "\n".join(line[4:] for line in section.split("\n\n", 1)[1].rstrip().splitlines())
        text = text.replace("0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1", wallet.address)
        plain = f"eth-{wallet.address}-m1.{base64.b64encode(text.encode()).decode().rstrip('=')}:{wallet.sign(text)}"
        token = base64.b64encode(plain.encode()).decode()
        args = ("token", "inspect", "--json", "--now=2026-12-01T00:00:00Z", "--audience=pin.example.org", "--domains=dapp.example")
        code, out, _ = run(*args, stdin=token)
        said = json.loads(out)
        self.assertEqual((code, said["kind"], said["scopes"]), (0, "self-issued", ["pin.read", "pin.write"]), said)

    @unittest.skipUnless(shutil.which("node"), "no node")
    def test_javascript(self):
        code = re.search(r"```js\n(.*?)```", PAGE, re.S).group(1)
        script = pathlib.Path(self.dir) / "page.mjs"
        script.write_text(WALLETS + code + CALLS, encoding="utf-8")
        done = subprocess.run(["node", script], env=clean_env(GATEWAY=self.url, WALLET=str(TOOLS / "wallet")), capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr + self.gateway.log_text())
        said = json.loads(done.stdout)
        accounts = [self.whoami(made["token"])["account"] for made in said["made"]]
        self.assertEqual([a.split(":")[0] for a in accounts], ["evm", "sol", "sub"])
        for made, text in zip(said["made"], said["shown"]):
            self.assertEqual((made["scopes"], self.whoami(made["token"])["label"]), (["pin.read"], "page"))
            self.assertIn("dapp.example wants you to sign in", text)
            self.assertIn("for 1 hour: list pins.", text)

    def test_lines_for_operators(self):
        token = self.shell([blocks("With a key file")[1][0], 'printf %s "$TOKEN"'])
        rotate, keys, revoke, legacy = blocks("For operators")[0]
        old = run("token", "new", "--chain=eth", f"--key={self.dir}/wallet.key")[1].strip()
        self.assertRegex(self.shell(rotate), "^key 2 makes new tokens")
        self.assertEqual(self.shell(keys).count("\n"), 2)
        self.assertEqual([self.call(t).status for t in (token, old)], [200, 200])
        self.shell(revoke)  # the page's account is that of the page's key
        self.assertEqual([self.call(t).status for t in (token, old)], [401, 200])
        self.shell(legacy)
        self.assertEqual(self.call(old).status, 401)
        settings = set(re.findall(r"`(auth\.[a-z_]+)", PAGE))
        known = set(re.findall(r"`(auth\.[a-z_]+)`", run("config", "--markdown")[1]))
        self.assertEqual((settings - known, len(settings) > 4), (set(), True))

    def test_what_is_refused(self):
        section = PAGE.split("\n## Which wallets\n")[1].split("\n## ")[0]
        names = [name for line in section.splitlines() if line.startswith("- ") for name in re.findall(r"`([a-z]+)`", line.split(":")[0])]
        self.assertEqual(names, ["flow", "flo", "xx", "huochain", "ton"])
        for name in names:
            token = base64.b64encode(f"{name}-0x01-aa:bb".encode()).decode()
            self.assertEqual(run("token", "inspect", token)[0], 1)
            if name != "ton":
                self.assertEqual(run("token", "new", f"--chain={name}", "--uri=//Alice")[0], 2)

    def test_lengths_and_ends_are_as_the_table_says(self):
        def new(*args):
            return run("token", "new", "--chain=eth", "--uri=//Alice", *args)[1].strip()
        lengths = [len(new()), len(new("--for", "https://pin.example.org")), len(new("--login", self.url))]
        said = [int(n.replace(",", "")) for n in re.search(r"\| length \| about (\S+) \| about (\S+) \| about (\S+) \|", PAGE).groups()]
        for real, told in zip(lengths, said):
            self.assertLess(abs(real - told), told // 10 + 1, (lengths, said))
        ends = datetime.datetime.fromisoformat(self.whoami(new("--login", self.url))["expires_at"].replace("Z", "+00:00"))
        hours = (ends - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / 3600
        self.assertLess(abs(hours - 12), 0.1)


if __name__ == "__main__":
    main()
