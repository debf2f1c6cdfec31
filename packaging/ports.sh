#!/bin/sh
# Makes diyalog-VERSION-ports.tar.gz, the vcpkg port and the Conan recipe: packaging/ports.sh FOLDER [URL]
#
# FOLDER has the archives, whose checksums go into both. URL is where users download them from, and
# otherwise the releases of the repository. SOURCE_DATE_EPOCH is the time of every file.
set -eu

out=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
: "${SOURCE_DATE_EPOCH:?}"
version=$(packaging/version.sh)
repository=$(sed -n 's/^repository = "\(.*\)"/\1/p' Cargo.toml)
url=${2:-$repository/releases/download/v$version}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
name=diyalog-$version-ports
umask 022

mkdir -p "$work/$name"
cp -r packaging/conan packaging/vcpkg "$work/$name/"
port=$work/$name/vcpkg/diyalog
sed -e "s|@VERSION@|$version|" -e "s|@URL@|$repository|" "$port/vcpkg.json.in" >"$port/vcpkg.json"
rm "$port/vcpkg.json.in"
printf 'sources:\n  "%s":\n' "$version" >"$work/$name/conan/conandata.yml"
for system in linux-x64 linux-arm64 win-x64 win-x86; do
    for archive in "$out/diyalog-$version-$system".tar.gz "$out/diyalog-$version-$system".zip; do
        [ -e "$archive" ] || continue
        file=$(basename "$archive")
        printf '    %s:\n      url: "%s"\n      sha256: "%s"\n' "$system" "$url/$file" \
            "$(sha256sum "$archive" | cut -d ' ' -f 1)" >>"$work/$name/conan/conandata.yml"
        printf 'set(diyalog_%s_url "%s")\nset(diyalog_%s_file "%s")\nset(diyalog_%s_sha512 "%s")\n' "$system" "$url/$file" \
            "$system" "$file" "$system" "$(sha512sum "$archive" | cut -d ' ' -f 1)" >>"$port/checksums.cmake"
    done
done
find "$work/$name" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
tar --sort=name --owner=0 --group=0 --numeric-owner -C "$work" -c "$name" | gzip -n9 >"$out/$name.tar.gz"
