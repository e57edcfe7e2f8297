#!/usr/bin/env python3
"""Verifies an archive of audit lines and events without Drawbridge, as docs/archive.md describes it.

    archive-verify.py FOLDER [--key HEX ...] [--head HEX ...]

FOLDER is the archive, or a copy of a bucket. --key is a public key that is trusted (default: each key is printed). --head is the
head of a chain, as "drawbridge audit archive status" prints it: without one, the longest chain of each trail is verified.
"""
import argparse, gzip, hashlib, json, pathlib, sys

P = 2**255 - 19  # Ed25519, RFC 8032: only what verifying needs
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    return (f - e) * (h - g) % P, (h + g) * (f + e) % P, (h - g) * (h + g) % P, (f - e) * (f + e) % P


def times(n, a):
    total = (0, 1, 1, 0)
    while n:
        total, a, n = (add(total, a) if n & 1 else total), add(a, a), n >> 1
    return total


def point(data):
    y, sign = int.from_bytes(data, "little") & (1 << 255) - 1, data[31] >> 7
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - xx) % P:
        raise ValueError("not a point")
    x = P - x if x % 2 != sign else x
    return x, y, 1, x * y % P


def signed(key, message, signature):
    s = int.from_bytes(signature[32:], "little")
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    base = point(bytes([0x58] + [0x66] * 31))
    left, right = times(s, base), add(point(signature[:32]), times(k, point(key)))
    return s < Q and all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


def fields(line, text):
    """The fields of an audit line in the order of docs/audit.md. before and after are the bytes of the line."""
    def raw(name, begin):
        if name not in line:
            return "", begin
        start = text.index('"%s":{' % name, begin) + len(name) + 3
        end = json.JSONDecoder().raw_decode(text, start)[1]
        return text[start:end], end
    before, end = raw("before", 0)
    after, _ = raw("after", end)
    actor, subject = line["actor"], line["subject"]
    yield from (str(line["seq"]), line["time"], line["tenant"], actor.get("kind", ""), actor.get("id", ""), actor.get("name", ""), line["action"])
    yield from (subject["kind"], subject["id"], subject.get("name", ""), line["outcome"], line.get("rule", ""), line.get("reason", ""))
    yield from (before, after, str(len(line.get("deviations", []))), *line.get("deviations", []))
    yield from (line.get("request", ""), line.get("address", ""), "true" if line.get("chain_start") else "false")


def chain(manifest, lines):
    head = bytes.fromhex(manifest["chain_previous"]) or bytes(32)
    for number, text in enumerate(lines, manifest["first"]):
        line = json.loads(text)
        assert line["seq"] == number and line["tenant"] == manifest["tenant"], "line %d is another" % number
        if manifest["kind"] == "audit" and "hash" in line:
            assert line.get("chain_start", False) == (head == bytes(32)), "line %d begins the chain again" % number
            packed = b"".join(b"%d:%s\n" % (len(f.encode()), f.encode()) for f in fields(line, text))
            head = hashlib.sha256(head + packed).digest()
            assert head.hex() == line["hash"], "the hash of line %d does not fit" % number
        elif manifest["kind"] == "audit":
            assert head == bytes(32) and not line.get("chain_start"), "line %d has no hash" % number
    assert manifest["kind"] == "events" or (manifest["chain_head"] or "00" * 32) == head.hex(), "the last hash is another"


def segment(path, keys):
    first, signature, body = gzip.decompress(path.read_bytes()).split(b"\n", 2)
    m = json.loads(first)
    assert m["format"] == "drawbridge archive 1", "another format"
    assert signed(bytes.fromhex(m["key"]), first, bytes.fromhex(signature.decode())), "the signature is wrong"
    assert not keys or m["key"] in keys, "signed by a key that is not trusted: " + m["key"]
    assert len(body) == m["bytes"] and hashlib.sha256(body).hexdigest() == m["sha256"], "the lines were changed"
    lines = body.decode().split("\n")[:-1]
    assert len(lines) == m["last"] - m["first"] + 1, "lines are missing"
    chain(m, lines)
    return hashlib.sha256(first).hexdigest(), m


def main():
    args = argparse.ArgumentParser()
    args.add_argument("folder", type=pathlib.Path)
    args.add_argument("--key", action="append", default=[])
    args.add_argument("--head", action="append", default=[])
    args = args.parse_args()
    bad, seen = 0, set()
    for trail in sorted(p for p in args.folder.glob("*/*") if p.is_dir()):
        found = {}
        for path in sorted(trail.glob("*.jsonl.gz")):
            try:
                head, m = segment(path, args.key)
                found[head] = m
            except Exception as e:  # whatever is wrong with a file is a finding
                bad += 1
                print("BROKEN", path, e)
        ends = [h for h in args.head if h in found] or sorted(found, key=lambda h: found[h]["last"])[-1:]
        for head in ends:
            end, count, keys = head, 0, set()
            seen.add(head)
            while head in found:
                m, last = found[head], found[head]
                count, head = count + 1, m["previous"]
                keys.add(m["key"])
                before = found.get(head)
                if head and before and (before["last"] + 1 != m["first"] or before["chain_head"] != m["chain_previous"]):
                    before = None
                if head and not before or not head and m["first"] != 1 and m["kind"] == "audit":
                    bad += 1
                    print("BROKEN", trail, "what is before line %d is missing, or does not fit" % m["first"])
                    break
            print(trail, "lines %d to %d in %d segments, head %s, signed by %s" % (last["first"], found[end]["last"], count, end, ", ".join(sorted(keys))))
    for head in set(args.head) - seen:
        bad += 1
        print("BROKEN no segment has the head", head)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
