#!/usr/bin/env bash
# Builds the browser console and holds the result against what is committed, lints it, and uses it in a real Chromium.
#
#     scripts/console.sh [ARGUMENTS OF playwright test…]
#
# Needs go, node with npm, and Chromium (CHROMIUM names another one than /usr/bin/chromium).
set -euo pipefail
cd "$(dirname "$0")/../console/ui"
say() { printf -- '-- %s\n' "$*"; }

if [[ ! -d node_modules || package-lock.json -nt node_modules/.package-lock.json ]]; then
	say "npm ci"
	npm ci --silent --ignore-scripts --no-audit --no-fund
fi

say "the build gives what is committed"
before=$(git status --porcelain assets src/api/schema.ts src/parts/rules.ts && git diff -- assets src/api/schema.ts src/parts/rules.ts | sha256sum)
npm run --silent schema
npm run --silent build
after=$(git status --porcelain assets src/api/schema.ts src/parts/rules.ts && git diff -- assets src/api/schema.ts src/parts/rules.ts | sha256sum)
if [[ $before != "$after" ]]; then
	git --no-pager diff --stat -- assets src/api/schema.ts src/parts/rules.ts
	git status --short assets src/api/schema.ts src/parts/rules.ts
	say "console/ui/assets is not what console/ui/src and its packages give: make console, and commit the result"
	exit 1
fi

say "every operation of the API has a page, or a reason"
node scripts/operations.mjs

say "types and lint"
npx tsc -p e2e
npx biome ci --error-on-warnings --colors=off .

say "a browser"
trap 'rm -rf e2e/output' EXIT
npx playwright test "$@"
