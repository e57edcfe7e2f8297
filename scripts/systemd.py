#!/usr/bin/env python3
"""Checks the systemd unit, and runs the server under its restrictions:   scripts/systemd.py bin/drawbridge

- systemd-analyze must have nothing to say about the unit, also with each of its drop-ins, and must find it little exposed.
- The server runs with configs/production.yaml as the unit has it. No systemd runs in a container, so this script does what it would do: a root that is
  read-only but for the folders of StateDirectory, a user without a name and without capabilities, no new privileges, the system calls of
  SystemCallFilter alone, no memory that can be written and executed, the address families of RestrictAddressFamilies, UMask, LimitNOFILE, and the
  credentials of secrets.conf. There the server must start with TLS from a credential, become healthy, write a backup, say what it cannot write,
  and stop with status 0. Not imitated: PrivateUsers, the Protect… lines about the kernel, RestrictNamespaces, RestrictRealtime, RestrictSUIDSGID.

It needs root, systemd-analyze, openssl, and Python's seccomp (Debian: python3-seccomp).
"""

import ctypes, errno, json, os, re, resource, shutil, signal, socket, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
UNIT = os.path.join(ROOT, "deploy", "systemd", "drawbridge.service")
USER = 61184  # the first that DynamicUser= may take
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP = 38, 24


def settings(*files):
    """The settings of a unit with its drop-ins, each a list of values."""
    out = {}
    for file in files:
        for line in open(file):
            found = re.match(r"([A-Z]\w+)=(.*)", line.strip())
            if found:
                out.setdefault(found[1], []).append(found[2])
    return out


def one(unit, name):
    return unit[name][-1]


# ---------------------------------------------------------------------------------------------------------------- what systemd says


def analyze(program):
    """systemd-analyze on the unit and on its drop-ins, with the program in its place."""
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        text = open(UNIT).read().replace("/usr/local/bin/drawbridge", program)
        unit = os.path.join(folder, "drawbridge.service")
        open(unit, "w").write(text)
        dropins = unit + ".d"
        os.mkdir(dropins)
        for dropin in ("", "secrets.conf", "low-port.conf"):
            for old in os.listdir(dropins):
                os.remove(os.path.join(dropins, old))
            if dropin:
                shutil.copy(os.path.join(ROOT, "deploy", "systemd", dropin), dropins)
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
            said = (done.stdout + done.stderr).strip()
            if done.returncode or said:
                wrong.append(f"systemd-analyze verify, with {dropin or 'no drop-in'}: {said}")
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", UNIT], capture_output=True, text=True)
        if done.returncode:
            wrong.append("systemd-analyze security: " + "\n".join(done.stdout.splitlines()[-3:]) + done.stderr)
        else:
            print("systemd:", done.stdout.splitlines()[-1].strip("→ \n"))
    return wrong


def calls(groups):
    """The system calls of groups such as @system-service."""
    found, todo = set(), list(groups)
    while todo:
        name = todo.pop()
        if not name.startswith("@"):
            found.add(name)
            continue
        done = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name], capture_output=True, text=True, check=True)
        todo += [line.strip() for line in done.stdout.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    return found


# ---------------------------------------------------------------------------------------------------------------- what systemd does


def prctl(option, value):
    return LIBC.prctl(ctypes.c_int(option), *(ctypes.c_ulong(n) for n in (value, 0, 0, 0)))


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def prepare(root, program, unit, secrets):
    """Makes the root of the service: ProtectSystem=strict, StateDirectory=, LoadCredential=."""
    mount("-t", "tmpfs", "tmpfs", root)
    for folder in ("usr/local/bin", "etc/drawbridge", "proc", "dev", "tmp", "run/credentials/drawbridge.service", "var/lib"):
        os.makedirs(os.path.join(root, folder))
    shutil.copy(program, os.path.join(root, "usr/local/bin/drawbridge"))
    os.chmod(os.path.join(root, "usr/local/bin/drawbridge"), 0o755)
    for device in ("null", "urandom"):
        open(os.path.join(root, "dev", device), "w").close()
        mount("--bind", "/dev/" + device, os.path.join(root, "dev", device))
    mount("--bind", "/proc", os.path.join(root, "proc"))
    mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", os.path.join(root, "tmp"))
    credentials = os.path.join(root, "run/credentials/drawbridge.service")
    for line in unit["LoadCredential"]:
        name = line.split(":")[0]
        path = os.path.join(credentials, name)
        open(path, "w").write(secrets[name])
        os.chown(path, USER, USER)
        os.chmod(path, 0o400)
    os.chown(credentials, USER, USER)
    os.chmod(credentials, 0o500)
    for name in one(unit, "StateDirectory").split():
        path = os.path.join(root, "var/lib", name)
        os.mkdir(path, int(one(unit, "StateDirectoryMode"), 8))
        mount("-t", "tmpfs", "-o", f"mode={one(unit, 'StateDirectoryMode')},uid={USER},gid={USER}", "tmpfs", path)


def restrict(root, unit, rules):
    """Runs in the child, before the server takes its place."""
    try:
        os.chroot(root)
        os.chdir(one(unit, "WorkingDirectory"))
        os.umask(int(one(unit, "UMask"), 8))
        limit = int(one(unit, "LimitNOFILE"))
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
        for capability in range(64):
            prctl(PR_CAPBSET_DROP, capability)
        os.setgroups([])
        os.setresgid(USER, USER, USER)
        os.setresuid(USER, USER, USER)
        if prctl(PR_SET_NO_NEW_PRIVS, 1):
            raise OSError(ctypes.get_errno(), "no new privileges")
        rules.load()
    except BaseException as err:
        os.write(2, f"the restrictions cannot be made: {err!r}\n".encode())
        raise


def filter_of(unit):
    """SystemCallFilter=, RestrictAddressFamilies= and MemoryDenyWriteExecute= as rules for the kernel."""
    import seccomp

    allowed = set()
    for value in unit["SystemCallFilter"]:
        if value.startswith("~"):
            allowed -= calls(value[1:].split())
        else:
            allowed |= calls(value.split())
    rules = seccomp.SyscallFilter(seccomp.ERRNO(getattr(errno, one(unit, "SystemCallErrorNumber"))))
    known = 0
    for name in sorted(allowed | {"execve"}):
        if name in ("mmap", "mprotect", "socket"):
            continue
        try:
            rules.add_rule(seccomp.ALLOW, name)
            known += 1
        except RuntimeError:
            pass  # of another architecture
    families = [getattr(socket, name) for name in one(unit, "RestrictAddressFamilies").split()]
    for family in families:
        rules.add_rule(seccomp.ALLOW, "socket", seccomp.Arg(0, seccomp.EQ, family))
    write, execute = 2, 4
    for protection in range(8):
        if protection & execute == 0 or protection & write == 0:
            rules.add_rule(seccomp.ALLOW, "mmap", seccomp.Arg(2, seccomp.MASKED_EQ, 7, protection))
        if protection & execute == 0:
            rules.add_rule(seccomp.ALLOW, "mprotect", seccomp.Arg(2, seccomp.MASKED_EQ, 7, protection))
    print(f"systemd: {known} system calls are allowed")
    return rules


# ---------------------------------------------------------------------------------------------------------------- the run


def pair(folder):
    cert, key = os.path.join(folder, "c"), os.path.join(folder, "k")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "60", "-subj", "/CN=scim.example.com",
                    "-addext", "subjectAltName=DNS:scim.example.com", "-keyout", key, "-out", cert], check=True, capture_output=True)
    return open(cert).read(), open(key).read()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def inside(program, root):
    """The part that runs in a mount namespace of its own."""
    wrong = []
    unit = settings(UNIT, os.path.join(ROOT, "deploy", "systemd", "secrets.conf"))
    with tempfile.TemporaryDirectory() as folder:
        cert, key = pair(folder)
    prepare(root, program, unit, {"tls.crt": cert, "tls.key": key, "mail-password": "secret\n", "metrics-token": "a-token-of-enough-length\n"})
    config = open(os.path.join(ROOT, "configs", "production.yaml")).read()
    config = config.replace("127.0.0.1:8080", f"127.0.0.1:{free_port()}").replace("127.0.0.1:9090", f"127.0.0.1:{free_port()}")
    open(os.path.join(root, "etc/drawbridge/drawbridge.yaml"), "w").write(config)
    mount("-o", "remount,ro", root)

    environment = {"PATH": "/usr/bin", "CREDENTIALS_DIRECTORY": "/run/credentials/drawbridge.service"}
    for line in unit["Environment"]:
        environment.update(word.replace("%d", environment["CREDENTIALS_DIRECTORY"]).split("=", 1) for word in line.split())
    rules = filter_of(unit)
    start = lambda *arguments: subprocess.Popen(["/usr/local/bin/drawbridge", *arguments], env=environment, preexec_fn=lambda: restrict(root, unit, rules),
                                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, executable="/usr/local/bin/drawbridge")
    command = one(unit, "ExecStart").split()[1:]
    checked = start("config", "check", *command[1:])
    said = checked.communicate(timeout=60)[0]
    if checked.returncode or "tried: backup.dir: /var/lib/drawbridge-backups can be written to" not in said or "warning" in said.replace("metrics.listen", ""):
        wrong.append("config check says: " + said)

    server = start(*command)
    try:
        data = ["--data", os.path.join(root, "var/lib/drawbridge"), "-o", "json"]
        run = lambda *arguments: subprocess.run([program, *arguments, *data], capture_output=True, text=True, timeout=60)
        for _ in range(100):
            if run("healthcheck").returncode == 0 or server.poll() is not None:
                break
            time.sleep(0.1)
        health = run("healthcheck")
        if health.returncode:
            wrong.append("healthcheck: " + health.stderr)
        made = run("tenant", "create", "acme", "--name", "Acme Ltd", "--plan", "business")
        if made.returncode:
            wrong.append("tenant create: " + made.stderr)
        copied = run("backup")
        if copied.returncode or not json.loads(copied.stdout)["path"].startswith("/var/lib/drawbridge-backups/"):
            wrong.append("backup create: " + copied.stdout + copied.stderr)
        refused = run("backup", "--to", "/etc/drawbridge/")
        if refused.returncode == 0 or "may not write" not in refused.stderr:
            wrong.append("a backup to /etc: " + refused.stdout + refused.stderr)
        status = json.loads(run("status").stdout)
        if not status["ready"] or any(p.get("message") for p in status["parts"]) or {"backup", "certificate", "store"} - {p["name"] for p in status["parts"]}:
            wrong.append(f"status: {status}")
        for name in os.listdir(os.path.join(root, "var/lib/drawbridge")):
            mode = os.lstat(os.path.join(root, "var/lib/drawbridge", name)).st_mode & 0o777
            if mode & 0o077:
                wrong.append(f"{name} has the mode {mode:o}")
    finally:
        server.send_signal(signal.SIGTERM)
        said = server.communicate(timeout=30)[0]
    if server.returncode:
        wrong.append(f"the server ended with {server.returncode}")
    if wrong:
        wrong.append("the server said:\n" + said)
    return wrong


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "--inside":
        wrong = inside(*sys.argv[2:])
        if wrong:
            sys.exit("\n".join(wrong))
        print("systemd: the server runs under the unit's restrictions")
        return
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = os.path.abspath(sys.argv[1])
    wrong = analyze(program)
    if wrong:
        sys.exit("\n".join(wrong))
    with tempfile.TemporaryDirectory() as root:  # what is mounted there goes with the namespace
        done = subprocess.run(["unshare", "--mount", "--propagation", "private", sys.executable, os.path.abspath(__file__), "--inside", program, root])
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
