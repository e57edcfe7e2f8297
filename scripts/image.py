#!/usr/bin/env python3
"""Writes the container image as an OCI archive:   scripts/image.py --version V --commit C --epoch E --out FILE ARCH=BINARY…

One index with an image for each architecture, read from the last stage of deploy/Dockerfile, so that there is one description of the image: a layer with the
binary, the certificates of this machine and the data folder, and the configuration. No daemon, no registry, and the same bytes each time.

    skopeo copy --all oci-archive:FILE docker://registry.example.com/drawbridge:V
    podman load -i FILE
"""

import argparse, gzip, hashlib, io, json, os, re, shlex, tarfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
INDEX, MANIFEST, CONFIG, LAYER = (f"application/vnd.oci.image.{kind}" for kind in ("index.v1+json", "manifest.v1+json", "config.v1+json", "layer.v1.tar+gzip"))


def stage():
    """The instructions of the last stage of the Dockerfile."""
    with open(os.path.join(ROOT, "deploy", "Dockerfile")) as f:
        text = f.read()
    text = text[text.index("\nFROM scratch\n") + len("\nFROM scratch\n"):]
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [tuple(line.split(None, 1)) for line in lines]


def seconds(text):
    return int(re.fullmatch(r"(\d+)s", text)[1]) * 10**9


def settings(instructions):
    """What the instructions say about the process."""
    out = {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], "ExposedPorts": {}, "Volumes": {}}
    for name, value in instructions:
        if name == "USER":
            out["User"] = value
        elif name == "WORKDIR":
            out["WorkingDir"] = value
        elif name == "VOLUME":
            out["Volumes"][value] = {}
        elif name == "ENV":
            out["Env"] += shlex.split(value)
        elif name == "EXPOSE":
            out["ExposedPorts"][value + "/tcp"] = {}
        elif name == "STOPSIGNAL":
            out["StopSignal"] = value
        elif name == "ENTRYPOINT":
            out["Entrypoint"] = json.loads(value)
        elif name == "CMD":
            out["Cmd"] = json.loads(value)
        elif name == "HEALTHCHECK":
            options, command = re.fullmatch(r"((?:--\S+ )*)CMD (.*)", value).groups()
            options = dict(option[2:].split("=") for option in options.split())
            # Not in the OCI's list, but Docker reads it there.
            out["Healthcheck"] = {"Test": ["CMD", *json.loads(command)], "Interval": seconds(options["interval"]), "Timeout": seconds(options["timeout"]),
                                  "StartPeriod": seconds(options["start-period"]), "Retries": int(options["retries"])}
        elif name != "COPY":
            raise SystemExit(f"image: the last stage of the Dockerfile has {name}, which this script does not know")
    return out


def layer(instructions, binary, epoch):
    """The files that COPY puts into the image."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as out:
        def add(name, content=None, mode=0o755, owner=0):
            info = tarfile.TarInfo(name)
            info.mtime, info.mode, info.uid, info.gid = epoch, mode, owner, owner
            if content is None:
                info.type = tarfile.DIRTYPE
                out.addfile(info)
            else:
                info.size = len(content)
                out.addfile(info, io.BytesIO(content))

        for name, value in instructions:
            if name != "COPY":
                continue
            source, target = value.split()[-2:]
            owner = int((re.search(r"--chown=(\d+):", value) or [0, 0])[1])
            if source == "/out/drawbridge":
                add(target.lstrip("/"), open(binary, "rb").read())
            elif source == "/out/certs":
                path = target.strip("/")
                for n in range(1, path.count("/") + 2):
                    add("/".join(path.split("/")[:n]))
                add(path + "/ca-certificates.crt", open(CERTIFICATES, "rb").read(), 0o644)
            elif source == "/out/data":
                add(target.strip("/"), owner=owner)
            else:
                raise SystemExit(f"image: the Dockerfile copies {source}, which this script does not know")
    return raw.getvalue()


class Layout:
    """An OCI image layout in a tar file."""

    def __init__(self, epoch):
        self.epoch, self.files = epoch, {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}

    def blob(self, kind, content):
        digest = hashlib.sha256(content).hexdigest()
        self.files["blobs/sha256/" + digest] = content
        return {"mediaType": kind, "digest": "sha256:" + digest, "size": len(content)}

    def json(self, kind, value):
        return self.blob(kind, json.dumps(value, sort_keys=True, separators=(",", ":")).encode())

    def write(self, path):
        with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as out:
            for folder in ("blobs", "blobs/sha256"):
                info = tarfile.TarInfo(folder)
                info.type, info.mode, info.mtime = tarfile.DIRTYPE, 0o755, self.epoch
                out.addfile(info)
            for name in sorted(self.files):
                info = tarfile.TarInfo(name)
                info.size, info.mode, info.mtime = len(self.files[name]), 0o644, self.epoch
                out.addfile(info, io.BytesIO(self.files[name]))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("version", "commit", "out"):
        arguments.add_argument("--" + name, required=True)
    arguments.add_argument("--epoch", type=int, required=True)
    arguments.add_argument("binaries", nargs="+", metavar="ARCH=BINARY")
    given = arguments.parse_args()
    instructions = stage()
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(given.epoch))
    labels = {"org.opencontainers.image.title": "drawbridge", "org.opencontainers.image.version": given.version, "org.opencontainers.image.revision": given.commit,
              "org.opencontainers.image.created": created, "org.opencontainers.image.licenses": "Apache-2.0"}
    layout, manifests = Layout(given.epoch), []
    for entry in given.binaries:
        arch, binary = entry.split("=", 1)
        files = layer(instructions, binary, given.epoch)
        packed = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=given.epoch, compresslevel=9) as z:
            z.write(files)
        config = layout.json(CONFIG, {
            "created": created, "architecture": arch, "os": "linux", "config": {**settings(instructions), "Labels": labels},
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(files).hexdigest()]}, "history": [{"created": created, "created_by": "scripts/image.py"}],
        })
        manifest = layout.json(MANIFEST, {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layout.blob(LAYER, packed.getvalue())], "annotations": labels})
        manifests.append({**manifest, "platform": {"architecture": arch, "os": "linux"}})
    index = layout.json(INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests, "annotations": labels})
    index["annotations"] = {"org.opencontainers.image.ref.name": "drawbridge:" + given.version}
    layout.files["index.json"] = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [index]}, sort_keys=True).encode()
    layout.write(given.out)


if __name__ == "__main__":
    main()
