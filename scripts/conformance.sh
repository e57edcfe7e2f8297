#!/usr/bin/env bash
# Runs the conformance suites that others wrote against a fresh server and compares what fails with
# scripts/conformance-known.txt: a failure that is not listed there fails the run, and so does a listed one that passes.
# docs/conformance.md explains each listed failure; its table is rewritten when WRITE=1.
#
# DATA is the data folder of a server that runs already, if it is to be tested instead: TestConformance in cmd/drawbridge/e2e starts two on one
# database. WRITE does not go with it.
#
# Needs go, node with npm, and python3 with venv. MICROSOFT is the folder of Microsoft's Postman collections and their runner.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
MICROSOFT=${MICROSOFT:-$root/../shared/conformance/microsoft}
CACHE=${CONFORMANCE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/drawbridge-conformance}
newman_version=6.2.2 scim2_cli_version=0.6.0 scim2_tester_version=0.5.2 scim2_models_version=0.12.3 scim2_client_version=0.13.2
scim_sanity_version=0.7.4
work=$(mktemp -d)
server=
finish() { # the server first: while it stops it still writes where it stores
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT
say() { printf '%s\n' "$*" >&2; }

[ -f "$MICROSOFT/run.mjs" ] || { say "conformance: Microsoft's collections are not in $MICROSOFT; set MICROSOFT to their folder"; exit 2; }
mkdir -p "$CACHE"
if [ "$(cat "$CACHE/newman/.version" 2>/dev/null)" != "$newman_version" ]; then
  say "installing newman $newman_version"
  rm -rf "$CACHE/newman"; mkdir -p "$CACHE/newman"; echo '{"private":true}' >"$CACHE/newman/package.json"
  (cd "$CACHE/newman" && npm install --silent --no-audit --no-fund "newman@$newman_version" && echo "$newman_version" >.version)
fi
if [ "$(cat "$CACHE/venv/.version" 2>/dev/null)" != "$scim2_cli_version/$scim2_tester_version/$scim_sanity_version" ]; then
  say "installing scim2-cli $scim2_cli_version and scim-sanity $scim_sanity_version"
  rm -rf "$CACHE/venv"; python3 -m venv "$CACHE/venv"
  "$CACHE/venv/bin/pip" -q install --disable-pip-version-check "scim2-cli==$scim2_cli_version" "scim2-tester==$scim2_tester_version" \
    "scim2-models==$scim2_models_version" "scim2-client==$scim2_client_version" \
    "scim-sanity==$scim_sanity_version"
  echo "$scim2_cli_version/$scim2_tester_version/$scim_sanity_version" >"$CACHE/venv/.version"
fi

say "building and starting the server"
(cd "$root" && CGO_ENABLED=0 go build -o "$work/drawbridge" ./cmd/drawbridge)
data=${DATA:-$work/data}
if [ -z "${DATA:-}" ]; then
  DRAWBRIDGE_LIMITS_SCIM_RATE=0 "$work/drawbridge" serve --data "$data" --listen 127.0.0.1:0 >"$work/server.log" 2>&1 &
  server=$!
fi
for _ in $(seq 200); do [ -S "$data/drawbridge.sock" ] && break; sleep 0.05; done
cli() { "$work/drawbridge" "$@" --data "$data"; }
field() { python3 -c 'import json,sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

# A tenant for each suite, since some of them count what is there.
connect() { # NAME TYPE -> base and token
  cli tenant create "$1" --name "$1" --plan enterprise >/dev/null
  cli connection create "$1-idp" --tenant "$1" --type "$2" -o json >"$work/$1.json"
  base=$(field base_url <"$work/$1.json") token=$(field secret <"$work/$1.json")
}

: >"$work/results.tsv"
microsoft() { # NAME COLLECTION FLAGS...: with the settings that the flags change
  connect "$1" entra
  [ $# -eq 2 ] || cli connection update "$1-idp" "${@:3}" >/dev/null
  (cd "$CACHE/newman" && node "$MICROSOFT/run.mjs" "$MICROSOFT/$2" --url "$base" --token "$token") >"$work/$1.out" 2>&1 || true
  tail -n 1 "$work/$1.out" >&2
  grep -E '^(PASS|FAIL|SCRIPT-ERROR) ' "$work/$1.out" | sed -E 's/ — .*//; s/ \(HTTP [0-9a-z]+\)$//' | awk -v s="$1" '{v=$1; $1=""; print s "\t" v "\t" substr($0,2)}' >>"$work/results.tsv"
}
microsoft microsoft-default PostmanCollection.json
# What this collection asserts against the defaults: 204 on PATCH of a user, members that do not exist are skipped.
microsoft microsoft-scim PostmanCollection.json --user-patch no_content --unknown-members ignore
microsoft microsoft-inbound SCIM-Inbound.postman_collection.json

connect scim2-tester generic
SCIM_CLI_HEADERS="Authorization: Bearer $token" "$CACHE/venv/bin/scim2" --url "$base" test --verbose >"$work/scim2-tester.out" 2>&1 || true
tail -n 1 "$work/scim2-tester.out" >&2

connect scim-sanity generic
# What this one asserts, against the defaults and against Microsoft: PATCH of a group answers 200, members need not exist.
cli connection update scim-sanity-idp --group-patch resource --unknown-members ignore >/dev/null
"$CACHE/venv/bin/scim-sanity" probe "$base" --token "$token" --i-accept-side-effects --json-output >"$work/scim-sanity.out" 2>&1 || true
cp "$work"/*.out "${KEEP:-$work}" 2>/dev/null || true
python3 "$root/scripts/conformance-table.py" "$work" "$root" "newman $newman_version" "scim2-cli $scim2_cli_version, scim2-tester $scim2_tester_version" "scim-sanity $scim_sanity_version" "${WRITE:-}"
