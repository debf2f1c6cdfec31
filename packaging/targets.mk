# make install        PREFIX=/usr/local LIBDIR=$(PREFIX)/lib DESTDIR=
# make uninstall      the same
# make dist           an archive per target, wheels and the NuGet layout, in target/dist
# make test-windows   the C tests under Wine, against the DLL; test-windows-x86 the same in 32 bits
# make release-check  does the change since the last release need a new minor or major number?

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=
INSTALL = PREFIX="$(PREFIX)" LIBDIR="$(LIBDIR)" DESTDIR="$(DESTDIR)" packaging/install.sh

.PHONY: install uninstall dist test-windows test-windows-x86 release-check test-install test-versions test-docs

# The superuser may have no cargo: then what was built before is installed.
install: $(if $(shell command -v $(CARGO)),library)
	packaging/link.sh $(LIBRARY)/libdiyalog.a $(LIBRARY)/shipped
	$(INSTALL) install $(LIBRARY)/shipped

uninstall:
	$(INSTALL) uninstall

dist:
	packaging/dist.sh

test-windows: sandbox
	tests/windows.sh $(SANDBOX)

test-windows-x86: sandbox
	tests/windows-x86.sh $(SANDBOX)

release-check:
	packaging/release-check.sh

test-install: library sandbox
	tests/optional.sh tests/with-sandbox.sh $(SANDBOX) -- tests/install.sh $(LIBRARY)

test-versions: library
	tests/optional.sh tests/versions.sh $(LIBRARY)
	tests/optional.sh tests/release-check.sh

test-docs: library sandbox
	tests/optional.sh tests/docs.sh $(LIBRARY) $(SANDBOX)
