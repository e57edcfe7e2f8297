#!/usr/bin/env python3
"""Packs a folder so that the same content gives the same bytes:   scripts/pack.py EPOCH FOLDER ARCHIVE

The archive is a .tar.gz, .tgz or .zip by its name. Entries are sorted, belong to no user, and have the time EPOCH.
"""

import gzip, io, os, sys, tarfile, time, zipfile


def entries(folder):
    base = os.path.basename(os.path.normpath(folder))
    found = []
    for at, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(at, name)
            found.append((os.path.join(base, os.path.relpath(path, folder)), path))
    return sorted([(base, folder)] + found)


def mode(path):
    return 0o755 if os.path.isdir(path) or os.access(path, os.X_OK) else 0o644


def tar(epoch, folder, archive):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as out:
        for name, path in entries(folder):
            info = tarfile.TarInfo(name)
            info.mtime, info.mode = epoch, mode(path)
            if os.path.isdir(path):
                info.type = tarfile.DIRTYPE
                out.addfile(info)
            else:
                info.size = os.path.getsize(path)
                with open(path, "rb") as f:
                    out.addfile(info, f)
    with open(archive, "wb") as f, gzip.GzipFile(filename="", mode="wb", fileobj=f, mtime=epoch, compresslevel=9) as z:
        z.write(raw.getvalue())


def zip_(epoch, folder, archive):
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name, path in entries(folder):
            info = zipfile.ZipInfo(name + ("/" if os.path.isdir(path) else ""), time.gmtime(epoch)[:6])
            info.external_attr = (mode(path) | (0o040000 if os.path.isdir(path) else 0o100000)) << 16
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
            out.writestr(info, b"" if os.path.isdir(path) else open(path, "rb").read())


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    (zip_ if sys.argv[3].endswith(".zip") else tar)(int(sys.argv[1]), sys.argv[2], sys.argv[3])
