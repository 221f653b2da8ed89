# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""Certificates exchanged while four loop threads shake hands, for the thread sanitizer: the clients of test_tls, beside
them some that connect and say nothing, or half of a hello, and hang up whenever it pleases them.
W3PIN_BIN must be a binary with -fsanitize=thread; its report ends the process with code 66 and is in the log, too."""
import pathlib
import random
import socket
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from lib import main  # noqa: E402
from test_tls import Reload, tearDownModule  # noqa: E402,F401


class Threads(Reload):
    test_what_is_broken_keeps_the_old = None

    def start(self, *args, **more):
        gateway = super().start(*args, **more)
        over = threading.Event()
        rude = threading.Thread(target=self.half_open, args=(gateway.tls_port, over), daemon=True)
        rude.start()
        self.addCleanup(rude.join, 10)
        self.addCleanup(over.set)
        return gateway

    @staticmethod
    def half_open(port, over):
        rng, held = random.Random(1), []
        while not over.wait(0.01):
            try:
                sock = socket.create_connection(("127.0.0.1", port), 10)
                sock.sendall(bytes.fromhex("160301020001")[:rng.randrange(7)])
            except OSError:  # only after the stop
                break
            held.append(sock)
            while len(held) > 20:
                held.pop(rng.randrange(len(held))).close()
        for sock in held:
            sock.close()


del Reload  # it is run by Threads only

if __name__ == "__main__":
    main()
