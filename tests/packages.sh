#!/bin/sh
# Checks the Debian and RPM packages for this machine: tests/packages.sh BUILT [PACKAGES]
#
# BUILT is a folder that packaging/build.sh filled; PACKAGES has the packages, which are otherwise made
# of it. lintian and rpmlint read them. Then each kind is installed, linked against, upgraded and
# removed in a Debian that has nothing else of ours. For the RPM packages that system is a foreign one,
# so rpm checks no dependencies there: they are compared with what every glibc provides.
#
# Exit status 3: skipped, since this is not Debian as root.
set -eu

built=$(cd "$1" && pwd)
packages=$(cd "${2:-.}" && pwd)
cd "$(dirname "$0")/.."
version=$(packaging/version.sh)
major=${version%%.*}
root_archive=${CARGO_TARGET_DIR:-$PWD/target}/dist/debian.tar

if [ "$(id -u)" != 0 ]; then
    echo "SKIPPED: the tests of the packages, which need Debian as root" >&2
    exit 3
fi
tests/need.sh "the tests of the packages" lintian rpmlint rpm debootstrap dpkg-shlibdeps=dpkg-dev

SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
passed=0

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

ok() {
    echo "$*"
    passed=$((passed + 1))
}

# What an upgrade starts from: the same library under the number of an earlier version.
make_earlier() {
    mkdir -p "$work/source/tests/abi" "$work/source/tests/sandbox" "$work/built"
    cp -r packaging include README.md CHANGELOG.md LICENSE-* "$work/source/"
    cp tests/abi/interface.json "$work/source/tests/abi/"
    cp tests/sandbox/diyalog-sandbox.1 "$work/source/tests/sandbox/"
    sed "s/^version = \"$version\"/version = \"0.1.9\"/" Cargo.toml >"$work/source/Cargo.toml"
    for file in "$built"/*; do
        cp -P "$file" "$work/built/$(basename "$file" | sed "s/$version/0.1.9/")"
    done
    "$work/source/packaging/deb.sh" amd64 "$work/built" "$work/earlier"
    "$work/source/packaging/rpm.sh" x86_64 "$work/built" "$work/earlier"
}

lint() {
    lintian --allow-root --fail-on error,warning "$packages"/*_amd64.deb || fail "lintian"
    ok "lintian: no error and no warning in $(ls "$packages"/*_amd64.deb | wc -l) packages"
    rpmlint -c packaging/rpmlint.toml "$packages"/*.x86_64.rpm >"$work/rpmlint" || { cat "$work/rpmlint" && fail "rpmlint"; }
    ! grep -E ': [EW]: ' "$work/rpmlint" || fail "rpmlint"
    ok "rpmlint: nothing that packaging/rpmlint.toml does not explain"
}

# A Debian with a C compiler, from an archive that debootstrap makes once.
unpack_root() {
    if [ ! -e "$root_archive" ]; then
        mkdir -p "$(dirname "$root_archive")"
        debootstrap --variant=minbase --include=gcc,libc6-dev,pkg-config bookworm "$work/new" >"$work/log" ||
            { tail -n 5 "$work/log" && fail "debootstrap"; }
        rm -rf "$work/new"/var/cache/apt/*.bin "$work/new"/var/cache/apt/archives/*.deb "$work/new"/usr/share/locale
        tar -C "$work/new" -cf "$root_archive.new" .
        mv "$root_archive.new" "$root_archive"
        rm -rf "$work/new"
    fi
    rm -rf "$root"
    mkdir "$root"
    tar -C "$root" -xf "$root_archive"
    cp examples/lookup.c "$root/srv/"
}

inside() { LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" "$@"; }

# The files of the system, but for what dpkg and rpm write of themselves.
files() {
    (cd "$root" && find . -path ./root -prune -o -path ./srv -prune -o -path ./var/lib/dpkg -prune -o -path ./var/lib/rpm -prune -o \
        -path ./var/log -prune -o -path ./usr/lib/sysimage -prune -o ! -name 'ld.so.cache' -print | LC_ALL=C sort)
}

# expect_library FILE: it is what the loader finds.
expect_library() {
    found=$(inside ldconfig -p | sed -n "s/^.*libdiyalog\.so\.$major .*=> //p")
    [ -n "$found" ] && [ "$(inside readlink -f "$found")" = "$1" ] || fail "the loader finds '$found', not $1"
}

expect_answer() {
    answer=$(inside diyalog-sandbox --log-file /dev/null -- "$1" 70022)
    [ "$answer" = "70022: in help, inbound, with agent 45001" ] || fail "$1 prints: $answer"
}

# check KIND LIBRARY-FOLDER: with install, upgrade and remove of that kind.
check() {
    unpack_root
    if [ "$1" = rpm ]; then
        # RPM systems come with these folders, and their loader looks in lib64.
        (cd "$root/usr" && mkdir -p lib/debug lib64/cmake lib64/pkgconfig share/licenses)
        echo /usr/lib64 >"$root/etc/ld.so.conf.d/lib64.conf"
    fi
    files >"$work/before"
    "install_$1" "$work/earlier"
    expect_library "$2/libdiyalog.so.0.1.9"
    inside sh -c "cd /srv && export PKG_CONFIG_PATH=$2/pkgconfig &&
        cc lookup.c \$(pkg-config --cflags --libs diyalog) -o shared &&
        cc lookup.c \$(pkg-config --cflags --libs --static diyalog | sed s/-ldiyalog/-l:libdiyalog.a/) -o static"
    expect_answer /srv/shared
    expect_answer /srv/static
    ok "$1: installed, linked against, and both programs get the answer"

    "install_$1" "$packages"
    expect_library "$2/libdiyalog.so.$version"
    [ ! -e "$root$2/libdiyalog.so.0.1.9" ] || fail "the upgrade left the earlier library"
    expect_answer /srv/shared
    [ "$(inside diyalog-sandbox --version)" = "diyalog-sandbox $version" ] || fail "the sandbox has another version"
    [ -s "$root/usr/share/man/man1/diyalog-sandbox.1.gz" ] || fail "there is no manual page"
    ok "$1: upgraded, and the program of before gets the answer"

    "remove_$1"
    ! inside ldconfig -p | grep -q libdiyalog || fail "the loader still finds the library"
    files | diff "$work/before" - >"$work/left" || { cat "$work/left" && fail "removing left or took these"; }
    ok "$1: removed, nothing left"
}

install_deb() {
    mkdir -p "$root/srv/packages"
    cp "$1"/*_amd64.deb "$root/srv/packages/"
    inside sh -c 'dpkg --install /srv/packages/*.deb >/srv/log 2>&1' || { cat "$root/srv/log" && fail "dpkg --install"; }
    rm -r "$root/srv/packages"
}

remove_deb() {
    inside dpkg --purge "libdiyalog$major-dbgsym" libdiyalog-dev diyalog-sandbox "libdiyalog$major" >/dev/null
}

install_rpm() { rpm --root "$root" --force-debian --upgrade --nodeps "$1"/*.x86_64.rpm; }

remove_rpm() { rpm --root "$root" --force-debian --erase --nodeps "libdiyalog$major-debuginfo" libdiyalog-devel diyalog-sandbox "libdiyalog$major"; }

# What other packages are to depend on.
check_dependencies() {
    dpkg-deb -R "$packages/libdiyalog${major}_$version-1_amd64.deb" "$work/unpacked"
    mkdir "$work/debian"
    printf 'Source: program\n\nPackage: program\nArchitecture: any\n' >"$work/debian/control"
    depends=$(cd "$work" && dpkg-shlibdeps --ignore-missing-info -O -S"$work/unpacked" "$root/srv/shared" 2>/dev/null)
    case $depends in
    *"libdiyalog$major (>= 0.1.0)"*) ok "deb: a program that calls functions of 0.1 depends on libdiyalog$major (>= 0.1.0)" ;;
    *) fail "dpkg-shlibdeps prints: $depends" ;;
    esac
    library=$packages/libdiyalog$major-$version-1.x86_64.rpm
    for node in $(packaging/symbols.sh | cut -d ' ' -f 1 | sort -u); do
        rpm -qp --provides "$library" | grep -qxF "libdiyalog.so.$major($node)(64bit)" || fail "$library does not provide $node"
    done
    ! rpm -qp --requires "$library" |
        grep -vE '^(/sbin/ldconfig$|rpmlib\(|rtld\(|ld-linux|lib(c|m|dl|pthread|rt|gcc_s)\.so\.)' ||
        fail "$library requires these"
    ok "rpm: provides each version node, and requires glibc alone"
}

make_earlier
if [ -z "${2:-}" ]; then
    packages=$work/packages
    packaging/deb.sh amd64 "$built" "$packages"
    packaging/rpm.sh x86_64 "$built" "$packages"
fi
lint
check rpm /usr/lib64
check deb /usr/lib/x86_64-linux-gnu
check_dependencies
echo "$passed passed"
