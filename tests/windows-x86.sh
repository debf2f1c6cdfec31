#!/bin/sh
# Runs tests/windows.sh with 32-bit programs: tests/windows-x86.sh SANDBOX-BINARY [FOLDER]
#
# A 32-bit Wine installs beside no 64-bit system, so it gets a system of its own to live in:
# target/dist/wine32, or the folder that WINE32 names (4 minutes, 1 GB).
set -eu

sandbox=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
folder=${2:+$(cd "$2" && pwd)}
cd "$(dirname "$0")/.."
root=${WINE32:-${CARGO_TARGET_DIR:-$PWD/target}/dist/wine32}

if [ ! -x "$root/usr/lib/wine/wine" ]; then
    tests/need.sh "32-bit Wine" debootstrap=debootstrap
    echo "making $root"
    debootstrap --arch=i386 --variant=minbase --include=wine,wine32 bookworm "$root" >"$root.log" 2>&1 ||
        { tail -n 5 "$root.log" && exit 1; }
fi

# What lies below the root has the same name on both sides. Wine wants /proc, mounted for each call alone.
mkdir -p "$root$(dirname "$root")"
ln -sfn / "$root$root"
cat >"$root.sh" <<SH
#!/bin/sh
exec unshare --mount chroot "$root" sh -c 'mount -t proc proc /proc
    { cd "\$0" || cd /; } 2>/dev/null
    exec /usr/lib/wine/wine "\$@"' "\$PWD" "\$@"
SH
chmod +x "$root.sh"

export TMPDIR="$root/tmp" WINE="$root.sh"
exec tests/windows.sh "$sandbox" win-x86 ${folder:+"$folder"}
