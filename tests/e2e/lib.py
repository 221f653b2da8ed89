# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: starting the real binary on loopback, speaking HTTP and JSON-RPC to it.

Standard library only. Every process belongs to a test and is ended with it; every wait has a limit.
W3PIN_BIN names the binary (tests/run sets it); W3PIN_TOOLS the folder of the helper programs.
"""
import base64
import hashlib
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("W3PIN_BIN", str(ROOT / "build" / "w3pin"))
TOOLS = pathlib.Path(os.environ.get("W3PIN_TOOLS", str(ROOT / "build-test" / "tests")))
DATA = pathlib.Path(os.environ.get("W3PIN_TEST_DATA", str(ROOT.parent / "shared" / "data")))
CRU = 10**12


def wait_for(what, check, seconds=20.0, every=0.05):
    """Calls check() until it gives something true, and gives that."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(every)


def clean_env(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith("W3PIN_") and not k.endswith("_proxy")}
    env.update(more)
    return env


def run(*args, env=None, stdin=None, timeout=30):
    """One w3pin command to its end: (exit code, stdout, stderr)."""
    done = subprocess.run([BIN, *args], env=env or clean_env(), input=stdin, capture_output=True, text=True,
                          timeout=timeout, check=False)
    return done.returncode, done.stdout, done.stderr


class Process:
    """A long-running w3pin command; its stderr goes to a file that the tests read as JSON lines."""

    def __init__(self, args, ready_event, env=None, cwd=None):
        self.log_path = tempfile.NamedTemporaryFile(prefix="w3pin-log-", suffix=".jsonl", delete=False).name
        self.ready_event = ready_event
        with open(self.log_path, "wb") as log:
            self.proc = subprocess.Popen([BIN, *args], stderr=log, stdout=subprocess.DEVNULL,
                                         env=env or clean_env(), cwd=cwd)
        self.port = None

    def log_text(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def log_lines(self, event=None):
        lines = []
        for text in self.log_text().splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if event is None or line.get("event") == event:
                lines.append(line)
        return lines

    def wait_ready(self, seconds=20.0):
        def ready():
            for line in self.log_lines(self.ready_event):
                return int(re.search(r"port (\d+)", line["msg"]).group(1))
            if self.proc.poll() is not None:
                raise AssertionError(f"ended with {self.proc.returncode}: {self.log_text()}")
            return None
        self.port = wait_for(self.ready_event, ready, seconds, every=0.01)
        return self

    def stop(self, sig=signal.SIGTERM, seconds=20.0):
        """Ends the process and gives its exit code."""
        if self.proc.poll() is None:
            self.proc.send_signal(sig)
            try:
                self.proc.wait(seconds)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait()
                raise AssertionError(f"did not stop within {seconds} s") from None
        return self.proc.returncode

    def close(self):
        """For cleanup: ends the process however it takes; a sanitizer's report fails the test."""
        try:
            self.stop()
        finally:
            text = self.log_text()
            os.unlink(self.log_path)
            if "ERROR: AddressSanitizer" in text or "runtime error:" in text or "ERROR: LeakSanitizer" in text:
                raise AssertionError("sanitizer report:\n" + text[-6000:])


class Devnet(Process):
    def __init__(self, *args, block_ms=200, port=0, env=None):
        super().__init__(["devnet", f"--listen=127.0.0.1:{port}", f"--block-ms={block_ms}", *args], "devnet.ready", env)
        self.wait_ready()
        self.url = f"http://127.0.0.1:{self.port}"


class Gateway(Process):
    def __init__(self, directory, chain_url, *args, key=("--crust.key_uri=//Alice",), env=None, ready=True, port=0):
        self.db = str(pathlib.Path(directory) / "w3pin.db")
        super().__init__(["serve", f"--http.listen=127.0.0.1:{port}", "--http.threads=2", f"--store.path={self.db}",
                          f"--crust.endpoints={chain_url}", "--engine.poll_ms=50", *key, *args], "gateway.ready", env)
        if ready:
            self.wait_ready()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:500]!r}"


def request(port, method, path, body=None, headers=None, timeout=15):
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        conn.request(method, path, body=body, headers=headers or {})
        reply = conn.getresponse()
        return Answer(reply.status, reply.headers, reply.read())
    finally:
        conn.close()


class Client:
    """A PSA client of one wallet."""
    tokens = {}

    def __init__(self, port, uri="//Alice", chain="eth"):
        self.port = port
        key = (chain, uri)
        if key not in self.tokens:
            code, out, err = run("token", "new", "--chain", chain, "--uri", uri)
            assert code == 0, err
            self.tokens[key] = out.strip()
        self.token = self.tokens[key]

    def call(self, method, path, body=None, **headers):
        send = {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"}
        send.update({k.replace("_", "-"): v for k, v in headers.items()})
        return request(self.port, method, "/psa" + path, body, send)

    def add(self, cid, **more):
        return self.call("POST", "/pins", {"cid": cid, **more})

    def get(self, requestid):
        return self.call("GET", "/pins/" + requestid)

    def wait_status(self, requestid, status, seconds=30.0):
        seen = []

        def check():
            answer = self.get(requestid)
            assert answer.status == 200, answer
            now = answer.json["status"]
            if not seen or seen[-1] != now:
                seen.append(now)
            return answer.json if now == status else None
        try:
            return wait_for(f"status {status}", check, seconds), seen
        except AssertionError as error:
            raise AssertionError(f"{error}; seen {seen}, last {self.get(requestid)}") from None


def rpc(url, method, *params, timeout=15):
    """One JSON-RPC call by POST; an error object is raised as RpcError."""
    port = int(url.rsplit(":", 1)[1])
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    answer = request(port, "POST", "/", body, {"Content-Type": "application/json"}, timeout)
    reply = answer.json
    if "error" in reply:
        raise RpcError(reply["error"])
    return reply["result"]


class RpcError(Exception):
    def __init__(self, error):
        super().__init__(json.dumps(error))
        self.error = error


def orders_on_chain(url):
    """CID -> how often the chain took an order for it, by reading every block's extrinsics."""
    count = {}
    head = int(rpc(url, "chain_getHeader")["number"], 16)
    for number in range(1, head + 1):
        block = rpc(url, "chain_getBlock", rpc(url, "chain_getBlockHash", number))
        for hexes in block["block"]["extrinsics"]:
            data = bytes.fromhex(hexes[2:])
            for length, marker in ((46, b"Qm"), (59, b"bafk"), (59, b"bafy")):
                at = data.find(bytes([length * 4 & 255]) + marker)
                while at > 0:  # a batch holds several
                    cid = data[at + 1:at + 1 + length].decode()
                    count[cid] = count.get(cid, 0) + 1
                    at = data.find(bytes([length * 4 & 255]) + marker, at + length)
    return count


B32 = "abcdefghijklmnopqrstuvwxyz234567"
B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base32(data):
    bits = int.from_bytes(data, "big") << (-8 * len(data) % 5)
    return "".join(B32[bits >> shift & 31] for shift in range((8 * len(data) + 4) // 5 * 5 - 5, -1, -5))


def base58(data):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = B58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def cid_v1(label, codec=0x55):
    """A CIDv1 in base32 of content that nobody has: sha2-256 of the label."""
    return "b" + base32(bytes([1, codec, 0x12, 32]) + hashlib.sha256(label.encode()).digest())


def cid_v0(label):
    return base58(bytes([0x12, 32]) + hashlib.sha256(label.encode()).digest())


class Case(unittest.TestCase):
    """A test with a folder of its own; processes given to own() end with it."""
    maxDiff = None

    def setUp(self):
        self._dir = tempfile.TemporaryDirectory(prefix="w3pin-e2e-")
        self.dir = self._dir.name
        self.addCleanup(self._dir.cleanup)

    def own(self, process):
        self.addCleanup(process.close)
        return process


def main():
    """Runs the tests of the calling file; the last line is for tests/run."""
    result = unittest.main(verbosity=1, exit=False).result
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    for test, why in result.skipped:
        print(f"SKIPPED: {test}: {why}")
    passed = max(result.testsRun - failed - len(result.skipped), 0)  # a test may fail twice: itself and its cleanup
    print(f"result: {passed} passed, {failed} failed, {len(result.skipped)} skipped", flush=True)
    os._exit(1 if failed or not result.testsRun else 0)
