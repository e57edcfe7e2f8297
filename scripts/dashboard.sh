#!/usr/bin/env bash
# Parses every expression of the Grafana dashboard with promtool:   scripts/dashboard.sh [deploy/grafana.json]
#
# Each expression becomes a recording rule of a temporary file, with the variables of Grafana replaced by values.
set -euo pipefail
cd "$(dirname "$0")/.."

file=${1:-deploy/grafana.json}
rules=$(mktemp --suffix .yaml)
trap 'rm -f "$rules"' EXIT

printf 'groups:\n  - name: dashboard\n    rules:\n' >"$rules"
count=0
while IFS= read -r expression; do
	count=$((count + 1))
	printf '      - record: dashboard:%d\n        expr: "%s"\n' "$count" "$expression" >>"$rules"
done < <(sed -n 's/^ *"expr": "\(.*\)",\{0,1\}$/\1/p' "$file" | sed 's/\$__rate_interval/5m/g; s/\$tenant/.*/g')

[[ $count -gt 0 && $count == "$(grep -c '"expr"' "$file")" ]] || { echo "$file: $count expressions read, and it has $(grep -c '"expr"' "$file")" && exit 1; }
promtool check rules "$rules"
