# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""A flood of access tokens that are well formed and bad, each a new one, beside clients with good ones. All limits are the
defaults. Nobody waits for answers (bench_flood.c): both sides send when it is time, on kept HTTP/1.1 connections; what is
late counts from when it was due. The bad ones come from eight addresses, ten pipelined at a time; of the good ones each
goes by itself. Bad are the signatures of three chains, of self-issued tokens, and the tags of minted ones."""
import base64
import os
import statistics
import subprocess
import time

import fixture
import lib
from servers import Bare, cpu_us, rss_mb

DEAD = "http://127.0.0.1:9"
ACCOUNTS, PINS = 400, 4000
HONEST_PER_S, BAD_PER_S, PEERS, DISTINCT = 10_000, 25_000, 8, 1_000_000
MANY_PEERS, NEWCOMERS = 250, 100
CHAINS, CAVEATS = ("eth", "sub", "sol", "self-issued", "minted"), 30
FIELDS = ("due", "sent", "good", "refused", "limited", "lost", "micros", "p50", "p99")


class Flood:
    def __init__(self, options, gateway, folder):
        self.tools, self.gateway, self.folder, self.sent = options.tools, gateway, folder, 0

    def start(self, *args):
        return subprocess.Popen([str(self.tools / "bench_flood"), *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self, proc):
        out, err = proc.communicate(timeout=60)
        if proc.returncode != 0:
            raise SystemExit(f"bench: {err}")
        return dict(zip(FIELDS, map(int, out.split()[1:])))

    def honest(self, ms):
        return self.start("--port", self.gateway.port, "--targets", self.folder / "honest", "--rate", HONEST_PER_S, "--ms", ms, "--connections", 128)

    def bad(self, ms, port=None, rate=BAD_PER_S, peers=PEERS):
        first, self.sent = self.sent, self.sent + rate * ms // 1000
        return self.start("--port", port or self.gateway.port, "--bad", self.folder / "bad", "--rate", rate, "--ms", ms, "--connections", max(64, peers), "--peers", peers,
                          "--group", 10, "--first", first)

    def forget_log(self):
        """The access log of a million requests is of no use to anybody."""
        os.truncate(self.gateway.log_path, 0)


def login_text(address, host):
    now = time.time()
    stamps = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + seconds)) for seconds in (-60, 86400))
    return (f"{host} wants you to sign in with your Ethereum account:\n{address}\n\nPin and look at pins\n\nURI: http://{host}/\nVersion: 1\nChain ID: 1\n"
            "Nonce: w3auth00TESTnonce\nIssued At: {}\nExpiration Time: {}\nResources:\n- urn:w3auth:scope:pin.read\n- urn:w3auth:scope:pin.write").format(*stamps)


def bad_line(kind, i, host):
    """What well-formed tokens are made of. As much of a real signature stays as makes a library do all its work; the rest
    is the generator's."""
    if kind == "minted":  # restricted as often as can be: each is a look at the tag
        raw = bytes([1, 1]) + bytes([i]) * 16 + (1_700_000_000).to_bytes(5, "big") + (1 << 33).to_bytes(5, "big") + b"\x02\x02\x00\xff" * CAVEATS + bytes(32)
        return f"raw\tw3s1_{base64.urlsafe_b64encode(raw).decode()[:-40]}\t40\t"
    chain = "eth" if kind == "self-issued" else kind
    name, signature = base64.b64decode(lib.Client(0, f"//Bad//{i}", chain).token).decode().split(":")
    digits = signature.removeprefix("0x")
    if kind == "self-issued":
        name += "-m1." + base64.b64encode(login_text(name.removeprefix("eth-"), host).encode()).decode().rstrip("=")
    begin, count = (0, 64) if chain == "eth" else (64, 56)  # r of secp256k1; the low bytes of s of the two others
    return f"hex\t{name}:{signature[:len(signature) - len(digits)]}{digits[:begin]}\t{count}\t{digits[begin + count:]}"


def prepare(folder):
    """A gateway whose wallets have some pins each."""
    args = ("--accounts.pins_per_day=0", "--budget.planck_per_day=0", "--engine.poll_ms=1000", "--http.access_log=on", f"--store.path={folder}/flood.db")
    tokens = fixture.wallets(ACCOUNTS)
    gateway = lib.Gateway(folder, DEAD, *args)
    code = lib.Client(gateway.port, "//Bench").add(fixture.random_cid()[1]).status
    gateway.close()
    if code != 202:
        raise SystemExit(f"bench: the first pin was answered {code}")
    rows = fixture.fill(folder / "flood.db", list(tokens), PINS)
    (folder / "honest").write_text("\n".join(fixture.get_targets(rows, tokens, PINS)) + "\n")
    gateway = lib.Gateway(folder, DEAD, *args)
    (folder / "bad").write_text("\n".join(bad_line(kind, i, f"127.0.0.1:{gateway.port}") for i in range(8) for kind in CHAINS) + "\n")
    return gateway


def beside(flood, ms):
    """The good ones alone, and the same beside the bad ones."""
    alone = flood.end(flood.honest(ms))
    procs = flood.bad(ms + 200), flood.honest(ms)
    bad, honest = map(flood.end, procs)
    flood.forget_log()
    print(f"      {alone['good']} good ones alone: p50 {alone['p50'] / 1e3:.2f} ms, p99 {alone['p99'] / 1e3:.2f} ms; beside {bad['sent'] / bad['micros'] * 1e6:.0f} bad "
          f"ones a second ({bad['refused']} x 401, {bad['limited']} x 429): p50 {honest['p50'] / 1e3:.2f} ms, p99 {honest['p99'] / 1e3:.2f} ms, "
          f"{honest['due'] - honest['good']} of {honest['due']} not answered", flush=True)
    return {"answered": 100 * honest["good"] / honest["due"], "slower": honest["p99"] / max(1, alone["p99"]), "rate": bad["sent"] / bad["micros"] * 1e6,
            "lost": bad["lost"]}


def newcomers(flood):
    """How many of a hundred wallets that were never seen get in while bad ones come from very many addresses, which have
    used up what each of them may fail."""
    clients = [lib.Client(flood.gateway.port, f"//New//{i}") for i in range(NEWCOMERS)]
    flood.end(flood.bad(7000, peers=MANY_PEERS))
    proc = flood.bad(2000, peers=MANY_PEERS)
    good = sum(client.call("GET", "/pins").status == 200 for client in clients)
    flood.end(proc)
    flood.forget_log()
    return 100 * good / NEWCOMERS


def cost(flood, pid, port, ms):
    """Server CPU for each bad one, when there is nothing else."""
    before = cpu_us(pid)
    done = flood.end(flood.bad(ms, port))
    return (cpu_us(pid) - before) / max(1, done["good"] + done["refused"] + done["limited"])


def refusal(flood):
    """An answer of the time when the peers' budgets are used up: its length, and its headers beside those of h2o."""
    own = {"date", "server", "connection", "content-length", "content-type"}
    while True:
        answer = lib.request(flood.gateway.port, "GET", "/psa/pins", headers={"Authorization": "Bearer " + base64.b64encode(os.urandom(120)).decode()})
        if answer.status == 429:
            return len(answer.body), [f"--header={name.lower()}:{value}" for name, value in answer.headers.items() if name.lower() not in own]


def bench_flood(options, verdicts, folder):
    gateway = prepare(folder)
    flood, pid = Flood(options, gateway, folder), gateway.proc.pid
    try:
        flood.end(flood.honest(1000))  # tokens into the caches
        flood.end(flood.bad(2000))  # what the peers' budgets permit, and the caches of refusals are full
        rounds = [beside(flood, 2 * options.ms) for _ in range(options.rounds)]
        middle = {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}
        verdicts.add("bad tokens a second", middle["rate"], 0.95 * BAD_PER_S, "/s", at_least=True)
        verdicts.add(f"{HONEST_PER_S} good ones a second beside them: answered", middle["answered"], 99, "%", at_least=True)
        verdicts.add("their p99 beside that without the flood", middle["slower"], 3, "x")
        verdicts.add(f"wallets never seen before, bad ones from {MANY_PEERS} addresses: let in", newcomers(flood), 99, "%", at_least=True)
        memory, first = rss_mb(pid), flood.sent
        bare = Bare(options.tools, *refusal(flood))
        try:
            pairs = [[cost(flood, pid, None, options.ms), cost(flood, bare.proc.pid, bare.port, options.ms)] for _ in range(options.rounds)]
        finally:
            bare.close()
        print(f"      server CPU for each: {statistics.median(p[0] for p in pairs):.1f} us, bare h2o handler {statistics.median(p[1] for p in pairs):.1f} us", flush=True)
        verdicts.add("a bad token beyond the budget: above the bare handler", statistics.median(p[0] - p[1] for p in pairs), 8, "us CPU")
        flood.forget_log()
        while flood.sent - first < DISTINCT:
            flood.end(flood.bad(4000, rate=2 * BAD_PER_S))
            flood.forget_log()
        verdicts.add(f"memory that {DISTINCT} distinct bad tokens add", rss_mb(pid) - memory, 2, "MB")
    finally:
        gateway.close()
