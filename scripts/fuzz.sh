#!/usr/bin/env bash
# Runs every Fuzz function of the packages for a short time each; what `go test` does with their seeds alone.
#
#     scripts/fuzz.sh [PACKAGES…]          default: ./directory/... ./policy/... ./scim/...
#
#   FUZZ_SECONDS   for each function (default 5)
#   FUZZ_BUDGET    seconds for all of them together (default 600): with many functions each gets less, but never less than 2
#   FUZZ_REQUIRE   packages that must have at least one, separated by spaces; without one the run fails
#
# A failing input is written to the package's testdata/fuzz, where `go test` finds it from then on: fix the code and commit it.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-5} budget=${FUZZ_BUDGET:-600}
patterns=("$@")
((${#patterns[@]})) || patterns=(./archive/... ./directory/... ./policy/... ./scim/...)

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# `go test -list` prints the names of a package and then one line with its path. Without the status check a package that does not
# compile would look like one without fuzzing.
go test -list '^Fuzz' "${patterns[@]}" >"$log" || { cat "$log" && exit 1; }
functions=() names=()
while read -r first package _; do
	case $first in
	Fuzz*) names+=("$first") ;;
	ok) for name in "${names[@]}"; do functions+=("$package $name"); done && names=() ;;
	esac
done <"$log"

for package in ${FUZZ_REQUIRE:-}; do
	printf '%s\n' "${functions[@]}" | grep -q "^$package Fuzz" || { echo "fuzz: $package has no Fuzz function, and must have one" && exit 1; }
done
count=${#functions[@]}
((count)) || { echo "fuzz: no Fuzz function in ${patterns[*]}" && exit 1; }
if ((count * seconds > budget)); then
	seconds=$((budget / count))
	((seconds >= 2)) || seconds=2
fi
echo "fuzz: $count functions, $seconds seconds each"

failed=0
for entry in "${functions[@]}"; do
	package=${entry% *} name=${entry#* }
	began=$SECONDS status=0
	# The outer limit is for a target that hangs: go test's own time-out does not count while it fuzzes.
	timeout --kill-after=10 $((seconds + 120)) go test -run '^$' -fuzz "^$name\$" -fuzztime "${seconds}s" "$package" >"$log" 2>&1 || status=$?
	# go test sometimes calls its own deadline a failure; it is one only if there is an input to show.
	if ((status)) && ! grep -q 'Failing input' "$log" && grep -q '^ *context deadline exceeded' "$log"; then status=0; fi
	if ((status)); then
		failed=$((failed + 1))
		printf 'FAIL  %s %s (status %d)\n' "$package" "$name" "$status"
		tail -n 60 "$log"
		while read -r file; do
			printf '%s:\n' "$file" && head -c 2000 "$(go list -f '{{.Dir}}' "$package")/$file" && echo
		done < <(sed -n 's/^ *Failing input written to //p' "$log")
	else
		executed=$(sed -n 's/.*execs: \([0-9]*\).*/\1/p' "$log" | tail -n 1)
		printf 'ok    %s %s: %s executions in %d s\n' "$package" "$name" "${executed:-no}" $((SECONDS - began))
	fi
done
echo "fuzz: $((count - failed)) of $count found nothing"
((!failed))
