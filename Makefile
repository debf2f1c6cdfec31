# make           the library as it ships, in target/shipped: shared and static
# make demo      the lookup in every language against the sandbox
# make test      all tests; with CI=true a skipped part is a failure
# make test-deps installs what the tests need, on Debian as root
# make bench     the lookup against its peers: counts, then CPU time
# make bench-bulk  many lookups at once: the queue, threads and curl_multi
# make soak      MINUTES=60: lookups behind HAProxy while the network breaks
# make fuzz      SECONDS=60: runs each fuzz target for this time
# make header    include/diyalog.h from src/ffi, and the records of the interface in tests/abi
# make man, make screenshots   the sandbox's manual page and its pictures in docs/
# packaging/targets.mk has more: install, uninstall, dist, test-windows, release-check

CARGO ?= cargo
TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
SHIPPED := $(TARGET)/shipped
SANDBOX := $(TARGET)/debug/diyalog-sandbox
BESIDE_SANDBOX = $(SANDBOX) --log-file /dev/null --

# What scripts and bindings build, use and test.
export CARGO_TARGET_DIR := $(TARGET)
export DIYALOG_SHIPPED := $(SHIPPED)
export DIYALOG_SANDBOX := $(SANDBOX)
# Tests do not use the developer's own settings.
unexport DIYALOG_TIMEOUT_MS DIYALOG_ATTEMPT_TIMEOUT_MS DIYALOG_MAX_RETRIES DIYALOG_CA_FILE DIYALOG_PROXY

MINUTES ?= 60
SECONDS ?= 60

PARTS = lint rust c counts abi python csharp install versions release licences docs examples browser man

.PHONY: all library sandbox demo test test-deps bench bench-bulk soak fuzz header man screenshots clean $(PARTS:%=test-%)

all: library

library:
	@packaging/shipped.sh $(SHIPPED)

sandbox:
	@$(CARGO) build --quiet -p diyalog-sandbox

demo: library sandbox
	$(SANDBOX) --log-file $(TARGET)/demo.log -- examples/demo.sh $(SHIPPED) $(TARGET)/demo.log

test:
	@[ ! -e /etc/debian_version ] || [ "$$(id -u)" != 0 ] || $(MAKE) --no-print-directory test-deps
	@rm -rf $(TARGET)/tests
	@for part in $(PARTS); do $(MAKE) --no-print-directory test-$$part || true; done
	@tests/table.sh $(PARTS)

test-deps:
	@tests/need.sh "the tests" --all

test-lint:
	tests/part.sh lint tests/lint.sh

test-rust:
	tests/part.sh rust tests/rust.sh

test-c: library sandbox
	tests/part.sh c $(BESIDE_SANDBOX) tests/c/run.sh $(SHIPPED) $(TARGET)/debug/diyalog-hostile

test-counts: library sandbox
	tests/part.sh counts $(BESIDE_SANDBOX) tests/counts.sh $(SHIPPED)

test-abi: library
	tests/part.sh abi tests/abi/run.sh $(SHIPPED)

test-python: library sandbox
	tests/part.sh python bindings/python/run-tests.sh

test-csharp: library sandbox
	tests/part.sh csharp bindings/csharp/run-tests.sh

test-install: library sandbox
	tests/part.sh install $(BESIDE_SANDBOX) tests/install.sh $(SHIPPED) $(SANDBOX)

test-versions: library
	tests/part.sh versions tests/versions.sh $(SHIPPED)

test-release:
	tests/part.sh release packaging/griffe.sh tests/release_check.py

test-licences:
	tests/part.sh licences tests/licences.sh

test-docs: library sandbox
	tests/part.sh docs tests/docs.sh $(SHIPPED) $(SANDBOX)

test-examples: library sandbox
	tests/part.sh examples $(BESIDE_SANDBOX) tests/examples.sh $(SHIPPED)

test-browser: sandbox
	tests/part.sh browser tests/sandbox/browser/run.sh $(SANDBOX)

test-man: sandbox
	tests/part.sh man tests/sandbox/man.sh --check $(SANDBOX)

bench: library sandbox
	benches/run.sh $(SHIPPED) $(SANDBOX)

bench-bulk: library
	tests/need.sh "make bench-bulk" python3=python3 cc=gcc curl-config=libcurl4-openssl-dev \
		/usr/include/openssl/ssl.h=libssl-dev /usr/include/cjson/cJSON.h=libcjson-dev
	python3 benches/bulk/measure.py $(SHIPPED)

soak: library sandbox
	tests/soak/run.sh $(MINUTES) $(SHIPPED) $(SANDBOX)

fuzz:
	fuzz/run.sh $(SECONDS) || [ $$? = 3 ]

header:
	DIYALOG_WRITE_HEADER=1 $(CARGO) test --quiet --test header
	tests/abi/record.py --write
	$(CARGO) doc --quiet --no-deps -p diyalog
	tests/abi/rust_api.py --write

man: sandbox
	tests/sandbox/man.sh --write $(SANDBOX)

screenshots: sandbox
	DIYALOG_WRITE_SCREENSHOTS=1 tests/sandbox/browser/run.sh $(SANDBOX) -k screenshots

clean:
	$(CARGO) clean

include packaging/targets.mk
