# payseal: `make` alone lists what can be made.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

# Go keeps its caches below HOME; a machine without one gets a place here.
ifeq ($(strip $(HOME)),)
export HOME := $(CURDIR)/bin/home
endif

GO        ?= go
TOOL      := $(GO) tool -modfile=deploy/tools/go.mod
EMPLOYEES ?= 25
SERVICE   ?= 20000
KILLS     ?= 10
FUZZTIME  ?= 10s
TESTFLAGS ?=
PACKAGES  ?= ./...

# The version comes from the commit; a tree without git is "devel".
VCS   := $(shell git rev-parse --verify HEAD >/dev/null 2>&1 && echo auto || echo false)
BUILD := CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=$(VCS) -tags timetzdata -ldflags='-s -w'

.PHONY: help
help: ## list these targets
	@echo 'make ...'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-10s %s\n", $$1, $$2 }'

.PHONY: demo
demo: ## the main job on this machine: 25 employees, real mail, every slip opened again (EMPLOYEES=N)
	@deploy/scripts/setup.sh demo
	@$(MAKE) --no-print-directory build
	@bin/payseal demo --employees $(EMPLOYEES)

.PHONY: test
test: ## install what the tests need, then run them (PACKAGES=./payroll/... TESTFLAGS=-v)
	@deploy/scripts/setup.sh test
	@GO='$(GO)' deploy/scripts/bundle.sh optional
	$(GO) test $(TESTFLAGS) $(PACKAGES)

# The tests of a check. `make vet` vets them; here they run alone.
CHECKS := $(MAKE) --no-print-directory test TESTFLAGS

.PHONY: check
check: fmt lint vet cross vuln ## all that a change must pass: format, lint, vet, other systems, vulnerabilities, race tests
	@$(CHECKS)='-race $(CHECKED)' PACKAGES="$$($(GO) list ./... | grep -vxE '$(WALKED)|$(CONSOLE)' | tr '\n' ' ')"
	@$(CHECKS)='-race $(CHECKED) -skip "$(WALKS)"' PACKAGES=$(CONSOLE)
	@$(CHECKS)='$(CHECKED) -run "$(WALKS)"' PACKAGES=$(CONSOLE)
	@$(CHECKS)='$(CHECKED)' PACKAGES="$$($(GO) list ./... | grep -xE '$(WALKED)' | tr '\n' ' ')"
	@$(CHECKS)='-race $(CHECKED) -run "Safe|CertifyAndAsk"' PACKAGES=./keystore

CONSOLE = github.com/payseal/payseal/web/console
CHECKED = -vet=off -shuffle=on -timeout=20m

# Run without the race detector here, and with it by `make race`: whole programs, the
# form, and ciphers, whose tests of what may be shared the last line of check races.
WALKED = github.com/payseal/payseal/(cmd/payseal|keystore|web)

# Tests of the console that walk through all of it, one request after the other.
# Those in a browser hold live streams, so they are raced.
WALKS = ^Test(NothingHostile|Roles|RunPagesAreAccessible|PeopleSuit|TheMakersMonth|ApprovalsLook)

.PHONY: race
race: ## every test under the race detector, those too that `make check` runs without it
	@$(MAKE) --no-print-directory test TESTFLAGS='-race -shuffle=on -timeout=30m'

.PHONY: fmt
fmt: ## say which files gofmt would change
	@files=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	if [ -n "$$files" ]; then echo "gofmt would change:"; echo "$$files"; exit 1; fi

.PHONY: lint
lint: ## golangci-lint: the arrows between rooms, errors, comments, sizes
	$(TOOL) golangci-lint run $(PACKAGES)

.PHONY: vet
vet: ## go vet
	$(GO) vet $(PACKAGES)

.PHONY: cross
cross: ## build and vet for macOS on arm64; for Linux on arm64 what has files for Linux alone
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 $(GO) vet ./internal/pglocal
	CGO_ENABLED=0 GOOS=darwin GOARCH=arm64 $(GO) build -o /dev/null ./cmd/payseal
	CGO_ENABLED=0 GOOS=darwin GOARCH=arm64 $(GO) vet $(PACKAGES)

.PHONY: vuln
vuln: ## govulncheck, where its database can be reached
	@deploy/scripts/vulncheck.sh

.PHONY: bench
bench: ## the benchmarks with their peers and ratios, then the whole service over SERVICE (20000) employees
	@deploy/scripts/setup.sh bench
	$(GO) test -run '^$$' -bench . -benchmem -timeout 60m $$($(GO) list $(PACKAGES) | grep -v '/internal/soak$$')
	$(GO) test -run '^$$' -bench BenchmarkService -benchtime 1x -timeout 60m ./internal/soak -bench-employees $(SERVICE)

.PHONY: soak
soak: ## SERVICE (20000) employees, two workers, KILLS (10) kills, a bad relay, a Postgres that restarts: nobody lost
	@deploy/scripts/setup.sh test
	$(GO) test ./internal/soak -run TestSoak -count 1 -v -timeout 3h -employees $(SERVICE) -kills $(KILLS)

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (10s)
	@deploy/scripts/fuzz.sh $(FUZZTIME)

.PHONY: golden
golden: ## write the golden files anew; look at the difference before you commit it
	@deploy/scripts/setup.sh test
	@GO='$(GO)' deploy/scripts/bundle.sh optional
	@for dir in $$(git grep -l 'flag.Bool("update"' -- '*_test.go' | xargs -r -n1 dirname | sort -u); do \
		$(GO) test "./$$dir" -update || exit 1; done

.PHONY: pictures
pictures: ## pictures of form, console and payslips, in bin/pictures and docs; look at them before you commit (WHAT=payslips)
	@deploy/scripts/setup.sh test
	@GO='$(GO)' deploy/scripts/bundle.sh optional
	@GO='$(GO)' deploy/scripts/pictures.sh $(WHAT)

.PHONY: build
build: ## bin/payseal: static, reproducible, with its version
	@GO='$(GO)' deploy/scripts/bundle.sh optional
	$(BUILD) -o bin/payseal ./cmd/payseal

.PHONY: bundle
bundle: ## the scripts of the form's pages, from npm's packages; build and test make them too, where npm is
	@GO='$(GO)' deploy/scripts/bundle.sh

.PHONY: setup
setup: ## install what tests and demo need, by Debian package
	@deploy/scripts/setup.sh test
