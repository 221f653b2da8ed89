# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""The whole gateway under many threads, for the thread sanitizer: four loop threads, the writer, the engine, a chain
with fast blocks, clients that add, read, list, replace and delete at once, hang up in the middle, and a stop under load.
W3PIN_BIN must be a binary with -fsanitize=thread; its report ends the process with code 66 and is in the log, too."""
import json
import pathlib
import random
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from lib import Case, Client, Devnet, Gateway, cid_v1, main, request, wait_for  # noqa: E402

WORKERS = 8
SECONDS = 6.0
MANY = ("--http.threads=4", "--accounts.pins_per_day=0")


class Worker(threading.Thread):
    """One client; every answer must be one that the API knows."""

    def __init__(self, port, index, until):
        super().__init__(daemon=True)
        self.client = Client(port, f"//Stress{index % 4}")
        self.rng = random.Random(index)
        self.until, self.mine, self.answers, self.strange = until, [], {}, []

    def note(self, what, answer, good):
        self.answers[what] = self.answers.get(what, 0) + 1
        if answer.status not in good:
            self.strange.append(f"{what}: {answer}")

    def step(self):
        what = self.rng.choice(["add", "add", "get", "get", "list", "replace", "delete", "ops", "hang up"])
        if what == "add" or not self.mine:
            answer = self.client.add(cid_v1(f"stress-{self.rng.randrange(60)}"), name="n", meta={"k": "v"})
            self.note("add", answer, (202,))
            if answer.status == 202:
                self.mine.append(answer.json["requestid"])
        elif what == "get":
            self.note(what, self.client.get(self.rng.choice(self.mine)), (200, 404))
        elif what == "list":
            self.note(what, self.client.call("GET", "/pins?limit=20&status=queued,pinning,pinned,failed"), (200,))
        elif what == "replace":
            cid = cid_v1(f"stress-{self.rng.randrange(60)}")
            answer = self.client.call("POST", "/pins/" + self.mine.pop(), {"cid": cid})
            self.note(what, answer, (202, 404))
            if answer.status == 202:
                self.mine.append(answer.json["requestid"])
        elif what == "delete":
            self.note(what, self.client.call("DELETE", "/pins/" + self.mine.pop()), (202, 404))
        elif what == "ops":
            self.note(what, request(self.client.port, "GET", "/readyz"), (200, 503))
        else:
            self.hang_up()

    def hang_up(self):
        """A request whose client is gone before the answer."""
        body = json.dumps({"cid": cid_v1("gone")})
        head = (f"POST /psa/pins HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.client.token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.client.port), timeout=10) as sock:
            sock.sendall((head + body).encode())
        self.answers["hang up"] = self.answers.get("hang up", 0) + 1

    def run(self):
        while time.monotonic() < self.until:
            try:
                self.step()
            except OSError as error:  # only after the stop
                if time.monotonic() < self.until:
                    self.strange.append(repr(error))
                return


class Threads(Case):
    def load(self, gateway, seconds):
        workers = [Worker(gateway.port, index, time.monotonic() + seconds) for index in range(WORKERS)]
        for worker in workers:
            worker.start()
        return workers

    def finish(self, workers):
        total = {}
        for worker in workers:
            worker.join(30)
            self.assertFalse(worker.is_alive())
            self.assertEqual(worker.strange, [])
            for what, count in worker.answers.items():
                total[what] = total.get(what, 0) + count
        return total

    def test_everything_at_once_then_settles(self):
        devnet = self.own(Devnet(block_ms=100))
        gateway = self.own(Gateway(self.dir, devnet.url, *MANY))
        total = self.finish(self.load(gateway, SECONDS))
        print("answers:", total)
        self.assertGreater(min(total.values()), 10)
        client = Client(gateway.port, "//Stress0")
        wait_for("all pins pinned", lambda: client.call("GET", "/pins?status=queued,pinning,failed").json["count"] == 0, 60)
        self.assertEqual(gateway.stop(), 0)
        self.assertEqual(devnet.stop(), 0)

    def test_stopped_under_load(self):
        devnet = self.own(Devnet(block_ms=100))
        for _ in range(2):
            gateway = self.own(Gateway(self.dir, devnet.url, *MANY))
            workers = self.load(gateway, 1.5)
            time.sleep(1.5)
            self.assertEqual(gateway.stop(signal.SIGTERM), 0)
            for worker in workers:
                worker.join(30)


if __name__ == "__main__":
    main()
