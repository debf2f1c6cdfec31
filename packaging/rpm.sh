#!/bin/sh
# Makes the RPM packages: packaging/rpm.sh ARCHITECTURE FOLDER OUT
#
# ARCHITECTURE is x86_64 or aarch64. FOLDER has what packaging/build.sh wrote, THIRD-PARTY-LICENSES.txt
# and sbom.cdx.json; SOURCE_DATE_EPOCH is the time of every file. The packages are for RHEL 7 and later,
# Fedora and SUSE.
#
# rpmbuild makes them, since it reads from the libraries what they provide and require, each version of
# a symbol included. nfpm leaves that to whoever describes the package.
set -eu

architecture=$1
built=$(cd "$2" && pwd)
mkdir -p "$3"
out=$(cd "$3" && pwd)
cd "$(dirname "$0")/.."

version=$(packaging/version.sh)
major=${version%%.*}
: "${SOURCE_DATE_EPOCH:?}"
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
STAGE=$work/stage
export STAGE
PREFIX=/usr LIBDIR=/usr/lib64 DESTDIR=$STAGE packaging/install.sh install "$built" "$built/diyalog-sandbox"
gzip -n9 "$STAGE/usr/share/man/man1/diyalog-sandbox.1"

for package in "libdiyalog$major" libdiyalog-devel diyalog-sandbox; do
    licenses=$STAGE/usr/share/licenses/$package
    mkdir -p "$licenses"
    cp LICENSE-MIT LICENSE-APACHE "$licenses/"
    [ "$package" != libdiyalog-devel ] || continue
    doc=$STAGE/usr/share/doc/$package
    mkdir -p "$doc"
    cp "$built/THIRD-PARTY-LICENSES.txt" "$licenses/"
    cp README.md CHANGELOG.md "$built/sbom.cdx.json" "$doc/"
done

id=$(readelf -n "$built/libdiyalog.so.$version" | sed -n 's/.*Build ID: //p')
debug=$STAGE/usr/lib/debug/.build-id/$(echo "$id" | cut -c 1-2)
mkdir -p "$debug"
install -m 644 "$built/libdiyalog.so.$version.debug" "$debug/$(echo "$id" | cut -c 3-).debug"

PREFIX=/usr LIBDIR=/usr/lib64 INCLUDEDIR=/usr/include packaging/fill.sh packaging/diyalog.spec.in |
    sed "s/@DATE@/$(LC_ALL=C date --utc --date="@$SOURCE_DATE_EPOCH" "+%a %b %d %Y")/" >"$work/diyalog.spec"
rpmbuild -bb --quiet --target "$architecture-linux" --define "_topdir $work" --define "_rpmdir $work/made" \
    "$work/diyalog.spec" >"$work/log" 2>&1 || { cat "$work/log" >&2 && exit 1; }
cp "$work/made/$architecture"/*.rpm "$out/"
