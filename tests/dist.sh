#!/bin/sh
# Checks and runs the output of packaging/dist.sh: tests/dist.sh SANDBOX-BINARY [FOLDER]
#
# linux-x64 and linux-musl-x64 run here, linux-arm64 under qemu, Windows under Wine (32-bit if WINE32
# names a system for it, see tests/windows-x86.sh). FOLDER is target/dist/VERSION by default. A table at
# the end shows for each file whether it was run, inspected or skipped.
set -eu

sandbox=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/.."
version=$(packaging/version.sh)
out=$(cd "${2:-${CARGO_TARGET_DIR:-target}/dist/$version}" && pwd)

tests/need.sh "the tests of the archives" cc objdump=binutils musl-gcc=musl-tools unzip=unzip python3 \
    qemu-aarch64=qemu-user aarch64-linux-gnu-gcc=gcc-aarch64-linux-gnu \
    aarch64-linux-gnu-g++=g++-aarch64-linux-gnu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# row FILE RESULT HOW: adds a line to the table. RESULT is run, inspected or skipped.
row() { printf '%-70s %8s  %-9s  %s\n' "$(basename "$1")" "$(($(stat -c %s "$1") / 1024)) KiB" "$2" "$3" >>"$work/table"; }

# The newest glibc that a library requires, such as 2.17.
newest_glibc() { objdump -T "$1" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -n 1; }

# check_library ARCHIVE LIBRARY: checks size and debug symbols.
check_library() {
    ! strings -a "$2" "$2.debug" | grep -E '/(home|root|work|tmp)/' | head -n 3 | grep . ||
        fail "$1 names folders of the machine that built it"
    [ "$(stat -c %s "$2")" -lt 2500000 ] || fail "$2 is larger than 2.5 MB"
    [ "$(readelf -p .gnu_debuglink "$2" | grep -o '[^ ]*\.debug$')" = "$(basename "$2").debug" ] || fail "$2 names no debug symbols"
    objdump --dwarf=decodedline "$2.debug" | grep -q 'client\.rs ' || fail "$2.debug has no line numbers"
}

check_linux() {
    library=$1/lib/libdiyalog.so.$version
    glibc=$(newest_glibc "$library")
    [ "$(printf '%s\n2.17\n' "$glibc" | sort -V | tail -n 1)" = 2.17 ] || fail "$1 needs glibc $glibc"
    needs=$(objdump -p "$library" | sed -n 's/ *NEEDED *//p' | tr '\n' ' ')
    for needed in $needs; do
        case $needed in
        libc.so.6 | libm.so.6 | libdl.so.2 | libpthread.so.0 | librt.so.1 | ld-linux-*) ;;
        *) fail "$1 needs $needed, which not every system has" ;;
        esac
    done
    check_library "$1" "$library"
    echo "$(basename "$1"): glibc $glibc, needs $needs"
}

# The sandbox runs where the library does; on this machine it starts.
check_sandbox() {
    program=$1/bin/diyalog-sandbox
    glibc=$(newest_glibc "$program")
    [ "$(printf '%s\n2.17\n' "$glibc" | sort -V | tail -n 1)" = 2.17 ] || fail "$program needs glibc $glibc"
    ! strings -a "$program" | grep -E '/(home|root|work|tmp)/' | head -n 3 | grep . ||
        fail "$program names folders of the machine that built it"
    [ -s "$1/share/man/man1/diyalog-sandbox.1" ] || fail "$1 has no manual page"
    $2 "$program" --version
}

check_archive() {
    (cd "$1" && sha256sum --quiet --check SHA256SUMS)
    for file in README.md LICENSE-MIT LICENSE-APACHE THIRD-PARTY-LICENSES.txt sbom.cdx.json include/diyalog.h \
        include/diyalog.hpp; do
        [ -s "$1/$file" ] || fail "$1 has no $file"
    done
    check_sbom "$1"
}

# The crates of the SBOM are those of the licences, each with its licence and checksum.
check_sbom() {
    python3 - "$1/sbom.cdx.json" "$1/THIRD-PARTY-LICENSES.txt" <<'PYTHON' || fail "the SBOM of $1"
import json, re, sys

bom = json.load(open(sys.argv[1], encoding="utf-8"))
crates = {f"{part['name']} {part['version']}" for part in bom["components"] if "purl" in part}
licensed = set(re.findall(r"^=+\n(\S+ \d\S*): ", open(sys.argv[2], encoding="utf-8").read(), re.MULTILINE))
assert bom["specVersion"] == "1.6" and crates and crates == licensed, crates ^ licensed
assert all(part["licenses"] for part in bom["components"])
assert all(part["hashes"] for part in bom["components"] if "purl" in part)
PYTHON
}

check_x64() {
    check_linux "$1"
    check_sandbox "$1" ''
    "$sandbox" --log-file /dev/null -- tests/c/run.sh "$1/lib" "$(dirname "$sandbox")/diyalog-hostile"
}

check_arm64() {
    check_linux "$1"
    check_sandbox "$1" "qemu-aarch64 -L /usr/aarch64-linux-gnu"
    CC=aarch64-linux-gnu-gcc CXX=aarch64-linux-gnu-g++ RUN="qemu-aarch64 -L /usr/aarch64-linux-gnu" \
        "$sandbox" --log-file /dev/null -- tests/c/run.sh "$1/lib" "$(dirname "$sandbox")/diyalog-hostile"
}

# Debian has no C++ compiler for musl: runs the C tests only.
check_musl() {
    library=$1/lib/libdiyalog.so.$version
    needs=$(objdump -p "$library" | sed -n 's/ *NEEDED *//p' | tr '\n' ' ')
    [ "$needs" = "libc.so " ] || fail "$1 needs $needs, and not musl alone"
    check_library "$1" "$library"
    "$1/bin/diyalog-sandbox" --version
    musl-gcc -std=c99 -D_DEFAULT_SOURCE -Iinclude -DVERSION="\"$version\"" tests/c/*.c -L"$1/lib" -ldiyalog \
        -Wl,-rpath,"$1/lib" -pthread -o "$work/musl-tests"
    # shellcheck disable=SC2016 # the sandbox sets the variable
    "$sandbox" --log-file /dev/null -- sh -c 'DIYALOG_SANDBOX_URL=$DIYALOG_ENDPOINT exec "$@"' sh \
        env DIYALOG_SCRATCH="$work" "$(dirname "$sandbox")/diyalog-hostile" --ca-file "$work/hostile-ca.pem" \
        --list-file "$work/hostile-list" -- "$work/musl-tests"
}

check_windows() {
    [ -s "$1/bin/diyalog-sandbox.exe" ] || fail "$1 has no sandbox"
    mkdir "$work/$2"
    cp "$1/bin/diyalog.dll" "$1/lib/diyalog.lib" "$work/$2/"
    case $2 in
    win-x64)
        tests/windows.sh "$sandbox" "$2" "$work/$2"
        row "$archive" run "the C and C++ tests, under Wine"
        ;;
    win-x86)
        if [ -n "${WINE32:-}" ]; then
            tests/windows-x86.sh "$sandbox" "$work/$2"
            row "$archive" run "the C and C++ tests, under 32-bit Wine"
        else
            row "$archive" skipped "WINE32 names no system to run it in"
        fi
        ;;
    esac
}

# Installs the wheel for this machine and makes a lookup; checks the tag and the library of every wheel.
check_wheels() {
    for wheel in "$out"/diyalog-"$version"-py3-none-*.whl; do
        inside=$(unzip -l "$wheel" | grep -oE 'diyalog/(libdiyalog\.so|diyalog\.dll)' || true)
        case $wheel:$inside in
        *win*:diyalog/diyalog.dll | *manylinux2014*:diyalog/libdiyalog.so | *musllinux*:diyalog/libdiyalog.so) ;;
        *) fail "$wheel holds $inside" ;;
        esac
        unzip -l "$wheel" | grep -q LICENSE-THIRD-PARTY.txt || fail "$wheel has no licences of what is inside"
        unzip -p "$wheel" '*/METADATA' | grep -qx "Version: $version" || fail "$wheel has another version"
        case $wheel in
        *manylinux*x86_64.whl) row "$wheel" run "installed, and asks" ;;
        *) row "$wheel" inspected "tag, library, licences and version" ;;
        esac
    done
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --no-index --no-deps "$out"/diyalog-"$version"-py3-none-manylinux*x86_64.whl
    answer=$(unset DIYALOG_LIBRARY && "$sandbox" --log-file /dev/null -- "$work/venv/bin/python" -m diyalog 70022)
    case $answer in
    *45001*) echo "the wheel answers: $answer" ;;
    *) fail "the wheel answers: $answer" ;;
    esac
}

# check_system_packages BUILT: installs those for this machine, and inspects the others.
check_system_packages() {
    mkdir "$work/packages"
    cp "$out"/*_amd64.deb "$out"/*.x86_64.rpm "$work/packages/"
    status=0
    tests/packages.sh "$1" "$work/packages" || status=$?
    for package in "$out"/*.deb "$out"/*.rpm; do
        case $package:$status in
        *amd64.deb:0 | *x86_64.rpm:0) row "$package" run "installed, linked against, upgraded, removed" ;;
        *amd64.deb:3 | *x86_64.rpm:3) row "$package" skipped "needs Debian as root" ;;
        *arm64.deb:*)
            [ "$(dpkg-deb -f "$package" Architecture)" = arm64 ] || fail "$package is for another processor"
            row "$package" inspected "architecture"
            ;;
        *aarch64.rpm:*)
            [ "$(rpm -qp --qf '%{arch}' "$package")" = aarch64 ] || fail "$package is for another processor"
            row "$package" inspected "architecture"
            ;;
        *) fail "the packages" ;;
        esac
    done
}

# The layout that they are packed of, and the NuGet packages, hold every library and its licences.
check_packages() {
    package=$out/Diyalog.$version.nupkg
    layout=$out/../stage/nuget
    for archive in "$out"/diyalog-"$version"-linux-*.tar.gz "$out"/diyalog-"$version"-win-*.zip; do
        [ -e "$archive" ] || continue
        system=$(basename "$archive" | sed "s/^diyalog-$version-//; s/\.tar\.gz$//; s/\.zip$//")
        for file in "runtimes/$system/native/*diyalog.*" "licenses/$system/THIRD-PARTY-LICENSES.txt"; do
            # shellcheck disable=SC2086 # a pattern
            (cd "$layout" && [ -s $file ]) || fail "$layout has no $file"
            [ ! -e "$package" ] || unzip -l "$package" "$file" >/dev/null || fail "$package has no $file"
        done
    done
    if [ ! -e "$package" ]; then
        row "$layout" skipped "no .NET SDK: only the layout of the NuGet packages is inspected"
        return
    fi
    "$sandbox" --log-file /dev/null -- bindings/csharp/test-packages.sh "$out"
    for package in "$out"/*nupkg; do
        row "$package" run "in fresh programs; other systems' files are inspected"
    done
}

(cd "$out" && sha256sum --quiet --check SHA256SUMS)
for archive in "$out"/diyalog-"$version"-linux-*.tar.gz "$out"/diyalog-"$version"-win-*.zip; do
    [ -e "$archive" ] || continue # dist.sh may have been asked for some systems only
    case $archive in
    *.zip) unzip -q "$archive" -d "$work" && name=$(basename "$archive" .zip) ;;
    *) tar -xzf "$archive" -C "$work" && name=$(basename "$archive" .tar.gz) ;;
    esac
    check_archive "$work/$name"
    case $name in
    *linux-x64)
        check_x64 "$work/$name"
        row "$archive" run "the C and C++ tests, here"
        ;;
    *linux-arm64)
        check_arm64 "$work/$name"
        row "$archive" run "the C and C++ tests, under qemu"
        ;;
    *linux-musl-x64)
        check_musl "$work/$name"
        row "$archive" run "the C tests, here with musl"
        ;;
    *win-*) check_windows "$work/$name" "${name#"diyalog-$version-"}" ;;
    esac
done
check_wheels
! ls "$out"/*_amd64.deb >/dev/null 2>&1 || check_system_packages "$out/../linux-x64"
check_packages
if tests/ports.sh "$out"; then
    row "$out/diyalog-$version-ports.tar.gz" run "Conan creates it; CMake runs the port with stand-ins for vcpkg's"
fi
printf '\n%-70s %8s  %-9s  %s\n' file size result how
cat "$work/table"
