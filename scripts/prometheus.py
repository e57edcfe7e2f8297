#!/usr/bin/env python3
"""Lets a real Prometheus scrape a running Drawbridge:   scripts/prometheus.py bin/drawbridge

Starts the demo (two companies, everything in it) and Prometheus with the rules of deploy/alerts.yaml, and waits until it has scraped. Then
- the target must be up, without an error of the scrape,
- promtool must have nothing to say about the metrics,
- every metric that an alert or the dashboard asks for must have series, unless docs/metrics.md says that it comes with an event only,
- every rule and every expression of the dashboard must be evaluated without an error.
It needs the program prometheus and promtool (Debian: the package prometheus).
"""

import json, os, re, subprocess, sys, tempfile, time, urllib.parse, urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CONFIG = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: drawbridge
    static_configs: [{{targets: ["{target}"]}}]
"""


def read(path):
    with open(os.path.join(ROOT, path)) as f:
        return f.read()


def wait(what, so, log, process, seconds=60):
    for _ in range(seconds * 10):
        found = so()
        if found:
            return found
        if process.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit(f"{what} did not come:\n{open(log).read()[-4000:]}")


def get(url):
    with urllib.request.urlopen(url, timeout=20) as res:
        return res.read().decode()


class Prometheus:
    def __init__(self, address):
        self.address = address

    def ask(self, path, **query):
        return json.loads(get(f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(query)}"))["data"]

    def query(self, expression):
        return self.ask("query", query=expression)["result"]


def on_event():
    """The metrics of which docs/metrics.md says that they come with an event, and that the demo need not have."""
    rows = re.findall(r"^\| `(drawbridge_\w+)` \|.*\| ([^|]+) \|$", read("docs/metrics.md"), re.M)
    return {name for name, there in rows if there.startswith(("after ", "while "))}, {name for name, _ in rows}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    later, documented = on_event()
    wrong, started = [], []
    with tempfile.TemporaryDirectory(prefix="dbprom-") as folder:
        try:
            log, plog = os.path.join(folder, "demo.log"), os.path.join(folder, "prometheus.log")
            demo = subprocess.Popen([os.path.abspath(sys.argv[1]), "demo", "--listen", "127.0.0.1:0"], stdout=open(log, "w"), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
            started.append(demo)
            url = wait("the address of the demo", lambda: re.search(r"http://(127\.0\.0\.1:\d+)/metrics", open(log).read()), log, demo).group(1)
            text = get(f"http://{url}/metrics")
            said = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
            if said.returncode or said.stderr:
                wrong.append("promtool check metrics: " + said.stderr + said.stdout)
            config = os.path.join(folder, "prometheus.yml")
            with open(config, "w") as f:
                f.write(CONFIG.format(rules=os.path.join(ROOT, "deploy", "alerts.yaml"), target=url))
            server = subprocess.Popen(["prometheus", "--config.file=" + config, "--storage.tsdb.path=" + os.path.join(folder, "tsdb"), "--web.listen-address=127.0.0.1:0"],
                                      stdout=open(plog, "w"), stderr=subprocess.STDOUT)
            started.append(server)
            p = Prometheus(wait("the address of Prometheus", lambda: re.search(r"Listening on\"? .*address=(127\.0\.0\.1:[1-9]\d*)", open(plog).read()), plog, server).group(1))

            def up():
                try:
                    return [x for x in p.query('up{job="drawbridge"} == 1') if x] and p.query("count_over_time(up[1m]) >= 3")
                except OSError:
                    return None

            wait("up == 1", up, plog, server)
            for target in p.ask("targets")["activeTargets"]:
                if target["lastError"] or target["health"] != "up":
                    wrong.append(f"the target: {target['health']} {target['lastError']}")
            wait("the first evaluation", lambda: all(r["health"] != "unknown" for g in p.ask("rules")["groups"] for r in g["rules"]), plog, server)
            rules = [r for g in p.ask("rules")["groups"] for r in g["rules"]]
            wrong += [f"the rule {r['name']}: {r['health']} {r.get('lastError')}" for r in rules if r["health"] != "ok"]

            board = re.findall(r'"expr": "((?:[^"\\]|\\.)*)"', read("deploy/grafana.json"))
            asked = set(re.findall(r"drawbridge_[a-z_]+", " ".join(board) + read("deploy/alerts.yaml")))
            for name in sorted(asked):
                base = re.sub(r"_(bucket|sum|count)$", "", name)
                if base not in documented and name not in documented:
                    wrong.append(f"{name} is not in docs/metrics.md")
                elif base not in later and name not in later and not p.query(f"count({name})"):
                    wrong.append(f"{name} has no series, and docs/metrics.md does not say that it comes with an event only")
            for expression in board:
                expression = json.loads(f'"{expression}"').replace("$__rate_interval", "1m").replace("$tenant", ".*")
                try:
                    p.query(expression)
                except OSError as err:
                    wrong.append(f"the dashboard: {expression}: {err}")
            firing = sorted({a["labels"]["alertname"] for a in p.ask("alerts")["alerts"] if a["state"] == "firing"})
            scraped = p.query('scrape_samples_scraped{job="drawbridge"}')[0]["value"][1]
            for line in open(plog):
                if re.search(r"level=(warn|error)", line, re.I) and "drawbridge" in line:
                    wrong.append("Prometheus: " + line.strip())
            print(f"{scraped} samples in a scrape, {len(rules)} rules and {len(board)} expressions evaluated, {len(asked)} metrics asked for; firing: {', '.join(firing) or 'nothing'}")
        finally:
            for process in reversed(started):
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
    if wrong:
        sys.exit("\n".join(wrong))


main()
