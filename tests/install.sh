#!/bin/sh
# Installs into a temporary folder, checks the files, and builds the C example against them with
# pkg-config, with CMake and statically. Each program makes a lookup.
#
# Usage: diyalog-sandbox -- tests/install.sh LIBRARY-FOLDER SANDBOX-BINARY
set -eu

library=$(cd "$1" && pwd)
sandbox=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
: "${DIYALOG_ENDPOINT:?names the sandbox: run this by diyalog-sandbox}"
cd "$(dirname "$0")/.."

tests/need.sh "the installation tests" cc readelf pkg-config cmake make

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(packaging/version.sh)
major=${version%%.*}

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

installed() { (cd "$1" && find . ! -type d | sort); }

# Installs below DESTDIR, where no file may name that folder, uninstalls, and installs for use.
install_and_uninstall() {
    PREFIX=/opt/diyalog LIBDIR=/opt/diyalog/lib64 DESTDIR=$work/stage packaging/install.sh install "$library" "$sandbox"
    installed "$work/stage/opt/diyalog" >"$work/found"
    cat >"$work/expected" <<LIST
./bin/diyalog-sandbox
./include/diyalog.h
./include/diyalog.hpp
./lib64/cmake/diyalog/diyalog-config-version.cmake
./lib64/cmake/diyalog/diyalog-config.cmake
./lib64/libdiyalog.a
./lib64/libdiyalog.so
./lib64/libdiyalog.so.$major
./lib64/libdiyalog.so.$version
./lib64/pkgconfig/diyalog.pc
./share/man/man1/diyalog-sandbox.1
LIST
    LC_ALL=C sort "$work/expected" | diff - "$work/found" || fail "other files are installed than these"
    ! grep -rlF "$work" "$work/stage" || fail "these files name the folder of the installation"
    PREFIX=/opt/diyalog LIBDIR=/opt/diyalog/lib64 DESTDIR=$work/stage packaging/install.sh uninstall
    [ -z "$(installed "$work/stage")" ] || fail "uninstall left files: $(installed "$work/stage")"

    DESTDIR='' PREFIX=$work/usr LIBDIR=$work/usr/lib packaging/install.sh install "$library"
    lib=$work/usr/lib
}

has() {
    printf '%s\n' "$1" | grep -q -- "$2" || fail "the shared library has no $2"
}

# What it exports is compared with the record by tests/abi/record.py.
check_shared_library() {
    file=$lib/libdiyalog.so.$version
    dynamic=$(readelf -dW "$file")
    has "$dynamic" "SONAME.*\[libdiyalog\.so\.$major\]"
    has "$dynamic" 'Flags:.* NODELETE'
    has "$dynamic" 'Flags:.* NOW'
    has "$(readelf -lW "$file")" GNU_RELRO
    has "$(readelf -lW "$file" | grep GNU_STACK)" ' RW '
    ! printf '%s\n' "$dynamic" | grep -E 'RPATH|RUNPATH|TEXTREL' || fail "the shared library has these"
    echo "shared library: $(stat -c %s "$file") bytes"
}

check_static_library() {
    packaging/functions.sh >"$work/expected"
    readelf -sW "$lib/libdiyalog.a" |
        awk '$1 ~ /^[0-9]+:$/ && ($5 == "GLOBAL" || $5 == "WEAK") && $7 != "UND" && $8 ~ /./ { print $8 }' |
        LC_ALL=C sort >"$work/found"
    LC_ALL=C sort "$work/expected" | diff - "$work/found" || fail "these global symbols differ from the header"
    echo "static library: the same functions, $(stat -c %s "$lib/libdiyalog.a") bytes"
}

expect_answer() {
    answer=$("$1" 70022)
    [ "$answer" = "70022: in help, inbound, with agent 45001" ] || fail "$1 answers: $answer"
}

needs_shared() { readelf -dW "$1" | grep -q "NEEDED.*libdiyalog\.so\.$major"; }

expect_shared() {
    needs_shared "$1" || fail "$1 does not need libdiyalog.so.$major"
    LD_LIBRARY_PATH=$lib expect_answer "$1"
    echo "$2: answers"
}

expect_static() {
    ! needs_shared "$1" || fail "$1 needs libdiyalog.so"
    expect_answer "$1"
    echo "$2: answers"
}

build_with_pkg_config() {
    PKG_CONFIG_PATH=$lib/pkgconfig
    export PKG_CONFIG_PATH
    [ "$(pkg-config --modversion diyalog)" = "$version" ] || fail "diyalog.pc has another version"
    pkg-config --validate diyalog && grep -qx 'URL: https://.*' "$lib/pkgconfig/diyalog.pc" || fail "diyalog.pc has no URL"
    # shellcheck disable=SC2046
    ${CC:-cc} examples/lookup.c $(pkg-config --cflags --libs diyalog) -o "$work/shared"
    expect_shared "$work/shared" "pkg-config, shared"
    # shellcheck disable=SC2046
    ${CC:-cc} examples/lookup.c $(pkg-config --cflags --libs --static diyalog | sed 's/-ldiyalog/-l:libdiyalog.a/') \
        -o "$work/static"
    expect_static "$work/static" "pkg-config, static"
}

# A program that uses only what 0.1 had must start with a 0.1 library, too.
run_program_of_0_1() {
    program=$work/header-0.1
    ${CC:-cc} tests/c/programs/header-0.1.c -L"$lib" -ldiyalog -Wl,-rpath,"$lib" -o "$program"
    "$program" "$DIYALOG_ENDPOINT"
    needed=$(readelf -V -W "$program" | sed -n 's/.*Name: \(DIYALOG_[0-9.]*\).*/\1/p' | sort -u | paste -sd' ')
    [ "$needed" = DIYALOG_0 ] || fail "a program of 0.1 needs the nodes $needed"
}

build_with_cmake() {
    mkdir "$work/project"
    cat >"$work/project/CMakeLists.txt" <<CMAKE
cmake_minimum_required(VERSION 3.10)
project(example C)
find_package(diyalog ${version%.*} REQUIRED)
add_executable(shared $PWD/examples/lookup.c)
target_link_libraries(shared diyalog::diyalog)
add_executable(static $PWD/examples/lookup.c)
target_link_libraries(static diyalog::diyalog_static)
CMAKE
    # A moved tree is found, too.
    mv "$work/usr" "$work/moved"
    lib=$work/moved/lib
    cmake -S "$work/project" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/moved" >"$work/cmake.log" &&
        cmake --build "$work/build" >>"$work/cmake.log" || { cat "$work/cmake.log" && fail "CMake"; }
    expect_shared "$work/build/shared" "CMake, shared"
    expect_static "$work/build/static" "CMake, static"
    sed "s/find_package(diyalog [^ ]*/find_package(diyalog $((major + 1))/" "$work/project/CMakeLists.txt" >"$work/next"
    mv "$work/next" "$work/project/CMakeLists.txt"
    ! cmake -S "$work/project" -B "$work/build-next" -DCMAKE_PREFIX_PATH="$work/moved" >/dev/null 2>&1 ||
        fail "CMake takes $version for version $((major + 1))"
}

install_and_uninstall
check_shared_library
check_static_library
run_program_of_0_1
build_with_pkg_config
build_with_cmake
echo "8 passed"
