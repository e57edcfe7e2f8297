#!/usr/bin/env bash
# Builds the container image from a static binary with buildah: no daemon, no base image, no network.
#
#     deploy/image.sh [--binary FILE] [--tag NAME] [--version V] [--storage DIR] [--archive FILE] [--smoke]
#
#   --binary   a static linux binary (default: build one from this source)
#   --tag      name of the image (default: localhost/drawbridge:latest)
#   --version  what `drawbridge version` says, when the binary is built here (default: git describe)
#   --storage  keep images there instead of in the user's own storage; for a throw-away build
#   --archive  also write the image to this file, for `docker load` or `podman load`
#   --smoke    run it: version, serve, healthcheck, who owns what it wrote, stop
#
# The image is the last stage of deploy/Dockerfile, so there is one description of it and not two.
set -euo pipefail
cd "$(dirname "$0")/.."

binary='' tag=localhost/drawbridge:latest version='' storage='' archive='' smoke=''
while (($#)); do
	case $1 in
	--binary) binary=$2 && shift 2 ;;
	--tag) tag=$2 && shift 2 ;;
	--version) version=$2 && shift 2 ;;
	--storage) storage=$2 && shift 2 ;;
	--archive) archive=$2 && shift 2 ;;
	--smoke) smoke=yes && shift ;;
	*) echo "deploy/image.sh: unknown argument $1 (see the top of the file)" >&2 && exit 2 ;;
	esac
done

say() { printf 'image: %s\n' "$*"; }
die() { printf 'image: %s\n' "$*" >&2 && exit 1; }

command -v buildah >/dev/null || die "buildah is missing (Debian, Ubuntu: apt-get install buildah); with docker: docker build -f deploy/Dockerfile ."

work=$(mktemp -d)
container='' server=''
cleanup() {
	stop_server
	[[ -z $container ]] || b rm "$container" >/dev/null 2>&1 || true
	rm -rf "$work"
}
trap cleanup EXIT

# b is buildah on the chosen storage. For a throw-away one vfs, which works everywhere, also inside another container.
storage_args=()
[[ -z $storage ]] || storage_args=(--storage-driver vfs --root "$storage/root" --runroot "$storage/run")
b() { buildah "${storage_args[@]}" "$@"; }

# stop_server asks the program inside to stop, as an orchestrator would: buildah itself passes no signals on, so the signal goes
# to the youngest of its line.
stop_server() {
	local pid=$server child
	[[ -n $pid ]] && kill -0 "$pid" 2>/dev/null || return 0
	while child=$(cat /proc/"$pid"/task/*/children 2>/dev/null | tr ' ' '\n' | sed -n '/./p' | tail -n 1) && [[ -n $child ]]; do pid=$child; done
	kill -TERM "$pid" 2>/dev/null || true
}

if [[ -z $binary ]]; then
	[[ -n $version ]] || version=$(git describe --tags --always --dirty 2>/dev/null || echo dev)
	binary=$work/drawbridge
	say "building the static binary, version $version"
	CGO_ENABLED=0 GOOS=linux go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$version" -o "$binary" ./cmd/drawbridge
fi
[[ -x $binary ]] || die "$binary is not an executable file"
# Dynamically linked programs name their loader; there is none in an empty image.
if grep -qa '/ld-linux\|/ld-musl' "$binary"; then die "$binary is not static: build it with CGO_ENABLED=0"; fi

# The tree that the first stage of the Dockerfile makes.
mkdir -p "$work/context/out/data" "$work/context/out/certs"
cp "$binary" "$work/context/out/drawbridge"
chmod 0755 "$work/context/out/drawbridge"
if [[ -r /etc/ssl/certs/ca-certificates.crt ]]; then
	cp /etc/ssl/certs/ca-certificates.crt "$work/context/out/certs/"
else
	say "no /etc/ssl/certs/ca-certificates.crt here: the image has no certificates but those inside the binary"
fi

# Its last stage, reading from that tree.
sed -n '/^FROM scratch$/,$p' deploy/Dockerfile | sed 's/--from=build //' >"$work/Containerfile"
[[ -s $work/Containerfile ]] || die "deploy/Dockerfile has no stage that begins with FROM scratch"
say "building $tag"
# The docker format, because the other one has no place for a health check.
b build --quiet --format docker --isolation chroot --pull-never --tag "$tag" --file "$work/Containerfile" "$work/context" >"$work/id"

config=$(b inspect --type image "$tag")
for want in '"User": "65532:65532"' '"/data": {}' '"8080/tcp": {}' '"Healthcheck": {'; do
	[[ $config == *"$want"* ]] || die "the image's configuration lacks $want"
done
say "built $(cut -c1-12 "$work/id"), $(du -m "$binary" | cut -f1) MB: non-root, volume /data, port 8080, health check"

if [[ -n $archive ]]; then
	b push --quiet "$tag" "docker-archive:$archive:$tag"
	say "written to $archive"
fi

[[ -n $smoke ]] || exit 0

container=$(b from --pull-never "$tag")
# The chroot shares the host's network, so 8080 may be taken; inside it is the image's own user, files and environment.
port=$((20000 + RANDOM % 10000))
run_args=("${storage_args[@]}" run --isolation chroot --env "DRAWBRIDGE_LISTEN=127.0.0.1:$port" "$container" --)
run() { buildah "${run_args[@]}" "$@"; }

said=$(run /drawbridge version)
[[ -n $said ]] || die "drawbridge version says nothing"
say "version says: $said"

buildah "${run_args[@]}" /drawbridge serve >"$work/serve.log" 2>&1 &
server=$!
healthy=''
for _ in $(seq 1 60); do
	if run /drawbridge healthcheck >"$work/health.log" 2>&1; then healthy=yes && break; fi
	kill -0 "$server" 2>/dev/null || break
	sleep 0.5
done
if [[ -z $healthy ]]; then
	cat "$work/serve.log" "$work/health.log" >&2
	die "serve did not become healthy in 30 seconds"
fi
say "serve is healthy on port $port"

stop_server
for _ in $(seq 1 80); do
	kill -0 "$server" 2>/dev/null || break
	sleep 0.5
done
if kill -0 "$server" 2>/dev/null; then
	cat "$work/serve.log" >&2
	die "serve did not stop within 40 seconds of SIGTERM"
fi
status=0
wait "$server" || status=$?
server=''
if ((status)); then
	cat "$work/serve.log" >&2
	die "serve ended with status $status after SIGTERM"
fi
say "serve stopped on SIGTERM with status 0"
