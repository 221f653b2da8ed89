# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""TLS and listeners of the real binary: what must not start, ALPN with three clients, certificates exchanged under load,
stalled and foreign handshakes, several addresses, IPv6, SIGHUP without TLS."""
import hashlib
import http.client
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest

import lib
from lib import BIN, Case, Client, Devnet, Gateway, Process, cid_v1, clean_env, main, request, rpc, run, wait_for

DEAD = "http://127.0.0.1:9"


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
            sock.bind(("::1", 0))
        return True
    except OSError:
        return False


IPV6 = has_ipv6()
needs_ipv6 = unittest.skipUnless(IPV6, "THIS MACHINE HAS NO IPv6 LOOPBACK (::1): nothing of IPv6 was tried")


class Pairs:
    """Certificates with their keys, made once for all tests."""
    folder = lib.tempfile.TemporaryDirectory(prefix="w3pin-tls-")
    made = {}

    @classmethod
    def get(cls, name, kind="ec"):
        """(certificate, key) as paths; the name is the common name."""
        if name not in cls.made:
            cert, key = f"{cls.folder.name}/{name}.pem", f"{cls.folder.name}/{name}.key"
            kinds = {"ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "rsa": ["-newkey", "rsa:2048"]}
            subprocess.run(["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", key, "-out", cert,
                            "-addext", "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost", *kinds[kind]],
                           check=True, capture_output=True, timeout=30)
            cls.made[name] = (cert, key)
        return cls.made[name]

    @classmethod
    def print_of(cls, name):
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pathlib.Path(cls.get(name)[0]).read_text())).hexdigest()


def replace(path, content, mode=0o600):
    """As a certificate client does it: another file, then rename."""
    fresh = pathlib.Path(f"{path}.new")
    fresh.write_text(content)
    fresh.chmod(mode)
    os.replace(fresh, path)


def client_context(*protocols, version=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if protocols:
        context.set_alpn_protocols(list(protocols))
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


def https_get(host, port, path="/healthz", context=None, timeout=10):
    """Status and the certificate's fingerprint, over a connection of its own."""
    conn = http.client.HTTPSConnection(host, port, timeout=timeout, context=context or client_context())
    try:
        conn.connect()
        seen = hashlib.sha256(conn.sock.getpeercert(True)).hexdigest()
        conn.request("GET", path)
        reply = conn.getresponse()
        reply.read()
        return reply.status, seen
    finally:
        conn.close()


class TlsCase(Case):
    def setUp(self):
        super().setUp()
        self.cert, self.key = f"{self.dir}/cert.pem", f"{self.dir}/key.pem"
        self.use("one")

    def use(self, name, kind="ec"):
        cert, key = Pairs.get(name, kind)
        replace(self.cert, pathlib.Path(cert).read_text())
        replace(self.key, pathlib.Path(key).read_text())

    def tls_args(self, listen="127.0.0.1:0"):
        return [f"--http.tls_listen={listen}", f"--http.tls_cert={self.cert}", f"--http.tls_key={self.key}"]

    def start(self, *more, listen="127.0.0.1:0", env=None):
        gateway = self.own(Gateway(self.dir, DEAD, *self.tls_args(listen), *more, env=env))
        gateway.urls = re.findall(r"(https?)://(\S+):(\d+)/psa", gateway.log_lines("gateway.ready")[0]["msg"])
        gateway.tls_port = next(int(port) for scheme, _, port in gateway.urls if scheme == "https")
        return gateway

    def hang_up(self, gateway, lines):
        """SIGHUP, until so many lines of those events are there; gives the last."""
        gateway.proc.send_signal(signal.SIGHUP)
        return wait_for("the reload's line", lambda: (lambda x: x[-1] if len(x) >= lines else None)(self.reload_lines(gateway)))

    @staticmethod
    def reload_lines(gateway):
        return gateway.log_lines("gateway.reload") + [x for x in gateway.log_lines("http.tls_cert") if x["msg"].startswith("new ")]


class Refused(TlsCase):
    """What must not start: one line that names the setting, exit 1, and nobody listens."""

    def refused(self, *args, says=()):
        code, _, err = run("serve", f"--store.path={self.dir}/w3pin.db", "--crust.key_uri=//Alice", f"--crust.endpoints={DEAD}",
                           *args)
        self.assertEqual(code, 1, err)
        lines = [line for line in err.splitlines() if not line.startswith("{")]
        self.assertEqual(len(lines), 1, err)
        for word in says:
            self.assertIn(word, lines[0])
        pathlib.Path(self.dir, "w3pin.db").unlink(missing_ok=True)  # addresses are looked at before there is a database

    def test_files(self):
        other = Pairs.get("two")[1]
        tls = "--http.tls_listen=127.0.0.1:0"
        self.refused(tls, says=["http.tls_cert", "http.tls_key"])
        self.refused(tls, "--http.tls_cert=/nonexistent.pem", f"--http.tls_key={self.key}", says=["/nonexistent.pem", "No such file"])
        self.refused(tls, f"--http.tls_cert={self.cert}", f"--http.tls_key={other}", says=["http.tls_key", other, "http.tls_cert"])
        os.chmod(self.key, 0o644)
        self.refused(*self.tls_args(), says=["http.tls_key", "chmod 600", self.key])

    def test_addresses(self):
        with socket.socket() as taken, socket.socket() as free:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            free.bind(("127.0.0.1", 0))
            port, open_port = taken.getsockname()[1], free.getsockname()[1]
            free.close()
            self.refused(f"--http.listen=127.0.0.1:{open_port},127.0.0.1:{port}", says=[f"127.0.0.1:{port}", "in use"])
            self.refused(f"--http.listen=127.0.0.1:{open_port}", *self.tls_args(f"127.0.0.1:{open_port}"),
                         says=[f"127.0.0.1:{open_port}", "keep one"])
            self.refused(f"--http.listen=127.0.0.1:{open_port},0.0.0.0:{open_port}", says=["keep one"])
        self.refused("--http.listen=192.0.2.1:3000", says=["192.0.2.1:3000", "assign"])
        self.refused("--http.listen=no-such-host.invalid:3000", says=["no-such-host.invalid"])
        self.refused("--http.listen=[::ffff:127.0.0.1]:3000", says=["::ffff:127.0.0.1"])
        self.refused("--http.listen=" + ",".join(["127.0.0.1:0"] * 17), says=["16"])

    def test_nobody_is_let_in_before_all_addresses_are_ours(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            before = self.connects(port)
            self.refused(f"--http.listen=127.0.0.1:{port},127.0.0.1:{taken.getsockname()[1]}")
            self.assertEqual((before, self.connects(port)), (False, False))

    @staticmethod
    def connects(port):
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", port)) == 0


class Protocols(TlsCase):
    def alpn(self, gateway, *offers, version=None):
        """What was chosen, None for nothing, "refused" when there was no handshake."""
        try:
            with socket.create_connection(("127.0.0.1", gateway.tls_port), 10) as raw:
                with client_context(*offers, version=version).wrap_socket(raw) as sock:
                    return sock.selected_alpn_protocol()
        except ssl.SSLError:
            return "refused"

    def s_client(self, gateway, *args):
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{gateway.tls_port}", *args], input="", capture_output=True,
                              text=True, timeout=20, check=False)
        return done.stdout + done.stderr

    def curl(self, gateway, *args, host="127.0.0.1", verify=False):
        trust = ["--cacert", self.cert] if verify else ["-k"]
        done = subprocess.run(["curl", "-sS", "-m", "10", *trust, "-o", os.devnull, "-w", "%{http_version} %{http_code} %{num_connects}", *args,
                               f"https://{host}:{gateway.tls_port}/healthz"], capture_output=True, text=True, timeout=20, check=False)
        return done.stdout if done.returncode == 0 else done.stderr

    def test_matrix(self):
        gateway = self.start()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for offers, want in ((("h2", "http/1.1"), "h2"), (("http/1.1", "h2"), "h2"), (("http/1.1",), "http/1.1"), (("h2",), "h2"),
                                 (("spdy/3", "http/1.1"), "http/1.1"), (("spdy/3", "h3"), "refused"), ((), None)):
                self.assertEqual(self.alpn(gateway, *offers, version=version), want, (version, offers))
        self.assertEqual(self.curl(gateway, "--http2"), "2 200 1")
        self.assertEqual(self.curl(gateway, "--http1.1"), "1.1 200 1")
        self.assertEqual(self.curl(gateway, "--no-alpn"), "1.1 200 1")
        self.assertEqual(self.curl(gateway, "--http2", verify=True), "2 200 1")
        self.assertRegex(self.s_client(gateway, "-alpn", "h2,http/1.1"), r"ALPN protocol: h2")
        for old in (["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], ["-tls1_2", "-cipher", "AES128-SHA:ECDHE-ECDSA-AES128-SHA"]):
            self.assertIn("Cipher is (NONE)", self.s_client(gateway, *old), old)

    def test_without_http_2(self):
        gateway = self.start("--http.http2=off")
        self.assertEqual(self.alpn(gateway, "h2", "http/1.1"), "http/1.1")
        self.assertEqual(self.alpn(gateway, "h2"), "refused")
        self.assertEqual(self.curl(gateway, "--http2"), "1.1 200 1")
        plain = subprocess.run(["curl", "-sS", "-m", "10", "--http2", "-o", os.devnull, "-w", "%{http_version} %{http_code}",
                                f"http://127.0.0.1:{gateway.port}/healthz"], capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(plain.stdout, "1.1 200", plain.stderr)
        prior = subprocess.run(["curl", "-sS", "-m", "10", "--http2-prior-knowledge", f"http://127.0.0.1:{gateway.port}/healthz"],
                               capture_output=True, timeout=20, check=False)
        self.assertNotEqual(prior.returncode, 0)

    def test_rsa_and_a_chain(self):
        self.use("rsa", "rsa")
        extra = pathlib.Path(Pairs.get("two")[0]).read_text()
        replace(self.cert, pathlib.Path(self.cert).read_text() + "\n" + extra)
        gateway = self.start()
        out = self.s_client(gateway, "-showcerts", "-tls1_2")
        self.assertEqual(out.count("BEGIN CERTIFICATE"), 2, out)
        self.assertRegex(out, r"Cipher +(is|:) ECDHE-RSA-")

    def test_sessions_are_resumed_but_not_over_a_reload(self):
        gateway = self.start()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = client_context(version=version)
            seen = []
            session = None
            for step in range(3):
                if step == 2:
                    count = len(self.reload_lines(gateway))
                    self.hang_up(gateway, count + 1)
                with socket.create_connection(("127.0.0.1", gateway.tls_port), 10) as raw:
                    with context.wrap_socket(raw, session=session) as sock:
                        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                        self.assertIn(b" 200 ", sock.recv(4096))
                        seen.append(sock.session_reused)
                        session = sock.session
            self.assertEqual(seen, [False, True, False], version)

    def test_one_protocol_at_the_port_of_the_other(self):
        gateway = self.start()
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", gateway.tls_port), 10) as sock:
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            try:
                while sock.recv(4096):
                    pass
            except ConnectionError:
                pass
        with socket.create_connection(("127.0.0.1", gateway.port), 10) as raw, self.assertRaises((ssl.SSLError, OSError)):
            client_context().wrap_socket(raw)
        self.assertLess(time.monotonic() - began, 3)
        self.assertEqual(https_get("127.0.0.1", gateway.tls_port)[0], 200)

    def test_a_stalled_handshake_is_cut_and_holds_nobody(self):
        gateway = self.start("--http.request_timeout_ms=1500", "--http.threads=1")
        began = time.monotonic()
        hello = bytes.fromhex("160301020001")  # a ClientHello that never goes on
        stalled = [socket.create_connection(("127.0.0.1", gateway.tls_port), 10) for _ in range(30)]
        for number, sock in enumerate(stalled):
            self.addCleanup(sock.close)
            if number % 2:
                sock.sendall(hello)
        for _ in range(5):
            asked = time.monotonic()
            self.assertEqual(https_get("127.0.0.1", gateway.tls_port)[0], 200)
            self.assertLess(time.monotonic() - asked, 1)
        for sock in stalled:
            try:
                self.assertEqual(sock.recv(1), b"")
            except ConnectionError:
                pass
        self.assertTrue(1 < time.monotonic() - began < 8)


class Reload(TlsCase):
    def test_under_load(self):
        """Clients ask without a pause, each with a connection of its own, while two certificates change places 20 times."""
        gateway = self.start("--http.threads=4", "--http.access_log=off")
        prints = {name: Pairs.print_of(name) for name in ("one", "two")}
        seen, wrong, over = {}, [], threading.Event()

        def ask():
            contexts = [client_context("http/1.1", version=v) for v in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)]
            count = 0
            while not over.is_set():
                try:
                    status, which = https_get("127.0.0.1", gateway.tls_port, context=contexts[count % 2])
                    seen[which] = seen.get(which, 0) + 1
                    if status != 200:
                        wrong.append(status)
                except (OSError, http.client.HTTPException) as error:
                    wrong.append(repr(error))
                count += 1

        kept = http.client.HTTPSConnection("127.0.0.1", gateway.tls_port, timeout=10, context=client_context("http/1.1"))
        self.addCleanup(kept.close)
        kept.connect()
        workers = [threading.Thread(target=ask, daemon=True) for _ in range(3)]
        for worker in workers:
            worker.start()
        for turn in range(20):
            name = "two" if turn % 2 == 0 else "one"
            self.use(name)
            line = self.hang_up(gateway, turn + 1)
            self.assertEqual(line["event"], "http.tls_cert", line)
            # from the line on nobody gets the old one
            self.assertEqual(https_get("127.0.0.1", gateway.tls_port), (200, prints[name]))
            kept.request("GET", "/healthz")
            reply = kept.getresponse()
            reply.read()
            self.assertEqual((reply.status, hashlib.sha256(kept.sock.getpeercert(True)).hexdigest()), (200, prints["one"]))
        over.set()
        for worker in workers:
            worker.join(20)
        print("reload under load:", sorted(seen.values()), "requests by certificate,", len(wrong), "failed")
        self.assertEqual(wrong, [])
        self.assertEqual(set(seen), set(prints.values()))
        self.assertGreater(min(seen.values()), 20)
        self.assertEqual(gateway.stop(), 0)

    def test_what_is_broken_keeps_the_old(self):
        gateway = self.start()
        one = Pairs.print_of("one")
        text = {name: [pathlib.Path(path).read_text() for path in Pairs.get(name)] for name in ("one", "two")}
        ways = [("http.tls_cert", lambda: replace(self.cert, "-----BEGIN CERTIFICATE-----\nnonsense\n")),
                ("http.tls_cert", lambda: os.unlink(self.cert)),
                ("http.tls_cert", lambda: replace(self.cert, text["two"][0][:300])),
                ("http.tls_key", lambda: replace(self.cert, text["two"][0])),  # the key is still the old one's
                ("http.tls_key", lambda: replace(self.key, text["one"][1], 0o644)),
                ("http.tls_key", lambda: replace(self.key, "")),
                ("http.tls_key", lambda: (os.unlink(self.key), os.mkfifo(self.key)))]
        for number, (says, spoil) in enumerate(ways, 1):
            spoil()
            line = self.hang_up(gateway, number)
            self.assertEqual((line["event"], line["level"]), ("gateway.reload", "error"))
            self.assertIn(says, line["msg"])
            self.assertIn("stays", line["msg"])
            self.assertNotIn("PRIVATE", gateway.log_text())
            self.assertEqual(https_get("127.0.0.1", gateway.tls_port), (200, one), says)
            self.use("one")
        self.use("rsa", "rsa")
        gateway.proc.send_signal(signal.SIGHUP)
        wait_for("the new one", lambda: https_get("127.0.0.1", gateway.tls_port) == (200, Pairs.print_of("rsa")))
        self.assertEqual(gateway.stop(), 0)


class Hangup(Case):
    def test_without_tls_it_is_a_line_in_the_log(self):
        gateway = self.own(Gateway(self.dir, DEAD))
        for number in (1, 2):
            gateway.proc.send_signal(signal.SIGHUP)
            line = wait_for("a line", lambda n=number: (lambda x: x[-1] if len(x) == n else None)(gateway.log_lines("gateway.reload")))
            self.assertEqual(line["level"], "info")
            self.assertIn("http.tls_listen", line["msg"])
            self.assertEqual(request(gateway.port, "GET", "/healthz").status, 200)
        self.assertEqual(gateway.stop(), 0)

    def test_under_nohup_and_at_once_after_the_start(self):
        log = open(f"{self.dir}/log", "wb")
        self.addCleanup(log.close)
        proc = subprocess.Popen(["nohup", BIN, "serve", "--http.listen=127.0.0.1:0", f"--store.path={self.dir}/w3pin.db", "--crust.key_uri=//Alice",
                                 f"--crust.endpoints={DEAD}"], stdout=subprocess.DEVNULL, stderr=log, stdin=subprocess.DEVNULL,
                                env=clean_env(), cwd=self.dir)
        self.addCleanup(proc.wait, 20)
        self.addCleanup(proc.kill)
        text = lambda: pathlib.Path(f"{self.dir}/log").read_text()
        for event in ("gateway.ready", "gateway.reload"):
            wait_for(event, lambda e=event: e in text() or proc.poll() is not None)
            self.assertIsNone(proc.poll(), text())
            proc.send_signal(signal.SIGHUP)
        proc.send_signal(signal.SIGTERM)
        self.assertEqual(proc.wait(20), 0, text())

    def test_devnet_goes_on(self):
        devnet = self.own(Devnet(block_ms=0))
        devnet.proc.send_signal(signal.SIGHUP)
        wait_for("a line", lambda: devnet.log_lines("devnet.reload"))
        self.assertTrue(rpc(devnet.url, "chain_getBlockHash", 0).startswith("0x"))
        self.assertEqual(devnet.stop(), 0)


class Listeners(TlsCase):
    def addresses(self, gateway):
        return [(scheme, host.strip("[]"), int(port)) for scheme, host, port in gateway.urls]

    def start_on(self, plain, tls):
        gateway = self.own(Process(["serve", f"--http.listen={plain}", *self.tls_args(tls), "--http.threads=2", f"--store.path={self.dir}/w3pin.db",
                                    f"--crust.endpoints={DEAD}", "--crust.key_uri=//Alice"], "gateway.ready")).wait_ready()
        gateway.urls = re.findall(r"(https?)://(\S+):(\d+)/psa", gateway.log_lines("gateway.ready")[0]["msg"])
        return gateway

    def answers(self, scheme, host, port):
        if scheme == "https":
            return https_get(host, port)[0]
        conn = http.client.HTTPConnection(host, port, timeout=10)
        try:
            conn.request("GET", "/healthz")
            return conn.getresponse().status
        finally:
            conn.close()

    def test_several_addresses_all_named_in_the_log(self):
        gateway = self.start_on("127.0.0.1:0, 127.0.0.2:0,127.0.0.1:0", "127.0.0.1:0,127.0.0.3:0")
        found = self.addresses(gateway)
        self.assertEqual([(scheme, host) for scheme, host, _ in found],
                         [("http", "127.0.0.1"), ("http", "127.0.0.2"), ("http", "127.0.0.1"), ("https", "127.0.0.1"), ("https", "127.0.0.3")])
        self.assertEqual(len({(host, port) for _, host, port in found}), 5)
        for place in found:
            self.assertEqual(self.answers(*place), 200, place)

    def test_localhost(self):
        gateway = self.start_on("localhost:0", "localhost:0")
        found = self.addresses(gateway)
        self.assertIn(("https", "127.0.0.1"), [(scheme, host) for scheme, host, _ in found])
        for place in found:
            self.assertEqual(self.answers(*place), 200, place)

    @needs_ipv6
    def test_ipv6(self):
        gateway = self.start_on("[::1]:0", "[::1]:0,127.0.0.1:0")
        found = self.addresses(gateway)
        self.assertEqual([host for _, host, _ in found], ["::1", "::1", "127.0.0.1"])
        for place in found:
            self.assertEqual(self.answers(*place), 200, place)
        wait_for("the lines", lambda: len(gateway.log_lines("http.access")) == 3)
        self.assertEqual(sorted(line["peer"] for line in gateway.log_lines("http.access")), ["127.0.0.1", "::1", "::1"])
        done = subprocess.run(["curl", "-sS", "-m", "10", "--http2", "--cacert", self.cert, "-w", "%{http_version} %{http_code}", "-o", os.devnull,
                               f"https://[::1]:{found[1][2]}/healthz"], capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.stdout, "2 200", done.stderr)

    @needs_ipv6
    def test_the_wildcard_of_ipv6_is_ipv6_alone(self):
        gateway = self.start_on("[::]:0", "127.0.0.1:0")
        port = self.addresses(gateway)[0][2]
        self.assertEqual(self.answers("http", "::1", port), 200)
        with socket.socket() as sock:
            self.assertNotEqual(sock.connect_ex(("127.0.0.1", port)), 0)

    @needs_ipv6
    def test_both_wildcards_have_one_port_side_by_side(self):
        with socket.socket(socket.AF_INET6) as sock:  # a port that nobody's connection has in either family
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            sock.bind(("::", 0))
            port = sock.getsockname()[1]
        self.start_on(f"0.0.0.0:{port},[::]:{port}", "127.0.0.1:0")
        for host in ("127.0.0.1", "::1"):
            self.assertEqual(self.answers("http", host, port), 200)

    @needs_ipv6
    def test_devnet_and_gateway_over_ipv6(self):
        devnet = self.own(Process(["devnet", "--listen=[::1]:0", "--block-ms=100"], "devnet.ready")).wait_ready()
        gateway = self.own(Gateway(self.dir, f"ws://[::1]:{devnet.port}"))
        client = Client(gateway.port)
        client.wait_status(client.add(cid_v1("six")).json["requestid"], "pinned")


def tearDownModule():
    Pairs.folder.cleanup()


if __name__ == "__main__":
    if shutil.which("openssl") is None:
        raise SystemExit("test_tls needs the openssl command")
    main()
