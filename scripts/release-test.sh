#!/usr/bin/env bash
# Makes a release of the version at the top of the changelog and tries it:   scripts/release-test.sh [--targets "OS/ARCH …"] [--storage DIR]
#
# - Two builds in two folders, the second one from a clone and without the first one's build cache, give the same files. (The second is for linux/amd64 alone.)
# - The checksums are signed, the signature verifies as docs/releases.md says, and neither a changed file nor a changed list passes.
# - What is in the archive says its version, completes, and has its manual; deb, rpm and SBOM have what they should.
# - The image is one that buildah reads, for both architectures, with the settings of the Dockerfile, and what is in it runs.
#
# It needs Go, git, Python, ssh-keygen, dpkg-deb, and buildah (as root, or with rights for user namespaces).
set -euo pipefail
cd "$(dirname "$0")/.."
targets='linux/amd64 linux/arm64 darwin/arm64 windows/amd64' storage=''
while (($#)); do
	case $1 in
	--targets) targets=$2 && shift 2 ;;
	--storage) storage=$2 && shift 2 ;;
	*) echo "scripts/release-test.sh: unknown argument $1" >&2 && exit 2 ;;
	esac
done
say() { printf 'release-test: %s\n' "$*"; }
die() { printf 'release-test: %s\n' "$*" >&2 && exit 1; }
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
version=$(sed -n 's/^## \[\([0-9][^]]*\)\] - .*/\1/p' CHANGELOG.md | head -n 1)
[[ -n $version ]] || die "CHANGELOG.md has no version"

# ---- a release that is signed with a key of its own
ssh-keygen -q -t ed25519 -N '' -C trial -f "$work/key"
printf 'releases@example.com namespaces="drawbridge-release" %s\n' "$(cat "$work/key.pub")" >"$work/signers"
scripts/release.sh "$version" --dirty --targets "$targets" --key "$work/key" --signers "$work/signers" --out "$work/one"

# ---- the same once more, elsewhere and from nothing
if [[ -z $(git status --porcelain) ]]; then
	git clone -q . "$work/elsewhere/clone"
	(cd "$work/elsewhere/clone" && GOCACHE=$work/cache scripts/release.sh "$version" --targets linux/amd64 --unsigned --out "$work/two")
	for file in "$work/two"/*; do
		name=${file##*/}
		case $name in
		SHA256SUMS | *-image.tar) continue ;; # of other targets
		esac
		cmp "$file" "$work/one/$name" || die "two builds differ: $name"
	done
	say "two builds in two folders are the same: $(sha256sum <"$work/two/drawbridge-$version-linux-amd64.tar.gz" | cut -c1-16)…"
else
	say "this checkout has changes, so the second build is left out"
fi

# ---- the signature, as docs/releases.md says
verify() { ssh-keygen -Y verify -f "$work/signers" -I releases@example.com -n drawbridge-release -s "$1/SHA256SUMS.sig" <"$1/SHA256SUMS" >/dev/null 2>&1 && (cd "$1" && sha256sum --check --quiet --strict SHA256SUMS >/dev/null 2>&1); }
verify "$work/one" || die "the signature does not verify"
cp -r "$work/one" "$work/bad"
echo x >>"$work/bad/drawbridge-$version-linux-amd64.tar.gz"
! verify "$work/bad" || die "a changed archive passes"
(cd "$work/bad" && sha256sum ./*.* >SHA256SUMS)
! verify "$work/bad" || die "a changed list passes"
say "signed, and changes are found"

# ---- what is in it
tar -xzf "$work/one/drawbridge-$version-linux-amd64.tar.gz" -C "$work"
folder=$work/drawbridge-$version-linux-amd64
said=$("$folder/drawbridge" --version)
[[ $said == "drawbridge $version"* && $said == *"commit $(git rev-parse HEAD)"* && $said == *"store format "* ]] || die "--version says $said"
for file in man/drawbridge.1 man/drawbridge-tenant-create.1 completions/drawbridge.bash completions/_drawbridge completions/drawbridge.fish manual/index.html manual/docs/okta.html \
	deploy/systemd/drawbridge.service deploy/kubernetes/default.yaml LICENSE CHANGELOG.md; do
	[[ -s $folder/$file ]] || die "the archive has no $file"
done
bash -n "$folder/completions/drawbridge.bash"
dpkg-deb --contents "$work/one/drawbridge-$version-linux-amd64.deb" >"$work/deb"
for file in /usr/bin/drawbridge /usr/lib/systemd/system/drawbridge.service /etc/drawbridge/drawbridge.yaml /usr/share/man/man1/drawbridge-serve.1.gz /usr/share/bash-completion/completions/drawbridge /usr/share/zsh/vendor-completions/_drawbridge; do
	grep -q " \.$file\$" "$work/deb" || die "the deb has no $file"
done
dpkg-deb -x "$work/one/drawbridge-$version-linux-amd64.deb" "$work/root"
grep -q '^ExecStart=/usr/bin/drawbridge ' "$work/root/usr/lib/systemd/system/drawbridge.service" || die "the unit of the deb starts another program"
"$work/root/usr/bin/drawbridge" config print --config "$work/root/etc/drawbridge/drawbridge.yaml" >/dev/null || die "the configuration of the deb is wrong"
[[ $(head -c 4 "$work/one/drawbridge-$version-linux-amd64.rpm" | od -An -tx1 | tr -d ' ') == edabeedb ]] || die "the rpm is none"
python3 - "$work/one/drawbridge-$version-sbom.cdx.json" <<'PY'
import json, sys
bom = json.load(open(sys.argv[1]))
names = {c["name"] for c in bom["components"]}
assert bom["bomFormat"] == "CycloneDX" and {"go.etcd.io/bbolt", "std", "github.com/spf13/cobra"} <= names, names
PY
for target in $targets; do
	ls "$work/one/drawbridge-$version-${target/\//-}".* >/dev/null || die "no archive for $target"
done
grep -q . "$work/one/RELEASE-NOTES.md"
say "archive, deb, rpm, SBOM and notes have what they should"

# ---- the image
storage=${storage:-$work/storage}
b() { buildah --storage-driver vfs --root "$storage/root" --runroot "$storage/run" "$@"; }
for target in $targets; do
	[[ $target == linux/* ]] || continue
	id=$(b pull --quiet --policy always --arch "${target#*/}" "oci-archive:$work/one/drawbridge-$version-image.tar")
	config=$(b inspect --type image "$id")
	for want in '"User": "65532:65532"' '"/data": {}' '"8080/tcp": {}' "\"architecture\": \"${target#*/}\"" '"DRAWBRIDGE_DATA=/data"' "\"org.opencontainers.image.version\": \"$version\""; do
		[[ $config == *"$want"* ]] || die "the image for $target lacks $want"
	done
	[[ $target == linux/amd64 ]] || continue
	container=$(b from --pull-never "$id")
	run() { b run --isolation chroot --env DRAWBRIDGE_LISTEN=127.0.0.1:0 "$container" -- "$@"; }
	[[ $(run /drawbridge --version) == "drawbridge $version"* ]] || die "the image runs another program"
	run /drawbridge config check >/dev/null || die "the image's settings are wrong"
	b rm "$container" >/dev/null
done
say "the image is readable and runs"
