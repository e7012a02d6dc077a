# The two main targets: `make run` starts the server with its demo account, `make test` runs every check.
# Both install what they need in addition to Rust, Node, make and a C compiler.

CARGO ?= cargo
# nextest runs the tests of all crates in parallel; if it is not installed, cargo's own runner does.
NEXTEST := $(shell $(CARGO) nextest --version >/dev/null 2>&1 && echo yes)
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
VENV := $(TARGET_DIR)/venv

.PHONY: run build web setup test lint unit web-check clients pictures oxide attacks programs samples audit bench fuzz torture clean

## Builds the server and runs it with the demo account.
run: web
	$(CARGO) run --release --locked --package rollcall-cli -- serve --demo

## Builds the release binary.
build: web
	$(CARGO) build --release --locked --package rollcall-cli

## The code for browsers, which cargo embeds in the binary. Without it the server has everything except the
## dashboard and the Try-it form.
web: web/dist/dashboard/index.html

WEB_SOURCES = $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -print) $(wildcard crates/reference/src/templates/*.css) crates/reference/src/templates/header.html
web/dist/dashboard/index.html: $(WEB_SOURCES) web/node_modules/.package-lock.json
	cd web && npm run build
	touch $@

web/node_modules/.package-lock.json: web/package-lock.json
	scripts/npm-ci web
	touch $@

## Installs what this machine lacks for the checks, and says what. Checks whose tools are missing are skipped.
setup:
	scripts/setup venv chromium faketime $(LANGUAGES_TESTED)

# The binary for checks. In `make test` it is there already: the build of the Rust tests makes it, with the features of all crates.
BUILD_BINARY := $(CARGO) build --locked --package rollcall-cli
test: BUILD_BINARY := $(CARGO) build --locked --workspace --all-targets

## Every check that CI runs.
test: setup lint audit unit web-check clients attacks programs

lint:
	scripts/check-language
	scripts/check-structure
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- --deny warnings

unit: web
ifeq ($(NEXTEST),yes)
	$(CARGO) nextest run --workspace --locked --no-fail-fast
else
	$(CARGO) test --workspace --locked --no-fail-fast --lib --bins --tests
endif
	$(CARGO) test --workspace --locked --doc --quiet

## Types and tests of the code for browsers.
web-check: web/node_modules/.package-lock.json
	cd web && npm run check && npm test

## Published clients, the vendors' documents, another engine and an S3 server, against the real binary.
clients: web $(VENV)/installed $(VENV)-tap-zoom/installed $(VENV)-airbyte-source-zoom/installed tests/clients/node_modules/.package-lock.json
	$(BUILD_BINARY)
	ROLLCALL_BIN=$(abspath $(TARGET_DIR))/debug/rollcall $(VENV)/bin/python -m pytest tests/clients

## Takes the pictures in docs/pictures again.
pictures: web $(VENV)/installed
	$(BUILD_BINARY)
	ROLLCALL_BIN=$(abspath $(TARGET_DIR))/debug/rollcall $(VENV)/bin/python tests/clients/take_pictures.py docs/pictures

## The decoder of the published Rust client `zoom-api`, with which `make clients` then decodes every response. Not part of CI: it
## takes minutes to build.
oxide:
	cd tests/clients/oxide && $(CARGO) build --locked

## Attacks and failures against the real binary, each limited in time and connections.
attacks: $(VENV)/installed
	$(BUILD_BINARY)
	ROLLCALL_BIN=$(abspath $(TARGET_DIR))/debug/rollcall $(VENV)/bin/python -m pytest tests/attacks

## Generated programs in the languages of `make test`, against the real binary; `make samples` runs all languages.
LANGUAGES_TESTED := curl python javascript tcl php perl pascal
programs: $(VENV)/installed
	$(BUILD_BINARY)
	SAMPLE_LANGUAGES="$(LANGUAGES_TESTED)" $(RUN_SAMPLES)

samples: $(VENV)/installed
	scripts/setup all
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement tests/samples/requirements.txt
	$(BUILD_BINARY)
	$(RUN_SAMPLES)

RUN_SAMPLES = ROLLCALL_BIN=$(abspath $(TARGET_DIR))/debug/rollcall $(VENV)/bin/python -m pytest tests/samples

$(VENV)/installed: tests/clients/requirements.txt scripts/make-venv
	scripts/make-venv $(VENV) tests/clients/requirements.txt
	touch $@

## Programs with dependencies of their own. Their tests are skipped if they cannot be installed.
$(VENV)-%/installed: tests/clients/%.txt scripts/make-venv
	scripts/make-venv $(VENV)-$* $< || echo "make: $* is not installed, its tests are skipped" >&2
	mkdir -p $(dir $@) && touch $@

tests/clients/node_modules/.package-lock.json: tests/clients/package-lock.json
	scripts/npm-ci tests/clients
	touch $@

## Licences, sources and known advisories of all dependencies, as far as the tools and their databases can be reached.
audit:
	scripts/audit

## Measures the figures of docs/benchmarks.md again.
bench:
	bench/run.sh
	bench/ingest/run.sh
	bench/rollups/run.sh
	bench/reports/run.sh
	bench/sql/run.sh
	bench/sql/run.sh --minutes 10000000
	bench/archive/run.sh
	bench/people/run.sh
	bench/dashboard/run.sh
	bench/collect/run.sh

## Runs each fuzz target for a while: make fuzz SECONDS=60. Needs cargo-fuzz.
SECONDS ?= 60
fuzz:
	scripts/fuzz $(SECONDS)

## Repeatedly kills the server under load, and a process that only ingests and seals: make torture
## ROUNDS=1000.
ROUNDS ?= 1000
COPIES ?= 10
torture: $(VENV)/installed
	ROLLCALL_TORTURE_ROUNDS=$(ROUNDS) $(CARGO) test --locked --release --package rollcall-cli --test commands -- kill --nocapture
	ROLLCALL_TORTURE_COPIES=$(COPIES) $(CARGO) test --locked --release --package rollcall-cli --test commands -- backup:: --nocapture
	ROLLCALL_TORTURE_ROUNDS=$(ROUNDS) $(CARGO) test --locked --release --package rollcall-lifecycle --test suite -- seal::kill --nocapture
	$(CARGO) build --locked --release --package rollcall-cli
	ATTACK_SECONDS=60 ROLLCALL_BIN=$(abspath $(TARGET_DIR))/release/rollcall $(VENV)/bin/python -m pytest -s tests/attacks/test_storm.py

clean:
	$(CARGO) clean
