# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks know of a server under load: its CPU time, its memory, and the bare handler beside it."""
import pathlib
import re
import subprocess


def cpu_us(pid):
    """CPU time of all threads; finer than the ticks of /proc/PID/stat."""
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e3


def rss_mb(pid, field="RSS"):
    return int(re.search(rf"Vm{field}:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) * 1024 / 1e6


class Bare:
    def __init__(self, tools, size, headers):
        self.proc = subprocess.Popen([str(tools / "bench_bare_h2o"), "--port", "0", "--threads", "2", "--size", str(size), *headers],
                                     stdout=subprocess.PIPE, text=True)
        self.port = int(self.proc.stdout.readline())

    def close(self):
        self.proc.terminate()
        self.proc.wait()
