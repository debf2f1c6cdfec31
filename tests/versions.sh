#!/bin/sh
# Checks that everything built and installed has the version in Cargo.toml.
#
# Usage: tests/versions.sh LIBRARY-FOLDER
set -eu

library=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."

tests/need.sh "the version tests" cc readelf python3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(packaging/version.sh)
major=${version%%.*}
wrong=
passed=0

# expect WHAT FOUND [EXPECTED]
expect() {
    if [ "$2" = "${3:-$version}" ]; then
        printf '%-28s %s\n' "$1" "$2"
        passed=$((passed + 1))
    else
        printf '%-28s %s, where Cargo.toml asks for %s\n' "$1" "${2:-nothing}" "${3:-$version}"
        wrong=yes
    fi
}

soname() { readelf -dW "$1" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p'; }

printf '#include <diyalog.h>\n#include <stdio.h>\nint main(void) { puts(%s); return 0; }\n' DIYALOG_VERSION >"$work/header.c"
printf '#include <diyalog.h>\n#include <stdio.h>\nint main(void) { puts(%s); return 0; }\n' 'diyalog_version()' >"$work/library.c"
${CC:-cc} -Iinclude "$work/header.c" -o "$work/header"
${CC:-cc} -Iinclude "$work/library.c" "$library/libdiyalog.so" -Wl,-rpath,"$library" -o "$work/library"
expect "DIYALOG_VERSION" "$("$work/header")"
expect "diyalog_version()" "$("$work/library")"
PREFIX=/usr LIBDIR=/usr/lib DESTDIR=$work/stage packaging/install.sh install "$library"
lib=$work/stage/usr/lib
expect "SONAME, as installed" "$(soname "$lib/libdiyalog.so")" "libdiyalog.so.$major"
expect "the library's file" "$(basename "$(readlink -f "$lib/libdiyalog.so")")" "libdiyalog.so.$version"
expect "diyalog.pc" "$(sed -n 's/^Version: //p' "$lib/pkgconfig/diyalog.pc")"
expect "diyalog-config-version.cmake" \
    "$(sed -n 's/^set(PACKAGE_VERSION "\(.*\)")/\1/p' "$lib/cmake/diyalog/diyalog-config-version.cmake")"

# What setup.py hands to setuptools, which need not be there; a wheel takes minutes to build.
expect "the Python package" "$(python3 - <<'PYTHON'
import runpy, sys, types

stub = types.SimpleNamespace(
    Distribution=object, bdist_wheel=object, build_py=object, sdist=object,
    setup=lambda **settings: print(settings["version"]),
)
for module in "", ".command", ".command.bdist_wheel", ".command.build_py", ".command.sdist":
    sys.modules[f"setuptools{module}"] = stub
runpy.run_path("bindings/python/setup.py")
PYTHON
)"

if dotnet --version >/dev/null 2>&1; then
    expect "Diyalog.csproj" "$(dotnet msbuild bindings/csharp/Diyalog -getProperty:PackageVersion)"
else
    echo "SKIPPED: the version of Diyalog.csproj, since there is no dotnet" >&2
fi

grep -q "^## .*\b$(echo "$version" | sed 's/\./\\./g')\b" CHANGELOG.md || {
    echo "CHANGELOG.md has no section for $version"
    wrong=yes
}
[ -z "$wrong" ]
echo "$passed passed"
