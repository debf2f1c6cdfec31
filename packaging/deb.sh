#!/bin/sh
# Makes the Debian packages: packaging/deb.sh ARCHITECTURE FOLDER OUT
#
# ARCHITECTURE is amd64 or arm64. FOLDER has what packaging/build.sh wrote, THIRD-PARTY-LICENSES.txt
# and sbom.cdx.json; SOURCE_DATE_EPOCH is the time of every file. The packages are for Debian 8, Ubuntu
# 14.04 and later.
#
# dpkg-deb makes them. nfpm would make .deb and .rpm from one description, but it has no place for the
# files shlibs and symbols, without which packages of programs do not get their dependency.
set -eu

architecture=$1
built=$(cd "$2" && pwd)
mkdir -p "$3"
out=$(cd "$3" && pwd)
cd "$(dirname "$0")/.."

version=$(packaging/version.sh)
major=${version%%.*}
full=$version-1
maintainer="The diyalog authors <diyalog@bank.example>"
url=$(sed -n 's/^repository = "\(.*\)"/\1/p' Cargo.toml)
case $architecture in
amd64) triplet=x86_64-linux-gnu objdump=x86_64-linux-gnu-objdump ;;
arm64) triplet=aarch64-linux-gnu objdump=aarch64-linux-gnu-objdump ;;
*) echo "no such architecture: $architecture" >&2 && exit 2 ;;
esac
: "${SOURCE_DATE_EPOCH:?}"
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PREFIX=/usr LIBDIR=/usr/lib/$triplet DESTDIR=$work/all packaging/install.sh install "$built" "$built/diyalog-sandbox"

# take PACKAGE PATH...: moves installed files into a package.
take() {
    package=$1
    shift
    (cd "$work/all" && tar -c "$@") | tar -x -C "$work/$package"
}

# The newest glibc that a file asks for.
glibc() { "$objdump" -T "$1" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -n 1; }

# document PACKAGE: copyright, changelogs, licences and SBOM, where Debian looks for them.
document() {
    doc=$work/$1/usr/share/doc/$1
    mkdir -p "$doc"
    {
        echo "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
        printf 'Upstream-Name: diyalog\nSource: %s\n\n' "$url"
        printf 'Files: *\n%s\nLicense: Expat or Apache-2.0\n\n' "$(sed -n 's/^Copyright (c)/Copyright:/p' LICENSE-MIT)"
        echo "License: Expat"
        sed '1,/^Permission/{/^Permission/!d}; s/^$/./; s/^/ /' LICENSE-MIT
        printf '\nLicense: Apache-2.0\n On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.\n'
        [ "$1" = libdiyalog-dev ] ||
            printf '\nComment: The licences of the Rust crates inside are in THIRD-PARTY-LICENSES.txt.gz.\n'
    } >"$doc/copyright"
    printf 'diyalog (%s) stable; urgency=medium\n\n  * Version %s; changelog.gz lists the changes.\n\n -- %s  %s\n' \
        "$full" "$version" "$maintainer" "$(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")" |
        gzip -n9 >"$doc/changelog.Debian.gz"
    gzip -n9 <CHANGELOG.md >"$doc/changelog.gz"
    [ "$1" = libdiyalog-dev ] || {
        gzip -n9 <"$built/THIRD-PARTY-LICENSES.txt" >"$doc/THIRD-PARTY-LICENSES.txt.gz"
        gzip -n9 <"$built/sbom.cdx.json" >"$doc/sbom.cdx.json.gz"
    }
    mkdir -p "$work/$1/usr/share/lintian/overrides"
    printf '# There is no bug to close: this package is not uploaded to Debian.\n%s: initial-upload-closes-no-bugs *\n' \
        "$1" >"$work/$1/usr/share/lintian/overrides/$1"
}

# package PACKAGE SECTION SUMMARY [FIELD...]: the description comes from standard input.
package() {
    name=$1 section=$2 summary=$3
    shift 3
    mkdir -p "$work/$name/DEBIAN"
    {
        printf 'Package: %s\nSource: diyalog\nVersion: %s\nArchitecture: %s\n' "$name" "$full" "$architecture"
        printf 'Maintainer: %s\nSection: %s\nPriority: optional\nHomepage: %s\n' "$maintainer" "$section" "$url"
        printf 'Installed-Size: %s\n' "$(du -k -s --apparent-size "$work/$name" | cut -f 1)"
        [ $# = 0 ] || printf '%s\n' "$@"
        printf 'Description: %s\n' "$summary"
        sed 's/^$/./; s/^/ /'
    } >"$work/control"
    mv "$work/control" "$work/$name/DEBIAN/control"
    (cd "$work/$name" && find . -path ./DEBIAN -prune -o -type f -printf '%P\n' | LC_ALL=C sort | xargs md5sum) \
        >"$work/md5sums"
    mv "$work/md5sums" "$work/$name/DEBIAN/md5sums"
    # Debian's dpkg reads zstd since version 12 only.
    dpkg-deb --root-owner-group -Zxz --build "$work/$name" "$out/${name}_${full}_$architecture.deb" >/dev/null
}

library() {
    mkdir -p "$work/libdiyalog$major/DEBIAN"
    take "libdiyalog$major" "usr/lib/$triplet/libdiyalog.so.$version" "usr/lib/$triplet/libdiyalog.so.$major"
    document "libdiyalog$major"
    chmod 644 "$work/libdiyalog$major/usr/lib/$triplet/libdiyalog.so.$version"
    echo "activate-noawait ldconfig" >"$work/libdiyalog$major/DEBIAN/triggers"
    echo "libdiyalog $major libdiyalog$major (>= $version)" >"$work/libdiyalog$major/DEBIAN/shlibs"
    # Each function with the version that introduced it: a program depends on the newest that it calls.
    packaging/symbols.sh | awk -v library="libdiyalog.so.$major" -v package="libdiyalog$major" '
        function since(node) { sub(/DIYALOG_/, "", node); return node == "0" ? "0.1.0" : node ".0" }
        BEGIN { print library, package, "#MINVER#\n* Build-Depends-Package: libdiyalog-dev" }
        !seen[$1]++ { print " " $1 "@" $1, since($1) }
        { print " " $2 "@" $1, since($1) }' >"$work/libdiyalog$major/DEBIAN/symbols"
    package "libdiyalog$major" libs "client library for the Diyalog customer-messaging API" \
        "Multi-Arch: same" "Depends: libc6 (>= $(glibc "$built/libdiyalog.so.$version"))" "Recommends: ca-certificates" <<'TEXT'
Answers the question that a call center asks all day: is this customer in a
live chat right now, inbound or outbound, with which agent? Blocking calls
with one deadline each, and a C interface.
TEXT
}

development() {
    mkdir -p "$work/libdiyalog-dev"
    take libdiyalog-dev usr/include "usr/lib/$triplet/libdiyalog.a" "usr/lib/$triplet/libdiyalog.so" \
        "usr/lib/$triplet/pkgconfig" "usr/lib/$triplet/cmake"
    document libdiyalog-dev
    package libdiyalog-dev libdevel "client library for the Diyalog customer-messaging API (development)" \
        "Multi-Arch: same" "Depends: libdiyalog$major (= $full)" <<'TEXT'
Headers for C and C++, the static library, and the files for pkg-config and
CMake.
TEXT
}

sandbox() {
    mkdir -p "$work/diyalog-sandbox"
    take diyalog-sandbox usr/bin usr/share/man
    gzip -n9 "$work/diyalog-sandbox/usr/share/man/man1/diyalog-sandbox.1"
    document diyalog-sandbox
    package diyalog-sandbox devel "stand-in for a Diyalog server, to try and to test clients" \
        "Depends: libc6 (>= $(glibc "$built/diyalog-sandbox"))" <<'TEXT'
Serves the documented calls, verifies signatures and explains each request on
a page for the browser. Sessions and faults are set by a click or from tests.
TEXT
}

# Debug symbols, found by gdb through the build id.
debug_symbols() {
    id=$("${objdump%objdump}readelf" -n "$built/libdiyalog.so.$version" | sed -n 's/.*Build ID: //p')
    name=libdiyalog$major-dbgsym
    folder=$work/$name/usr/lib/debug/.build-id/$(echo "$id" | cut -c 1-2)
    mkdir -p "$folder" "$work/$name/usr/share/doc"
    install -m 644 "$built/libdiyalog.so.$version.debug" "$folder/$(echo "$id" | cut -c 3-).debug"
    ln -s "libdiyalog$major" "$work/$name/usr/share/doc/$name"
    package "$name" debug "debug symbols for libdiyalog$major" "Multi-Arch: same" \
        "Depends: libdiyalog$major (= $full)" "Auto-Built-Package: debug-symbols" "Build-Ids: $id" </dev/null
}

library
development
sandbox
debug_symbols
