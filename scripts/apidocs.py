#!/usr/bin/env python3
"""Holds what docs/api.md says against a running server:   scripts/apidocs.py bin/drawbridge [FOLDER]

- Every `sh` block of docs/api.md runs unchanged, one after the other, in bash with curl, API and KEY set; each must succeed. A block `sh-refused` must fail,
  and print the problem that the `json` block after it shows.
- Without a credential /api/v1 and /app/v1 answer the OpenAPI document and the reference, and nothing else that the documents list, but for what needs none.
- openapi-python-client makes a client for Python from what the server answers, for both documents; that client creates a company, lists it, is refused where
  it has no right to, and asks for access as an application.

FOLDER keeps the Python environment for the next run (default: a temporary one). It needs bash, curl, and Python with venv and pip.
"""

import json, os, re, signal, subprocess, sys, tempfile, time, urllib.error, urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GENERATOR = "openapi-python-client==0.29.1"
PASSWORD = "a good long sentence"
WORKED = """
import json, os
from drawbridge_api import AuthenticatedClient
from drawbridge_api.api.tenants import create_tenant, list_tenants, get_tenant
from drawbridge_api.models import TenantCreate

client = AuthenticatedClient(base_url=os.environ["BASE"], token=os.environ["KEY"], raise_on_unexpected_status=True)
made = create_tenant.sync_detailed(client=client, body=TenantCreate(slug="generated", name="Made by a generated client", plan="business", seats=3))
assert made.status_code == 201, made
page = list_tenants.sync(client=client, limit=100)
assert "generated" in [t.slug for t in page.items], page
missing = get_tenant.sync_detailed("unknown", client=client)
assert missing.status_code == 404 and json.loads(missing.content)["code"] == "not_found", missing
stranger = AuthenticatedClient(base_url=os.environ["BASE"], token="dbk_wrong")
assert list_tenants.sync_detailed(client=stranger).status_code == 401
"""
APPLICATION = """
import os
from drawbridge_app import AuthenticatedClient
from drawbridge_app.api.people import check_access
from drawbridge_app.api.feed import read_events

client = AuthenticatedClient(base_url=os.environ["BASE"], token=os.environ["KEY"], raise_on_unexpected_status=True)
answer = check_access.sync("acme", client=client, email="unknown@acme.example")
assert answer.allowed is False, answer
assert read_events.sync("acme", client=client).items, "no event"
"""


def get(url, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as res:
            return res.status, res.read()
    except urllib.error.HTTPError as err:
        return err.code, err.read()


class Server:
    def __init__(self, program, folder):
        self.program, self.data = os.path.abspath(program), os.path.join(folder, "data")
        self.log = os.path.join(folder, "server.log")
        self.process = subprocess.Popen([self.program, "serve", "--data", self.data, "--listen", "127.0.0.1:0"], stdout=open(self.log, "w"), stderr=subprocess.STDOUT,
                                        stdin=subprocess.DEVNULL, env={**os.environ, "DRAWBRIDGE_API_ENABLED": "true"})
        for _ in range(200):
            if subprocess.run([self.program, "healthcheck", "--data", self.data], capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
        self.base = self.command("status")["base_url"]

    def command(self, *arguments, text=None):
        done = subprocess.run([self.program, *arguments, "--data", self.data, "-o", "json"], input=text, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"drawbridge {' '.join(arguments)}: {done.stderr}\n{open(self.log).read()[-2000:]}")
        return json.loads(done.stdout)

    def key(self):
        """An API key of the first Owner, made as docs/operators.md says."""
        link = self.command("operator", "first-link")["url"]
        self.command("operator", "accept", link, "--email", "ada@msp.example", "--first-name", "Ada", "--last-name", "L", text=PASSWORD + "\n")
        body = json.dumps({"email": "ada@msp.example", "password": PASSWORD}).encode()
        request = urllib.request.Request(self.base + "/api/v1/session", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=20) as res:
            cookie = res.headers["Set-Cookie"].split(";")[0]
        request = urllib.request.Request(self.base + "/api/v1/me/api-keys", b'{"label":"docs"}', {"Content-Type": "application/json", "Cookie": cookie})
        with urllib.request.urlopen(request, timeout=20) as res:
            return json.load(res)["secret"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


def examples(server, key):
    """Yields what is wrong with the examples."""
    with open(os.path.join(ROOT, "docs", "api.md")) as f:
        blocks = re.findall(r"^```(\S+)\n(.*?)^```$", f.read(), re.M | re.S)
    ran, said = 0, ""
    for kind, text in blocks:
        if kind in ("sh", "sh-refused"):
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], capture_output=True, text=True, env={**os.environ, "API": server.base + "/api/v1", "KEY": key})
            said, ran = done.stdout, ran + 1
            if (done.returncode == 0) != (kind == "sh"):
                yield f"docs/api.md:\n{text}ended with {done.returncode}: {done.stdout}{done.stderr}"
        elif kind == "json":
            shown, got = json.loads(text), json.loads(said)
            if any(got.get(name) != value for name, value in shown.items()):
                yield f"docs/api.md shows {text}, and the server says {said}"
    print(f"apidocs: {ran} blocks of docs/api.md run")


def strangers(server):
    """Yields what is answered without a credential and should not be, or the other way round."""
    for prefix in ("/api/v1", "/app/v1"):
        for name in ("/openapi.json", "/openapi.yaml", "/reference"):
            status, body = get(server.base + prefix + name)
            if status != 200 or len(body) < 1000:
                yield f"{prefix}{name} without a credential: {status}"
        document = json.loads(get(server.base + prefix + "/openapi.json")[1])
        asked = 0
        for path, item in document["paths"].items():
            if "get" not in item or item["get"].get("security") == []:
                continue
            status, body = get(server.base + re.sub(r"\{\w+\}", "x", path))
            asked += 1
            if status != 401:
                yield f"{path} without a credential: {status} {body[:200]}"
        print(f"apidocs: {asked} paths below {prefix} want a credential")


def generated(server, key, folder, name, prefix, program):
    """Yields what is wrong with a client that a generator makes."""
    python = os.path.join(folder, "venv", "bin", "python")
    if not os.path.exists(os.path.join(folder, "venv", "bin", "openapi-python-client")):
        subprocess.run([sys.executable, "-m", "venv", os.path.join(folder, "venv")], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", GENERATOR], check=True)
    document, settings, out = (os.path.join(folder, name + end) for end in (".json", ".yaml", ""))
    open(document, "wb").write(get(server.base + prefix + "/openapi.json")[1])
    json.dump({"project_name_override": name, "package_name_override": name, "post_hooks": []}, open(settings, "w"))
    subprocess.run(["rm", "-rf", out], check=True)
    done = subprocess.run([os.path.join(folder, "venv", "bin", "openapi-python-client"), "generate", "--path", document, "--config", settings, "--output-path", out, "--meta", "none"],
                          capture_output=True, text=True, cwd=folder)
    # The generator knows no archives, no tables, no lines of JSON and no pictures: such bodies are its one warning that is let pass.
    warnings = re.split(r"^(?=WARNING |ERROR )", done.stdout + done.stderr, flags=re.M)[1:]
    if done.returncode or [w for w in warnings if not re.search(r"[Uu]nsupported content.type (application/gzip|application/jsonl|text/csv|image/png)", w)]:
        yield f"the generator, with {prefix}/openapi.json: {done.stdout}{done.stderr}"
        return
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, cwd=folder, env={**os.environ, "BASE": server.base, "KEY": key, "PYTHONPATH": folder})
    if done.returncode:
        yield f"the generated client {name}: {done.stdout}{done.stderr}"
    else:
        print(f"apidocs: a client made from {prefix}/openapi.json works")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="dbapi-") as temporary:
        folder = os.path.abspath(sys.argv[2]) if len(sys.argv) == 3 else temporary
        os.makedirs(folder, exist_ok=True)
        server = Server(sys.argv[1], temporary)
        try:
            key = server.key()
            wrong = list(examples(server, key)) + list(strangers(server))
            application = server.command("appkey", "create", "acme", "--name", "Portal")["secret"]
            wrong += generated(server, key, folder, "drawbridge_api", "/api/v1", WORKED)
            wrong += generated(server, application, folder, "drawbridge_app", "/app/v1", APPLICATION)
        finally:
            server.stop()
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
