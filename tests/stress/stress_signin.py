# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Signing in under many threads, for the thread sanitizer: wallets that log in, make tokens, revoke them and log out everywhere while
the operator replaces and drops keys and clients hang up; then a stop under load and a start anew. What was revoked before a question
is never answered with yes, what was not is never answered with no, and a restart changes none of it.
W3PIN_BIN must be a binary with -fsanitize=thread."""
import http.client
import json
import pathlib
import random
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import macaroon  # noqa: E402
from lib import Case, Gateway, main, request, run  # noqa: E402
from signin import AUDIENCE, EVERYTHING, HOST, Wallet, answer_of, challenge, post  # noqa: E402

HOLDERS, SECONDS = 6, 6.0
DEAD = "http://127.0.0.1:9"


class World:
    """What is known to be over: put into `ending` before it is asked for, into `ended` once the answer is there."""

    def __init__(self):
        self.ending, self.ended, self.strange, self.counts = set(), set(), [], {}
        self.drops = 0

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1


class Token:
    def __init__(self, answer):
        self.text, self.id = answer["token"], answer["id"]
        self.names = {self.id, ("key", macaroon.raw_of(self.text)[1])}


class Holder(threading.Thread):
    """The one client of its account."""

    def __init__(self, world, port, index, until):
        super().__init__(daemon=True)
        self.world, self.port, self.until, self.rng = world, port, until, random.Random(index)
        self.wallet = Wallet("eth" if index % 2 else "sub", f"//Signin{index}")
        self.tokens, self.conns = [], [http.client.HTTPConnection("127.0.0.1", port, timeout=20) for _ in range(4)]

    def ask(self, token, conn=None, method="GET", path="/auth/whoami", body=None):
        """The status; that it is 401 or not must fit what is over."""
        conn = conn or self.rng.choice(self.conns)
        over = bool(token.names & self.world.ended)
        conn.request(method, path, json.dumps(body) if body is not None else None, {"Authorization": "Bearer " + token.text})
        reply = conn.getresponse()
        text = reply.read()
        may_be_over = bool(token.names & self.world.ending)
        if (over and reply.status != 401) or (reply.status == 401 and not may_be_over) or reply.status >= 500:
            self.world.strange.append(f"{method} {path}: {reply.status} {text[:200]}, over before {over}, behind {may_be_over}")
        self.world.count(f"{path.split('/')[2]} {reply.status}")
        return reply.status, text

    def login(self):
        drops = self.world.drops
        answer = post(self.port, "/auth/login", answer_of(self.wallet, challenge(self.port, self.wallet, scopes=EVERYTHING, ttl=3600).json))
        if answer.status == 200:
            self.tokens.append(Token(answer.json))
        elif answer.status != 401 or drops == self.world.drops:
            self.world.strange.append(f"login: {answer}")
        self.world.count(f"login {answer.status}")

    def end(self, names, token, method, path, good):
        self.world.ending |= names
        status, _ = self.ask(token, None, method, path)
        if status in good:
            self.world.ended |= names
        return status in good

    def step(self):
        if not self.tokens:
            self.login()
            return
        token, what = self.rng.choice(self.tokens), self.rng.choice(["ask"] * 4 + ["mint"] * 3 + ["revoke"] * 2 + ["list", "login", "hang up", "logout"])
        if what == "ask" and self.ask(token)[0] == 401:
            self.tokens.remove(token)
        elif what == "mint" and len(self.tokens) < 40:
            status, text = self.ask(token, None, "POST", "/auth/token", {"scopes": EVERYTHING, "ttl": 3600})
            if status == 200:
                self.tokens.append(Token(json.loads(text)))
        elif what == "revoke":
            other = self.rng.choice(self.tokens)
            if self.end({other.id}, token, "DELETE", "/auth/tokens/" + other.id, (204,)):
                for conn in self.conns:
                    self.ask(other, conn)
                self.tokens.remove(other)
        elif what == "list":
            self.ask(token, None, "GET", "/auth/tokens")
        elif what == "login":
            self.login()
        elif what == "logout" and self.rng.random() < 0.3:
            if self.end({t.id for t in self.tokens}, token, "POST", "/auth/logout-all", (204,)):
                for old in self.tokens:
                    self.ask(old)
                self.tokens = []
        elif what == "hang up":
            self.hang_up()

    def hang_up(self):
        body = json.dumps(answer_of(self.wallet, challenge(self.port, self.wallet, ttl=60).json))
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as sock:
            sock.sendall(f"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        self.world.count("hang up")

    def run(self):
        try:
            while time.monotonic() < self.until:
                self.step()
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() < self.until:
                self.world.strange.append(repr(error))
        except Exception as error:  # noqa: BLE001 - a thread that dies silently would prove nothing
            self.world.strange.append(repr(error))
        for conn in self.conns:
            conn.close()


class Operator(threading.Thread):
    """A new key again and again; of those no longer current the oldest goes."""

    def __init__(self, world, path, until):
        super().__init__(daemon=True)
        self.world, self.path, self.until = world, path, until

    def admin(self, method, path):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(20)
            sock.connect(self.path)
            body = "{}" if method == "POST" else ""
            sock.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
            reply = http.client.HTTPResponse(sock)
            reply.begin()
            return json.loads(reply.read())

    def run(self):
        kids = [k["kid"] for k in self.admin("GET", "/auth/keys")["keys"]]
        while time.monotonic() < self.until - 1:
            time.sleep(0.4)
            kids.append(self.admin("POST", "/auth/keys")["kid"])
            if len(kids) > 2:
                self.world.ending |= {("key", kids[0])}
                self.world.drops += 1
                if self.admin("DELETE", f"/auth/keys/{kids[0]}") != {"dropped": kids[0]}:
                    self.world.strange.append("a key was not dropped")
                self.world.ended |= {("key", kids.pop(0))}
                self.world.drops += 1
        self.world.count("operator")


class Signing(Case):
    def start(self):
        return self.own(Gateway(self.dir, DEAD, AUDIENCE, "--http.threads=4", "--admin.socket=" + self.dir + "/admin.sock", "--limits.failed_per_s=0",
                                "--limits.write_per_s=0", "--limits.public_per_s=0", "--limits.list_per_s=0"))

    def test_everything_at_once_and_a_restart(self):
        gateway, world = self.start(), World()
        code, own, err = run("token", "new", "--chain", "eth", "--uri", "//Own", "--for", "https://" + HOST)
        self.assertEqual(code, 0, err)
        until = time.monotonic() + SECONDS
        holders = [Holder(world, gateway.port, index, until) for index in range(HOLDERS)]
        operator = Operator(world, self.dir + "/admin.sock", until)
        for thread in [*holders, operator]:
            thread.start()
        for thread in [*holders, operator]:
            thread.join(60)
            self.assertFalse(thread.is_alive())
        self.assertEqual(world.strange, [])
        print("answers:", dict(sorted(world.counts.items())))
        for what in ("whoami 200", "whoami 401", "token 200", "tokens 204", "login 200", "hang up", "operator"):
            self.assertGreater(world.counts.get(what, 0), 0, what)
        late = [Holder(world, gateway.port, HOLDERS + index, time.monotonic() + 3) for index in range(HOLDERS)]
        for thread in late:
            thread.start()
        time.sleep(1.5)
        self.assertEqual(gateway.stop(), 0)
        port = self.start().port
        for thread in late:
            thread.join(60)
        asked = {200: 0, 401: 0}
        for token in [token for holder in [*holders, *late] for token in holder.tokens]:
            if not token.names & (world.ending - world.ended):  # of what was asked for while it stopped nobody knows
                expected = 401 if token.names & world.ended else 200
                self.assertEqual(request(port, "GET", "/auth/whoami", headers={"Authorization": "Bearer " + token.text}).status, expected)
                asked[expected] += 1
        print("behind the restart:", asked)
        self.assertGreater(asked[200], 0)
        self.assertEqual(post(port, "/auth/token", {"scopes": ["pin.read"]}, token=own.strip()).status, 403)


if __name__ == "__main__":
    main()
