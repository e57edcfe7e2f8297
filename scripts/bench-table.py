#!/usr/bin/env python3
"""Turns the results of bench-peers.sh into docs/performance.md. Usage: bench-table.py RESULTS.jsonl OUT.md COMMIT"""
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
    name = r["Scenario"] + (f" ×{r['Batch']}" if r.get("Batch") and "members" in r["Scenario"] else "")
    rows[(r["Size"], name, r["C"], r["Label"])].append(r)


def med(key, field):
    values = [r[field] for r in rows.get(key, []) if r.get(field) is not None]
    return statistics.median(values) if values else None


def num(x, digits=0):
    return "–" if x is None else f"{x:,.{digits}f}"


labels = [l for l in dict.fromkeys(k[3] for k in rows) if l not in ("floor",)]
peers = [l for l in labels if l != "drawbridge"]
hello = med((0, "hello", 8, "floor"), "OpsPerSec")
cpus = os.cpu_count()
memory = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
begin, end = "<!-- measured: begin -->", "<!-- measured: end -->"
text = [begin, "",
        f"Measured on {datetime.date.today().isoformat()}, commit `{commit}`, {cpus} cores and {memory} GiB shared by the load generator and the servers. Medians; only the ratios of "
        "one run mean anything. Drawbridge alone has each write on the disk before it answers.", "",
        f"Floor in the same run: a bare `net/http` answer, {num(hello)} requests/s at 8 connections.", ""]
for size in sorted({k[0] for k in rows if k[0]}):
    text += [f"### {size:,} users", "",
             "| work | c | drawbridge ops/s | p50 ms | p99 ms | CPU µs/op | " + " | ".join(f"{p} ops/s | ratio" for p in peers) + " | of the floor | errors |",
             "|---|---|---|---|---|---|" + "---|---|" * len(peers) + "---|---|"]
    for (s, name, c) in dict.fromkeys((k[0], k[1], k[2]) for k in rows if k[0] == size):
        mine = (s, name, c, "drawbridge")
        ops = med(mine, "OpsPerSec")
        cpu = [1e6 * r["CPUServerSec"] / r["Ops"] for r in rows.get(mine, []) if r.get("CPUServerSec") and r.get("Ops")]
        errors = sum(sum((r.get("Errors") or {}).values()) for r in rows.get(mine, []))
        cells = [name, str(c), num(ops), num(med(mine, "P50"), 2), num(med(mine, "P99"), 2), num(statistics.median(cpu) if cpu else None)]
        for p in peers:
            other = med((s, name, c, p), "OpsPerSec")
            cells += [num(other), num(ops / other, 2) if ops and other else "–"]
        cells += [num(ops / hello, 2) if ops and hello and c == 8 else "–", str(errors)]
        text.append("| " + " | ".join(cells) + " |")
    rss = med((size, "create-users", 8, "drawbridge"), "RSSFinalMB")
    text += ["", f"Resident memory of Drawbridge after these creates: {num(rss)} MB (page cache of the store included).", ""]
text.append(end)
new = "\n".join(text)
old = open(out, encoding="utf-8").read() if os.path.exists(out) else "# Performance\n\n" + begin + "\n" + end + "\n"
head, rest = old.split(begin, 1)
tail = rest.split(end, 1)[1]
with open(out, "w", encoding="utf-8") as f:
    f.write(head + new + tail)
