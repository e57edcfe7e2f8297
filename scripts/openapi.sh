#!/usr/bin/env bash
# Lints the OpenAPI document that the server generates, with Redocly's strictest set of rules: a linter that does not know how the
# document is made. What the document promises is held against real answers by the tests of package console.
#
#   scripts/openapi.sh [PROGRAM]      without PROGRAM it is built
#
# Needs go, curl, and node with npm.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
CACHE=${OPENAPI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/drawbridge-openapi}
redocly_version=2.77.0
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true; rm -rf "$work"' EXIT
say() { printf '%s\n' "$*" >&2; }

mkdir -p "$CACHE"
if [ "$(cat "$CACHE/.version" 2>/dev/null)" != "$redocly_version" ]; then
  say "installing redocly $redocly_version"
  rm -rf "$CACHE"; mkdir -p "$CACHE"; echo '{"private":true}' >"$CACHE/package.json"
  (cd "$CACHE" && npm install --silent --no-audit --no-fund --ignore-scripts "@redocly/cli@$redocly_version" && echo "$redocly_version" >.version)
fi

say "building and starting the server"
program=${1:-}
if [ -z "$program" ]; then
  program=$work/drawbridge
  (cd "$root" && CGO_ENABLED=0 go build -o "$program" ./cmd/drawbridge)
fi
"$program" serve --data "$work/data" --listen 127.0.0.1:0 >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 200); do [ -S "$work/data/drawbridge.sock" ] && break; sleep 0.05; done
curl -fsS --unix-socket "$work/data/drawbridge.sock" http://drawbridge/api/v1/openapi.json -o "$work/openapi.json"

cat >"$work/redocly.yaml" <<'END'
extends: [recommended-strict]
rules:
  operation-description: error
  tag-description: error
  tags-alphabetical: off
  parameter-description: error
  no-invalid-schema-examples: error
  no-invalid-media-type-examples: error
  no-invalid-parameter-examples: error
  operation-4xx-problem-details-rfc7807: error
END
REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true "$CACHE/node_modules/.bin/redocly" lint --config "$work/redocly.yaml" "$work/openapi.json" </dev/null
