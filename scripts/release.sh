#!/usr/bin/env bash
# Makes a release from this checkout:   scripts/release.sh VERSION [--out DIR] [--targets "OS/ARCH …"] [--key FILE | --unsigned] [--dirty]
#
#   VERSION    as in the changelog, which must have a section "## [VERSION] - DATE"
#   --out      where the files go (default: bin/release-VERSION); it must not exist
#   --targets  default: linux, darwin and windows, each for amd64 and arm64
#   --key      a private key of ssh-keygen that signs the checksums; its public half must be in deploy/release-signers
#   --signers  another file than deploy/release-signers
#   --unsigned no signature, for a trial
#   --dirty    also from a checkout with changes, for a trial
#
# What comes out depends on the commit alone (and for the image on the certificates of /etc/ssl): paths, times and users of this machine are in nothing.
# There are, for each target, an archive with the binary, completion scripts, manual pages, the manual, configurations and deployment files; for
# Linux a deb and an rpm; an OCI index for linux/amd64 and linux/arm64; the Helm chart and its rendered manifests; a CycloneDX SBOM; release notes;
# checksums with a signature. docs/releases.md says how to verify them.
#
# It needs Go, Python, and ssh-keygen for the signature.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8 TZ=UTC CGO_ENABLED=0 GOFLAGS=-mod=readonly

version='' out='' key='' signers=deploy/release-signers unsigned='' dirty=''
targets='linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64'
while (($#)); do
	case $1 in
	--out) out=$2 && shift 2 ;;
	--targets) targets=$2 && shift 2 ;;
	--key) key=$2 && shift 2 ;;
	--signers) signers=$2 && shift 2 ;;
	--unsigned) unsigned=yes && shift ;;
	--dirty) dirty=yes && shift ;;
	-*) echo "scripts/release.sh: unknown argument $1 (see the top of the file)" >&2 && exit 2 ;;
	*) version=$1 && shift ;;
	esac
done
say() { printf 'release: %s\n' "$*"; }
die() { printf 'release: %s\n' "$*" >&2 && exit 1; }

[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || die "VERSION is missing, or no version such as 0.1.0"
[[ -n $key || -n $unsigned ]] || die "name a key with --key, or say --unsigned"
grep -qF "## [$version] - " CHANGELOG.md || die "CHANGELOG.md has no section '## [$version] - DATE'"
[[ -n $dirty || -z $(git status --porcelain) ]] || die "this checkout has changes; commit them, or say --dirty"
out=$(realpath -m "${out:-bin/release-$version}")
[[ ! -e $out ]] || die "$out is there already"

commit=$(git rev-parse HEAD)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct HEAD)
export SOURCE_DATE_EPOCH
date=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
flags="-s -w -buildid= -X main.version=$version -X main.commit=$commit -X main.date=$date"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

# build OS ARCH FILE
build() { GOOS=$1 GOARCH=$2 go build -trimpath -buildvcs=false -ldflags "$flags" -o "$3" ./cmd/drawbridge; }
# pack FOLDER ARCHIVE: the folder as .tar.gz or .zip, the same bytes whenever and wherever it is packed.
pack() { python3 scripts/pack.py "$SOURCE_DATE_EPOCH" "$1" "$2"; }

# ---- what is the same for all targets, made by the program itself
say "version $version, commit ${commit:0:12} of $date"
host=$work/host/drawbridge
build "$(go env GOHOSTOS)" "$(go env GOHOSTARCH)" "$host"
common=$work/common
mkdir -p "$common/completions" "$common/deploy" "$common/configs"
"$host" completion bash >"$common/completions/drawbridge.bash"
"$host" completion zsh >"$common/completions/_drawbridge"
"$host" completion fish >"$common/completions/drawbridge.fish"
"$host" completion powershell >"$common/completions/drawbridge.ps1"
"$host" man "$common/man" >/dev/null
"$host" docs --write "$common/manual" >/dev/null
cp LICENSE README.md CHANGELOG.md SECURITY.md "$common/"
cp configs/*.yaml "$common/configs/"
cp -r deploy/systemd deploy/proxy deploy/compose.yaml deploy/compose.postgres.yaml deploy/haproxy.cfg deploy/alerts.yaml deploy/grafana.json deploy/README.md "$common/deploy/"
if [[ -d deploy/kubernetes ]]; then cp -r deploy/kubernetes "$common/deploy/"; fi

# ---- binaries and archives
for target in $targets; do
	os=${target%/*} arch=${target#*/} suffix=''
	[[ $os != windows ]] || suffix=.exe
	stage=$work/drawbridge-$version-$os-$arch
	cp -r "$common" "$stage"
	build "$os" "$arch" "$stage/drawbridge$suffix"
	chmod 0755 "$stage/drawbridge$suffix"
	if [[ $os == windows ]]; then pack "$stage" "$out/${stage##*/}.zip"; else pack "$stage" "$out/${stage##*/}.tar.gz"; fi
	say "$target"
	[[ $os == linux ]] || continue

	# ---- deb and rpm: the unit with its path, and a configuration that starts as it is
	mkdir -p "$stage/package/man"
	sed 's#/usr/local/bin/drawbridge#/usr/bin/drawbridge#' deploy/systemd/drawbridge.service >"$stage/package/drawbridge.service"
	sed 's/^base_url:/# base_url:/' configs/production.yaml >"$stage/package/drawbridge.yaml"
	cp deploy/package/postinstall.sh deploy/package/preremove.sh "$stage/package/"
	for page in "$stage"/man/*.1; do gzip -n -9 <"$page" >"$stage/package/man/${page##*/}.gz"; done
	find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
	sed "s#@VERSION@#$version#; s#@ARCH@#$arch#; s#@STAGE@#$stage#; s#@MTIME@#$date#" deploy/package/nfpm.yaml >"$work/nfpm.yaml"
	for kind in deb rpm; do
		go tool -modfile=tools/release/go.mod nfpm package --config "$work/nfpm.yaml" --packager "$kind" --target "$out/drawbridge-$version-linux-$arch.$kind" >/dev/null
	done
	say "deb and rpm for $arch"
done

# ---- the image, for the Linux targets
images=()
for target in $targets; do
	[[ $target != linux/* ]] || images+=("${target#*/}=$work/drawbridge-$version-linux-${target#*/}/drawbridge")
done
if ((${#images[@]})); then
	python3 scripts/image.py --version "$version" --commit "$commit" --epoch "$SOURCE_DATE_EPOCH" --out "$out/drawbridge-$version-image.tar" "${images[@]}"
	say "an OCI index for ${#images[@]} architectures"
fi

# ---- chart and manifests
if [[ -d deploy/helm/drawbridge ]]; then
	cp -r deploy/helm/drawbridge "$work/drawbridge"
	rm -rf "$work/drawbridge/ci"
	sed -i "s/^version: .*/version: $version/; s/^appVersion: .*/appVersion: \"$version\"/" "$work/drawbridge/Chart.yaml"
	pack "$work/drawbridge" "$out/drawbridge-chart-$version.tgz"
	say "the chart"
fi

# ---- what is in it, what is new, and that it is whole
go tool -modfile=tools/release/go.mod cyclonedx-gomod bin -json -noserial -notimestamp -licenses -std -version "v$version" -output "$work/sbom.json" "$host" 2>"$work/sbom.log" ||
	{ cat "$work/sbom.log" >&2 && die "the SBOM could not be made"; }
python3 - "$work/sbom.json" "$version" "$date" >"$out/drawbridge-$version-sbom.cdx.json" <<'PY'
import json, sys
bom = json.load(open(sys.argv[1]))
bom["metadata"]["timestamp"] = sys.argv[3]
bom["metadata"]["component"]["version"] = sys.argv[2]
print(json.dumps(bom, indent=2, sort_keys=True))
PY
awk -v head="## [$version] - " 'index($0, head) == 1 { on = 1; next } /^## / { on = 0 } on' CHANGELOG.md >"$out/RELEASE-NOTES.md"
[[ -s $out/RELEASE-NOTES.md ]] || die "the section of $version in CHANGELOG.md is empty"
(cd "$out" && sha256sum -- * >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
if [[ -n $key ]]; then
	ssh-keygen -q -Y sign -n drawbridge-release -f "$key" "$out/SHA256SUMS" 2>/dev/null || die "ssh-keygen could not sign with $key"
	name=$(awk '!/^#/ && NF { print $1; exit }' "$signers")
	[[ -n $name ]] || die "$signers names no one who may sign"
	ssh-keygen -q -Y verify -f "$signers" -I "$name" -n drawbridge-release -s "$out/SHA256SUMS.sig" <"$out/SHA256SUMS" >/dev/null || die "the signature does not fit to $signers"
	say "signed by $name"
fi
say "$(find "$out" -type f | wc -l) files in $out"
