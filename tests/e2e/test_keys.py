# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Keys of every kind: what is wrong with one is said in one line without a word of it; each scheme signs orders and tokens."""
import json
import pathlib
import stat
import subprocess

from lib import BIN, Case, Client, Devnet, Gateway, cid_v1, clean_env, main, request, rpc, run

DEAD = "http://127.0.0.1:9"  # the discard port: nobody answers
WINNER = "legal winner thank year wave sausage worth useful legal winner thank yellow"  # a public test phrase
SEED = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a"  # //Alice, sr25519
PASSWORD = "123456"
# The example that Crust publishes for this file; its password is the one above.
KEYSTORE = {
    "encoded": "lND+h2U6gtarfJ6BqLWUEB7tYXzukss7bjgyUxA9l7sAgAAAAQAAAAgAAACYBqroWSU0nlzq1w1/bPIGTecPbEES3NWay0SpkqQeKXEiqGvmsIf5"
               "UCJSoTyVu72A+JZqnpwch72XHhEiJp4r0nZf+dxtrBAzY7LFeGATnLRmc7yGz8DE2Jttdq4m05j1APxKw1muRVaD4nMcOU16nSkc5UzMAYwu7rxO"
               "GqJ2AjfiMxJ2npbaInrXzIlgM3qVfjR//m5kindxm9G+",
    "encoding": {"content": ["pkcs8", "sr25519"], "type": ["scrypt", "xsalsa20-poly1305"], "version": "3"},
    "address": "cTHqXgHChchei9XmEaFnm6FCsGods1XA43kbMkyF5UmLTGT9D", "meta": {"name": "crust-spower"}}
CRUST_ALICE = "cTM8suyN19VZb7JEPRNvtezyfpEAJyYxHkk1n5J4XEr6XroRa"


class WithFiles(Case):
    def file(self, name, text, mode=0o600):
        path = pathlib.Path(self.dir) / name
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def keystore(self, **changes):
        return self.file("store.json", json.dumps({**KEYSTORE, **changes}))

    def encoding(self, **changes):
        return self.keystore(encoding={**KEYSTORE["encoding"], **changes})


class BadInput(WithFiles):
    """The gateway does not start, and says in exactly this line why."""

    def serve(self, *args):
        return run("serve", f"--store.path={self.dir}/w3pin.db", "--http.listen=127.0.0.1:0", f"--crust.endpoints={DEAD}",
                   "--log.level=error", *args)

    def refused(self, line, key, *args):
        code, out, err = self.serve(f"--crust.key_file={key}", *args)
        self.assertEqual((code, out, err), (1, "", f"w3pin serve: key file {key}: {line}\n"))
        for secret in (SEED[:8], PASSWORD, "winner", "yellow", KEYSTORE["encoded"][:8]):
            self.assertNotIn(secret, err)
        self.assertFalse((pathlib.Path(self.dir) / "w3pin.db").exists())

    def password(self, text=PASSWORD, mode=0o600):
        return "--crust.key_password_file=" + self.file("password", text, mode)

    def test_wrong_password(self):
        self.refused("wrong password for this keystore, or the file is damaged; give the password that it was exported with",
                     self.keystore(), self.password(PASSWORD + "7"))

    def test_no_password(self):
        self.refused("an encrypted keystore; put its password into a file of mode 0600 and name that (--password-file, or "
                     "crust.key_password_file of the gateway)", self.keystore())

    def test_password_for_what_has_none(self):
        self.refused("a seed, which has no password; leave the password file out", self.file("k", SEED), self.password())
        self.refused("a phrase, which has no password; leave the password file out", self.file("k", WINNER), self.password())

    def test_wrong_kind(self):
        self.refused("a keystore with a key of kind sr25519, and ed25519 is wanted; use another file or ask for sr25519",
                     self.keystore(), self.password(), "--crust.key_scheme=ed25519")
        self.refused("a keystore of an Ethereum account, which is no account of Substrate; use another key",
                     self.encoding(content=["pkcs8", "ethereum"]), self.password())
        self.refused("a development key, which everybody has; it belongs into --uri or crust.key_uri", self.file("k", "//Alice\n"))
        self.refused("only sr25519 keys have /soft parts; use //hard ones", self.file("k", WINNER + "/soft"),
                     "--crust.key_scheme=ecdsa")

    def test_what_does_not_protect_the_key(self):
        self.refused("a keystore of another version than 3; import it into polkadot.js and export it again",
                     self.encoding(version="2", type="xsalsa20-poly1305"), self.password())
        self.refused("a keystore without encryption; export it from polkadot.js with a password", self.encoding(type=["none"]))

    def test_truncated(self):
        text = json.dumps(KEYSTORE)
        self.refused("begins like a JSON keystore and is no JSON; is the file whole?", self.file("k", text[:-1]), self.password())
        self.refused("the keystore is cut short or damaged; take another copy of the file",
                     self.keystore(encoded=KEYSTORE["encoded"][:-4]), self.password())
        self.refused("neither a seed of 64 hex digits nor a phrase nor a JSON keystore of polkadot.js; is it cut short?",
                     self.file("k", SEED[:-1]))
        self.refused("the phrase has 11 words, not 12, 15, 18, 21 or 24", self.file("k", WINNER.rsplit(" ", 1)[0]))
        self.refused("empty", self.file("k", "\n"))

    def test_a_word_that_is_wrong(self):
        self.refused("word 12 of the phrase is not in BIP39's English list (all lower case)", self.file("k", WINNER + "s"))
        self.refused("the phrase's checksum is wrong: a word is mistaken or out of place",
                     self.file("k", "winner legal" + WINNER[12:]))

    def test_readable_by_others(self):
        for mode in (0o640, 0o604, 0o620):
            key = self.file("k", SEED, mode)
            self.refused(f"group or others may use it (mode {mode:03o}); chmod 600 {key}", key)
        key, password = self.keystore(), self.password(mode=0o644)
        path = password.split("=", 1)[1]
        code, _, err = self.serve(f"--crust.key_file={key}", password)
        self.assertEqual((code, err), (1, f"w3pin serve: password file {path}: group or others may use it (mode 644); chmod 600 {path}\n"))

    def test_password_itself_in_place_of_its_file(self):
        code, _, err = self.serve(f"--crust.key_file={self.keystore()}", "--crust.key_password_file=" + PASSWORD)
        self.assertEqual(code, 1)
        self.assertEqual(err, "w3pin serve: password file: No such file or directory; give the path of a file with the password, "
                              "never itself\n")

    def test_public_key_that_does_not_match_its_address(self):
        self.refused("the keystore's key is 5DZbgt4wZCci4KnqJjUHFTjdXggSGPVaffH6t4nw3CWFKnGk, which is not the address written in "
                     "it; take another copy of the file", self.keystore(address=CRUST_ALICE), self.password())

    def test_secret_on_the_command_line(self):
        for uri in ("0x" + SEED, "0x" + SEED + "//0", WINNER):
            code, _, err = self.serve(f"--crust.key_uri={uri}")
            self.assertEqual((code, err), (1, "w3pin serve: a development key begins with // (//Alice); put a real key into a file "
                                              "of mode 0600\n"))
            code, _, err = run("key", "import", uri, "--out", f"{self.dir}/k")
            self.assertEqual((code, err), (2, "w3pin key: a word too many on the command line; secrets come from a file or from stdin\n"))


class EachScheme(WithFiles):
    def account(self, *args):
        code, out, err = run("key", "inspect", "--json", *args)
        self.assertEqual(code, 0, err)
        return json.loads(out)

    def test_orders_are_signed_with_each_scheme_and_each_kind_of_file(self):
        password = self.file("password", PASSWORD + "\n")
        kinds = [  # how it is written down, what inspect and serve are told
            (self.file("ed", WINNER + "//pinner///a password\n"), "ed25519", ["--scheme=ed25519"], ["--crust.key_scheme=ed25519"]),
            (self.file("ec", "0x" + SEED), "ecdsa", ["--scheme=ecdsa"], ["--crust.key_scheme=ecdsa"]),
            (self.keystore(), "sr25519", [f"--password-file={password}"], [f"--crust.key_password_file={password}"]),
        ]
        accounts = [self.account(path, *flags) for path, _, flags, _ in kinds]
        devnet = self.own(Devnet("--fund=" + ",".join(a["ss58_crust"] for a in accounts), block_ms=100))
        for (path, scheme, _, flags), account in zip(kinds, accounts):
            with self.subTest(scheme):
                self.assertEqual(account["scheme"], scheme)
                self.assertEqual(rpc(devnet.url, "system_accountNextIndex", account["ss58_crust"]), 0)
                folder = pathlib.Path(self.dir) / scheme
                folder.mkdir()
                gateway = Gateway(folder, devnet.url, "--accounts.mode=open", key=(f"--crust.key_file={path}", *flags))
                try:
                    self.assertEqual(gateway.log_lines("chain.connected")[0]["account"], account["ss58_crust"])
                    client = Client(gateway.port)
                    added = client.add(cid_v1(scheme))
                    self.assertEqual(added.status, 202, added)
                    client.wait_status(added.json["requestid"], "pinned")
                    self.assertEqual(rpc(devnet.url, "system_accountNextIndex", account["ss58_crust"]), 1)
                    for secret in (SEED[:8], PASSWORD, "winner", "a password"):
                        self.assertNotIn(secret, gateway.log_text())
                finally:
                    gateway.close()

    def test_a_development_key_of_another_scheme(self):
        alice = self.account("--uri=//Alice", "--scheme=ecdsa")
        gateway = self.own(Gateway(self.dir, self.own(Devnet(block_ms=0)).url, "--crust.key_scheme=ecdsa"))
        self.assertEqual(gateway.log_lines("chain.connected")[0]["account"], alice["ss58_crust"])

    def test_substrate_tokens_of_each_scheme(self):
        password = self.file("password", PASSWORD)
        tokens = {("//Alice", s): ["--uri=//Alice", f"--scheme={s}"] for s in ("sr25519", "ed25519", "ecdsa")}
        phrase = self.file("phrase", WINNER)
        tokens.update({(phrase, s): [f"--key={phrase}", f"--scheme={s}"] for s in ("ed25519", "ecdsa")})
        store = self.keystore()
        tokens[store, "sr25519"] = [f"--key={store}", f"--password-file={password}"]
        gateway = self.own(Gateway(self.dir, DEAD, "--accounts.mode=open"))
        for (key, scheme), flags in tokens.items():
            with self.subTest(key=key, scheme=scheme):
                code, token, err = run("token", "new", "--chain=sub", *flags)
                self.assertEqual(code, 0, err)
                seen = json.loads(run("token", "inspect", "--json", "-", stdin=token)[1])
                where = [key, f"--password-file={password}"] if key == store else [key] if key == phrase else [f"--uri={key}"]
                self.assertEqual(seen["identity"], "sub:" + self.account(*where, f"--scheme={scheme}")["account_id"][2:])
                answer = request(gateway.port, "GET", "/psa/pins", headers={"Authorization": "Bearer " + token.strip()})
                self.assertEqual(answer.status, 200, answer)

    def test_tokens_of_other_chains_take_the_same_files(self):
        for chain, scheme in (("eth", "ecdsa"), ("sol", "ed25519"), ("near", "ed25519")):
            for name, text in (("seed", SEED), ("phrase", WINNER)):
                path = self.file(name, text)
                code, token, err = run("token", "new", f"--chain={chain}", f"--key={path}")
                self.assertEqual(code, 0, err)
                self.assertTrue(json.loads(run("token", "inspect", "--json", "-", stdin=token)[1])["valid"])
        code, out, err = run("token", "new", "--chain=eth", f"--key={self.keystore()}", "--password-file=" + self.file("p", PASSWORD))
        self.assertEqual((code, out), (1, ""))
        self.assertIn("a keystore with a key of kind sr25519, and ecdsa is wanted", err)


class MakingKeys(WithFiles):
    def made(self, *args, stdin=None):
        code, out, err = run("key", *args, stdin=stdin)
        self.assertEqual(code, 0, err)
        return out, err

    def inspect(self, *args):
        return json.loads(self.made("inspect", "--json", *args)[0])

    def test_new_phrase(self):
        path = pathlib.Path(self.dir) / "k"
        for words in (12, 15, 18, 21, 24):
            out, err = self.made("new", f"--words={words}", f"--out={path}", "--json")
            phrase = path.read_text()
            self.assertEqual((len(phrase.split()), phrase[-1], err), (words, "\n", ""))
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
            self.assertEqual(self.inspect(str(path)), json.loads(out))
            code, out, err = run("key", "new", f"--out={path}")
            self.assertEqual((code, out), (1, ""))
            self.assertIn("no key is ever replaced", err)
            self.assertEqual(path.read_text(), phrase)
            path.unlink()
        self.assertEqual(list(pathlib.Path(self.dir).iterdir()), [])  # no draft is left

    def test_new_phrase_on_stdout_only_when_asked(self):
        out, err = self.made("new", "--print", "--scheme=ed25519", "--json")
        self.assertRegex(out, r"^([a-z]+ ){11}[a-z]+\n$")
        self.assertEqual(json.loads(err), self.inspect(self.file("k", out), "--scheme=ed25519"))
        self.assertNotEqual(out, self.made("new", "--print")[0])
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([BIN, "key", "new", "--print"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30,
                                  env=clean_env(), check=False)
        self.assertEqual((done.returncode, done.stderr), (1, "w3pin key: cannot print the phrase: No space left on device\n"))

    def test_a_phrase_that_was_not_shown_is_not_passed_over(self):
        out, password = pathlib.Path(self.dir) / "out", self.file("password", PASSWORD)
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([BIN, "key", "new", "--print", f"--out={out}", f"--password-file={password}"], stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=30, env=clean_env(), check=False)
        self.assertEqual((done.returncode, done.stderr),
                         (1, f"w3pin key: cannot print the phrase: No space left on device; {out} holds a key whose phrase nobody "
                             "has seen: remove it and begin again\n"))
        self.assertTrue(out.exists())

    def test_what_does_not_keep_its_scheme_says_so(self):
        password = self.file("password", PASSWORD)
        for args, hint in ((["new"], True), (["import"], True), (["new", f"--password-file={password}"], False)):
            path = pathlib.Path(self.dir) / "k"
            code, out, err = run("key", *args, f"--out={path}", "--scheme=ed25519", stdin=WINNER)
            self.assertEqual((code, out != "", err), (0, True, f"w3pin key: {path} does not say ed25519: name it wherever the key is "
                                                               "used (--scheme, or crust.key_scheme of the gateway)\n" if hint else ""))
            path.unlink()

    def test_new_keystore(self):
        password = self.file("password", PASSWORD + "\n")
        for scheme in ("sr25519", "ed25519", "ecdsa"):
            path = pathlib.Path(self.dir) / scheme
            phrase, err = self.made("new", "--print", f"--scheme={scheme}", f"--out={path}", f"--password-file={password}", "--json")
            store = json.loads(path.read_text())
            self.assertEqual((store["encoding"], stat.S_IMODE(path.stat().st_mode)),
                             ({"content": ["pkcs8", scheme], "type": ["scrypt", "xsalsa20-poly1305"], "version": "3"}, 0o600))
            seen = self.inspect(str(path), f"--password-file={password}")
            self.assertEqual(json.loads(err), seen)
            self.assertEqual(store["address"], seen["public_key" if scheme == "ecdsa" else "ss58_generic"])  # as polkadot.js does
            again = self.inspect(self.file("phrase", phrase), f"--scheme={scheme}")
            self.assertEqual({**again, "kind": "keystore"}, seen)

    def test_import(self):
        password = self.file("password", PASSWORD)
        out = str(pathlib.Path(self.dir) / "out")
        for name, text, flags in (("seed", SEED, []), ("0x", f"0x{SEED}\n", []), ("phrase", WINNER + "\n", ["--scheme=ecdsa"]),
                                  ("path", WINNER + "//0//1///p", ["--scheme=ed25519"]), ("store", json.dumps(KEYSTORE), None)):
            given = self.file("in", text)
            first = self.inspect(given, *(flags if flags is not None else [f"--password-file={password}"]))
            for sealed in (True, False):
                if not sealed and flags is None:
                    continue  # a keystore stays one
                with self.subTest(name, sealed=sealed):
                    args = ["import", f"--out={out}", *(flags or [])]
                    args += [f"--in={given}", f"--password-file={password}"] if sealed else []
                    said, err = self.made(*args, stdin=None if sealed else text)
                    for secret in (SEED[:8], PASSWORD, "winner"):
                        self.assertNotIn(secret, said + err)
                    self.assertEqual(stat.S_IMODE(pathlib.Path(out).stat().st_mode), 0o600)
                    written = pathlib.Path(out).read_text()
                    self.assertEqual(written[-1], "\n")
                    self.assertEqual(written == text.rstrip("\n") + "\n", not sealed)
                    seen = self.inspect(out, *([f"--password-file={password}"] if sealed else flags))
                    self.assertEqual({**seen, "kind": ""}, {**first, "kind": ""})
                    pathlib.Path(out).unlink()

    def test_import_of_what_is_no_key_leaves_no_file(self):
        password = self.file("password", "wrong")
        for text, args, says in ((SEED[1:], [], "is it cut short"), ("legal winner", [], "2 words"), ("", [], "empty"),
                                 (json.dumps(KEYSTORE), [], "an encrypted keystore"),
                                 (json.dumps(KEYSTORE), [f"--password-file={password}"], "wrong password"),
                                 ("a" * 20000, [], "longer than any key")):
            code, out, err = run("key", "import", f"--out={self.dir}/out", *args, stdin=text)
            self.assertEqual((code, out, len(err.splitlines())), (1, "", 1), err)
            self.assertIn("standard input: ", err)
            self.assertIn(says, err)
            self.assertNotIn("winner", err)
        self.assertEqual([p.name for p in pathlib.Path(self.dir).iterdir()], ["password"])


if __name__ == "__main__":
    main()
