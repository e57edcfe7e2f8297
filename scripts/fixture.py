#!/usr/bin/env python3
"""Makes a store file with every kind of record. The tests open it with every later release.

    go build -o bin/drawbridge ./cmd/drawbridge
    scripts/fixture.py bin/drawbridge store/bolt/testdata/release-0.1.0

This runs the binary of a release, over HTTP and its own command line, and writes

    store/bolt/testdata/release-0.1.0.db.gz   its store, compacted
    store/bolt/testdata/release-0.1.0.json.gz when it was made, the credentials in it, and what each command of that release printed

Every version in the changelog keeps its fixture. The credentials open nothing but this file.
The script needs only the binary and Python's own library.
"""

import base64, gzip, hashlib, hmac, json, os, re, shutil, struct, subprocess, sys, tempfile, time
import urllib.error, urllib.parse, urllib.request

CONFIG = """
listen: 127.0.0.1:0
api: {enabled: true}
region: eu
"""
MAIL = """mail:
  host: 127.0.0.1
  port: 1
  tls: none
  from: drawbridge@example.com
  recipients:
    - address: ops@example.com
      kinds: ["*"]
"""
CORE = "urn:ietf:params:scim:schemas:core:2.0:"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PASSWORD = "correct horse battery staple"
BADGE = {"id": "urn:example:badge", "name": "Badge", "attributes": [
    {"name": "number", "type": "string", "multiValued": False, "mutability": "readWrite", "returned": "default", "uniqueness": "none"}]}
DEVICE = {"id": "urn:example:device", "name": "Device", "attributes": [
    {"name": "serial", "type": "string", "multiValued": False, "required": True, "mutability": "readWrite", "returned": "default", "uniqueness": "none"}]}


class Maker:
    def __init__(self, binary, folder):
        self.binary, self.folder = os.path.abspath(binary), folder
        self.config = os.path.join(folder, "config.yaml")
        self.log = open(os.path.join(folder, "log"), "w+")
        self.server = None

    def start(self, config):
        with open(self.config, "w") as f:
            f.write(config)
        self.server = subprocess.Popen([self.binary, "serve", "--config", self.config, "--data", os.path.join(self.folder, "d")], stdout=self.log, stderr=self.log)
        for _ in range(200):
            done = self.run("status", "-o", "json", check=False)
            if done.returncode == 0 and json.loads(done.stdout).get("ready"):
                self.url = json.loads(done.stdout)["base_url"]
                return
            time.sleep(0.05)
        sys.exit("the server does not start: " + self.said())

    def said(self):
        self.log.flush()
        return open(self.log.name).read()

    def stop(self):
        self.server.terminate()
        self.server.wait(60)

    def run(self, *args, check=True, given=""):
        env = {k: v for k, v in os.environ.items() if not k.startswith("DRAWBRIDGE_")}
        done = subprocess.run([self.binary, *args, "--data", os.path.join(self.folder, "d")], input=given, capture_output=True, text=True, env=env)
        if check and done.returncode != 0:
            sys.exit(f"{' '.join(args)}: {done.stderr}\n{self.said()}")
        return done

    def tell(self, *args, **more):
        """Runs a command and gives what it printed as JSON."""
        return json.loads(self.run(*args, "-o", "json", **more).stdout or "{}")

    def send(self, method, url, body=None, auth=None, want=(200, 201, 204), form=False, cookie=None):
        data = None if body is None else (urllib.parse.urlencode(body) if form else json.dumps(body)).encode()
        req = urllib.request.Request(url, data=data, method=method)
        if data is not None:
            req.add_header("Content-Type", "application/x-www-form-urlencoded" if form else "application/json")
        if auth:
            req.add_header("Authorization", auth)
        if cookie:
            req.add_header("Cookie", cookie)
        try:
            with urllib.request.urlopen(req, timeout=60) as res:
                status, text, heads = res.status, res.read(), res.headers
        except urllib.error.HTTPError as err:
            status, text, heads = err.code, err.read(), err.headers
        if status not in want:
            sys.exit(f"{method} {url}: {status} {text.decode()}")
        return (json.loads(text) if text else None), heads


def totp(secret, at):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    place = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[place:place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def fill(m):
    """Makes one of everything; gives the credentials that must go on working."""
    keys = {}
    m.run("tenant", "create", "acme", "--name", "Acme Ltd", "--plan", "business", "--seats", "9", "--country", "CH", "--region", "eu")
    m.run("tenant", "create", "beta", "--name", "Bêta & Söhne", "--plan", "enterprise")
    m.run("tenant", "update", "acme", "--set", "suspension_manual=hold", "--set", "tombstone_days=60")
    for kind, name, flags in (("User", BADGE, ["--resource-type", "User"]), ("Device", DEVICE, ["--resource-type", "Device", "--endpoint", "/Devices"])):
        path = os.path.join(m.folder, kind + ".json")
        with open(path, "w") as f:
            json.dump(name, f)
        m.run("schema", "load", "acme", path, *flags)

    okta = m.tell("connection", "create", "acme-okta", "--tenant", "acme", "--type", "okta")
    entra = m.tell("connection", "create", "acme-entra", "--tenant", "acme", "--type", "entra", "--auth", "oauth", "--expires", "3650d")
    basic = m.tell("connection", "create", "beta-generic", "--tenant", "beta", "--auth", "basic")
    m.run("connection", "map", "acme-okta", "IT Admins", "administrators")
    m.run("connection", "map", "acme-okta", "Contractors", "guest")
    m.run("connection", "update", "acme-okta", "--group-patch", "resource")
    second = m.tell("token", "rotate", "acme-okta")
    m.run("token", "revoke", "acme-okta", second["token_id"])
    bearer = "Bearer " + okta["secret"]
    pair = "Basic " + base64.b64encode(f"{basic['user_name']}:{basic['secret']}".encode()).decode()
    grant, _ = m.send("POST", m.url + "/oauth2/token", {"grant_type": "client_credentials", "client_id": entra["client_id"], "client_secret": entra["secret"]}, form=True)
    keys["bearer"] = {"url": "/scim/v2/acme-okta/Users", "authorization": bearer}
    keys["basic"] = {"url": "/scim/v2/beta-generic/Users", "authorization": pair}
    keys["client"] = {"url": "/oauth2/token", "id": entra["client_id"], "secret": entra["secret"]}
    keys["revoked"] = {"url": "/scim/v2/acme-okta/Users", "authorization": "Bearer " + second["secret"]}

    def scim(method, path, body=None, auth=bearer, connection="acme-okta", **more):
        return m.send(method, f"{m.url}/scim/v2/{connection}{path}", body, auth, **more)[0]

    def person(name, **more):
        user = {"schemas": [CORE + "User", "urn:example:badge"], "userName": name + "@acme.example", "externalId": "00u-" + name, "active": True,
                "name": {"givenName": name.title(), "familyName": "Ünal"}, "emails": [{"value": name + "@acme.example", "primary": True}, {"value": name + "@home.example"}],
                "urn:example:badge": {"number": "B-" + name}}
        user.update(more)
        return scim("POST", "/Users", user)["id"]

    people = {name: person(name) for name in ("ada", "bob", "cid", "dan", "eve", "fay", "gus", "hal")}
    people["guest"] = person("guest", userType="guest")
    change = lambda *ops: {"schemas": [PATCH], "Operations": list(ops)}
    scim("PATCH", f"/Users/{people['ada']}", change({"op": "replace", "path": "title", "value": "Director"}))
    scim("PATCH", f"/Users/{people['cid']}", change({"op": "replace", "path": "active", "value": False}))
    scim("DELETE", f"/Users/{people['dan']}")  # gone, and kept
    team = scim("POST", "/Groups", {"schemas": [CORE + "Group"], "displayName": "Platform", "externalId": "g-1", "members": [{"value": people[n]} for n in ("ada", "bob", "guest")]})
    scim("POST", "/Groups", {"schemas": [CORE + "Group"], "displayName": "Everybody", "members": [{"value": team["id"], "type": "Group"}, {"value": people["eve"]}]})
    scim("POST", "/Groups", {"schemas": [CORE + "Group"], "displayName": "IT Admins", "members": [{"value": people["bob"]}]})
    scim("POST", "/Devices", {"schemas": ["urn:example:device"], "serial": "SN-1"})
    lone = scim("POST", "/Users", {"schemas": [CORE + "User"], "userName": "Zoé@beta.example"}, auth=pair, connection="beta-generic")["id"]
    scim("POST", "/Users", {"schemas": [CORE + "User"], "userName": "ivy@acme.example", "externalId": "e-1"}, auth="Bearer " + grant["access_token"], connection="acme-entra")
    scim("PUT", f"/Users/{people['bob']}", {"schemas": [CORE + "User"], "userName": "bob@acme.example", "active": True}, auth="Bearer " + grant["access_token"], connection="acme-entra", want=(403,))  # L9
    for name in ("jan", "kim"):
        person(name)
    scim("POST", "/Users", {"schemas": [CORE + "User"], "userName": "late@acme.example"}, want=(403,))  # no seat
    m.run("group", "add", "acme", "owners", "ada@acme.example")
    m.run("group", "add", "acme", "security", "eve@acme.example")
    m.run("user", "suspend", "acme", "eve@acme.example", "--reason", "lost laptop")
    m.run("user", "recover", "acme", "fay@acme.example")
    for name in ("gus", "hal"):
        m.run("user", "suspend", "acme", name + "@acme.example")
    m.run("user", "delete", "acme", "gus@acme.example", "--force", "--reason", "on request", "--yes")  # a tombstone
    m.run("deletion", "request", "acme", "hal@acme.example", "--reason", "left")
    m.run("user", "release-management", "beta", lone, check=False)

    app = m.tell("appkey", "create", "acme", "--name", "Customer portal")
    gone = m.tell("appkey", "create", "acme", "--name", "Old portal")
    m.run("appkey", "revoke", "acme", gone["id"])
    keys["application"] = {"url": "/app/v1/tenants/acme/people", "authorization": "Bearer " + app["secret"]}

    def register(mail, *flags):
        made = m.tell("operator", "create", mail, "--show-link", "--first-name", mail.split("@")[0].title(), "--last-name", "Olsen", *flags)
        link = re.search(r"dbl_[A-Za-z0-9_-]+", json.dumps(made)).group(0)
        m.send("POST", f"{m.url}/api/v1/links/{link}", {"password": PASSWORD})
        _, heads = m.send("POST", m.url + "/api/v1/session", {"email": mail, "password": PASSWORD})
        return heads["Set-Cookie"].split(";")[0]

    cookie = register("olga@msp.example", "--role", "owner", "--all-tenants", "--api-access")
    proof = lambda method, path, body=None, cookie=cookie: m.send(method, m.url + "/api/v1" + path, body, cookie=cookie)[0]
    made = proof("POST", "/me/api-keys", {"label": "scripts"})
    keys["operator"] = {"url": "/api/v1/tenants", "authorization": "Bearer " + made["secret"]}
    keys["password"] = {"url": "/api/v1/session", "email": "olga@msp.example", "password": PASSWORD}
    tech = register("theo@msp.example", "--role", "technician", "--tenants", "acme")
    factor = proof("POST", "/me/mfa", cookie=tech)
    codes = proof("POST", "/me/mfa/confirm", {"code": totp(factor["secret"], time.time())}, cookie=tech)
    keys["second"] = {"url": "/api/v1/session", "email": "theo@msp.example", "password": PASSWORD, "code": codes["codes"][0]}
    m.tell("operator", "create", "rita@msp.example", "--first-name", "Rita", "--last-name", "Roth", "--role", "read_only")  # pending, with a link
    m.run("operator", "suspend", m.tell("operator", "create", "sam@msp.example", "--first-name", "Sam", "--last-name", "Sy", "--role", "help_desk")["operator"]["id"])
    m.run("tenant", "enter", "acme", "--reason", "ticket 4711")
    m.run("subscription", "set", "olga@msp.example", "--kinds", "alert,seats.*", "--daily")
    leave(m)
    m.run("mail", "test", "a.person@example.com", "--wait", "1s", check=False)  # no server takes it: it waits in the outbox
    for _ in range(100):
        if len(m.tell("mail", "list")) > 1:
            break
        time.sleep(0.1)
    return keys


def leave(m):
    """Makes companies in which the brake holds removals, a connection was disconnected, and people are invited; and one that was deleted."""
    m.run("tenant", "create", "cedar", "--name", "Cedar GmbH", "--plan", "enterprise", "--seats", "30")
    m.run("tenant", "update", "cedar", "--set", "brake=hold")
    made = m.tell("connection", "create", "cedar-okta", "--tenant", "cedar", "--type", "okta")
    bearer = "Bearer " + made["secret"]
    scim = lambda method, path, body, **more: m.send(method, f"{m.url}/scim/v2/cedar-okta{path}", body, bearer, **more)[0]
    people = [scim("POST", "/Users", {"schemas": [CORE + "User"], "userName": f"p{i}@cedar.example", "externalId": f"c-{i}"})["id"] for i in range(8)]
    for n, one in enumerate(people):
        scim("PATCH", f"/Users/{one}", {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": False}]}, want=(200,) if n < 5 else (403,))
    m.run("user", "invite", "cedar", "new@cedar.example", "--given-name", "Nia", "--family-name", "New")
    m.run("tenant", "create", "dune", "--name", "Dune SA", "--plan", "business", "--seats", "3")
    made = m.tell("connection", "create", "dune-okta", "--tenant", "dune", "--type", "okta")
    m.send("POST", f"{m.url}/scim/v2/dune-okta/Users", {"schemas": [CORE + "User"], "userName": "dee@dune.example"}, "Bearer " + made["secret"])
    m.run("connection", "disconnect", "dune-okta", "--finalise", "--reason", "moved", "--yes")
    m.run("tenant", "create", "elm", "--name", "Elm Ltd", "--plan", "business", "--seats", "1")
    m.run("tenant", "delete", "elm", "--name", "Elm Ltd", "--reason", "a trial")
    m.run("job", "run", "disconnect")
    m.run("job", "run", "snapshot")


def asked():
    yield from (["tenant", "list"], ["connection", "list"], ["operator", "list"], ["provider", "show"], ["mail", "list"])
    yield from (["events", "tail", "-n", "0"], ["audit", "export"])
    yield from (["subscription", "list"], ["alert", "list"])
    for tenant in ("acme", "beta", "cedar", "dune"):
        yield from (["brake", "list", tenant], ["snapshots", tenant], ["user", "invitations", tenant], ["tenant", "show", tenant], ["tenant", "settings", tenant], ["seats", tenant], ["user", "list", tenant], ["group", "list", tenant],
                    ["appkey", "list", tenant], ["deletion", "list", tenant], ["tenant", "inside", tenant], ["schema", "list", tenant],
                    ["events", "tail", tenant, "-n", "0"], ["audit", "export", tenant])
    for name in ("ada", "bob", "cid", "eve", "fay", "hal", "guest"):
        yield from (["user", "show", "acme", name + "@acme.example"], ["user", "why", "acme", name + "@acme.example"])
    for group in ("owners", "administrators", "team_members", "security", "Platform", "Everybody", "IT Admins"):
        yield ["group", "show", "acme", group]
    for connection in ("acme-okta", "acme-entra", "beta-generic"):
        yield from (["connection", "show", connection], ["token", "list", connection])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    binary, to = sys.argv[1:]
    folder = tempfile.mkdtemp(prefix="dbfix-")
    m = Maker(binary, folder)
    try:
        m.start(CONFIG + MAIL)
        keys = fill(m)
        m.stop()  # notes of last use are written with the end
        m.start(CONFIG)  # what waits in the outbox stays as it is
        said = []
        for args in asked():
            text = m.run(*args, "-o", "json").stdout
            lines = text.splitlines()
            said.append({"command": args, "said": [json.loads(line) for line in lines] if args[1] in ("tail", "export") else json.loads(text)})
        m.stop()
        m.run("compact")
        with open(os.path.join(folder, "d", "drawbridge.db"), "rb") as f:
            store = f.read()
        about = {"made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "credentials": keys, "commands": said}
        for name, content in ((".db.gz", store), (".json.gz", json.dumps(about, ensure_ascii=False).encode())):
            with open(to + name, "wb") as out, gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=out, mtime=0) as z:
                z.write(content)
            print(f"{to}{name}: {os.path.getsize(to + name)} bytes")
    finally:
        if m.server and m.server.poll() is None:
            m.server.kill()
        shutil.rmtree(folder)


main()
