# The two commands of a fresh machine are `make demo` and `make test`.

CARGO ?= cargo
# What `make dist` ships for the machine on which it is measured.
SHIPPED = x86_64-unknown-linux-musl

.PHONY: demo test bench simulation soak fuzz mutants dist dist-try dist-check tools clean

## One pipeline of real processes against a login server on loopback, and what happened.
demo:
	@echo "Compiling the program and a loopback login server: two to five minutes the first time, seconds after that."
	@$(CARGO) build --release --bin genesys-token --example demo
	@echo
	@$(CARGO) run --release --quiet --example demo

## Formatting, lints, docs, all tests, dependency checks. Installs what is missing.
test: tools
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path fuzz/Cargo.toml --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	$(CARGO) clippy --locked --manifest-path fuzz/Cargo.toml --target-dir $${CARGO_TARGET_DIR:-target} -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps
	$(CARGO) deny check bans licenses sources
	if $(CARGO) deny fetch db; then $(CARGO) deny check advisories; else echo "advisories: not checked, their database can't be reached"; fi
	cd tests/interop && npm ci --ignore-scripts --no-audit --no-fund
	$(CARGO) test --workspace
	tests/check-other-platform
	tests/wine
	cd tests/groovy/lint && npm ci --ignore-scripts --no-audit --no-fund && npm run --silent lint
	$(CARGO) build --workspace --bins --examples
	tests/groovy/run $${CARGO_TARGET_DIR:-target}/debug

## Each prints a ratio measured side by side, of the default build and of what `make dist` ships; not for CI.
bench:
	$(CARGO) build --release --bin genesys-token --target-dir target/shipped
	if [ "$$(uname -m)" = x86_64 ] && dist/install-tools && dist/fetch && dist/compile $(SHIPPED); then \
		export GENESYS_TOKEN_SHIPPED=$(CURDIR)/target/dist/cargo/$(SHIPPED)/release/genesys-token; \
	fi; \
	GENESYS_TOKEN_PROGRAM=$(CURDIR)/target/shipped/release/genesys-token $(CARGO) bench --bench speed

## Up to 100,000 agents in simulated time, and the tables and the plot of docs/fleet.md. Not for CI.
simulation:
	$(CARGO) bench --bench fleet

## Ten minutes of real processes, killed at random, against a server and a store of changing moods; then the reckoning.
## Not for CI.
soak:
	SOAK_SECONDS=600 $(CARGO) test --test soak -- --nocapture

## Each fuzz target for FUZZ_SECONDS, one after the other, and a table of what came of it. Not for CI.
FUZZ_SECONDS ?= 600
fuzz:
	FUZZ_SECONDS=$(FUZZ_SECONDS) fuzz/run

## Changes one expression of broker, cache and login at a time: does a test fail? Takes two to three hours. Not for CI.
mutants:
	tests/mutants

## Everything that a release has, into target/dist/release: docs/releasing.md. Takes half an hour. Not for CI.
dist:
	dist/install-tools
	dist/build

## The released program for Linux on x86_64, in roots that have nothing else. CI runs it beside `make test`.
dist-try:
	dist/install-tools
	dist/fetch
	dist/compile $(SHIPPED)
	dist/roots target/dist/cargo/$(SHIPPED)/release/genesys-token 20

## Builds the release once more, elsewhere: the same bytes? Then tries every file of it. Not for CI.
dist-check:
	dist/install-tools
	dist/check

tools:
	sh tests/install-tools

clean:
	$(CARGO) clean
	rm -rf tests/interop/node_modules tests/groovy/lint/node_modules
