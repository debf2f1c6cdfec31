#!/bin/sh
# Holds the interface of the library against what was promised:
#   tests/abi/run.sh LIBRARY-FOLDER   compares
#   tests/abi/run.sh --write          makes today's header the promise, on purpose
#
# layout.txt    every constant with its value, every struct with its size and its fields, as a C
#               compiler lays them out for 64 and for 32 bits
# diyalog.abi   the types and functions, for abidiff. Made of the header, not of the library: what
#               rustc tells debuggers are Rust's types, private ones included, so each change
#               inside the library would look like one of its interface. That header and library
#               agree is what tests/header.rs and the test of src/ffi/mod.rs show.
set -eu

here=tests/abi
case ${1:?usage: tests/abi/run.sh LIBRARY-FOLDER, or --write} in
--write) library= ;;
*) library=$(cd "$1" && pwd) ;;
esac
cd "$(dirname "$0")/../.."
if [ "$(uname -sm)" != "Linux x86_64" ]; then
    echo "SKIPPED: the promise is written down for the compiler of x86-64 Linux, which knows 32 bits too" >&2
    exit 3
fi
tests/need.sh "the ABI tests" gcc=gcc nm=binutils abidw=abigail-tools

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

printf '#include <diyalog.h>\n' >"$work/header.c"
# Freestanding: gcc's own stdint.h serves for 32 bits too, where no C library is installed.
gcc="gcc -std=c99 -ffreestanding -Iinclude"

# The header's own types and functions, without macros and comments.
own_part() {
    $gcc -E "$work/header.c" | awk '/^# [0-9]+ "/ { own = $3 ~ /diyalog\.h"$/; next } own'
}

# C code that names, for gcc's eyes only, every constant and every place in a struct.
questions() {
    cat "$work/header.c"
    printf '%s\n' '#define SAY(name, value) __asm__ volatile("\n@" name " %c0" : : "i"((long)(value)))'
    echo 'void questions(void) {'
    sed -n 's/^#define \(DIYALOG_[A-Z_0-9]*\) -*[0-9][0-9]*$/SAY("\1", \1);/p' include/diyalog.h
    own_part | awk '
        /^typedef struct diyalog_[a-z_]* \{/ { name = $3; inside = 1
            printf "SAY(\"%s size\", sizeof(%s)); SAY(\"%s alignment\", __alignof__(%s));\n", name, name, name, name
            next }
        /^\}/ { inside = 0 }
        inside && /;/ { field = $NF; gsub(/[*;]/, "", field)
            printf "SAY(\"%s.%s offset\", __builtin_offsetof(%s, %s));", name, field, name, field
            printf "SAY(\"%s.%s size\", sizeof(((%s *)0)->%s));\n", name, field, name, field }'
    echo '}'
}

# Compiled, not run: the assembler would be the first to need the machine.
answers() { $gcc "$1" -S -x c "$work/questions.c" -o - | sed -n "s/^@//p"; }

layout() {
    questions >"$work/questions.c"
    echo "# Values are stable: lines are added here, never changed. Written by $here/run.sh --write"
    echo
    answers -m64 | grep '^DIYALOG_'
    for bits in 64 32; do
        printf '\n# %s bits\n' "$bits"
        answers -m$bits | grep -v '^DIYALOG_'
    done
}

# A library of the header's functions that do nothing, as a compiler of C describes it.
interface() {
    own_part | tr '\n' ' ' | sed 's/;/;\n/g' |
        sed -n 's/^\(.*\bdiyalog_[a-z_]*(.*)\);$/\1 { __builtin_trap(); }/; p' >"$work/functions.c"
    # Plain types by their names, as the header has them.
    { sed 's/diyalog\.h/stddef.h/; p; s/stddef/stdint/' "$work/header.c"; cat "$work/functions.c"; } >"$work/interface.c"
    gcc -std=c99 -w -g -gdwarf-4 -fno-eliminate-unused-debug-types -fdebug-prefix-map="$work=." \
        -shared -fPIC "$work/interface.c" -o "$work/libdiyalog.so"
    abidw --no-corpus-path --no-comp-dir-path --no-show-locs "$work/libdiyalog.so" |
        sed "s|$work/||g; / is-artificial=/d"
}

compare_symbols() {
    packaging/functions.sh >"$work/promised"
    nm -D --defined-only "$library/libdiyalog.so" | awk '{ sub(/@.*/, "", $3) } $2 != "A" { print $3 }' | LC_ALL=C sort >"$work/exported"
    LC_ALL=C sort "$work/promised" | diff - "$work/exported" ||
        fail "the library exports (>) other symbols than the header promises (<)"
    echo "symbols: the $(wc -l <"$work/exported") functions of the header, no more"
}

compare_layout() {
    layout >"$work/layout.txt"
    diff $here/layout.txt "$work/layout.txt" ||
        fail "constants or structs differ from $here/layout.txt; if programs that are out there still work: $here/run.sh --write"
    echo "layout: $(grep -c '^DIYALOG_' "$work/layout.txt") constants, $(grep -c '^diyalog_' "$work/layout.txt") lines on structs"
}

compare_interface() {
    interface >"$work/diyalog.abi"
    abidiff $here/diyalog.abi "$work/diyalog.abi" ||
        fail "types or functions differ from $here/diyalog.abi; if programs that are out there still work: $here/run.sh --write"
    echo "abidiff: $(grep -c '<function-decl' "$work/diyalog.abi") functions and their types are as promised"
}

if [ -n "$library" ]; then
    compare_symbols
    compare_layout
    compare_interface
else
    layout >$here/layout.txt
    interface >$here/diyalog.abi
fi
