#!/usr/bin/env bash
# Runs Drawbridge beside other SCIM servers with one load generator, in one run on one machine, and writes the ratios to
# docs/engineering/benchmarks.md; then measures how Drawbridge grows. Each server starts fresh and empty for each repetition; figures are
# medians. It takes from some minutes to an hour and a half, and means something only on a machine that does nothing else.
#
#   SIZES="1000 10000" REPS=3 PEERS="elimity scimmy" scripts/bench-peers.sh
#
#   TOOLS    the folder of the load generator (scimload), the floor and the peers (default: ../shared/tools beside the repository)
#   PEERS    elimity (Go, in memory), scimmy (Node, in memory), polis (Node, in memory), polis-postgres (the same, durable, in a fresh
#            PostgreSQL, whose CPU is not counted); default: all for which there is what they need, npm for Node's, initdb and pg_ctl
#            too for the last one
#   PATIENCE seconds that a peer in Node is given for each piece of work (default 5), and twelve times that for the first
#            creates; its rate is that of this time, and the page says how many users it had
#   GROWTH   sizes for scripts/bench-growth.py (default "1000 10000 100000 1000000"; "" leaves it out)
#   RESULTS  a file of raw results to go on with, so that a long run can be done in parts (default: none)
#   OUT      the page with the markers (default docs/engineering/benchmarks.md)
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
say() { printf '%s\n' "$*" >&2; }

able() { # the peers that this machine can run
  local peers=elimity
  if ! command -v npm >/dev/null; then
    say "bench-peers: there is no npm, so it goes without scimmy and polis"
  elif ! command -v initdb >/dev/null || ! command -v pg_ctl >/dev/null; then
    say "bench-peers: there is no initdb and pg_ctl, so it goes without polis-postgres"
    peers="$peers scimmy polis"
  else
    peers="$peers scimmy polis polis-postgres"
  fi
  echo "$peers"
}

TOOLS=${TOOLS:-$root/../shared/tools}
SIZES=${SIZES-"1000 10000 100000"}
REPS=${REPS:-3}
PEERS=${PEERS-$(able)}
PATIENCE=${PATIENCE:-5}
GROWTH=${GROWTH-"1000 10000 100000 1000000"}
OUT=${OUT:-$root/docs/engineering/benchmarks.md}
work=$(mktemp -d)
pid=
database=
stop() { # the server that runs
  [ -n "$pid" ] || return 0
  kill "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  pid=
  [ -z "$database" ] || { unprivileged pg_ctl -D "$database" -m immediate -w stop >/dev/null; rm -rf "$database"; database=; }
}

unprivileged() { # PostgreSQL will not run as root
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}
trap 'stop; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

[ -d "$TOOLS/scimload" ] || { say "bench-peers: no load generator in $TOOLS; set TOOLS"; exit 2; }

say "building"
commit=$(cd "$root" && git rev-parse --short HEAD)
[ -z "$(cd "$root" && git status --porcelain -- '*.go' go.mod)" ] || commit="$commit with changes"
(cd "$root" && CGO_ENABLED=0 go build -trimpath -o "$work/drawbridge" ./cmd/drawbridge)
for tool in scimload floor peers/elimity; do
  cp -r "$TOOLS/$tool" "$work/src-$(basename "$tool")"
  (cd "$work/src-$(basename "$tool")" && go build -o "$work/$(basename "$tool")" .)
done
node() { # FOLDER NAME
  cp -r "$TOOLS/peers/$1" "$work/src-$2"
  (cd "$work/src-$2" && npm install --silent --no-audit --no-fund)
}
case " $PEERS " in *" scimmy "*) node scimmy scimmy ;; esac
case " $PEERS " in *" polis"*) node jackson polis ;; esac

results=${RESULTS:-$work/results.jsonl}
touch "$results"

await() {
  for _ in $(seq 600); do
    curl -fsS -o /dev/null -H "Authorization: Bearer $token" "$url/Users?count=1" 2>/dev/null && return 0
    sleep 0.05
  done
  say "the server at $url did not start"
  exit 1
}

free() { # an address that no process listens on
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print("127.0.0.1:%d" % s.getsockname()[1])'
}

start_drawbridge() {
  local data address
  address=$(free)
  data=$(mktemp -d "$work/data.XXXXXX")
  DRAWBRIDGE_LIMITS_SCIM_RATE=0 DRAWBRIDGE_LOG_LEVEL=warn "$work/drawbridge" serve --data "$data" --listen "$address" &
  pid=$!
  for _ in $(seq 200); do [ -S "$data/drawbridge.sock" ] && break; sleep 0.05; done
  "$work/drawbridge" tenant create bench --name Bench --plan enterprise --data "$data" >/dev/null
  token=$("$work/drawbridge" connection create bench-idp --tenant bench --type generic --data "$data" -o json |
    sed -n 's/.*"secret": *"\(dbr_[^"]*\)".*/\1/p')
  url=http://$address/scim/v2/bench-idp
}

start_elimity() {
  local address
  address=$(free)
  "$work/elimity" "$address" >/dev/null 2>&1 &
  pid=$! url=http://$address/scim token=secret
}

start_scimmy() {
  local address
  address=$(free)
  (cd "$work/src-scimmy" && exec node server.mjs "$address") >/dev/null 2>&1 &
  pid=$! url=http://$address/scim token=secret
}

start_polis() {
  local address
  address=$(free)
  (cd "$work/src-polis" && exec node server.mjs "$address" "${1:-mem}") >/dev/null 2>&1 &
  pid=$! url=http://$address/scim token=secret
}

start_polis-postgres() {
  local address
  address=$(free)
  database=$(mktemp -d)
  [ "$(id -u)" != 0 ] || chown postgres "$database"
  unprivileged initdb -D "$database" -U bench -A trust >/dev/null
  unprivileged pg_ctl -D "$database" -w -l "$database/log" -o "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -p ${address#*:}" start >/dev/null
  export PGURL="postgres://bench@$address/postgres"
  start_polis postgres
}

load() { # C SCENARIO N [flags]; reads label size rep max
  local c=$1 scenario=$2 n=$3
  shift 3
  [[ $label != polis* ]] || set -- "$@" -patch-style rfc
  "$work/scimload" -url "$url" -token "$token" -scenario "$scenario" -c "$c" -n "$n" -max "$max" -timeout 30s -pid "${pid:-0}" -state "$work/state.json" \
    -label "$label" -size "$size" -rep "$rep" -out "$results" "$@" >&2 || say "$label $scenario: see the errors above"
}

memory() { # anonymous memory, without the pages of a file
  printf '{"Label":"%s","Size":%s,"Rep":%s,"C":0,"Scenario":"memory","AnonMB":%s}\n' "$label" "$size" "$rep" \
    "$(awk '/^RssAnon/ { print $2 / 1024 }' "/proc/$pid/status")" >>"$results"
}

begin() { # PEER
  rm -f "$work/state.json"
  "start_$1"
  await
}

for size in $SIZES; do
  for rep in $(seq "$REPS"); do
    for label in drawbridge $PEERS; do
      say "== $label, $size users, repetition $rep"
      first=120s rest=120s
      case "$label" in scimmy | polis*) first=$((12 * PATIENCE))s rest=${PATIENCE}s ;; esac
      max=$first
      # A peer that scans needs seconds for one look-up, so it is asked less often.
      looks=20000
      [ "$label" = drawbridge ] || looks=$((2000000 / size > 2000 ? 2000 : 2000000 / size))
      begin "$label"
      load 8 create-users "$size"
      memory
      max=$rest
      load 8 get-user 20000
      load 8 filter-username "$looks"
      load 8 list-page "$([ "$label" = drawbridge ] && echo 2000 || echo 200)"
      load 8 patch-user 5000
      load 8 put-user 5000
      load 8 create-groups 80
      load 8 group-add-members 4000 -batch 1 -group-count 20
      load 8 group-add-members 400 -batch 100 -group-offset 20 -group-count 40
      [ "$size" -lt 10000 ] || load 8 group-add-members 120 -batch 1000 -group-offset 60 -group-count 20
      load 1 create-users 1000 -prefix w
      load 64 create-users 4000 -prefix v
      stop
      # The first day of a customer: look up, then create, 10,000 people, and fill 100 groups of 500. Where that takes longer than a
      # minute, the rate is that of the first minute, when a peer that scans is still quick.
      if [ "$size" = 10000 ]; then
        begin "$label"
        max=60s
        load 8 initial-sync 10000 -groups 100 -k 500 -batch 100
        stop
      fi
    done
  done
done

say "== floor"
label=floor size=0 max=60s
for rep in $(seq "$REPS"); do
  address=$(free)
  "$work/floor" hello "$address" >/dev/null 2>&1 &
  pid=$! url=http://$address/scim token=x
  sleep 0.5
  load 8 hello 50000
  stop
done

python3 "$root/scripts/bench-table.py" "$results" "$OUT" "$commit"
if [ -n "$GROWTH" ]; then
  say "== growth"
  SIZES="$GROWTH" python3 "$root/scripts/bench-growth.py" "$work/drawbridge" "$work/scimload" "$OUT" "$commit"
fi
say "written: $OUT"
