# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Certificates exchanged while four loop threads shake hands, for the thread sanitizer: the clients of test_tls, beside
them some that connect and say nothing, or half of a hello, and hang up or begin in earnest some certificates later.
W3PIN_BIN must be a binary with -fsanitize=thread; its report ends the process with code 66 and is in the log, too."""
import pathlib
import random
import socket
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from lib import main  # noqa: E402
from test_tls import Reload, client_context, tearDownModule  # noqa: E402,F401


class Threads(Reload):
    test_what_is_broken_keeps_the_old = None

    def start(self, *args, **more):
        gateway = super().start(*args, **more)
        self.over, self.late, self.context = threading.Event(), 0, client_context("http/1.1")
        self.rude = threading.Thread(target=self.half_open, args=(gateway.tls_port,), daemon=True)
        self.rude.start()
        self.addCleanup(self.over.set)
        return gateway

    def test_under_load(self):
        super().test_under_load()
        self.over.set()
        self.rude.join(20)
        print("handshakes begun late:", self.late)
        self.assertGreater(self.late, 10)

    def half_open(self, port):
        rng, held = random.Random(1), []
        try:
            while not self.over.wait(0.01):
                sock = socket.create_connection(("127.0.0.1", port), 10)
                said = bytes.fromhex("160301020001")[:rng.choice((0, 0, 3, 6))]
                sock.sendall(said)
                held.append((sock, said))
                if len(held) > 20:
                    self.leave(*held.pop(0))
        except OSError:  # after the stop
            pass
        for sock, _ in held:
            sock.close()

    def leave(self, sock, said):
        """Who has said nothing yet is served as on the first day: with the certificate of that time."""
        with sock:
            if said:
                return
            with self.context.wrap_socket(sock) as secure:
                secure.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                self.late += secure.recv(4096).startswith(b"HTTP/1.1 200")


del Reload  # it is run by Threads only

if __name__ == "__main__":
    main()
