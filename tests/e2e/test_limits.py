# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Budgets of requests and of connections, with the real binary: what trips them, what never does, and what a flood costs.
127.0.0.x are as many peers; a trusted proxy is whoever the test says."""
import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import re
import socket
import subprocess
import time

import lib
from lib import Case, Client, Gateway, cid_v1, main, request, run, wait_for

DEAD = "http://127.0.0.1:9"
ALL = "status=queued,pinning,pinned,failed"
NO_PIN = "/psa/pins/01900000-0000-7000-8000-000000000000"


class Kept:
    """A connection that is kept, as clients do; source: its own address."""

    def __init__(self, port, token=None, source=None):
        self.conn = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=(source, 0) if source else None)
        self.headers = {"Authorization": "Bearer " + token} if token else {}

    def ask(self, method, path, body=None, **headers):
        send = {**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
        self.conn.request(method, path, body=json.dumps(body) if body is not None else None, headers=send)
        reply = self.conn.getresponse()
        return lib.Answer(reply.status, reply.headers, reply.read())

    def close(self):
        self.conn.close()


class LimitsCase(Case):
    def serve(self, *args, binary=None):
        with contextlib.ExitStack() as stack:
            if binary:
                stack.callback(setattr, lib, "BIN", lib.BIN)
                lib.BIN = str(binary)
            gateway = self.own(Gateway(self.dir, DEAD, "--accounts.pins_per_day=0", "--budget.planck_per_day=0", *args))
        return gateway

    def kept(self, port, token=None, source=None):
        conn = Kept(port, token, source)
        self.addCleanup(conn.close)
        return conn

    def counted(self, answer, limit):
        """The three headers of an answer that a budget counted; gives what is left."""
        left, reset = int(answer.headers["X-RateLimit-Remaining"]), int(answer.headers["X-RateLimit-Reset"])
        self.assertEqual(int(answer.headers["X-RateLimit-Limit"]), limit)
        self.assertTrue(0 <= left < limit)
        self.assertTrue(-1 <= reset - time.time() <= 1000, reset)
        exposed = {name.strip().lower() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
        self.assertLessEqual({"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"}, exposed)
        return left

    def refused(self, answer, limit):
        self.assertEqual(answer.status, 429, answer)
        self.assertEqual(self.counted(answer, limit), 0)
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        self.assertEqual(set(answer.json), {"error"})
        self.assertEqual(set(answer.json["error"]), {"reason", "details"})
        self.assertEqual(answer.json["error"]["reason"], "TOO_MANY_REQUESTS")
        self.assertRegex(answer.headers["Content-Type"], r"^application/json")


class BadInput(LimitsCase):
    def test_a_configuration_that_makes_no_sense_ends_the_start_with_one_line(self):
        for value in ("limits.poll_per_s=-1", "limits.poll_per_s=100001", "limits.list_burst=0", "limits.write_burst=1000001",
                      "limits.failed_per_s=x", "limits.public_per_s=1.5", "limits.nothing=1", "http.connections_per_peer=-1",
                      "http.connections_per_peer=1000001", "http.connections_exempt=10.0.0.1/8", "http.connections_exempt=localhost",
                      "http.trusted_proxies=10.0.0.0/33", "http.trusted_proxies=*", "http.trusted_proxies=::1/64",
                      "http.trusted_proxies=127.0.0.1;10.0.0.1"):
            code, _, err = run("serve", "--http.listen=127.0.0.1:0", f"--store.path={self.dir}/x.db", f"--crust.endpoints={DEAD}",
                               "--crust.key_uri=//Alice", "--" + value)
            self.assertNotEqual(code, 0, value)
            lines = [line for line in err.splitlines() if not line.startswith("{")]
            self.assertEqual(len(lines), 1, err)
            self.assertIn(value.split("=")[0], lines[0])

    def test_doctor_sees_it_too(self):
        code, out, _ = run("doctor", "--json", "--crust.key_uri=//Alice", f"--crust.endpoints={DEAD}", f"--store.path={self.dir}/x.db",
                           "--http.trusted_proxies=10.0.0.1/8")
        self.assertEqual(code, 2)
        self.assertIn("http.trusted_proxies", out)


class Budgets(LimitsCase):
    RATES = [f"--limits.{name}_{part}={value}" for name in ("poll", "list", "write", "public", "failed")
             for part, value in (("per_s", 1), ("burst", 4))]
    SPENT = (("GET", NO_PIN, None, 404, True), ("GET", "/psa/pins", None, 200, True), ("DELETE", NO_PIN, None, 404, True),
             ("GET", "/openapi.json", None, 200, False), ("GET", "/psa/pins", None, 401, False))

    def exhaust(self, ask, status):
        """Asks until it is refused: between 4 and a few more times, since the second goes on."""
        for count in range(12):
            answer = ask()
            if answer.status == 429:
                break
            self.assertEqual(answer.status, status, answer)
            self.counted(answer, 4)
        self.assertGreaterEqual(count, 4)
        self.assertEqual(answer.status, 429)
        self.refused(answer, 4)
        return answer

    def test_each_is_exhausted_by_itself_and_recovers_when_retry_after_says(self):
        port = self.serve(*self.RATES).port
        token = Client(port).token
        known = self.kept(port, token)
        self.assertEqual(known.ask("GET", "/account").status, 200)  # this connection's thread knows the token
        waits = []
        for method, path, body, status, signs_in in self.SPENT:
            conn = known if signs_in else self.kept(port)
            answer = self.exhaust(lambda: conn.ask(method, path, body), status) if path != "/psa/pins" or not signs_in else None
            if answer:
                waits.append((conn, method, path, body, status, time.monotonic() + int(answer.headers["Retry-After"])))
        for conn, method, path, body, status, when in waits:
            time.sleep(max(0, when - time.monotonic()))
            self.assertEqual(conn.ask(method, path, body).status, status, path)
        self.assertEqual(request(port, "GET", "/healthz").status, 200)

    def test_over_http_2(self):
        port = self.serve(*self.RATES).port
        token, seen = Client(port).token, []
        for _ in range(7):
            answer = subprocess.run(["curl", "-sS", "-m", "10", "--http2-prior-knowledge", "-i", "-H", "Authorization: Bearer " + token,
                                     f"http://127.0.0.1:{port}{NO_PIN}"], capture_output=True, text=True, timeout=20, check=True).stdout
            seen.append((int(answer.split()[1]), int(re.search(r"x-ratelimit-remaining: (\d+)", answer).group(1)), answer))
        self.assertEqual([s[0] for s in seen[:4]], [404] * 4)
        self.assertEqual([s[1] for s in seen[:2]], [3, 2])
        refused = [s for s in seen if s[0] == 429]
        self.assertTrue(refused, seen)
        self.assertEqual(refused[0][1], 0)
        self.assertRegex(refused[0][2], r"retry-after: [1-9]")
        self.assertIn('"TOO_MANY_REQUESTS"', refused[0][2])

    def test_one_account_is_one_budget_on_all_threads_and_others_have_their_own(self):
        port = self.serve("--limits.poll_burst=200", "--limits.poll_per_s=20").port
        greedy, modest = Client(port, "//Greedy").token, Client(port, "//Modest").token
        until, began = time.monotonic() + 3, time.monotonic()

        def hammer(_):
            conn, counts = Kept(port, greedy), {}
            while time.monotonic() < until:
                status = conn.ask("GET", NO_PIN).status
                counts[status] = counts.get(status, 0) + 1
            conn.close()
            return counts

        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            rounds = pool.map(hammer, range(6))
            other = self.kept(port, modest)
            for _ in range(25):
                self.assertEqual(other.ask("GET", NO_PIN).status, 404)
                time.sleep(0.1)
            rounds = list(rounds)
        served, refused = (sum(counts.get(status, 0) for counts in rounds) for status in (404, 429))
        self.assertGreater(refused, 0, rounds)
        self.assertGreaterEqual(served, 200)
        self.assertLessEqual(served, 200 + 20 * (time.monotonic() - began) + 1)

    def test_the_admin_socket_has_none(self):
        self.serve(*self.RATES)
        for _ in range(10):
            code, _, err = run("orders", f"--store.path={self.dir}/w3pin.db")
            self.assertEqual(code, 0, err)


class Clients(LimitsCase):
    """What real clients do never trips the defaults."""

    def never(self, answers):
        strange = [answer for answer in answers if answer.status not in (200, 202)]
        self.assertEqual(strange, [])

    def test_kubo_and_helia(self):
        port = self.serve().port
        token = Client(port).token
        began = time.monotonic()

        def add(numbers):
            conn = Kept(port, token)
            answers = [conn.ask("POST", "/psa/pins", {"cid": cid_v1(f"{self.id()} {i}")}, Content_Type="application/json") for i in numbers]
            conn.close()
            return answers

        with concurrent.futures.ThreadPoolExecutor(16) as pool:  # a script that pins a thousand things
            made = [answer for part in pool.map(add, [range(i, 1000, 16) for i in range(16)]) for answer in part]
        self.never(made)

        def wait_for_pin(requestid):  # pin remote add: at once and every 500 ms
            conn, answers = Kept(port, token), []
            for _ in range(5):
                answers.append(conn.ask("GET", "/psa/pins/" + requestid))
                time.sleep(0.5)
            conn.close()
            return answers

        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            for answers in pool.map(wait_for_pin, [answer.json["requestid"] for answer in made[:20]]):
                self.never(answers)

        with concurrent.futures.ThreadPoolExecutor(4) as pool:  # service ls --stat, ten times in a row
            states = ["queued", "pinning", "pinned", "failed"] * 10
            self.never(pool.map(lambda s: Client(port).call("GET", f"/pins?limit=1&status={s}"), states))

        conn, seen, query = self.kept(port, token), [], f"{ALL}&limit=10"  # ls: a hundred pages, one after the other
        while True:
            answer = conn.ask("GET", "/psa/pins?" + query)
            self.never([answer])
            seen += answer.json["results"]
            if answer.json["count"] == len(answer.json["results"]):
                break
            query = f"{ALL}&limit=10&before=" + seen[-1]["created"]
        self.assertEqual(len({pin["requestid"] for pin in seen}), 1000)

        newest = seen[0]["created"]  # Helia's ls: one request for each pin, faster here than it ever is
        self.never(conn.ask("GET", f"/psa/pins?{ALL}&limit=1000&after={newest}") for _ in range(1001))
        self.never(conn.ask("DELETE", "/psa/pins/" + pin["requestid"]) for pin in seen)  # rm --force
        print(f"kubo and Helia: {time.monotonic() - began:.1f} s for {1000 + 100 + 40 + 100 + 1001 + 1000} requests of one account, none refused")


class Proxies(LimitsCase):
    FEW = ("--limits.public_per_s=1", "--limits.public_burst=3")

    def burst(self, port, **headers):
        conn = self.kept(port)
        return [conn.ask("GET", "/openapi.json", **headers).status for _ in range(3)]

    def test_clients_of_a_trusted_proxy_have_their_own_budgets_and_are_in_the_log(self):
        gateway = self.serve(*self.FEW, "--http.trusted_proxies=127.0.0.1")
        for client in ("192.0.2.1", "192.0.2.2", "2001:db8::1"):
            self.assertEqual(self.burst(gateway.port, X_Forwarded_For=client), [200] * 3)
        self.assertIn(429, self.burst(gateway.port, X_Forwarded_For="192.0.2.9, 192.0.2.1"))
        self.assertIn(429, self.burst(gateway.port, X_Forwarded_For="2001:db8::2"))  # the same /64
        refused = {("127.0.0.1", client, "rate-limited") for client in ("192.0.2.1", "2001:db8::2")}
        wait_for("the log", lambda: {(x["peer"], x.get("client"), x.get("reason")) for x in gateway.log_lines("http.access")
                                     if x["status"] == 429} == refused)
        self.assertEqual(gateway.log_lines("http.proxy_unknown"), [])

    def test_of_anybody_else_the_header_is_ignored_and_said_so_once(self):
        gateway = self.serve(*self.FEW)
        self.assertEqual(self.burst(gateway.port, X_Forwarded_For="192.0.2.1"), [200] * 3)
        for i in range(3):
            self.assertIn(429, self.burst(gateway.port, X_Forwarded_For=f"192.0.3.{i}"))
        self.assertEqual(len(gateway.log_lines("http.proxy_unknown")), 1)


class Connections(LimitsCase):
    def connect(self, port, source):
        sock = socket.create_connection(("127.0.0.1", port), 5, source_address=(source, 0))
        self.addCleanup(sock.close)
        return sock

    def open(self, sock):
        """Is it answered on this connection?"""
        try:
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            return sock.recv(4096).startswith(b"HTTP/1.1 200")
        except ConnectionError:
            return False

    def test_a_peer_cannot_take_all(self):
        gateway = self.serve("--http.connections_per_peer=5", "--http.connections_exempt=127.0.0.9", "--http.max_connections=60")
        greedy = [self.connect(gateway.port, "127.0.0.2") for _ in range(50)]
        self.assertEqual(sum(self.open(sock) for sock in greedy), 5)
        for source in ("127.0.0.3", "127.0.0.4"):
            self.assertTrue(self.open(self.connect(gateway.port, source)))
        self.assertTrue(all(self.open(self.connect(gateway.port, "127.0.0.9")) for _ in range(20)))
        lines = gateway.log_lines("http.peer_full")
        self.assertEqual(len(lines), 1)
        self.assertIn("127.0.0.2", lines[0]["msg"])
        for sock in greedy:
            sock.close()
        wait_for("a place that was left", lambda: self.open(self.connect(gateway.port, "127.0.0.2")))

    def test_loopback_is_exempt_by_default(self):
        gateway = self.serve()
        socks = [self.connect(gateway.port, "127.0.0.2") for _ in range(300)]
        self.assertTrue(all(self.open(sock) for sock in socks))


class Hostile(LimitsCase):
    REQUESTS, BATCH = 100_000, 500

    def rss_kb(self, gateway):
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{gateway.proc.pid}/status").read_text()).group(1))

    def flood(self, port, numbers):
        """Pipelined requests, each with a token and an address of its own: how many answers of each status."""
        counts = {}
        with socket.create_connection(("127.0.0.1", port), 20) as sock:
            for first in range(numbers.start, numbers.stop, self.BATCH):
                sock.sendall(b"".join(b"GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer c3ViLTVHcnd2YUVGNXpYYjI2Rno5cmNRcERXUzU3Q3R%06d\r\n"
                                      b"X-Forwarded-For: 10.%d.%d.%d\r\n\r\n" % (NO_PIN.encode(), i, i >> 16, i >> 8 & 255, i & 255)
                                      for i in range(first, first + self.BATCH)))
                got, heads = b"", []
                while len(heads) < self.BATCH:
                    chunk = sock.recv(1 << 18)
                    self.assertTrue(chunk, "the connection ended")
                    got += chunk
                    heads = re.findall(rb"HTTP/1\.1 (\d+) ", got)
                for status in heads:
                    counts[int(status)] = counts.get(int(status), 0) + 1
        return counts

    def test_a_hundred_thousand_tokens_leave_memory_flat_and_others_alone(self):
        # the release build: a sanitizer keeps what was freed
        gateway = self.serve("--http.access_log=off", "--http.trusted_proxies=127.0.0.1", binary=lib.ROOT / "build" / "w3pin")
        client = Client(gateway.port)
        self.assertEqual(client.get("x").status, 404)
        self.flood(gateway.port, range(0, 2 * self.BATCH))
        before, began = self.rss_kb(gateway), time.monotonic()
        half = self.REQUESTS // 2
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            parts = [pool.submit(self.flood, gateway.port, range(i * half, (i + 1) * half)) for i in range(2)]
            while not all(part.done() for part in parts):
                self.assertEqual(client.get("x").status, 404)
                time.sleep(0.1)
        counts = [part.result() for part in parts]
        after, seconds = self.rss_kb(gateway), time.monotonic() - began
        self.assertEqual(sum(sum(c.values()) for c in counts), self.REQUESTS)
        self.assertLess(after - before, 4096, "memory grew")
        print(f"{self.REQUESTS} tokens and addresses: {counts}, {seconds:.1f} s, {before} kB before, {after} kB after")

    def test_a_peer_that_fails_is_not_verified_any_more(self):
        gateway = self.serve("--http.access_log=off")
        counts = self.flood(gateway.port, range(0, 2000))
        self.assertEqual(set(counts), {401, 429})
        self.assertGreaterEqual(counts[401], 500)
        self.assertLess(counts[401], 700)


if __name__ == "__main__":
    main()
