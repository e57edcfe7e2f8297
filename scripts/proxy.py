#!/usr/bin/env python3
"""Runs the reverse-proxy examples of deploy/proxy in front of a real server:   scripts/proxy.py bin/drawbridge

Starts Drawbridge with configs/production.yaml, and each proxy with its example as it is in the repository: only the name, the ports and the
certificate are replaced. Through the proxy, over https,
- a connection creates, reads and changes a person, with If-Match and with escaped characters in the path,
- the answer names the public address, whatever X-Forwarded-Host a client claims,
- the audit trail has the client's own address, whatever X-Forwarded-For it claims,
- a body of 8 MiB and one byte more, and a header of 60 KiB, get the answers of Drawbridge,
- an application waits for an event longer than a second,
- /metrics, /livez, /readyz and /api/ are not there.
It needs caddy, nginx and openssl.
"""

import http.client, json, os, re, shutil, signal, socket, ssl, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NAME = "scim.example.com"


def read(*path):
    with open(os.path.join(ROOT, *path)) as f:
        return f.read()


def write(path, text):
    with open(path, "w") as f:
        f.write(text)
    return path


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def replaced(text, old, new):
    if old not in text:
        sys.exit(f"the example has no {old!r} any more")
    return text.replace(old, new)


class Place:
    """A folder, its ports and the programs that run there."""

    def __init__(self, program, folder):
        self.program, self.folder, self.running = os.path.abspath(program), folder, []
        self.server, self.metrics, self.https = free_port(), free_port(), free_port()
        self.cert, self.key = os.path.join(folder, "tls.crt"), os.path.join(folder, "tls.key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
                        "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", self.key, "-out", self.cert], check=True, capture_output=True)
        self.data = os.path.join(folder, "data")

    def start(self, name, *command):
        log = os.path.join(self.folder, name + ".log")
        self.running.append(subprocess.Popen(command, stdout=open(log, "w"), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=self.folder))
        return self.running[-1], log

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        self.running.remove(process)

    def wait(self, what, so, process, log):
        for _ in range(200):
            try:
                if so():
                    return
            except OSError:
                pass
            if process.poll() is not None:
                break
            time.sleep(0.1)
        sys.exit(f"{what} did not come:\n{open(log).read()[-4000:]}")

    def command(self, *arguments):
        done = subprocess.run([self.program, *arguments, "--data", self.data, "-o", "json"], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"drawbridge {' '.join(arguments)}: {done.stderr}")
        return json.loads(done.stdout)

    def request(self, method, path, token="", body=None, source="127.0.0.2", **headers):
        trust = ssl.create_default_context(cafile=self.cert)
        conn = http.client.HTTPSConnection(NAME, self.https, timeout=30, context=trust, source_address=(source, 0))
        # The name is not in DNS: connect here and speak as if there.
        raw = socket.create_connection(("127.0.0.1", self.https), 30, (source, 0))
        conn.sock = trust.wrap_socket(raw, server_hostname=NAME)
        if token:
            headers["Authorization"] = "Bearer " + token
        if body is not None:
            headers["Content-Type"] = "application/scim+json"
        conn.request(method, path, body=body, headers={"Host": NAME, **headers})
        res = conn.getresponse()
        content = res.read()
        if res.status == 429:  # a long body has used up the rate of the connection
            time.sleep(int(res.headers["Retry-After"]))
            return self.request(method, path, token, body, source, **headers)
        return res.status, res.headers, content


def server(place):
    """Drawbridge as configs/production.yaml has it."""
    config = read("configs", "production.yaml")
    for old, new in (("data: /var/lib/drawbridge", "data: " + place.data), ("127.0.0.1:8080", f"127.0.0.1:{place.server}"),
                     ("127.0.0.1:9090", f"127.0.0.1:{place.metrics}"), ("dir: /var/lib/drawbridge-backups", "dir: " + os.path.join(place.folder, "backups"))):
        config = replaced(config, old, new)
    process, log = place.start("drawbridge", place.program, "serve", "--config", write(os.path.join(place.folder, "drawbridge.yaml"), config))
    ready = lambda: subprocess.run([place.program, "healthcheck", "--data", place.data], capture_output=True).returncode == 0
    place.wait("the server", ready, process, log)
    place.command("tenant", "create", "acme", "--name", "Acme Ltd", "--plan", "business")
    token = place.command("connection", "create", "acme-okta", "--tenant", "acme", "--type", "okta")["secret"]
    key = place.command("appkey", "create", "acme", "--name", "Portal")["secret"]
    return token, key


def caddy(place):
    text = read("deploy", "proxy", "Caddyfile")
    text = replaced(text, NAME + " {", f"https://{NAME}:{place.https} {{\n\ttls {place.cert} {place.key}\n")
    text = replaced(text, "127.0.0.1:8080", f"127.0.0.1:{place.server}")
    text = "{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system " + place.folder + "/caddy\n}\n" + text
    return ["caddy", "run", "--adapter", "caddyfile", "--config", write(os.path.join(place.folder, "Caddyfile"), text)]


def nginx(place):
    text = read("deploy", "proxy", "nginx.conf")
    text = replaced(text, "listen 443 ", f"listen 127.0.0.1:{place.https} ")
    text = re.sub(r"\n\tlisten \[::\]:443 [^;]*;", "", text)
    text = replaced(text, "127.0.0.1:8080", f"127.0.0.1:{place.server}")
    text = replaced(text, f"/etc/letsencrypt/live/{NAME}/fullchain.pem", place.cert)
    text = replaced(text, f"/etc/letsencrypt/live/{NAME}/privkey.pem", place.key)
    temporary = "".join(f"\t{kind}_temp_path {place.folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    text = f"daemon off;\npid {place.folder}/nginx.pid;\nerror_log stderr;\nworker_processes 1;\nuser root;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{text}}}\n"
    return ["nginx", "-p", place.folder, "-c", write(os.path.join(place.folder, "nginx.conf"), text)]


def checks(place, token, key, name):
    """Yields what is wrong."""
    base = "/scim/v2/acme-okta/Users"
    person = lambda user: json.dumps({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user, "externalId": user, "active": True})
    status, headers, body = place.request("POST", base, token, person(name + "@acme.example"), **{"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example"})
    if status != 201:
        yield f"a create got {status} {body}"
        return
    made = json.loads(body)
    if not made["meta"]["location"].startswith(f"https://{NAME}/scim/v2/acme-okta/Users/"):
        yield f"meta.location is {made['meta']['location']}"
    line = place.command("audit", "search", "acme", "--action", "user.create", "-n", "1")
    if '"address": "127.0.0.2"' not in json.dumps(line):
        yield f"the audit trail has another address than the client's: {line}"
    one = f"{base}/{made['id']}"
    status, headers, _ = place.request("GET", one, token)
    change = json.dumps({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "path": "displayName", "value": "A"}]})
    tag = headers["ETag"]
    for want, match in ((200, tag), (412, tag)):
        status, _, body = place.request("PATCH", one, token, change, **{"If-Match": match})
        if status != want:
            yield f"PATCH with If-Match {match} got {status}, not {want}: {body}"
    status, _, body = place.request("GET", base + "?filter=" + "userName%20eq%20%22" + name + "%40acme.example%22", token)
    if status != 200 or json.loads(body)["totalResults"] != 1:
        yield f"a filter got {status} {body}"
    status, _, body = place.request("GET", base + "/a%2Fb//c", token)
    if status != 404 or b"urn:ietf:params:scim" not in body:
        yield f"a path with an escaped slash got {status} {body}"
    status, headers, body = place.request("POST", base, token, " " * (8 << 20) + person("x@acme.example"))
    if status != 413 or b"urn:ietf:params:scim" not in body:
        yield f"a body that is too long got {status} {body[:200]}"
    status, _, body = place.request("GET", base, token, **{"X-Long": "x" * 60000})
    if status != 200:
        yield f"a header of 60 KB got {status} {body[:200]}"
    began = time.monotonic()
    after = json.loads(place.request("GET", "/app/v1/tenants/acme/events", key)[2])
    status, _, body = place.request("GET", f"/app/v1/tenants/acme/events?cursor={after['next']}&wait=3", key)
    if status != 200 or time.monotonic() - began < 2:
        yield f"a wait for events got {status} after {time.monotonic() - began:.1f} s: {body[:200]}"
    status, _, _ = place.request("GET", base, "wrong")
    if status != 401:
        yield f"a wrong token got {status}"
    for path in ("/metrics", "/metrics/", "//metrics", "/livez", "/readyz", "/api/v1/tenants", "/%6detrics"):
        status, _, body = place.request("GET", path)
        if status in (200, 401, 500, 502) or b"drawbridge_" in body:
            yield f"{path} got {status} {body[:100]}"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    wrong = []
    folder = tempfile.mkdtemp(prefix="dbproxy-")
    place = Place(sys.argv[1], folder)
    try:
        token, key = server(place)
        for name, prepare in (("caddy", caddy), ("nginx", nginx)):
            process, log = place.start(name, *prepare(place))
            place.wait(name, lambda: place.request("GET", "/")[0], process, log)
            found = list(checks(place, token, key, name))
            wrong += [f"{name}: {line}" for line in found]
            print(f"proxy: {name} in front of Drawbridge: {'as it should be' if not found else str(len(found)) + ' faults'}")
            place.stop(process)
    finally:
        for process in list(place.running):
            place.stop(process)
        shutil.rmtree(folder, ignore_errors=True)
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
