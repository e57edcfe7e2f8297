#!/usr/bin/env python3
"""Measures Drawbridge on PostgreSQL: beside Ory Polis on a PostgreSQL of the same kind, and two servers beside one. Writes the part
"On PostgreSQL" of docs/engineering/benchmarks.md.

    scripts/bench-postgres.py            USERS=10000 REPS=3 TENANTS=16 PATIENCE=20 TOOLS=../shared/tools OUT=docs/engineering/benchmarks.md

It needs Go, npm, initdb and pg_ctl, and the folder of the load generator and the peers. Each server starts with a fresh database for
each repetition, and the figures are medians. It takes about ten minutes and means something only on a machine that does nothing else.
"""
import collections
import datetime
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = os.path.abspath(os.environ.get("TOOLS", os.path.join(ROOT, "..", "shared", "tools")))
OUT = os.environ.get("OUT", os.path.join(ROOT, "docs", "engineering", "benchmarks.md"))
USERS = int(os.environ.get("USERS", "10000"))
REPS = int(os.environ.get("REPS", "3"))
TENANTS = int(os.environ.get("TENANTS", "16"))
PATIENCE = int(os.environ.get("PATIENCE", "20"))  # seconds for each piece of work
WORK = tempfile.mkdtemp(prefix="bench-postgres")
BEGIN, END = "<!-- postgres: begin -->", "<!-- postgres: end -->"

# What is asked, with how many connections, and how many times the rate of Polis is wanted. Nothing is wanted of the others.
WORKS = [
    ("create-users", 8, USERS, [], 3), ("create-users", 64, USERS, ["-prefix", "v"], 8), ("get-user", 8, 20000, [], 5), ("filter-username", 8, 20000, [], 5),
    ("patch-user", 8, 5000, [], 4), ("put-user", 8, 5000, [], None), ("create-groups", 8, 80, [], None), ("group-add-members", 8, 4000, ["-batch", "1", "-group-count", "20"], 10),
]


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def free():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def unprivileged(*command):
    """PostgreSQL does not run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else list(command)


class Postgres:
    """A fresh PostgreSQL with the settings of Debian, and durable commits."""

    def __init__(self):
        self.folder, self.port = tempfile.mkdtemp(prefix="bench-postgres-data"), free()
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        subprocess.run(unprivileged("initdb", "-D", self.folder, "-U", "bench", "-A", "trust"), check=True, cwd="/", stdout=subprocess.DEVNULL)
        options = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300 -p {self.port}"
        subprocess.run(unprivileged("pg_ctl", "-D", self.folder, "-w", "-l", self.folder + "/log", "-o", options, "start"), check=True, cwd="/", stdout=subprocess.DEVNULL)
        self.url = f"postgres://bench@127.0.0.1:{self.port}/postgres"
        self.pid = int(open(self.folder + "/postmaster.pid", encoding="utf-8").readline())

    def stop(self):
        subprocess.run(unprivileged("pg_ctl", "-D", self.folder, "-m", "immediate", "-w", "stop"), check=True, cwd="/", stdout=subprocess.DEVNULL)
        shutil.rmtree(self.folder)


def ticks(pid):
    """CPU seconds of a process and of all its children, gone or not."""
    total = 0
    for each in os.listdir("/proc"):
        if not each.isdigit():
            continue
        try:
            with open(f"/proc/{each}/stat", encoding="utf-8") as f:
                fields = f.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(each) == pid:
            total += sum(int(x) for x in fields[11:15])
        elif int(fields[1]) == pid:
            total += sum(int(x) for x in fields[11:13])
    return total / os.sysconf("SC_CLK_TCK")


class Drawbridge:
    def __init__(self, store, data=None):
        self.data, self.port = data or tempfile.mkdtemp(dir=WORK), free()
        env = dict(os.environ, DRAWBRIDGE_LIMITS_SCIM_RATE="0", DRAWBRIDGE_LOG_LEVEL="warn", DRAWBRIDGE_STORE_MIGRATE="auto")
        if store:
            env["DRAWBRIDGE_STORE_URL"] = store
        self.process = subprocess.Popen([WORK + "/drawbridge", "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}"], env=env, stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        await_answer(f"http://127.0.0.1:{self.port}/readyz")

    def run(self, *args):
        return subprocess.run([WORK + "/drawbridge", *args, "--data", self.data], check=True, capture_output=True, text=True).stdout

    def tenant(self, name):
        """The URL and the token of a new tenant."""
        self.run("tenant", "create", name, "--name", name.title(), "--plan", "enterprise")
        issued = json.loads(self.run("connection", "create", name + "-idp", "--tenant", name, "--type", "generic", "-o", "json"))
        return f"http://127.0.0.1:{self.port}/scim/v2/{name}-idp", issued["secret"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Polis:
    def __init__(self, store):
        self.port = free()
        self.process = subprocess.Popen(["node", "server.mjs", f"127.0.0.1:{self.port}", "postgres"], cwd=WORK + "/polis", env=dict(os.environ, PGURL=store),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        await_answer(f"http://127.0.0.1:{self.port}/scim/Users?count=1", "secret")

    def tenant(self, _):
        return f"http://127.0.0.1:{self.port}/scim", "secret"

    def stop(self):
        self.process.kill()
        self.process.wait()


def await_answer(url, token=None):
    for _ in range(1200):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": "Bearer " + token} if token else {}), timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise SystemExit(f"nothing answers at {url}")


def load(place, state, work, out, *more):
    scenario, c, n, flags, _ = work
    url, token = place
    return subprocess.Popen([WORK + "/scimload", "-url", url, "-token", token, "-scenario", scenario, "-c", str(c), "-n", str(n), "-max", f"{PATIENCE}s", "-timeout", "30s",
                             "-state", state, "-out", out, *flags, *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def result(out):
    with open(out, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def compare():
    """The rates of each piece of work, by server."""
    rates, errors = collections.defaultdict(list), collections.Counter()
    kinds = {"drawbridge": (Drawbridge, True), "polis": (Polis, True), "drawbridge, bbolt": (Drawbridge, False)}
    for rep in range(REPS):
        for label, (start, durable) in kinds.items():
            say(f"== {label}, repetition {rep + 1}")
            database = Postgres() if durable else None
            server = start(database.url if database else None)
            place, state = server.tenant("bench"), tempfile.mktemp(dir=WORK)
            for at, work in enumerate(WORKS):
                out = tempfile.mktemp(dir=WORK)
                load(place, state, work, out, "-pid", str(server.pid), *(["-patch-style", "rfc"] if label == "polis" else [])).wait()
                for r in result(out):
                    rates[at, label].append(r["OpsPerSec"])
                    errors[label] += sum((r.get("Errors") or {}).values())
            server.stop()
            if database:
                database.stop()
    return list(kinds), rates, errors


def bridges():
    """How many users are created each second, all tenants together, and who took the CPU, by one server and by two."""
    got = collections.defaultdict(list)
    work = ("create-users", 8, 100000, [], None)
    for rep in range(REPS):
        for count in (1, 2):
            say(f"== {count} server{'s' if count > 1 else ''}, {TENANTS} tenants, repetition {rep + 1}")
            database = Postgres()
            servers = [Drawbridge(database.url) for _ in range(count)]
            places = [servers[0].tenant(f"bench{i}") for i in range(TENANTS)]
            places = [(url.replace(f":{servers[0].port}/", f":{servers[i % count].port}/"), token) for i, (url, token) in enumerate(places)]
            outs = [tempfile.mktemp(dir=WORK) for _ in places]
            before, began = [ticks(s.pid) for s in servers], time.monotonic()
            base = ticks(database.pid)
            loads = [load(place, tempfile.mktemp(dir=WORK), work, out, "-max", f"{PATIENCE}s") for place, out in zip(places, outs)]
            time.sleep(PATIENCE - 2)
            # Taken while the load goes on, because the backends of PostgreSQL end with their servers.
            took = time.monotonic() - began
            mine, theirs = sum(ticks(s.pid) for s in servers) - sum(before), ticks(database.pid) - base
            for one in loads:
                one.wait()
            got[count, "rate"].append(sum(r["OpsPerSec"] for out in outs for r in result(out)))
            got[count, "servers"].append(mine / took)
            got[count, "database"].append(theirs / took)
            for s in servers:
                s.stop()
            database.stop()
    return got


def page(labels, rates, errors, got, commit):
    median = lambda values: statistics.median(values) if values else float("nan")
    text = [BEGIN, "", f"Measured on {datetime.date.today().isoformat()}, commit `{commit}`, {os.cpu_count()} cores shared by the load generator, the servers and PostgreSQL with Debian's settings. "
            f"Medians of {REPS}, {PATIENCE} seconds at most for each piece of work, {USERS:,} users. The last column is the store in one file, in the same run.", "",
            "| work | connections | drawbridge, /s | Polis, /s | ratio | wanted | | bbolt, /s |", "|---|---|---|---|---|---|---|---|"]
    for at, (scenario, c, _, _, wanted) in enumerate(WORKS):
        ours, theirs, file = (median(rates[at, label]) for label in labels)
        verdict = "" if wanted is None else "reached" if ours / theirs >= wanted else "**missed**"
        text.append(f"| {scenario} | {c} | {ours:,.0f} | {theirs:,.0f} | {ours / theirs:.1f} | {wanted or '–'} | {verdict} | {file:,.0f} |")
    text += ["", "Wrong or missing answers: " + ", ".join(f"{label} {errors[label]}" for label in labels) + ".", "",
             f"Creates by {TENANTS} tenants with eight connections each:", "", "| servers | creates /s | ratio | cores, servers | cores, PostgreSQL |", "|---|---|---|---|---|"]
    for count in (1, 2):
        rate = median(got[count, "rate"])
        text.append(f"| {count} | {rate:,.0f} | {rate / median(got[1, 'rate']):.2f} | {median(got[count, 'servers']):.2f} | {median(got[count, 'database']):.2f} |")
    text += ["", END]
    with open(OUT, encoding="utf-8") as f:
        old = f.read()
    if BEGIN not in old:
        raise SystemExit(f"{OUT} has no line {BEGIN}")
    head, rest = old.split(BEGIN, 1)
    with open(OUT, "w", encoding="utf-8") as f:
        f.write(head + "\n".join(text) + rest.split(END, 1)[1])


def main():
    for tool in ("go", "npm", "initdb", "pg_ctl"):
        if not shutil.which(tool):
            raise SystemExit(f"bench-postgres: {tool} is not installed")
    say("building")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    subprocess.run(["go", "build", "-trimpath", "-o", WORK + "/drawbridge", "./cmd/drawbridge"], cwd=ROOT, check=True, env=dict(os.environ, CGO_ENABLED="0"))
    shutil.copytree(TOOLS + "/scimload", WORK + "/scimload-source")
    subprocess.run(["go", "build", "-o", WORK + "/scimload", "."], cwd=WORK + "/scimload-source", check=True)
    shutil.copytree(TOOLS + "/peers/jackson", WORK + "/polis")
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=WORK + "/polis", check=True)
    labels, rates, errors = compare()
    page(labels, rates, errors, bridges(), commit)
    say("written:", OUT)


try:
    main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
