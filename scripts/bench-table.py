#!/usr/bin/env python3
"""Turns the results of bench-peers.sh into the first measured part of docs/engineering/benchmarks.md. Usage: bench-table.py RESULTS.jsonl OUT.md COMMIT"""
import collections
import datetime
import json
import os
import statistics
import sys

results, out, commit = sys.argv[1:4]
rows = collections.defaultdict(list)
for line in open(results, encoding="utf-8"):
    r = json.loads(line)
    name = r["Scenario"] + (f" ×{r['Batch']}" if r["Scenario"] == "group-add-members" else "")
    rows[(r["Size"], name, r["C"], r["Label"])].append(r)


def wrong(key):
    """Whether most answers were wrong or missing: how quickly they came says nothing."""
    of = rows.get(key, [])
    return bool(of) and 2 * sum(sum((r.get("Errors") or {}).values()) for r in of) >= sum(r.get("Ops") or 0 for r in of) > 0


def med(key, field):
    values = [r[field] for r in rows.get(key, []) if r.get(field) is not None]
    return statistics.median(values) if values else None


def rate(key, of=statistics.median):
    """Operations a second; of a first day, users a second."""
    if wrong(key):
        return None
    if key[1] == "initial-sync":
        values = [r["Extra"]["users"] / r["Seconds"] for r in rows.get(key, []) if r.get("Seconds")]
    else:
        values = [r["OpsPerSec"] for r in rows.get(key, []) if r.get("OpsPerSec")]
    return of(values) if values else None


def cpu(key):
    if wrong(key):
        return None
    values = [1e6 * r["CPUServerSec"] / r["Ops"] for r in rows.get(key, []) if r.get("CPUServerSec") and r.get("Ops")]
    return statistics.median(values) if values else None


def num(x, digits=0):
    return "–" if x is None else f"{x:,.{digits}f}"


def ratio(x, y):
    return x / y if x and y else None


mine = "drawbridge"
labels = [name for name in dict.fromkeys(k[3] for k in rows) if name != "floor"]
peers = [name for name in labels if name != mine]
hello = rate((0, "hello", 8, "floor"))
sizes = sorted({k[0] for k in rows if k[0]})
memory = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
begin, end = "<!-- measured: begin -->", "<!-- measured: end -->"
text = [begin, "",
        f"Measured on {datetime.date.today().isoformat()}, commit `{commit}`, {os.cpu_count()} cores and {memory} GiB shared by the load generator and the servers. Medians; "
        f"only the ratios of one run mean anything. Drawbridge (and polis-postgres, whose database's CPU is not counted) has each write on the disk before it answers. CPU is the server's, per operation. "
        "errors counts answers that were wrong or missing, of all servers.", "",
        f"Floor in the same run: a bare `net/http` answer, {num(hello)} requests/s at 8 connections.", ""]

# work, concurrency, base, target, and at which size (0: at the middle one)
TARGETS = [
    ("create-users", 8, "elimity", 0.5), ("create-users", 64, "elimity", 0.9), ("create-users", 8, "polis-postgres", 20),
    ("get-user", 8, "elimity", 1.4), ("get-user", 8, "floor", 0.6), ("filter-username", 8, "floor", 0.5),
    ("list-page", 8, "elimity", 3.5), ("patch-user", 8, "elimity", 1), ("put-user", 8, "elimity", 0.6),
    ("group-add-members ×1", 8, "elimity", 0.8), ("group-add-members ×100", 8, "elimity", 1), ("group-add-members ×1000", 8, "elimity", 1),
    ("initial-sync", 8, "the best peer", 3),
]
size = 10000 if 10000 in sizes else sizes[len(sizes) // 2]
text += [f"### Targets, at {size:,} users", "",
         "The verdict is by the medians. The ratio of the best repetitions of both, and of the CPU that the servers took, show how much of the difference is noise.", "",
         "| work | connections | ratio to | target | medians | | best repetitions | CPU, theirs ÷ ours |", "|---|---|---|---|---|---|---|---|"]


def compared(name, c, base, of):
    """The ratio of our rate to that of base."""
    if base == "floor":
        other = rate((0, "hello", 8, "floor"), of)
    elif base == "the best peer":
        other = max((rate((size, name, c, p), of) or 0 for p in peers), default=None)
    else:
        other = rate((size, name, c, base), of)
    return ratio(rate((size, name, c, mine), of), other)


for name, c, base, target in TARGETS:
    got = compared(name, c, base, statistics.median)
    verdict = "not measured" if got is None else "reached" if got >= target else "**missed**"
    effort = ratio(cpu((size, name, c, base)), cpu((size, name, c, mine)))
    text.append(f"| {name} | {c} | {base} | {target} | {num(got, 2)} | {verdict} | {num(compared(name, c, base, max), 2)} | {num(effort, 2)} |")
anon = {s: med((s, "memory", 0, mine), "AnonMB") for s in sizes}
if anon.get(100000):
    text.append(f"| anonymous memory after 100,000 creates | | | ≤ 100 MB | {num(anon[100000])} MB | {'reached' if anon[100000] <= 100 else '**missed**'} | | |")
text.append("")

for size in sizes:
    times = max(len(v) for k, v in rows.items() if k[0] == size)
    text += [f"### {size:,} users, {times} repetition{'s' if times > 1 else ''}", "",
             "| work | connections | drawbridge, /s | p50 ms | p99 ms | CPU µs | " + "".join(f"{p}, /s | CPU µs | ratio | " for p in peers) + "of the floor | errors |",
             "|---|---|---|---|---|---|" + "---|---|---|" * len(peers) + "---|---|"]
    for name, c in dict.fromkeys((k[1], k[2]) for k in rows if k[0] == size and k[1] != "memory"):
        key = (size, name, c, mine)
        ops = rate(key)
        cells = [name, str(c), num(ops), num(med(key, "P50"), 2), num(med(key, "P99"), 2), num(cpu(key))]
        for p in peers:
            other = (size, name, c, p)
            cells += ["wrong or no answers" if wrong(other) else num(rate(other)), num(cpu(other)), num(ratio(ops, rate(other)), 2)]
        errors = sum(sum((r.get("Errors") or {}).values()) for p in labels for r in rows.get((size, name, c, p), []))
        cells += [num(ratio(ops, hello), 2) if c == 8 else "–", str(errors)]
        text.append("| " + " | ".join(cells) + " |")
    for p in peers:
        made = med((size, "create-users", 8, p), "Ops")
        if made and made < size:
            text += ["", f"{p} made {num(made)} users in the time it was given; the larger sizes were asked with those."]
    text += ["", f"Anonymous memory after the first creates: " + ", ".join(f"{p} {num(med((size, 'memory', 0, p), 'AnonMB'))} MB" for p in labels) + ".", ""]
text.append(end)
old = open(out, encoding="utf-8").read() if os.path.exists(out) else "# Performance\n\n"
if begin not in old:
    old += "\n" + begin + "\n" + end + "\n"
head, rest = old.split(begin, 1)
with open(out, "w", encoding="utf-8") as f:
    f.write(head + "\n".join(text) + rest.split(end, 1)[1])
