#!/bin/sh
# Checks the vcpkg port and the Conan recipe with the archives of a folder: tests/ports.sh FOLDER
#
# Conan itself, from PyPI, creates the package, shared and static, and builds and runs its test program.
# vcpkg is not in any registry: CMake runs the port with stand-ins for the three functions it calls, and
# builds a program against what it installs.
set -eu

out=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
tests/need.sh "the tests of the ports" cc cmake make python3
version=$(packaging/version.sh)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
passed=0

ok() {
    echo "$*"
    passed=$((passed + 1))
}

# The archives come from the folder, and not from the network.
cp "$out/diyalog-$version"-*.tar.gz "$work/"
packaging/ports.sh "$work" "file://$work"
tar -xzf "$work/diyalog-$version-ports.tar.gz" -C "$work"
ports=$work/diyalog-$version-ports

conan=${CARGO_TARGET_DIR:-$PWD/target}/conan
conan_version=2.34.0
if [ ! -x "$conan/$conan_version/bin/conan" ]; then
    python3 -m venv "$conan/$conan_version" && "$conan/$conan_version/bin/pip" install --quiet "conan==$conan_version" || {
        rm -rf "${conan:?}/$conan_version"
        echo "SKIPPED: the Conan recipe, which needs conan from PyPI" >&2
    }
fi
if [ -x "$conan/$conan_version/bin/conan" ]; then
    CONAN_HOME=$work/conan-home
    export CONAN_HOME
    "$conan/$conan_version/bin/conan" profile detect >/dev/null 2>&1
    for shared in True False; do
        "$conan/$conan_version/bin/conan" create "$ports/conan" -o "diyalog/*:shared=$shared" >"$work/log" 2>&1 &&
            grep -qx "diyalog $version" "$work/log" || { tail -n 20 "$work/log" && echo "FAILED: conan create" >&2 && exit 1; }
        ok "Conan: created with shared=$shared, and its test program runs"
    done
fi

cat >"$work/stand-ins.cmake" <<'CMAKE'
function(vcpkg_download_distfile out)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "URLS;FILENAME;SHA512" "")
  file(DOWNLOAD "${arg_URLS}" "${WORK}/${arg_FILENAME}.downloaded" EXPECTED_HASH "SHA512=${arg_SHA512}")
  set(${out} "${WORK}/${arg_FILENAME}.downloaded" PARENT_SCOPE)
endfunction()
function(vcpkg_extract_source_archive out)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "ARCHIVE" "")
  file(ARCHIVE_EXTRACT INPUT "${arg_ARCHIVE}" DESTINATION "${WORK}/extracted")
  file(GLOB root "${WORK}/extracted/*")
  set(${out} "${root}" PARENT_SCOPE)
endfunction()
function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "FILE_LIST")
  foreach(file IN LISTS arg_FILE_LIST)
    if(NOT EXISTS "${file}")
      message(FATAL_ERROR "no ${file}")
    endif()
  endforeach()
endfunction()
include("${PORT}/portfile.cmake")
CMAKE
for linkage in dynamic static; do
    mkdir "$work/$linkage"
    cmake -DWORK="$work/$linkage" -DPORT="$ports/vcpkg/diyalog" -DCURRENT_PACKAGES_DIR="$work/$linkage/installed" \
        -DVCPKG_TARGET_ARCHITECTURE=x64 -DVCPKG_LIBRARY_LINKAGE=$linkage -P "$work/stand-ins.cmake" >"$work/log" &&
        cmake -S "$ports/conan/test_package" -B "$work/$linkage/build" -DCMAKE_PREFIX_PATH="$work/$linkage/installed" \
            >>"$work/log" && cmake --build "$work/$linkage/build" >>"$work/log" ||
        { tail -n 20 "$work/log" && echo "FAILED: the port" >&2 && exit 1; }
    [ "$("$work/$linkage/build/version")" = "diyalog $version" ]
    ok "vcpkg: the port for $linkage linkage installs, and a program builds and runs"
done
python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$ports/vcpkg/diyalog/vcpkg.json"
echo "$passed passed"
