#!/usr/bin/env python3
"""Judges the results of conformance.sh against the list of known failures, and writes the table of docs/conformance.md.

Usage: conformance-table.py WORK ROOT NEWMAN SCIM2 SANITY WRITE
Exit status 0: every failure is listed and every listed one failed. 1: not so. 3: a suite ran no check at all."""
import collections
import datetime
import json
import os
import re
import sys

work, root, newman, scim2, sanity, write = sys.argv[1:7]
commands = {
    "microsoft-default": (newman, "run.mjs PostmanCollection.json"),
    "microsoft-scim": (newman, "run.mjs PostmanCollection.json"),
    "microsoft-inbound": (newman, "run.mjs SCIM-Inbound.postman_collection.json"),
    "scim2-tester": (scim2, "scim2 test --verbose"),
    "scim-sanity": (sanity, "scim-sanity probe --json-output"),
}
passed, failed = collections.Counter(), collections.defaultdict(list)
for line in open(os.path.join(work, "results.tsv"), encoding="utf-8"):
    suite, verdict, name = line.rstrip("\n").split("\t")
    if verdict == "PASS":
        passed[suite] += 1
    else:
        failed[suite].append(name)
for line in open(os.path.join(work, "scim2-tester.out"), encoding="utf-8"):
    line = re.sub(r"\x1b\[[0-9;]*m", "", line)
    m = re.match(r"(SUCCESS|COMPLIANT|ACCEPTABLE|DEVIATION|SKIPPED|ERROR|CRITICAL)\s+(.*)", line)
    if not m:
        continue
    if m[1] in ("ERROR", "CRITICAL", "DEVIATION"):
        failed["scim2-tester"].append(m[2].strip())
    elif m[1] != "SKIPPED":
        passed["scim2-tester"] += 1
try:
    with open(os.path.join(work, "scim-sanity.out"), encoding="utf-8") as file:
        results = json.load(file)["results"]
except ValueError:
    results = []  # its output is printed below
for result in results:
    if result["status"] == "pass":
        passed["scim-sanity"] += 1
    elif result["status"] != "skip":
        failed["scim-sanity"].append(result["name"])

known = set()
path = os.path.join(root, "scripts", "conformance-known.txt")
for line in open(path, encoding="utf-8"):
    line = line.strip()
    if line and not line.startswith("#"):
        known.add(line)
seen = {f"{suite}: {name}" for suite, names in failed.items() for name in names}
bad = 0
for suite in commands:
    print(f"{suite}: {passed[suite]} passed, {len(failed[suite])} failed")
    if passed[suite] == 0:
        print(f"{suite}: no check ran")
        bad = 3
for name in sorted(seen - known):
    print(f"NOT LISTED: {name}")
    bad = bad or 1
for name in sorted(known - seen):
    print(f"LISTED, BUT PASSES: {name}")
    bad = bad or 1
if bad:
    for suite in commands:
        out = os.path.join(work, suite + ".out")
        print(f"--- {suite}")
        text = open(out, encoding="utf-8", errors="replace").read()
        print("\n".join(l for l in text.splitlines() if not l.startswith(("PASS", "SUCCESS", "INFO")))[-6000:])
if write:
    begin, end = "<!-- suites: begin -->", "<!-- suites: end -->"
    rows = [begin, "", f"As run on {datetime.date.today().isoformat()} by `make conformance`:", "", "| suite | version | command | passed | failed |", "|---|---|---|---|---|"]
    for suite, (version, command) in commands.items():
        rows.append(f"| {suite} | {version} | `{command}` | {passed[suite]} | {len(failed[suite])} |")
    doc = os.path.join(root, "docs", "conformance.md")
    text = open(doc, encoding="utf-8").read()
    head, rest = text.split(begin, 1)
    open(doc, "w", encoding="utf-8").write(head + "\n".join(rows + ["", end]) + rest.split(end, 1)[1])
sys.exit(bad)
