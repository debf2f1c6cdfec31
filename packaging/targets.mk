# make install        PREFIX=/usr/local LIBDIR=$(PREFIX)/lib DESTDIR=
# make uninstall      the same
# make dist           an archive per system, .deb and .rpm, wheels, NuGet packages and ports, in target/dist;
#                     runs them, and ends with a table
# make nupkg          the NuGet packages with this machine's library alone, in target/nupkg
# make test-windows   the C tests under Wine, against the DLL; test-windows-x86 the same in 32 bits
# make release-check  does the change since the last release need a new minor or major number?

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=
INSTALL = PREFIX="$(PREFIX)" LIBDIR="$(LIBDIR)" DESTDIR="$(DESTDIR)" packaging/install.sh

.PHONY: install sandbox-release uninstall dist nupkg test-windows test-windows-x86 release-check

# The superuser may have no cargo: then what was built before is installed.
install: $(if $(shell command -v $(CARGO)),library sandbox-release)
	$(INSTALL) install $(SHIPPED) $(TARGET)/release/diyalog-sandbox

sandbox-release:
	@$(CARGO) build --quiet --release -p diyalog-sandbox --bin diyalog-sandbox

uninstall:
	$(INSTALL) uninstall

dist: sandbox
	packaging/dist.sh
	tests/dist.sh $(SANDBOX)

nupkg: library
	bindings/csharp/nupkg.sh $(SHIPPED) $(TARGET)/nupkg

test-windows: sandbox
	tests/windows.sh $(SANDBOX)

test-windows-x86: sandbox
	tests/windows-x86.sh $(SANDBOX)

release-check:
	packaging/release-check.sh
