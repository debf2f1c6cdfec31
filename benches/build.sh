#!/bin/sh
# Builds the C programs of the comparison: benches/build.sh LIBRARY-FOLDER FOLDER [PROGRAM...].
#
# Leaves them in FOLDER: the counting server and one program per C client.
set -eu

library=$(cd "$1" && pwd)
folder=$2
shift 2
[ $# -gt 0 ] || set -- server diyalog libcurl floor
cd "$(dirname "$0")/.."

compile() {
    output=$1
    shift
    # _GNU_SOURCE: strcasestr, gmtime_r and sockets, which plain C99 hides.
    ${CC:-cc} -std=c99 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -o "$folder/$output" "$@" -pthread
}

for program in "$@"; do
    case $program in
    server) compile server -std=c11 benches/server.c -lssl -lcrypto ;;
    diyalog)
        compile diyalog -Iinclude benches/peer.c benches/diyalog.c \
            -L"$library" -ldiyalog -Wl,-rpath,"$library"
        ;;
    libcurl) compile libcurl benches/peer.c benches/libcurl.c -lcurl -lcrypto -lcjson ;;
    floor) compile floor benches/peer.c benches/floor.c -lcrypto ;;
    *) echo "build.sh knows no $program" >&2; exit 2 ;;
    esac
done
