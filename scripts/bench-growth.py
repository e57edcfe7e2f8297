#!/usr/bin/env python3
"""Measures how Drawbridge grows: look-ups, file and memory from 1,000 to 1,000,000 users, a whole walk, one member in small and
large groups, start-up, hostile and heavy clients, a noisy neighbour. Writes the second measured part of docs/engineering/benchmarks.md.

    scripts/bench-growth.py DRAWBRIDGE SCIMLOAD OUT.md COMMIT        SIZES="1000 10000 100000 1000000" to choose sizes

Each figure is one measurement on one store that grows. It takes some minutes; nothing of it belongs to `go test`.
"""
import http.client
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

binary, scimload, out, commit = sys.argv[1:5]
SIZES = [int(x) for x in os.environ.get("SIZES", "1000 10000 100000 1000000").split()]
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
work = tempfile.mkdtemp(prefix="growth")


def say(*words):
    print(*words, file=sys.stderr, flush=True)


class Server:
    """A drawbridge on a free port and its data folder."""

    def __init__(self, data, rate=0):
        self.data, self.rate, self.process = os.path.join(work, data), rate, None

    def start(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        env = dict(os.environ, DRAWBRIDGE_LIMITS_SCIM_RATE=str(self.rate), DRAWBRIDGE_LIMITS_SCIM_BURST=str(max(2 * self.rate, 100)), DRAWBRIDGE_LOG_LEVEL="warn")
        begun = time.monotonic()
        self.process = subprocess.Popen([binary, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}"], env=env)
        while True:
            try:
                c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                c.request("GET", "/readyz")
                if c.getresponse().status == 200:
                    return time.monotonic() - begun
            except OSError:
                pass
            if time.monotonic() - begun > 60:
                raise SystemExit("the server did not start")
            time.sleep(0.005)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
            self.process = None

    def cli(self, *words):
        text = subprocess.check_output([binary, *words, "--data", self.data, "-o", "json"])
        return json.loads(text)

    def tenant(self, name):
        self.cli("tenant", "create", name, "--name", name, "--plan", "enterprise")
        return Client(self, name + "-idp", self.cli("connection", "create", name + "-idp", "--tenant", name, "--type", "generic")["secret"])

    def memory(self):
        """Anonymous memory in MB: what the process itself holds, without the pages of the store."""
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("RssAnon"):
                return int(line.split()[1]) / 1024

    def cpu(self):
        f = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(f[11]) + int(f[12])) / os.sysconf("SC_CLK_TCK")

    def peak(self, work):
        """The most memory that the process held while work ran."""
        done, most = threading.Event(), [self.memory()]

        def watch():
            while not done.wait(0.02):
                most[0] = max(most[0], self.memory())

        t = threading.Thread(target=watch)
        t.start()
        result = work()
        done.set()
        t.join()
        return most[0], result

    def bytes(self):
        return os.stat(os.path.join(self.data, "drawbridge.db")).st_blocks * 512


class Client:
    def __init__(self, server, slug, token):
        self.server, self.slug, self.token = server, slug, token
        self.state = os.path.join(work, slug + ".json")
        self.connection = None

    def call(self, method, path, body=None, expect=(200, 201, 204)):
        if self.connection is None or self.connection.port != self.server.port:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=300)
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        begun = time.monotonic()
        self.connection.request(method, f"/scim/v2/{self.slug}{path}", data, {"Authorization": "Bearer " + self.token, "Content-Type": "application/scim+json"})
        answer = self.connection.getresponse()
        text = answer.read()
        took = time.monotonic() - begun
        if answer.status not in expect:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:300]}")
        return json.loads(text) if text else {}, took

    def load(self, scenario, n, c=8, *flags):
        """scimload's own result."""
        result = os.path.join(work, "result.json")
        if os.path.exists(result):
            os.remove(result)
        subprocess.run([scimload, "-url", f"http://127.0.0.1:{self.server.port}/scim/v2/{self.slug}", "-token", self.token, "-scenario", scenario, "-c", str(c),
                        "-n", str(n), "-state", self.state, "-pid", str(self.server.process.pid), "-max", "900s", "-out", result, *flags], stderr=subprocess.DEVNULL, check=False)
        r = json.load(open(result))
        if set(r.get("Errors") or {}) - {"status 429"}:
            say(scenario, r.get("Errors"), r.get("Samples"))
        return r

    def users(self):
        return json.load(open(self.state))["users"]


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))]


def growth(server, client):
    rows, rest, have, by = [], [], 0, {}
    for i in range(100):
        client.call("POST", "/Groups", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": f"Look-up {i}"})
    for size in SIZES:
        say(f"growing to {size:,} users")
        begun = time.monotonic()
        client.load("create-users", size - have, 64, "-warm", "0")
        rate, have = (size - have) / (time.monotonic() - begun), size
        if len(client.users()) < size:
            raise SystemExit("users are missing")
        look = [client.load("filter-username", 10_000, 1)["P50"] for _ in range(3)]
        get = [client.load("get-user", 10_000, 1)["P50"] for _ in range(3)]
        page = client.load("list-page", 200, 1)["P50"]
        for kind, p50 in look_ups(client).items():
            by.setdefault(kind, []).append(p50)
        memory = server.memory()
        server.stop()
        ready = server.start()
        rows.append([f"{size:,}", f"{rate:,.0f}", f"{min(look):.3f}", f"{min(get):.3f}", f"{page:.2f}", f"{server.bytes() / size:,.0f}", f"{memory:.0f}", f"{ready * 1000:.0f}"])
        say(rows[-1])
        if size == 100_000:
            rest = walk(server, client) + members(server, client)
    if len(SIZES) > 1:
        rest = [[f"look-up by {kind}, p50 at {SIZES[0]:,} / {SIZES[-1]:,} users", f"{p50[0]:.3f} / {p50[-1]:.3f} ms (×{p50[-1] / p50[0]:.2f})"] for kind, p50 in by.items()] + rest
    return rows, rest


def look_ups(client):
    """The p50 in ms of one client's look-ups by each attribute that identity providers look up by, turn by turn."""
    users = client.users()
    times = {kind: [] for kind in ("userName", "externalId", "emails.value", "displayName of a group")}
    for i in range(2000):
        user, _ = client.call("GET", "/Users/" + users[i * 7919 % len(users)]["i"])
        for kind, path, value in (("userName", "/Users", user["userName"]), ("externalId", "/Users", user["externalId"]),
                                  ("emails.value", "/Users", user["emails"][0]["value"]), ("displayName of a group", "/Groups", f"Look-up {i % 100}")):
            answer, took = client.call("GET", f"{path}?" + urllib.parse.urlencode({"filter": f'{kind.split()[0]} eq "{value}"', "attributes": "id"}))
            if answer["totalResults"] != 1:
                raise SystemExit(f"{kind} {value}: {answer['totalResults']} found")
            times[kind].append(took)
    return {kind: statistics.median(t) * 1000 for kind, t in times.items()}


def walk(server, client):
    total, times, start = None, [], 1
    while total is None or start <= total:
        answer, took = client.call("GET", f"/Users?startIndex={start}&count=100")
        total = answer["totalResults"]
        times.append(took)
        start += len(answer["Resources"])
    tenth = len(times) // 10
    first, last = statistics.median(times[:tenth]), statistics.median(times[-tenth:])
    before = server.cpu()
    n = 5
    for i in range(n):
        client.call("GET", "/Users?" + urllib.parse.urlencode({"filter": f'title co "Specialist 3{i}"', "count": 10}))
    scan = (server.cpu() - before) / n * 1000
    return [
        ["a whole walk by `startIndex` over 100,000 users, 100 a page", f"{sum(times):.1f} s; a page {first * 1000:.2f} ms in the first tenth, {last * 1000:.2f} ms in the last (×{last / first:.2f})"],
        ["`title co \"…\"` over 100,000 users, no index", f"{scan:.0f} ms of CPU"],
    ]


def members(server, client):
    everybody = [u["i"] for u in client.users()]
    rows, p50 = [], {}
    for size in (10, 100_000):
        say(f"a group of {size:,}")
        group, _ = client.call("POST", "/Groups", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": f"group of {size}"})
        inside, probe = everybody[:size], everybody[-400:]
        if size > len(everybody) - 400:
            inside = everybody[:-400]
        for i in range(0, len(inside), 1000):
            change(client, group["id"], "add", inside[i:i + 1000])
        p50[size] = (group["id"], [])
    for user in everybody[-400:]:  # turn by turn, so that both see the same minute
        for size in p50:
            _, took = change(client, p50[size][0], "add", [user])
            p50[size][1].append(took)
    small, large = (statistics.median(p50[s][1]) * 1000 for s in (10, 100_000))
    rows.append(["add one member to a group of ten / of 100,000, p50", f"{small:.2f} / {large:.2f} ms (×{large / small:.2f})"])
    rest = server.memory()

    group = p50[100_000][0]
    body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "group of 100000", "members": [{"value": i} for i in everybody[:-400]]}
    text = json.dumps(body, separators=(",", ":")).encode()
    most, (_, took) = server.peak(lambda: client.call("PUT", f"/Groups/{group}?excludedAttributes=members", text))
    rows.append([f"PUT of a group, {len(text) / 2**20:.1f} MiB, {len(body['members']):,} members", f"{took:.2f} s; {most:.0f} MB anonymous at most ({rest:.0f} before)"])

    config, _ = client.call("GET", "/ServiceProviderConfig")
    count = config["bulk"]["maxOperations"]
    filler = "x" * min(4000, config["bulk"]["maxPayloadSize"] // count - 700)
    bulk = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        {"method": "POST", "path": "/Users", "bulkId": f"b{i}", "data": {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": f"bulk{i}@example.com", "title": filler[:1000],
         "nickName": filler[1000:2000], "profileUrl": "https://example.com/" + filler[2000:]}} for i in range(count)]}
    text = json.dumps(bulk, separators=(",", ":")).encode()
    most, (answer, took) = server.peak(lambda: client.call("POST", "/Bulk", text))
    bad = [o for o in answer["Operations"] if o["status"] not in ("201", 201)]
    if bad:
        raise SystemExit(f"bulk: {bad[0]}")
    rows.append([f"Bulk of {count:,} creates, {len(text) / 2**20:.1f} MiB", f"{took:.2f} s; {most:.0f} MB anonymous at most"])
    most, slow = server.peak(lambda: slow_clients(client))
    rows.append(["64 slow clients: half a body of 1 MiB sent and kept open, 32 of them reading a page of 1,000 users a few bytes at a time", f"{most:.0f} MB anonymous at most; another client's look-up meanwhile {slow * 1000:.2f} ms (p50)"])
    return rows


def change(client, group, op, ids):
    return client.call("PATCH", f"/Groups/{group}", {"schemas": [PATCH], "Operations": [{"op": op, "path": "members", "value": [{"value": i} for i in ids]}]})


def slow_clients(client):
    open_ = []
    head = f"Host: x\r\nAuthorization: Bearer {client.token}\r\n"
    for i in range(64):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(("127.0.0.1", client.server.port))
        if i % 2:
            s.sendall(f"GET /scim/v2/{client.slug}/Users?count=1000&startIndex={i * 1000 + 1} HTTP/1.1\r\n{head}\r\n".encode())
        else:
            s.sendall(f"POST /scim/v2/{client.slug}/Users HTTP/1.1\r\n{head}Content-Type: application/scim+json\r\nContent-Length: {1 << 20}\r\n\r\n".encode() + b'{"userName":"' + b"x" * (1 << 19))
        open_.append(s)
    times = []
    name = client.users()[0]["u"]
    for _ in range(500):
        for s in open_[1::2]:
            s.recv(64)
        _, took = client.call("GET", "/Users?" + urllib.parse.urlencode({"filter": f'userName eq "{name}"'}))
        times.append(took)
        time.sleep(0.005)
    for s in open_:
        s.close()
    return statistics.median(times)


def noisy():
    server = Server("noisy", rate=100)
    server.start()
    quiet, loud = server.tenant("quiet"), server.tenant("loud")
    ids = [quiet.call("POST", "/Users", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": f"q{i}@example.com"})[0]["id"] for i in range(50)]

    def paced(seconds):
        times, next_ = [], time.monotonic()
        end = next_ + seconds
        while next_ < end:
            time.sleep(max(0, next_ - time.monotonic()))
            _, took = quiet.call("GET", "/Users/" + ids[len(times) % len(ids)])
            times.append(took)
            next_ += 1 / 80
        return times

    def steady(stop):
        """The other company at its limit: as many requests as it may send, each answered."""
        next_, n = time.monotonic(), 0
        while not stop.is_set():
            time.sleep(max(0, next_ - time.monotonic()))
            loud.call("POST", "/Users", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": f"l{n}@example.com"}, (201, 429))
            next_, n = next_ + 1 / 100, n + 1

    time.sleep(2)
    figures = []
    for _ in range(3):
        alone, stop = paced(8), threading.Event()
        t = threading.Thread(target=steady, args=(stop,))
        t.start()
        beside = paced(8)
        stop.set()
        t.join()
        # And one that does not care that it is refused.
        t = threading.Thread(target=lambda: loud.load("create-users", 0, 8, "-d", "9s"))
        t.start()
        time.sleep(0.5)
        hammered = paced(8)
        t.join()
        figures.append([quantile(x, 0.99) * 1000 for x in (alone, beside, hammered)])
    server.stop()
    a, b, c = (statistics.median(x) for x in zip(*figures))
    return [
        ["p99 of one company (80 requests/s), alone / while another writes at its limit of 100/s", f"{a:.2f} / {b:.2f} ms (×{b / a:.2f})"],
        ["the same while the other hammers, 8 connections as fast as it is refused", f"{c:.2f} ms (×{c / a:.2f})"],
    ]


def compact(server):
    """What is left of the file when it is written again."""
    words = subprocess.run([binary, "--help"], capture_output=True, text=True, check=False)
    if "\n  compact" not in words.stdout:
        return []
    before = server.bytes()
    server.stop()
    subprocess.run([binary, "compact", "--data", server.data], check=True, stdout=subprocess.DEVNULL)
    return [[f"`drawbridge compact` after {SIZES[-1]:,} users", f"{before / 2**20:,.0f} → {server.bytes() / 2**20:,.0f} MiB"]]


try:
    main = Server("growth")
    main.start()
    rows, rest = growth(main, main.tenant("bench"))
    rest += noisy()
    try:
        rest += compact(main)
    except (subprocess.CalledProcessError, OSError) as e:
        say("compact:", e)
finally:
    for s in [main]:
        s.stop()
    shutil.rmtree(work, ignore_errors=True)

begin, end = "<!-- growth: begin -->", "<!-- growth: end -->"
text = [begin, "", f"Measured on {time.strftime('%Y-%m-%d')}, commit `{commit}`, {os.cpu_count()} cores shared by the load generator and the server. One client at a time where a p50 is given.", "",
        "| users | creates/s on the way (64 clients) | look-up by userName, p50 ms | get, p50 ms | page of 100 at a random place, p50 ms | bytes of file a user | anonymous MB | start to ready, ms |",
        "|---|---|---|---|---|---|---|---|"]
text += ["| " + " | ".join(r) + " |" for r in rows]
text += ["", "| what | measured |", "|---|---|"] + ["| " + " | ".join(r) + " |" for r in rest] + ["", end]
old = open(out, encoding="utf-8").read() if os.path.exists(out) else ""
if begin not in old:
    old += "\n" + begin + "\n" + end + "\n"
before, after = old.split(begin, 1)
open(out, "w", encoding="utf-8").write(before + "\n".join(text) + after.split(end, 1)[1])
