#!/usr/bin/env python3
"""Draws a flame graph from a profile of CPU time or of bytes allocated. Width is the share of the whole; callers are below.

    go tool pprof -traces bin/server.test bin/cpu.prof | scripts/flamegraph.py "title" [WITHOUT] >docs/engineering/flame.svg

Samples with a frame that matches WITHOUT, a regular expression, are left out: the harness of a benchmark is no part of what it measures.
"""
import re
import sys
from xml.sax.saxutils import escape

WIDTH, ROW, LEAST = 1200, 17, 0.0025  # pixels; frames narrower than this share of the whole are left out
UNITS = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "ms": 1.0, "s": 1e3, "mins": 6e4, "hrs": 3.6e6,  # a profile has times
         "B": 1.0, "kB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}  # or sizes, never both


class Frame:
    def __init__(self, name):
        self.name, self.value, self.above = name, 0.0, {}


def traces(lines):
    """Gives (milliseconds or bytes, stack from the root on) of each sample in the text of `pprof -traces`."""
    value, stack = None, []
    for line in lines:
        if line.startswith("---"):
            if value is not None:
                yield value, stack[::-1]
            value, stack = None, []
            continue
        first = re.match(r"\s*([\d.]+)(ns|us|µs|ms|s|mins|hrs|[kMGT]?B)\s{2,}(\S.*)$", line)
        if value is None and first:
            value, stack = float(first.group(1)) * UNITS[first.group(2)], [first.group(3).strip()]
        elif value is not None and line.strip():
            stack.append(line.strip())
    if value is not None:
        yield value, stack[::-1]


def short(name):
    name = re.sub(r"\[go\.shape\..*?\]", "", name).replace(" (inline)", "")
    name = re.sub(r"^drawbridge/", "", name)
    return re.sub(r"^(go\.etcd\.io|internal|github\.com/[^/]+)/", "", name)


def colour(name):
    """Ours warm, the store's file blue, net/http green, the runtime grey."""
    if name.startswith("drawbridge/"):
        return {"store": "#e8923c", "bridge": "#e0b03a", "policy": "#e0b03a", "scim": "#df7054"}.get(name.split("/")[1], "#d98a6a")
    if "bbolt" in name:
        return "#6f9fd8"
    if name.startswith(("net", "internal/poll", "syscall", "bufio")):
        return "#7fb87a"
    if name.startswith("runtime") or "/runtime/" in name:
        return "#b5b5b5"
    return "#c9b79c"


root = Frame("all")
without = re.compile(sys.argv[2]) if len(sys.argv) > 2 else None
for value, stack in traces(sys.stdin):
    if without and any(without.search(name) for name in stack):
        continue
    root.value += value
    at = root
    for name in stack:
        at = at.above.setdefault(name, Frame(name))
        at.value += value
if not root.value:
    sys.exit("flamegraph: no samples; is this the text of `go tool pprof -traces`?")


def depth(frame):
    return 1 + max((depth(f) for f in frame.above.values() if f.value / root.value >= LEAST), default=0)


rows = depth(root)
height = rows * ROW + 40
title = sys.argv[1] if len(sys.argv) > 1 else "flame graph"
out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="11">',
       f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>', f'<text x="8" y="18" font-size="14">{escape(title)}</text>']


def draw(frame, x, row):
    share = frame.value / root.value
    if share < LEAST:
        return
    w, y = share * WIDTH, height - 8 - (row + 1) * ROW
    label = short(frame.name)
    fits = int((w - 6) / 6.1)
    out.append(f'<g><title>{escape(frame.name)}: {share * 100:.1f} %</title><rect x="{x:.1f}" y="{y}" width="{max(w - 0.5, 0.5):.1f}" height="{ROW - 1}" fill="{colour(frame.name)}" rx="1"/>')
    if fits >= 3:
        out.append(f'<text x="{x + 3:.1f}" y="{y + 12}">{escape(label if len(label) <= fits else label[:fits - 1] + "…")}</text>')
    out.append("</g>")
    for above in sorted(frame.above.values(), key=lambda f: f.name):
        draw(above, x, row + 1)
        x += above.value / root.value * WIDTH


draw(root, 0.0, 0)
print("\n".join(out + ["</svg>"]))
