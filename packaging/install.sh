#!/bin/sh
# Installs or uninstalls: packaging/install.sh install|uninstall [LIBRARY-FOLDER [SANDBOX-BINARY]]
#
# PREFIX (/usr/local), LIBDIR and INCLUDEDIR (below PREFIX) are the folders to install into. DESTDIR is
# a staging folder before all of them, and no file contains it. LIBRARY-FOLDER is the output of
# packaging/link.sh.
set -eu

PREFIX=${PREFIX:-/usr/local}
LIBDIR=${LIBDIR:-$PREFIX/lib}
INCLUDEDIR=${INCLUDEDIR:-$PREFIX/include}
packaging=$(dirname "$0")
version=$("$packaging/version.sh")
major=${version%%.*}
lib=${DESTDIR:-}$LIBDIR
include=${DESTDIR:-}$INCLUDEDIR
cmake=$lib/cmake/diyalog
bin=${DESTDIR:-}$PREFIX/bin
man=${DESTDIR:-}$PREFIX/share/man/man1

# Installs a template, filled in.
fill() {
    PREFIX=$PREFIX LIBDIR=$LIBDIR INCLUDEDIR=$INCLUDEDIR "$packaging/fill.sh" "$packaging/$1" >"$2"
    chmod 644 "$2"
}

case $1 in
install)
    mkdir -p "$lib/pkgconfig" "$cmake" "$include"
    install -m 644 "$packaging/../include/diyalog.h" "$packaging/../include/diyalog.hpp" "$include/"
    install -m 644 "$2/libdiyalog.a" "$lib/"
    install -m 755 "$2/libdiyalog.so.$version" "$lib/"
    ln -sf "libdiyalog.so.$version" "$lib/libdiyalog.so.$major"
    ln -sf "libdiyalog.so.$major" "$lib/libdiyalog.so"
    fill diyalog.pc.in "$lib/pkgconfig/diyalog.pc"
    fill diyalog-config.cmake.in "$cmake/diyalog-config.cmake"
    fill diyalog-config-version.cmake.in "$cmake/diyalog-config-version.cmake"
    if [ -x "${3:-}" ]; then
        mkdir -p "$bin" "$man"
        install -m 755 "$3" "$bin/diyalog-sandbox"
        install -m 644 "$packaging/../tests/sandbox/diyalog-sandbox.1" "$man/"
    fi
    if [ -z "${DESTDIR:-}" ] && [ "$(id -u)" = 0 ]; then
        # Updates the loader's cache. LIBDIR may be a folder that the loader does not search.
        /sbin/ldconfig || true
    fi
    ;;
uninstall)
    rm -f "$include/diyalog.h" "$include/diyalog.hpp" "$lib/libdiyalog.a" "$lib/libdiyalog.so" \
        "$lib/libdiyalog.so.$major" "$lib/libdiyalog.so.$major".* "$lib/pkgconfig/diyalog.pc" \
        "$cmake/diyalog-config.cmake" "$cmake/diyalog-config-version.cmake" \
        "$bin/diyalog-sandbox" "$man/diyalog-sandbox.1"
    if [ -d "$cmake" ]; then
        rmdir "$cmake"
    fi
    ;;
*)
    echo "usage: packaging/install.sh install LIBRARY-FOLDER [SANDBOX-BINARY] | uninstall" >&2
    exit 2
    ;;
esac
