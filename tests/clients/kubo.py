# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""A kubo node on loopback that knows nobody, for the tests of `ipfs pin remote`."""
import json
import os
import subprocess

from clients import KUBO
import lib
from lib import wait_for

ALL = "--status=queued,pinning,pinned,failed"


class Kubo:
    def __init__(self, directory, url, token, mfs_interval=None):
        self.env = lib.clean_env(IPFS_PATH=os.path.join(directory, "ipfs"), IPFS_TELEMETRY="off", HOME=directory)
        self.run("init", "--profile=test")
        for key, value in (("Addresses.Swarm", ["/ip4/127.0.0.1/tcp/0"]), ("Addresses.API", "/ip4/127.0.0.1/tcp/0"),
                           ("Routing.Type", "none"), ("AutoConf.Enabled", False), ("AutoTLS.Enabled", False),
                           ("Version.SwarmCheckEnabled", False)):
            self.run("config", "--json", key, json.dumps(value))
        self.run("pin", "remote", "service", "add", "w3", url, token)
        if mfs_interval:
            policy = {"Enable": True, "PinName": "", "RepinInterval": mfs_interval}
            self.run("config", "--json", "Pinning.RemoteServices.w3.Policies.MFS", json.dumps(policy))
        self.log = open(os.path.join(directory, "kubo.log"), "wb")
        self.proc = subprocess.Popen([KUBO, "daemon"], env=self.env, stdout=self.log, stderr=subprocess.STDOUT)
        wait_for("the kubo daemon", lambda: os.path.exists(self.env["IPFS_PATH"] + "/api") or self.proc.poll() is not None, 60)

    def tell(self, *args, stdin=None, timeout=120):
        """(exit code, stdout, stderr) of one command."""
        done = subprocess.run([KUBO, *args], env=self.env, input=stdin, capture_output=True, timeout=timeout, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def run(self, *args, stdin=None, timeout=120):
        code, out, err = self.tell(*args, stdin=stdin, timeout=timeout)
        assert code == 0, (args, code, out, err)
        return out

    def remote(self, *args, timeout=120):
        """The JSON objects that `ipfs pin remote …` prints."""
        out = self.run("pin", "remote", *args, "--service=w3", "--enc=json", timeout=timeout)
        return [json.loads(line) for line in out.splitlines() if line.strip()]

    def close(self):
        self.proc.terminate()
        try:
            self.proc.wait(20)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()
        self.log.close()
