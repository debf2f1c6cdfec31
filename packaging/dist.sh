#!/bin/sh
# Builds a release of the last commit in target/dist/VERSION: an archive with an SBOM per system, Debian
# and RPM packages, Python wheels, NuGet packages, a vcpkg port and a Conan recipe, and the checksums of
# all of them. tests/dist.sh runs them.
#
#   packaging/dist.sh [SYSTEM...]
#
# It requires Debian as root, or the tools that packaging/tools.sh names. The first run takes half an
# hour on two processors: the standard library is built for four systems. The build is reproducible:
# the same commit and tools give the same bytes in any folder.
set -eu

cd "$(dirname "$0")/.."
systems=${*:-linux-x64 linux-arm64 linux-musl-x64 win-x64 win-x86}
version=$(packaging/version.sh)
dist=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)/dist
out=$dist/$version
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
TOOLS=$dist/tools
CARGO_TARGET_DIR=$dist/build
TZ=UTC
LC_ALL=C.UTF-8
export SOURCE_DATE_EPOCH TOOLS CARGO_TARGET_DIR TZ LC_ALL
umask 022

[ -z "$(git status --porcelain --untracked-files=no)" ] || echo "changes that are not committed are left out"
tests/need.sh "making archives" zip=zip git=git dpkg-deb=dpkg rpmbuild=rpm
packaging/tools.sh "$TOOLS"
rm -rf "$dist/source" "$dist/stage" "$out"
mkdir -p "$dist/source" "$dist/stage" "$out"
git archive HEAD | tar -x -C "$dist/source"
cd "$dist/source"

rust_sources=$(echo "$TOOLS"/rust/usr/src/rustc-*)
target_of() {
    case $1 in
    linux-x64) echo x86_64-unknown-linux-gnu ;;
    linux-arm64) echo aarch64-unknown-linux-gnu ;;
    linux-musl-x64) echo x86_64-unknown-linux-musl ;;
    win-x64) echo x86_64-pc-windows-gnu ;;
    win-x86) echo i686-pc-windows-gnu ;;
    esac
}

# The libraries, headers and package files: the same places as make install has, movable.
stage_linux() {
    PREFIX=/$2 LIBDIR=/$2/lib DESTDIR=$dist/stage packaging/install.sh install "$1" "$1/diyalog-sandbox"
    sed -i 's|^prefix=.*|prefix=${pcfiledir}/../..|' "$3/lib/pkgconfig/diyalog.pc"
    cp "$1/libdiyalog.so.$version.debug" "$3/lib/"
}

stage_windows() {
    mkdir -p "$3/bin" "$3/include" "$3/lib/cmake/diyalog"
    cp include/diyalog.h include/diyalog.hpp "$3/include/"
    cp "$1/diyalog.dll" "$1/diyalog.dll.debug" "$1/diyalog-sandbox.exe" "$3/bin/"
    cp "$1/diyalog.lib" "$1/diyalog.def" "$3/lib/"
    case $2 in
    *x86) bytes=4 ;;
    *) bytes=8 ;;
    esac
    for file in diyalog-config.cmake diyalog-config-version.cmake; do
        PREFIX=/$2 LIBDIR=/$2/lib INCLUDEDIR=/$2/include POINTER_BYTES=$bytes packaging/fill.sh "packaging/$file.in" \
            >"$3/lib/cmake/diyalog/$file"
    done
}

# document SYSTEM: writes the licences and the SBOM of what was built for it.
document() {
    python3 packaging/licences.py "$(target_of "$1")" "$rust_sources" >"$dist/$1/THIRD-PARTY-LICENSES.txt"
    "$TOOLS/python/bin/python" packaging/sbom.py "$(target_of "$1")" >"$dist/$1/sbom.cdx.json"
}

# archive SYSTEM: packs the stage, with every file's time and order the same at each build.
archive() {
    name=diyalog-$version-$1
    stage=$dist/stage/$name
    case $1 in
    linux-*) stage_linux "$dist/$1" "$name" "$stage" ;;
    win-*) stage_windows "$dist/$1" "$name" "$stage" ;;
    esac
    cp -r README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE docs examples "$stage/"
    cp "$dist/$1/THIRD-PARTY-LICENSES.txt" "$dist/$1/sbom.cdx.json" "$stage/"
    (cd "$stage" && find . -type f ! -name SHA256SUMS | sort | xargs -d '\n' sha256sum >SHA256SUMS)
    find "$stage" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
    case $1 in
    linux-*)
        tar --sort=name --owner=0 --group=0 --numeric-owner -C "$dist/stage" -c "$name" | gzip -n9 >"$out/$name.tar.gz"
        ;;
    win-*) (cd "$dist/stage" && find "$name" | sort | zip -q -X -9 -@ "$out/$name.zip") ;;
    esac
    echo "made $name"
}

# wheel SYSTEM LIBRARY PLATFORM: setup.py takes the library from the folder DIYALOG_SHIPPED.
# auditwheel supports this machine's processor and C library only. For the others tests/dist.sh checks
# what the library requires.
wheel() {
    work=$dist/wheel-$1
    rm -rf "$work"
    mkdir -p "$work/shipped" "$work/made"
    case $1 in
    linux-*) cp "$2" "$work/shipped/libdiyalog.so" ;;
    win-*) cp "$2" "$work/shipped/diyalog.dll" ;;
    esac
    # setuptools takes along what is named LICENSE.
    cp LICENSE-MIT LICENSE-APACHE bindings/python/
    cp "$dist/stage/diyalog-$version-$1/THIRD-PARTY-LICENSES.txt" bindings/python/LICENSE-THIRD-PARTY.txt
    DIYALOG_SHIPPED=$work/shipped "$TOOLS/python/bin/python" -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$work/made" \
        --config-settings="--build-option=--plat-name=$3" ./bindings/python
    case $1 in
    linux-x64)
        PATH=$TOOLS/python/bin:$PATH "$TOOLS/python/bin/python" -m auditwheel repair --plat manylinux2014_x86_64 \
            --wheel-dir "$out" "$work"/made/*.whl 2>"$work/auditwheel.log" ||
            { cat "$work/auditwheel.log" >&2 && exit 1; }
        ;;
    *) cp "$work"/made/*.whl "$out/" ;;
    esac
}

# native SYSTEM LIBRARY: the layout that bindings/csharp/pack.sh packs.
native() {
    folder=$dist/stage/nuget/runtimes/$1/native
    mkdir -p "$folder" "$dist/stage/nuget/licenses/$1"
    cp "$dist/stage/diyalog-$version-$1/THIRD-PARTY-LICENSES.txt" "$dist/stage/nuget/licenses/$1/"
    case $1 in
    linux-*) cp "$2" "$folder/libdiyalog.so" ;;
    win-*) cp "$2" "$folder/" ;;
    esac
}

for system in $systems; do
    packaging/build.sh "$system" "$dist/$system"
    document "$system"
    archive "$system"
    case $system in
    linux-x64) set -- "$dist/$system/libdiyalog.so.$version" linux_x86_64 ;;
    linux-arm64) set -- "$dist/$system/libdiyalog.so.$version" manylinux2014_aarch64 ;;
    linux-musl-x64) set -- "$dist/$system/libdiyalog.so.$version" musllinux_1_2_x86_64 ;;
    win-x64) set -- "$dist/$system/diyalog.dll" win_amd64 ;;
    win-x86) set -- "$dist/$system/diyalog.dll" win32 ;;
    esac
    wheel "$system" "$@"
    native "$system" "$1"
    case $system in
    linux-x64) packaging/deb.sh amd64 "$dist/$system" "$out" && packaging/rpm.sh x86_64 "$dist/$system" "$out" ;;
    linux-arm64) packaging/deb.sh arm64 "$dist/$system" "$out" && packaging/rpm.sh aarch64 "$dist/$system" "$out" ;;
    esac
done

if bindings/csharp/need-dotnet.sh "the NuGet packages"; then
    bindings/csharp/pack.sh "$dist/stage/nuget" "$out"
elif [ $? != 3 ]; then
    exit 1
fi
packaging/ports.sh "$out"
(cd "$out" && sha256sum -- * >"$dist/SHA256SUMS" && mv "$dist/SHA256SUMS" .)
ls -l "$out"
