# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Startup and command line: every mistake stops with one line that says what to do; help is worth reading."""
import json
import os
import pathlib
import signal
import sqlite3
import subprocess

from lib import BIN, Case, Client, Devnet, Gateway, cid_v1, clean_env, main, request, rpc, run, wait_for

DEAD = "http://127.0.0.1:9"  # the discard port: nobody answers
PEER = "12D3KooWMcAHcs97R49PLZjGUKDbP1fr9iijeepod8fkktHTLCgN"


class StartMistakes(Case):
    def refused(self, *args, code=1, says=(), env=None):
        got, out, err = run("serve", f"--store.path={self.dir}/w3pin.db", "--http.listen=127.0.0.1:0", *args, env=env)
        self.assertEqual(got, code, err)
        lines = [line for line in err.splitlines() if not line.startswith("{")]
        self.assertEqual(len(lines), 1, err)
        self.assertTrue(lines[0].startswith("w3pin serve: "), lines[0])
        for word in says:
            self.assertIn(word, lines[0])
        return lines[0]

    def key_file(self, text, mode=0o600):
        path = pathlib.Path(self.dir) / "operator.key"
        path.write_text(text)
        path.chmod(mode)
        return f"--crust.key_file={path}"

    def test_no_key(self):
        self.refused(f"--crust.endpoints={DEAD}", says=["crust.key_file", "crust.key_uri"])

    def test_two_keys(self):
        self.refused(self.key_file("11" * 32), "--crust.key_uri=//Alice", says=["exactly one"])

    def test_key_file_missing(self):
        self.refused("--crust.key_file=/nonexistent/key", says=["/nonexistent/key"])

    def test_key_file_readable_by_others(self):
        self.refused(self.key_file("11" * 32, 0o644), says=["chmod 600"])

    def test_key_file_too_short_keeps_the_secret(self):
        line = self.refused(self.key_file("ab" * 31))
        self.assertNotIn("abab", line)

    def test_key_file_not_hex_keeps_the_secret(self):
        line = self.refused(self.key_file("zq" * 32))
        self.assertNotIn("zqzq", line)

    def test_second_gateway_with_one_key_file(self):
        key = self.key_file("11" * 32)
        other = pathlib.Path(self.dir) / "other"
        other.mkdir()
        first = self.own(Gateway(other, DEAD, key=(key,)))
        self.refused(key, f"--crust.endpoints={DEAD}", says=["one gateway per key"])
        self.assertFalse((pathlib.Path(self.dir) / "w3pin.db").exists())
        first.stop()
        self.own(Gateway(self.dir, DEAD, key=(key,)))

    def test_key_uri_that_is_none(self):
        self.refused("--crust.key_uri=Alice")

    def test_unknown_option(self):
        self.refused("--http.lisen=127.0.0.1:1", code=2, says=["http.lisen"])

    def test_value_out_of_range(self):
        self.refused("--crust.era_blocks=1000000", code=2, says=["crust.era_blocks"])

    def test_unknown_environment(self):
        self.refused(code=2, env=clean_env(W3PIN_HTTP_LISEN="x"), says=["W3PIN_HTTP_LISEN"])

    def test_unknown_key_in_file(self):
        path = pathlib.Path(self.dir) / "w3pin.ini"
        path.write_text("[http]\nlisten = 127.0.0.1:0\nlisen = 1\n")
        self.refused(f"--config={path}", code=2, says=["lisen", "3"])

    def test_config_file_missing(self):
        self.refused("--config=/nonexistent/w3pin.ini", code=2, says=["/nonexistent/w3pin.ini"])

    def test_listen_address_that_is_none(self):
        self.refused("--crust.key_uri=//Alice", f"--crust.endpoints={DEAD}", "--http.listen=nowhere", says=["nowhere"])

    def test_endpoint_of_unknown_scheme(self):
        self.refused("--crust.key_uri=//Alice", "--crust.endpoints=ftp://127.0.0.1", says=["ws://"])

    def test_delegates_that_no_client_could_use(self):
        good = f"/dns4/ipfs.example.org/tcp/4001/p2p/{PEER}"
        for bad, *says in (("/ip4/1.2.3.4/tcp/4001", '"/ip4/1.2.3.4/tcp/4001"', "must end with /p2p/"), (good + "x", "no peer id"),
                           (good + "/p2p-circuit", "must end with /p2p/"), ("/ip4/1.2.3.4/tcp/4001/p2p/", "slash"),
                           (",".join(f"/ip4/1.2.3.4/tcp/{i}/p2p/{PEER}" for i in range(1, 22)), "more than 20"),
                           (f"{good},{good}", good, "twice: take one out"), (good + ",", "empty item", "comma"), ("," + good, "empty item"),
                           (f"{good}, ,{good}", "empty item"), (f"/dns4/ipfs.example.org /tcp/4001/p2p/{PEER}", "host name"),
                           ("ipfs.example.org:4001", "begins with a slash"), (f"https://ipfs.example.org/p2p/{PEER}", "begins with a slash"),
                           (f"/ip4/1.2.3.4/carrier-pigeon/p2p/{PEER}", "carrier-pigeon", "not known")):
            with self.subTest(bad[:100]):
                self.refused("--crust.key_uri=//Alice", f"--crust.endpoints={DEAD}", f"--psa.delegates={bad}", says=["psa.delegates", *says])

    def test_delegates_that_only_neighbours_reach_are_told_once(self):
        far, near = f"/dns4/ipfs.example.org/tcp/4001/p2p/{PEER}", [f"/ip4/{ip}/tcp/4001/p2p/{PEER}" for ip in ("192.168.1.7", "127.0.0.1")]
        for delegates, told in (([far], []), ([far] + near, [near[0], "2 of 3"]), ([], ["set psa.delegates"])):
            gateway = Gateway(self.dir, DEAD, "--psa.delegates=" + " , ".join(delegates))
            try:
                pin = Client(gateway.port).add(cid_v1("delegates")).json
                lines = [line["msg"] for line in gateway.log_lines("psa.delegates")]
            finally:
                gateway.close()
            self.assertEqual(len(lines), 1 if told else 0, lines)
            for word in told:
                self.assertIn(word, lines[0])
            self.assertEqual(pin["delegates"], delegates or pin["delegates"][:1])

    def test_doctor_tells_of_such_delegates_too(self):
        (pathlib.Path(self.dir) / "seed").write_text("11" * 32)
        (pathlib.Path(self.dir) / "seed").chmod(0o600)
        for delegates, level, says in (("", "WARN", "set psa.delegates"), (f"/ip4/10.0.0.1/tcp/1/p2p/{PEER}", "WARN", "10.0.0.1"),
                                       (f"/ip4/11.0.0.1/tcp/1/p2p/{PEER}", None, None), ("/ip4/10.0.0.1/tcp/1", "FAIL", "/p2p/")):
            _, out, err = run("doctor", "--json", f"--crust.key_file={self.dir}/seed", f"--crust.endpoints={DEAD}", f"--store.path={self.dir}/x.db",
                              f"--psa.delegates={delegates}")
            found = [f for f in json.loads(out)["checks"] if f["check"] == "delegates"]
            self.assertEqual([f["health"] for f in found], [level] if level else [], out)
            if says:
                self.assertIn(says, found[0]["text"])
            self.assertNotIn("psa.delegates", err)

    def test_allow_list_entry_that_is_no_wallet(self):
        self.refused("--crust.key_uri=//Alice", f"--crust.endpoints={DEAD}", "--accounts.allow=bob", says=["bob"])

    def test_store_in_a_missing_folder(self):
        self.refused("--crust.key_uri=//Alice", f"--crust.endpoints={DEAD}", f"--store.path={self.dir}/no/w3pin.db",
                     says=[f"{self.dir}/no"])

    def test_store_that_is_no_database(self):
        (pathlib.Path(self.dir) / "w3pin.db").write_bytes(b"not a database at all, only some text\n" * 100)
        self.refused("--crust.key_uri=//Alice", f"--crust.endpoints={DEAD}", says=["w3pin.db"])

    def test_store_of_a_newer_w3pin(self):
        gateway = Gateway(self.dir, DEAD)
        gateway.close()
        with sqlite3.connect(gateway.db) as db:
            db.execute("INSERT INTO migrations(name, applied_ms) VALUES('pins.999', 0)")
        db.close()
        self.refused("--crust.key_uri=//Alice", f"--crust.endpoints={DEAD}", says=["newer"])

    def test_second_gateway_on_one_database(self):
        self.own(Gateway(self.dir, DEAD))
        self.refused("--crust.key_uri=//Alice", f"--crust.endpoints={DEAD}", says=["w3pin.db"])

    def test_port_in_use(self):
        devnet = self.own(Devnet(block_ms=0))
        self.refused("--crust.key_uri=//Alice", f"--crust.endpoints={DEAD}", f"--http.listen=127.0.0.1:{devnet.port}",
                     says=[str(devnet.port)])

    def test_database_of_another_operator(self):
        Gateway(self.dir, DEAD).close()
        self.refused("--crust.key_uri=//Bob", f"--crust.endpoints={DEAD}", says=["account"])

    def test_wrong_genesis_configured(self):
        devnet = self.own(Devnet(block_ms=0))
        self.refused("--crust.key_uri=//Alice", f"--crust.endpoints={devnet.url}", f"--crust.genesis=0x{'12' * 32}",
                     says=["genesis"])

    def test_wrong_genesis_recorded(self):
        first = Devnet(block_ms=0)
        Gateway(self.dir, first.url).close()
        first.close()
        second = self.own(Devnet(block_ms=0))
        self.refused("--crust.key_uri=//Alice", f"--crust.endpoints={second.url}", says=["genesis"])

    def test_genesis_is_recorded_once_the_chain_appears(self):
        first = Devnet(block_ms=100)
        port = first.port
        first.close()
        gateway = Gateway(self.dir, f"http://127.0.0.1:{port}")
        wait_for("unreachable", lambda: request(gateway.port, "GET", "/readyz").json["chain"] == "unreachable")
        chain = Devnet(block_ms=100, port=port)
        wait_for("the chain", lambda: request(gateway.port, "GET", "/readyz").json["chain"] == "ok", 40)
        gateway.close()
        chain.close()
        other = self.own(Devnet(block_ms=0))
        self.refused("--crust.key_uri=//Alice", f"--crust.endpoints={other.url}", says=["genesis"])

    def test_genesis_that_is_no_hash(self):
        self.refused("--crust.key_uri=//Alice", f"--crust.endpoints={DEAD}", "--crust.genesis=0x1234", says=["crust.genesis"])


class KeyMemory(Case):
    def test_operator_key_by_file_orders_from_its_account(self):
        # //Alice as a hex seed: the same account as the development URI.
        path = pathlib.Path(self.dir) / "operator.key"
        path.write_text("0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a\n")
        path.chmod(0o600)
        devnet = self.own(Devnet(block_ms=100))
        gateway = self.own(Gateway(self.dir, devnet.url, "--accounts.mode=open", key=(f"--crust.key_file={path}",)))
        client = Client(gateway.port)
        added = client.add(cid_v1("by key file"))
        self.assertEqual(added.status, 202, added)
        client.wait_status(added.json["requestid"], "pinned")
        self.assertNotIn("e5be9a50", gateway.log_text())

    def test_without_development_key_the_default_is_an_allow_list(self):
        path = pathlib.Path(self.dir) / "operator.key"
        path.write_text("e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a")
        path.chmod(0o600)
        alice = json.loads(run("token", "inspect", "--json", Client(0).token)[1])["identity"]
        Client(0, "//Bob")
        gateway = self.own(Gateway(self.dir, DEAD, f"--accounts.allow={alice}", key=(f"--crust.key_file={path}",)))
        self.assertEqual(Client(gateway.port).call("GET", "/pins").status, 200)
        stranger = Client(gateway.port, "//Bob").call("GET", "/pins")
        self.assertEqual(stranger.status, 403)
        self.assertIn("list", stranger.json["error"]["details"])


class CommandLine(Case):
    def test_help_of_everything(self):
        code, out, _ = run("--help")
        self.assertEqual(code, 0)
        for command in ("serve", "devnet", "token", "key", "status", "config"):
            self.assertIn(command, out)
            sub, text, _ = run(command, "--help")
            self.assertEqual(sub, 0)
            self.assertIn("usage: w3pin " + command, text)
            self.assertGreater(len(text.splitlines()), 4)

    def test_version(self):
        code, out, _ = run("--version")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"^w3pin \d+\.\d+\.\d+\n$")

    def test_unknown_command(self):
        code, _, err = run("pin")
        self.assertEqual(code, 2)
        self.assertEqual(len(err.splitlines()), 1)

    def test_no_command(self):
        code, _, err = run()
        self.assertEqual(code, 2)
        self.assertIn("usage", err)

    def test_default_configuration_is_accepted_as_a_file(self):
        code, out, _ = run("config", "--print-default")
        self.assertEqual(code, 0)
        path = pathlib.Path(self.dir) / "w3pin.ini"
        path.write_text(out)
        code, _, err = run("config", "--check", f"--config={path}")
        self.assertEqual(code, 0, err)

    def test_flag_beats_environment_beats_file(self):
        path = pathlib.Path(self.dir) / "w3pin.ini"
        path.write_text("[http]\nlisten = 127.0.0.1:1\n")
        env = clean_env(W3PIN_HTTP_LISTEN="nonsense", W3PIN_CONFIG=str(path))
        devnet = self.own(Devnet(block_ms=0))
        gateway = self.own(Gateway(self.dir, devnet.url, env=env))
        self.assertEqual(request(gateway.port, "GET", "/healthz").status, 200)

    def test_readme_lists_every_key(self):
        code, table, _ = run("config", "--markdown")
        self.assertEqual(code, 0)
        readme = (pathlib.Path(__file__).resolve().parents[2] / "README.md").read_text()
        for line in table.splitlines():
            self.assertTrue(line in readme, line)

    def test_status_reads_the_chain(self):
        devnet = self.own(Devnet(block_ms=100))
        cid = cid_v1("status")
        for words in (["--json", cid, f"--crust.endpoints={devnet.url}"], [f"--crust.endpoints={devnet.url}", cid, "--json"],
                      ["--crust.endpoints", devnet.url, "--json", cid]):
            code, out, err = run("status", *words)
            self.assertEqual(code, 0, err)
            self.assertEqual(json.loads(out)["state"], "not ordered")
        code, _, err = run("status", cid, cid)
        self.assertEqual(code, 2, err)
        gateway = self.own(Gateway(self.dir, devnet.url))
        client = Client(gateway.port)
        client.wait_status(client.add(cid).json["requestid"], "pinned")
        code, out, _ = run("status", cid, f"--crust.endpoints={devnet.url}")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"(?m)^state +stored$")

    def test_status_without_a_chain(self):
        code, _, err = run("status", cid_v1("x"), f"--crust.endpoints={DEAD}")
        self.assertEqual(code, 1)
        self.assertEqual(len(err.splitlines()), 1)

    def test_status_of_no_cid(self):
        code, _, err = run("status", "QmNope")
        self.assertEqual(code, 2)
        self.assertIn("QmNope", err)

    def test_token_inspect_tells_who_and_why_not(self):
        token = Client(0).token
        code, out, _ = run("token", "inspect", "--json", token)
        self.assertEqual(code, 0)
        self.assertTrue(json.loads(out)["identity"].startswith("evm:0x"))
        code, out, _ = run("token", "inspect", "-", stdin=token[:-6] + "AAAA==")
        self.assertEqual(code, 1)

    def test_output_that_cannot_be_written_is_a_failure(self):
        for args in (["config", "--print-default"], ["key", "inspect", "--uri=//Alice"], ["token", "new", "--chain=eth", "--uri=//Alice"]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([BIN, *args], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30, check=False)
            self.assertEqual(done.returncode, 1, args)
            self.assertEqual(done.stderr, f"w3pin {args[0]}: cannot write the output\n")

    def test_key_inspect_never_shows_the_secret(self):
        code, out, _ = run("key", "inspect", "--uri", "//Alice")
        self.assertEqual(code, 0)
        self.assertIn("cTM8suyN19VZb7JEPRNvtezyfpEAJyYxHkk1n5J4XEr6XroRa", out)
        self.assertNotIn("e5be9a50", out)


class Devnets(Case):
    def test_bad_options(self):
        for args in (["--block-ms", "x"], ["--nope", "1"], ["--fund", "nobody"], ["--runtime", "polkadot"], ["--listen", "x"],
                     ["--block-ms"], ["word"]):
            code, _, err = run("devnet", *args)
            self.assertIn(code, (1, 2), args)
            self.assertEqual(len([x for x in err.splitlines() if not x.startswith("{")]), 1, err)

    def test_lists_are_bounded(self):
        for args, word in ((["--fault", "drop=1"] * 65, "64 faults"),
                           (["--fund", ",".join(f"//{n}" for n in range(65))], "64 accounts")):
            code, _, err = run("devnet", "--block-ms", "0", "--listen", "127.0.0.1:0", *args)
            self.assertIn(code, (1, 2), err)
            self.assertIn(word, err)

    def test_each_start_is_a_new_chain(self):
        first, second = self.own(Devnet(block_ms=0)), self.own(Devnet(block_ms=0))
        self.assertNotEqual(rpc(first.url, "chain_getBlockHash", 0), rpc(second.url, "chain_getBlockHash", 0))

    def test_stops_on_sigint(self):
        devnet = self.own(Devnet(block_ms=50))
        self.assertEqual(devnet.stop(signal.SIGINT), 0)

    def test_gateway_stops_on_sigterm(self):
        gateway = self.own(Gateway(self.dir, DEAD))
        self.assertEqual(gateway.stop(), 0)
        self.assertFalse(os.path.exists(gateway.db + "-wal") and os.path.getsize(gateway.db + "-wal"))


if __name__ == "__main__":
    main()
