# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""The requests of real clients, byte for byte on a raw socket: Go's (kubo's `ipfs pin remote`, its MFS policy, its broken
filter by meta) and JavaScript's (Helia). The heads are what Go 1.22's net/http and Node 20's fetch write. And what clients
say of themselves: origins of every kind, none of which is ever dialled."""
import hashlib
import json
import socket
import time
import urllib.parse

import lib
from lib import Case, Client, Devnet, Gateway, cid_v0, cid_v1, main, orders_on_chain

DEAD = "http://127.0.0.1:9"
STATES = ("queued", "pinning", "pinned", "failed")
ALL = "%2C".join(STATES)
PEER = "12D3KooWMcAHcs97R49PLZjGUKDbP1fr9iijeepod8fkktHTLCgN"
CERT = "uEiAv_B0GOH74u3o0MStsbD9pFVBoRQjDzn7jiJN1oY1voA"
gateway, folder = None, None


def setUpModule():
    global gateway, folder
    folder = lib.tempfile.TemporaryDirectory(prefix="w3pin-e2e-")
    gateway = Gateway(folder.name, DEAD, "--accounts.pins_per_day=0")


def tearDownModule():
    gateway.close()
    folder.cleanup()


class Wire:
    """One connection that is kept; what is sent is what the test says."""

    def __init__(self, port, token):
        self.host, self.token = f"127.0.0.1:{port}", token
        self.sock = socket.create_connection(("127.0.0.1", port), 20)
        self.file = self.sock.makefile("rb")
        self.asked = 0

    def close(self):
        self.file.close()
        self.sock.close()

    def send(self, head, body=b""):
        self.asked += 1
        self.sock.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)

    def reply(self):
        status = int(self.file.readline().split()[1])
        headers = lib.http.client.parse_headers(self.file)
        return lib.Answer(status, headers, self.file.read(int(headers["Content-Length"] or 0)))

    def go(self, method, path, body=None):
        """Go's client: its own header fields first, the others by name, and what its transport adds last."""
        text = go_json(body) if body is not None else b""
        self.send([f"{method} /psa{path} HTTP/1.1", "Host: " + self.host, "User-Agent: go-pinning-service-http-client",
                   *([f"Content-Length: {len(text)}"] if text else []), "Accept: application/json", "Authorization: Bearer " + self.token,
                   *(["Content-Type: application/json"] if text else []), "Accept-Encoding: gzip"], text)

    def js(self, method, path, body=None):
        text = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode() if body is not None else b""
        self.send([f"{method} /psa{path} HTTP/1.1", "host: " + self.host, "connection: keep-alive",
                   *(["Content-Type: application/json"] if text else []), "Authorization: Bearer " + self.token, "accept: */*",
                   "accept-language: *", "sec-fetch-mode: cors", "user-agent: node", "accept-encoding: gzip, deflate",
                   *([f"content-length: {len(text)}"] if text else [])], text)


def go_json(value):
    """What Go's encoder writes: no spaces, <, > and & escaped, a newline behind it."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text.encode() + b"\n"


def go_query(**values):
    return "?" + urllib.parse.urlencode(sorted(values.items()))


def js_query(*pairs):
    part = lambda text: urllib.parse.quote(str(text), safe="!'()*")  # encodeURIComponent
    return "?" + "&".join(f"{part(key)}={part(value)}" for key, value in pairs)


class ShapeCase(Case):
    def setUp(self):
        super().setUp()
        self.client = Client(gateway.port, "//" + hashlib.sha256(self.id().encode()).hexdigest()[:16])
        self.wire = self.connect()

    def connect(self, port=None, token=None):
        wire = Wire(port or gateway.port, token or self.client.token)
        self.addCleanup(wire.close)
        return wire

    def go(self, method, path, body=None, status=None, wire=None):
        return self.ask("go", method, path, body, status, wire)

    def js(self, method, path, body=None, status=None, wire=None):
        return self.ask("js", method, path, body, status, wire)

    def ask(self, client, method, path, body, status, wire):
        wire = wire or self.wire
        getattr(wire, client)(method, path, body)
        answer = wire.reply()
        self.assertEqual(answer.status, status or (200 if method == "GET" else 202), (method, path, answer))
        self.assertIsNone(answer.headers["Content-Encoding"])
        self.assertNotEqual((answer.headers["Connection"] or "").lower(), "close")
        if answer.body:
            self.assertRegex(answer.headers["Content-Type"], r"^(application|text)/(vnd\..+\+)?json")
        return answer.json if answer.body else None

    def refused(self, failure, names=""):
        self.assertEqual(set(failure), {"error"})
        self.assertEqual(set(failure["error"]), {"reason", "details"})
        self.assertIn(names, failure["error"]["details"])

    def pages(self, query):
        """Every page that kubo reads, as kubo reads them: by ten, until a page holds all that its count says."""
        rows, pages = [], 0
        while True:
            page = self.go("GET", "/pins" + go_query(**query))
            rows, pages = rows + page["results"], pages + 1
            self.assertLess(pages, 50)
            if page["count"] == len(page["results"]):
                return rows, pages
            query = {**query, "before": page["results"][-1]["created"]}


class Kubo(ShapeCase):
    def test_add(self):
        cid0, cid1 = cid_v0("go"), cid_v1("go")
        bare = self.go("POST", "/pins", {"cid": cid0})
        self.assertEqual((bare["pin"]["cid"], "name" in bare["pin"], "origins" in bare["pin"]), (cid0, False, False))
        full = {"cid": cid1, "name": "a & b <c>, \"d\"\u2028é", "origins": [f"/ip4/10.1.2.3/tcp/4001/p2p/{PEER}"], "meta": {"k&": "<v>"}}
        self.assertIn(b"\\u0026", go_json(full))
        got = self.go("POST", "/pins", full)
        self.assertEqual(got["pin"], full)
        for _ in range(3):  # it waits by asking every half second
            self.assertEqual(self.go("GET", "/pins/" + got["requestid"])["pin"], full)

    def test_ls_reads_every_pin_once_and_newest_first(self):
        made = [self.go("POST", "/pins", {"cid": cid_v1(f"ls {i}"), "name": "one, two: ä&+"})["requestid"] for i in range(23)]
        self.go("POST", "/pins", {"cid": cid_v1("other"), "name": "another"})
        for query in ({"limit": 10, "name": "one, two: ä&+", "status": ",".join(STATES)},
                      {"limit": 10, "name": "one, two: ä&+", "status": "queued", "cid": ",".join(cid_v1(f"ls {i}") for i in range(10))}):
            rows, pages = self.pages(query)
            wanted = made if "cid" not in query else made[:10]
            self.assertEqual([r["requestid"] for r in rows], wanted[::-1])
            self.assertEqual(pages, (len(wanted) + 9) // 10)
        self.assertEqual(self.pages({"limit": 10, "status": "pinned"}), ([], 1))

    def test_rm(self):
        for i in range(12):
            self.go("POST", "/pins", {"cid": cid_v1(f"rm {i}"), "name": "gone" if i < 11 else "gone too"})
        rows, _ = self.pages({"limit": 10, "name": "gone", "status": ",".join(STATES)})
        self.assertEqual(len(rows), 11)
        for row in rows:
            self.go("DELETE", "/pins/" + row["requestid"])
        self.refused(self.go("DELETE", "/pins/" + rows[0]["requestid"], status=404))
        left, _ = self.pages({"limit": 10, "status": ",".join(STATES)})
        self.assertEqual([r["pin"]["name"] for r in left], ["gone too"])

    def test_service_ls_stat(self):
        for i in range(3):
            self.go("POST", "/pins", {"cid": cid_v1(f"stat {i}")})
        wires = {status: self.connect() for status in STATES}
        for _ in range(5):
            for status, wire in wires.items():  # all four are on their way at once
                wire.go("GET", "/pins" + go_query(limit=1, status=status))
            answers = {status: wire.reply() for status, wire in wires.items()}
            self.assertEqual({a.status for a in answers.values()}, {200})
            self.assertEqual({s: (a.json["count"], len(a.json["results"])) for s, a in answers.items()},
                             {"queued": (3, 1), "pinning": (0, 0), "pinned": (0, 0), "failed": (0, 0)})

    def test_mfs_policy(self):
        name, past = f"policy/{PEER}/mfs", []
        query = f"/pins?limit=10&name=policy%2F{PEER}%2Fmfs&status={ALL}"
        self.go("POST", "/pins", {"cid": cid_v1("mine"), "name": "mine"})
        for root in ("r0", "r1", "r2", "r2", "r0"):  # the same root again: an answer that was lost
            page = self.go("GET", query)
            self.assertEqual((page["count"], len(page["results"])), (1, 1) if past else (0, 0))
            last = "/" + page["results"][-1]["requestid"] if past else ""
            past.append(self.go("POST", "/pins" + last, {"cid": cid_v1(root), "name": name})["requestid"])
        self.assertEqual(len(set(past)), 5)
        page = self.go("GET", query)
        self.assertEqual([(r["requestid"], r["pin"]) for r in page["results"]], [(past[-1], {"cid": cid_v1("r0"), "name": name})])
        for requestid in past[:-1]:
            self.go("GET", "/pins/" + requestid, status=404)
        self.refused(self.go("POST", "/pins/" + past[0], {"cid": cid_v1("r3"), "name": name}, status=404))
        self.assertEqual(self.go("GET", f"/pins?limit=10&name=mine&status={ALL}")["count"], 1)

    def test_its_filter_by_meta_is_refused_and_never_dropped(self):
        self.go("POST", "/pins", {"cid": cid_v1("meta"), "meta": {"app": "z"}})
        self.refused(self.go("GET", "/pins?limit=10&meta=map%5Bapp%3Az%5D&status=" + ALL, status=400), "meta")
        self.assertEqual(self.go("GET", "/pins?limit=10&status=" + ALL)["count"], 1)  # the connection goes on

    def test_a_wrong_key(self):
        wire = self.connect(token="purposefullyInvalid")
        self.refused(self.go("GET", "/pins" + go_query(limit=10, status="pinned"), status=401, wire=wire))
        self.refused(self.go("POST", "/pins", {"cid": cid_v1("x")}, status=401, wire=wire))


class JavaScript(ShapeCase):
    def test_add_and_replace(self):
        pin = {"cid": cid_v1("js"), "name": "ü", "origins": [f"/ip4/127.0.0.1/udp/4001/quic-v1/p2p/{PEER}"], "meta": {"a": "ß"}}
        added = self.js("POST", "/pins", pin)
        self.assertEqual(added["pin"], pin)
        pin["meta"] = {}
        again = self.js("POST", "/pins/" + added["requestid"], pin)
        self.assertNotEqual(again["requestid"], added["requestid"])
        self.assertEqual(again["pin"].get("meta", {}), {})
        self.js("DELETE", "/pins/" + again["requestid"])

    def test_what_is_not_pinned_yet_is_not_taken_for_pinned(self):
        self.js("POST", "/pins", {"cid": cid_v1("yet")})
        for pairs in ([("cid", cid_v1("yet")), ("limit", 1)], [("cid", cid_v1("yet"))], [("limit", 1000)]):  # isPinned, rm, ls
            self.assertEqual(self.js("GET", "/pins" + js_query(*pairs)), {"count": 0, "results": []})

    def test_all_filters_at_once(self):
        made = self.js("POST", "/pins", {"cid": cid_v1("f"), "name": "a b/ü!", "meta": {"app": "z z", "k[1]": "ä"}})
        self.js("POST", "/pins", {"cid": cid_v1("f"), "name": "a b/ü!", "meta": {"app": "other", "k[1]": "ä"}})
        page = self.js("GET", "/pins" + js_query(("cid", f"{cid_v0('g')},{cid_v1('f')}"), ("name", "A B/Ü!"), ("match", "iexact"), ("status", "queued,pinned"),
                                                 ("before", "2999-01-01T00:00:00.000Z"), ("after", "1970-01-01T00:00:00.001Z"), ("limit", 1000),
                                                 ("meta[app]", "z z"), ("meta[k[1]]", "ä")))
        self.assertEqual([r["requestid"] for r in page["results"]], [made["requestid"]])

    def test_its_filter_by_meta_is_taken_and_never_dropped(self):
        for i, app in enumerate(("z", "z", "y")):
            self.js("POST", "/pins", {"cid": cid_v1(f"meta {i}"), "name": "x", "meta": {"app": app, "v": str(i)}})
        state = ("status", ",".join(STATES))
        for pairs, count in (([("meta[app]", "z")], 2), ([("meta[app]", "z"), ("meta[v]", "1")], 1), ([("meta[app]", "")], 0),
                             ([("meta[nope]", "z")], 0), ([("meta[app][b]", "z")], 0), ([], 3)):
            self.assertEqual(self.js("GET", "/pins" + js_query(state, *pairs))["count"], count, pairs)
        for pairs in ([("meta[app", "z")], [("meta[]", "z")], [("meta[app]", "z"), ("meta[app]", "y")], [("meta[a]", "z"), ("meta", '{"a":"z"}')],
                      [("meta[app]x", "z")], [(f"meta[{i}]", "z") for i in range(17)]):
            self.refused(self.js("GET", "/pins" + js_query(state, *pairs), status=400), "meta")

    def test_lists_as_other_clients_write_them_are_refused_and_never_dropped(self):
        self.js("POST", "/pins", {"cid": cid_v1("list")})
        for key, value in (("cid[]", cid_v1("x")), ("cid[0]", cid_v1("x")), ("status[]", "failed"), ("name[]", "x"), ("before[]", "x")):
            self.refused(self.js("GET", "/pins" + js_query(("status", "queued"), (key, value)), status=400), key.split("[")[0] + "[]")
        self.assertEqual(self.js("GET", "/pins?status=queued&other[]=x&page[number]=2")["count"], 1)


class Origins(ShapeCase):
    REAL = [f"/ip4/192.168.1.7/udp/4001/quic-v1/p2p/{PEER}", f"/ip4/203.0.113.9/udp/4001/quic-v1/webtransport/certhash/{CERT}/certhash/{CERT}/p2p/{PEER}",
            f"/ip4/203.0.113.9/udp/4001/webrtc-direct/certhash/{CERT}/p2p/{PEER}", f"/ip6/::1/tcp/4001/p2p/{PEER}", "/ip6zone/eth0/ip6/fe80::1/tcp/4001",
            f"/ip4/127.0.0.1/tcp/4001/tls/sni/a.example/ws/p2p/{PEER}", f"/ip4/1.2.3.4/tcp/4001/p2p/{PEER}/p2p-circuit/p2p/{PEER}", "/dnsaddr/bootstrap.libp2p.io",
            "/ip4/100.64.0.1/tcp/4001", "/ip4/169.254.169.254/tcp/80/http", "/unix/%2Frun%2Fipfs.sock", "/memory/1", f"/p2p/{PEER}", f"/ipfs/{PEER}",
            "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234", "/newthing/of/2031"]
    GARBAGE = ["", "/", "nope", "https://a.example/", "ip4/1.2.3.4/tcp/1", " /ip4/1.2.3.4/tcp/1", "/ip4/1.2.3.4/tcp/1\n", "/dns4/\u00e4.example/tcp/1",
               "/ip4/1.2.3.4/\"", "/back\\slash", "/" + "x" * 5000, "\u202e/ip4/1.2.3.4"]

    def kept(self, origins):
        """What is kept of them: as the POST, a GET, the list and a replacement give it back."""
        pin = {"cid": cid_v1("origins"), "origins": origins}
        added = self.go("POST", "/pins", pin)
        shown = [added, self.go("GET", "/pins/" + added["requestid"]), self.go("GET", "/pins?status=queued")["results"][0],
                 self.js("POST", "/pins/" + added["requestid"], pin)]
        self.go("DELETE", "/pins/" + shown[-1]["requestid"])
        self.assertEqual(len({json.dumps(s["pin"]) for s in shown}), 1, shown)
        return added["pin"].get("origins", [])

    def test_whatever_a_node_announces_is_kept(self):
        self.assertEqual(self.kept(self.REAL), self.REAL)

    def test_garbage_among_them_is_passed_over(self):
        mixed = [text for pair in zip(self.REAL, self.GARBAGE) for text in pair]
        self.assertEqual(self.kept(mixed), self.REAL[:len(self.GARBAGE)])
        self.assertEqual(self.kept(self.GARBAGE), [])
        self.assertEqual(self.kept([]), [])

    def test_the_first_twenty_usable_ones_are_kept(self):
        many = [f"/ip4/10.0.{i // 256}.{i % 256}/udp/4001/quic-v1/p2p/{PEER}" for i in range(300)]
        self.assertEqual(self.kept(many), many[:20])
        self.assertEqual(self.kept(self.GARBAGE * 5 + many[:3] * 9 + many), many[:20])  # each once

    def test_wrong_types_are_refused(self):
        for wrong in ("/ip4/1.2.3.4/tcp/1", 1, True, {}, {"0": "/ip4/1.2.3.4/tcp/1"}, [1], [None], [["/ip4/1.2.3.4/tcp/1"]], self.REAL * 2 + [{}]):
            self.refused(self.go("POST", "/pins", {"cid": cid_v1("o"), "origins": wrong}, status=400), "origins")
        self.go("POST", "/pins", {"cid": cid_v1("o"), "origins": None})
        self.assertEqual(self.go("GET", "/pins?status=queued")["count"], 1)


class OnChain(ShapeCase):
    def setUp(self):
        super().setUp()
        self.devnet = self.own(Devnet(block_ms=100))

    def serve(self, *args):
        served = self.own(Gateway(self.dir, self.devnet.url, *args))
        self.client = Client(served.port)
        self.wire = self.connect(served.port)

    def test_helia_from_add_to_rm(self):
        self.serve()
        cids = [cid_v1(f"helia {i}") for i in range(4)]
        ids = [self.js("POST", "/pins", {"cid": cid, "origins": []})["requestid"] for cid in cids]
        for requestid in ids:
            self.client.wait_status(requestid, "pinned")
        of = lambda cid, *more: self.js("GET", "/pins" + js_query(("cid", cid), *more))
        self.assertEqual([of(cid, ("limit", 1))["count"] for cid in (*cids, cid_v1("unknown"))], [1, 1, 1, 1, 0])  # isPinned
        # ls goes forward from the last row of lists that are newest first: a request a row, most rows again, an empty page
        rows, after, asked = [], [], 0
        while True:
            page, asked = self.js("GET", "/pins" + js_query(("limit", 1000), *after)), asked + 1
            if not page["results"]:
                break
            self.assertLess(asked, 10)
            rows, after = rows + page["results"], [("after", page["results"][-1]["created"])]
        self.assertEqual((asked, len(rows), {r["pin"]["cid"] for r in rows}), (5, 10, set(cids)))
        # setMetadata replaces with the same content: pinned at once, and nothing new is ordered
        row = of(cids[0], ("limit", 1))["results"][0]
        again = self.js("POST", "/pins/" + row["requestid"], {**row["pin"], "meta": {"a": "b"}})
        self.assertEqual((again["status"], again["pin"]["meta"]), ("pinned", {"a": "b"}))
        self.assertEqual(of(cids[0])["count"], 1)
        for cid in cids:
            for row in of(cid)["results"]:
                self.js("DELETE", "/pins/" + row["requestid"])
        self.assertEqual(self.js("GET", "/pins" + js_query(("status", ",".join(STATES))))["count"], 0)
        self.assertEqual(orders_on_chain(self.devnet.url), {cid: 1 for cid in cids})

    def test_nothing_that_a_client_names_is_dialled(self):
        tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(tcp.close)
        self.addCleanup(udp.close)
        udp.bind(("127.0.0.1", 0))
        (_, port), (_, udp_port) = tcp.getsockname(), udp.getsockname()
        for sock in (tcp, udp):
            sock.setblocking(False)

        def seen():
            found = []
            for take in (tcp.accept, lambda: udp.recvfrom(100)):
                try:
                    found.append(take())
                except BlockingIOError:
                    pass
            for item in found:
                if isinstance(item[0], socket.socket):
                    item[0].close()
            return len(found)

        addresses = [f"/ip4/127.0.0.1/tcp/{port}/p2p/{PEER}", f"/ip4/127.0.0.1/tcp/{port}/http", f"/dns4/localhost/tcp/{port}/ws/p2p/{PEER}",
                     f"/ip4/127.0.0.1/udp/{udp_port}/quic-v1/p2p/{PEER}"]
        url = f"http://127.0.0.1:{port}/"
        self.serve(f"--psa.delegates={addresses[0]}")
        pin = {"cid": cid_v1("dialled"), "name": url, "origins": addresses, "meta": {"url": url, "origins": addresses[0], "callback": url, "gateway": url}}
        added = self.go("POST", "/pins", pin)
        self.assertEqual((added["pin"], added["delegates"]), (pin, addresses[:1]))
        self.client.wait_status(added["requestid"], "pinned")
        again = self.go("POST", "/pins/" + added["requestid"], {**pin, "cid": cid_v1("dialled 2")})
        self.client.wait_status(again["requestid"], "pinned")
        self.go("DELETE", "/pins/" + again["requestid"])
        time.sleep(0.3)
        self.assertEqual(seen(), 0)
        # and it would have been seen
        socket.create_connection(("127.0.0.1", port), 5).close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"x", ("127.0.0.1", udp_port))
        time.sleep(0.05)
        self.assertEqual(seen(), 2)


if __name__ == "__main__":
    main()
