#!/bin/sh
# Checks and runs the output of packaging/dist.sh: tests/dist.sh SANDBOX-BINARY [FOLDER]
#
# linux-x64 runs here, linux-arm64 under qemu, Windows under Wine (32-bit if WINE32 names a system for
# it, see tests/windows-x86.sh). FOLDER is target/dist/VERSION by default.
set -eu

sandbox=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/.."
version=$(packaging/version.sh)
out=$(cd "${2:-${CARGO_TARGET_DIR:-target}/dist/$version}" && pwd)

tests/need.sh "the tests of the archives" cc objdump=binutils unzip=unzip python3 \
    qemu-aarch64=qemu-user aarch64-linux-gnu-gcc=gcc-aarch64-linux-gnu \
    aarch64-linux-gnu-g++=g++-aarch64-linux-gnu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# The newest glibc that a library requires, such as 2.17.
newest_glibc() { objdump -T "$1" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -n 1; }

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
    ! strings -a "$library" | grep -E '/(home|root|work|tmp|build)/' | head -n 3 | grep . ||
        fail "$1 names folders of the machine that built it"
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
    for file in README.md LICENSE-MIT LICENSE-APACHE THIRD-PARTY-LICENSES.txt include/diyalog.h include/diyalog.hpp; do
        [ -s "$1/$file" ] || fail "$1 has no $file"
    done
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

check_windows() {
    [ -s "$1/bin/diyalog-sandbox.exe" ] || fail "$1 has no sandbox"
    mkdir "$work/$2"
    cp "$1/bin/diyalog.dll" "$1/lib/diyalog.lib" "$work/$2/"
    case $2 in
    win-x64) tests/windows.sh "$sandbox" "$2" "$work/$2" ;;
    win-x86)
        if [ -n "${WINE32:-}" ]; then
            tests/windows-x86.sh "$sandbox" "$work/$2"
        else
            echo "SKIPPED: 32-bit Windows, since WINE32 names no system to run it in" >&2
        fi
        ;;
    esac
}

# Installs the wheel for this machine and makes a lookup; checks the tag and the library of every wheel.
check_wheels() {
    for wheel in "$out"/diyalog-"$version"-py3-none-*.whl; do
        inside=$(unzip -l "$wheel" | grep -oE 'diyalog/(libdiyalog\.so|diyalog\.dll)' || true)
        case $wheel:$inside in
        *win*:diyalog/diyalog.dll | *manylinux2014*:diyalog/libdiyalog.so) ;;
        *) fail "$wheel holds $inside" ;;
        esac
        unzip -l "$wheel" | grep -q LICENSE-THIRD-PARTY.txt || fail "$wheel has no licences of what is inside"
        unzip -p "$wheel" '*/METADATA' | grep -qx "Version: $version" || fail "$wheel has another version"
    done
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --no-index --no-deps "$out"/diyalog-"$version"-py3-none-manylinux*x86_64.whl
    answer=$(unset DIYALOG_LIBRARY && "$sandbox" --log-file /dev/null -- "$work/venv/bin/python" -m diyalog 70022)
    case $answer in
    *45001*) echo "the wheel answers: $answer" ;;
    *) fail "the wheel answers: $answer" ;;
    esac
}

# The packages hold every library and its licences, and work here.
check_packages() {
    package=$out/Diyalog.$version.nupkg
    for archive in "$out"/diyalog-"$version"-linux-*.tar.gz "$out"/diyalog-"$version"-win-*.zip; do
        [ -e "$archive" ] || continue
        system=$(basename "$archive" | sed "s/^diyalog-$version-//; s/\.tar\.gz$//; s/\.zip$//")
        for file in "runtimes/$system/native/*diyalog.*" "licenses/$system/THIRD-PARTY-LICENSES.txt"; do
            unzip -l "$package" "$file" >/dev/null || fail "$package has no $file"
        done
    done
    "$sandbox" --log-file /dev/null -- bindings/csharp/test-packages.sh "$out"
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
    *linux-x64) check_x64 "$work/$name" ;;
    *linux-arm64) check_arm64 "$work/$name" ;;
    *win-*) check_windows "$work/$name" "${name#"diyalog-$version-"}" ;;
    esac
done
check_wheels
check_packages
