#!/usr/bin/env bash
# Runs Drawbridge beside other SCIM servers with one load generator, in one run on one machine, and writes the ratios to
# docs/performance.md. Each server starts fresh and empty for each repetition; figures are medians.
#
#   SIZES="1000 10000" REPS=3 PEERS="elimity" scripts/bench-peers.sh
#
# TOOLS is the folder of the load generator (scimload), the floor and the peers.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
TOOLS=${TOOLS:-$root/../shared/tools}
SIZES=${SIZES:-"1000 10000 100000"}
REPS=${REPS:-3}
PEERS=${PEERS:-"elimity"}
OUT=${OUT:-$root/docs/performance.md}
work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]:-}"; do [ -n "$pid" ] && kill "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT

[ -d "$TOOLS/scimload" ] || { echo "bench-peers: no load generator in $TOOLS; set TOOLS" >&2; exit 2; }
say() { printf '%s\n' "$*" >&2; }

say "building"
(cd "$root" && CGO_ENABLED=0 go build -trimpath -o "$work/drawbridge" ./cmd/drawbridge)
for tool in scimload floor peers/elimity; do
  cp -r "$TOOLS/$tool" "$work/src-$(basename "$tool")"
  (cd "$work/src-$(basename "$tool")" && go build -o "$work/$(basename "$tool")" .)
done

results=$work/results.jsonl
: >"$results"

await() { # URL TOKEN
  for _ in $(seq 200); do
    curl -fsS -o /dev/null -H "Authorization: Bearer $2" "$1/Users?count=1" 2>/dev/null && return 0
    sleep 0.05
  done
  say "the server at $1 did not start"; return 1
}

start_drawbridge() {
  local data=$work/data-$RANDOM$RANDOM
  DRAWBRIDGE_LIMITS_SCIM_RATE=0 DRAWBRIDGE_LOG_LEVEL=warn "$work/drawbridge" serve --data "$data" --listen 127.0.0.1:9110 >"$work/drawbridge.log" 2>&1 &
  pid=$!
  for _ in $(seq 200); do [ -S "$data/drawbridge.sock" ] && break; sleep 0.05; done
  "$work/drawbridge" tenant create bench --name Bench --plan enterprise --data "$data" >/dev/null
  token=$("$work/drawbridge" connection create bench-idp --tenant bench --type generic --data "$data" -o json |
    sed -n 's/.*"token": *"\([^"]*\)".*/\1/p')
  url=http://127.0.0.1:9110/scim/v2/bench-idp
}

start_elimity() { "$work/elimity" 127.0.0.1:9101 >/dev/null 2>&1 & pid=$!; url=http://127.0.0.1:9101/scim token=secret; }
start_scimmy() { (cd "$work" && [ -d src-scimmy ] || { cp -r "$TOOLS/peers/scimmy" src-scimmy && cd src-scimmy && npm install --silent --no-audit --no-fund; })
  (cd "$work/src-scimmy" && exec node server.mjs 127.0.0.1:9102) >/dev/null 2>&1 & pid=$!; url=http://127.0.0.1:9102/scim token=secret; }

load() { # LABEL SIZE REP C SCENARIO N [flags]
  local label=$1 size=$2 rep=$3 c=$4 scenario=$5 n=$6; shift 6
  "$work/scimload" -url "$url" -token "$token" -scenario "$scenario" -c "$c" -n "$n" -max 120s -pid "$pid" -state "$work/state.json" \
    -label "$label" -size "$size" -rep "$rep" -out "$results" "$@" >&2 || say "$label $scenario: see the errors above"
}

for size in $SIZES; do
  for rep in $(seq "$REPS"); do
    for peer in drawbridge $PEERS; do
      say "== $peer, $size users, repetition $rep"
      rm -f "$work/state.json"
      "start_$peer"; pids+=("$pid"); await "$url" "$token"
      load "$peer" "$size" "$rep" 8 create-users "$size"
      load "$peer" "$size" "$rep" 8 get-user 10000
      load "$peer" "$size" "$rep" 8 filter-username "$([ "$peer" = drawbridge ] && echo 10000 || echo 200)"
      load "$peer" "$size" "$rep" 8 list-page 300
      load "$peer" "$size" "$rep" 8 patch-user 5000
      load "$peer" "$size" "$rep" 8 put-user 5000
      load "$peer" "$size" "$rep" 8 create-groups 60
      load "$peer" "$size" "$rep" 8 group-add-members 1000 -batch 1 -group-count 20
      load "$peer" "$size" "$rep" 8 group-add-members 200 -batch 100 -group-offset 20 -group-count 20
      [ "$size" -ge 10000 ] && load "$peer" "$size" "$rep" 8 group-add-members 60 -batch 1000 -group-offset 40 -group-count 20
      load "$peer" "$size" "$rep" 64 create-users 2000 -prefix v
      kill "$pid"; wait "$pid" 2>/dev/null || true
    done
  done
done

say "== floor"
"$work/floor" hello 127.0.0.1:9100 >/dev/null 2>&1 & pid=$!; pids+=("$pid"); sleep 0.5
url=http://127.0.0.1:9100 token=x
for rep in $(seq "$REPS"); do rm -f "$work/state.json"; load floor 0 "$rep" 8 hello 50000; done
kill "$pid"; wait "$pid" 2>/dev/null || true

python3 "$root/scripts/bench-table.py" "$results" "$OUT" "$(cd "$root" && git rev-parse --short HEAD)"
say "written: $OUT"
