# Every target is one command that can also be typed by hand. Go alone is enough for build, test, demo, e2e, fuzz and bench.

SHELL   := /bin/bash
.SHELLFLAGS := -euo pipefail -c
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
LINTER  := $(GO) tool -modfile=tools/go.mod golangci-lint

# Packages in which goroutines meet.
CONCURRENT := ./store/... ./bridge/... ./scim/server/... ./cmd/drawbridge/...

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## the static binary, in bin/drawbridge
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "$(LDFLAGS)" -o bin/drawbridge ./cmd/drawbridge

.PHONY: demo
demo: ## a server with two companies and two identity providers that push at it
	$(GO) run ./cmd/drawbridge demo

.PHONY: test
test: ## all tests
	$(GO) test ./...

.PHONY: race
race: ## the tests of the concurrent packages under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race $(CONCURRENT)

.PHONY: e2e
e2e: ## the black-box tests alone, without the cache
	$(GO) test -count=1 ./cmd/drawbridge/e2e/...

.PHONY: postgres
postgres: ## the tests that need PostgreSQL, PgBouncer and HAProxy (Debian packages postgresql, pgbouncer, haproxy), nothing left out
	DRAWBRIDGE_POSTGRES=required $(GO) test -count=1 ./store/postgres/...
	DRAWBRIDGE_POSTGRES=required DRAWBRIDGE_BRIDGES=2 $(GO) test -count=1 -run 'TestTranscripts|TestTwoServersActAsOne|TestKillOfOneServerLosesNothing|TestOtherServerContinuesAfterAKill|TestRollingRestartFailsNoRequest|TestServerRecoversWithTheDatabase|TestInstallationIsMoved|TestInterruptedMoveContinues' ./cmd/drawbridge/e2e

.PHONY: fuzz
fuzz: ## every fuzz function for some seconds (FUZZ_SECONDS=5)
	scripts/fuzz.sh

.PHONY: lint
lint: ## the linter: mistakes, documentation, formatting, the import table (the first run builds it)
	$(LINTER) run ./...

.PHONY: fmt
fmt: ## format the source
	$(LINTER) fmt ./...

.PHONY: alerts
alerts: ## check and test the Prometheus rules (needs promtool)
	promtool check rules deploy/alerts.yaml
	promtool test rules deploy/alerts_test.yaml
	scripts/dashboard.sh

.PHONY: prometheus
prometheus: build ## a real Prometheus scrapes the demo (needs prometheus, promtool and Python)
	scripts/prometheus.py bin/drawbridge

.PHONY: image
image: ## the container image, and a short run of it (needs buildah)
	deploy/image.sh --version "$(VERSION)" --smoke

.PHONY: proxy
proxy: ## the reverse-proxy examples, run (needs caddy, nginx, openssl and Python)
	CGO_ENABLED=0 $(GO) build -o bin/drawbridge-proxied ./cmd/drawbridge
	scripts/proxy.py bin/drawbridge-proxied

.PHONY: systemd
systemd: ## the unit, and a server under its restrictions (needs root, systemd-analyze and python3-seccomp)
	CGO_ENABLED=0 $(GO) build -o bin/drawbridge-unit ./cmd/drawbridge
	/usr/bin/python3 scripts/systemd.py bin/drawbridge-unit

.PHONY: chart
chart: ## the tests of the Helm chart, without a cluster (UPDATE=1 writes deploy/kubernetes; the first run builds Helm's engine)
	cd tools/chart && $(GO) test -count=1 $(if $(UPDATE),. -update,./...)

.PHONY: release
release: ## a release in bin/release-VERSION: make release VERSION=0.1.0 KEY=~/.ssh/release (without KEY unsigned, for a trial)
	scripts/release.sh "$(VERSION)" $(if $(KEY),--key "$(KEY)",--unsigned)

.PHONY: openapi
openapi: ## lint the OpenAPI document, run docs/api.md and a generated client (needs npm, curl and Python)
	CGO_ENABLED=0 $(GO) build -o bin/drawbridge-api ./cmd/drawbridge
	scripts/openapi.sh bin/drawbridge-api
	scripts/apidocs.py bin/drawbridge-api

.PHONY: console
console: console/ui/node_modules ## build the browser console into console/ui/assets, which is committed (needs npm)
	cd console/ui && npm run --silent schema && npm run --silent build

.PHONY: console-watch
console-watch: console/ui/node_modules ## build the console again with each change; serve it with: drawbridge serve --console-dir console/ui
	cd console/ui && npm run --silent watch

.PHONY: console-test
console-test: ## build, lint and test the console in a real browser (needs npm and Chromium)
	scripts/console.sh

.PHONY: console-pictures
console-pictures: console/ui/node_modules ## take the pictures of the manual (needs Chromium)
	cd console/ui && ONLY_STORY=1 MANUAL=../../docs/pictures npx playwright test pages

console/ui/node_modules: console/ui/package-lock.json
	cd console/ui && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: conformance
conformance: ## test suites of other authors against a running server (needs npm and Python)
	scripts/conformance.sh
	DRAWBRIDGE_SCIMMY=required go test -count=1 -run OnScimmy ./provision

.PHONY: bench
bench: ## Go benchmarks, six times each, into bin/bench.txt; with OLD=FILE compared with an earlier one
	@mkdir -p bin
	$(GO) test -run '^$$' -bench . -benchmem -count 6 ./... | tee bin/bench.txt
	@if [ -n "$(OLD)" ]; then $(GO) tool -modfile=tools/go.mod benchstat "$(OLD)" bin/bench.txt; fi

.PHONY: bench-peers
bench-peers: ## Drawbridge beside other SCIM servers, and how it grows, into docs/engineering/benchmarks.md (see scripts/bench-peers.sh)
	scripts/bench-peers.sh

.PHONY: bench-postgres
bench-postgres: ## Drawbridge on PostgreSQL beside Ory Polis, and two servers beside one, into docs/engineering/benchmarks.md (see scripts/bench-postgres.py)
	scripts/bench-postgres.py

.PHONY: flame
flame: ## where the time and the garbage of a request come from, as docs/engineering/flame.svg and docs/engineering/flame-allocations.svg (needs Python)
	@mkdir -p bin
	GOGC=400 $(GO) test -run '^$$' -bench BenchmarkRequests -benchtime 3s -cpuprofile bin/cpu.prof -memprofile bin/mem.prof -memprofilerate 65536 -o bin/server.test ./scim/server
	$(GO) tool pprof -traces bin/server.test bin/cpu.prof | scripts/flamegraph.py "Requests in the benchmark of scim/server: get, look-up, page, create, put, patch, add member" httptest >docs/engineering/flame.svg
	$(GO) tool pprof -sample_index=alloc_space -traces bin/server.test bin/mem.prof | scripts/flamegraph.py "Bytes allocated by requests in the benchmark of scim/server" 'httptest|runtime.pprof|newKit' >docs/engineering/flame-allocations.svg

.PHONY: ci
ci: ## everything that must pass before a change lands
	bash .ci/run
