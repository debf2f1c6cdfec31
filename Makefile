# make demo    the lookup in every language against the sandbox
# make test    all tests
# make bench   the lookup against its peers: counts, then CPU time
# make soak    MINUTES=60: lookups behind HAProxy while everything breaks
# make fuzz    SECONDS=60: each fuzz target for so long
# make header  include/diyalog.h from src/ffi
# and what packaging/targets.mk has: install, uninstall, dist, test-windows, release-check

CARGO ?= cargo
LIBRARY = target/release
SANDBOX = target/debug/diyalog-sandbox

MINUTES ?= 60
SECONDS ?= 60

.PHONY: all demo test lint test-rust test-c test-counts test-abi test-python test-csharp
.PHONY: bench soak fuzz header clean library sandbox

all: library

library:
	$(CARGO) build --quiet --release --lib
	@# Programs that are linked with the library look for it by this name.
	@ln -sf libdiyalog.so $(LIBRARY)/libdiyalog.so.0

sandbox:
	$(CARGO) build --quiet -p diyalog-sandbox

demo: library sandbox
	examples/demo.sh $(LIBRARY) $(SANDBOX)

test: lint test-rust test-c test-counts test-abi test-python test-csharp test-install test-versions test-docs
	@echo "all tests passed"

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --quiet --all-targets -p diyalog -- -D warnings
	$(CARGO) clippy --quiet --all-targets -p diyalog-sandbox -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --quiet --no-deps -p diyalog -p diyalog-sandbox

test-rust:
	$(CARGO) test -p diyalog
	$(CARGO) test -p diyalog-sandbox

test-c: library sandbox
	tests/c/run.sh $(LIBRARY) $(SANDBOX)

test-counts: library sandbox
	tests/optional.sh tests/counts.sh $(LIBRARY) $(SANDBOX)

test-abi: library
	tests/optional.sh tests/abi/run.sh $(LIBRARY)

test-python: library sandbox
	tests/optional.sh DIYALOG_SANDBOX="$(CURDIR)/$(SANDBOX)" bindings/python/run-tests.sh

test-csharp: library sandbox
	tests/optional.sh DIYALOG_SANDBOX="$(CURDIR)/$(SANDBOX)" bindings/csharp/run-tests.sh

bench: library sandbox
	benches/run.sh $(LIBRARY) $(SANDBOX)

soak: library sandbox
	tests/soak/run.sh $(MINUTES)

fuzz:
	tests/optional.sh fuzz/run.sh $(SECONDS)

header:
	DIYALOG_WRITE_HEADER=1 $(CARGO) test --quiet --test header

clean:
	$(CARGO) clean

include packaging/targets.mk
