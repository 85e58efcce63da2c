# Few targets, each does its own set-up. `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check bench fuzz simulate package ui

# One set of features for every debug build, so that nothing is compiled twice: the UI is served from inside the binary.
FEATURES := --features counterfoil/custom-protocol
export COUNTERFOIL_BINARY ?= $(abspath $(or $(CARGO_TARGET_DIR),target))/debug/counterfoil

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 10

run: ## open Counterfoil; without a display: walk import, code, redeem in practice data and leave screenshots
	@if [ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ]; then \
	  .ci/setup build && $(MAKE) --no-print-directory ui && cargo run $(FEATURES); \
	else \
	  .ci/setup test && $(MAKE) --no-print-directory ui && cargo build $(FEATURES) && tests/e2e/headless node tests/e2e/practice.mjs; \
	fi

test: ## everything: the core and the terminal, the screens, and the real window from first run to restart
	.ci/setup test
	@$(MAKE) --no-print-directory ui
	# Binaries and tests in one go share every dependency; the window under test is this build.
	cargo build --workspace --bins --tests $(FEATURES)
	# Most of them wait for clocks and sockets: more at once than there are cores.
	cargo test --workspace $(FEATURES) -- --test-threads $$((2 * $$(nproc)))
	npm --prefix ui test
	tests/e2e/headless npm --prefix tests/e2e test

check: ## format, lints with warnings as errors, types, and whether the generated bindings are fresh
	.ci/setup build
	cargo fmt --all --check
	@$(MAKE) --no-print-directory ui
	cargo clippy --workspace --all-targets $(FEATURES) -- -D warnings
	npm --prefix ui run check
	npm --prefix ui run lint
	cargo test --workspace --lib $(FEATURES) -- --exact tests::the_bindings_of_the_screen_are_fresh

bench: ## how fast it is, against the goals, on this machine
	.ci/setup test
	cargo bench -p counterfoil-core --bench bench
	cargo bench -p counterfoil-core --bench sync
	cargo bench -p counterfoil-core --bench cards
	@$(MAKE) --no-print-directory ui
	cargo build --release -p counterfoil -p foil $(FEATURES)
	COUNTERFOIL_BINARY=$(dir $(COUNTERFOIL_BINARY))../release/counterfoil tests/e2e/headless node tests/e2e/bench.mjs

fuzz: ## ten minutes of damaged lists and codes, where make test takes seconds
	COUNTERFOIL_FUZZ_SECONDS=$${COUNTERFOIL_FUZZ_SECONDS:-600} cargo test -p counterfoil-core --test walk -- fuzz

simulate: ## a hundred thousand shops against every fault of network, clouds and clock, where make test takes two thousand
	COUNTERFOIL_SEEDS=$${COUNTERFOIL_SEEDS:-100000} cargo test --release -p counterfoil-core --test walk -- simulation::every_seed --nocapture

package: ## a .deb and an .rpm
	.ci/setup build
	./ui/node_modules/.bin/tauri build --bundles deb,rpm

# The UI as it goes into the binary; built anew only when one of its files changed.
ui: ui/dist/index.html
ui/dist/index.html: $(shell find ui assets/CHANGELOG.md assets/CHANGELOG.de.md -type f -not -path '*/node_modules/*' -not -path '*/dist*' 2>/dev/null)
	npm --prefix ui run build
	@touch $@
