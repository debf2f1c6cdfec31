#!/bin/sh
# Checks that the output of packaging/licences.py has every licence file of every linked crate. Finds
# them independently: by name with find, and by the words of the texts.
set -eu

cd "$(dirname "$0")/.."
tests/need.sh "the licences' test" python3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=$(rustc -vV | sed -n 's/^host: //p')
python3 packaging/licences.py "$target" "$(rustc --print sysroot)/share/doc/rust" >"$work/licences"
awk '/^======/ { getline; sub(/:.*/, ""); crate = $0 } /^--- [^ ]+:/ { sub(/:$/, "", $2); print crate, $2 }' "$work/licences" |
    LC_ALL=C sort >"$work/written"

grants='Permission is hereby granted|Permission to use, copy, modify|Redistribution and use in source|Apache License'
${CARGO:-cargo} tree --locked -p diyalog -p diyalog-sandbox --target "$target" -e normal,no-proc-macro --prefix none --format '{p}' |
    grep -v -e '(/' -e '^$' | cut -d ' ' -f 1,2 | sort -u | while read -r name version; do
    cd "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/"$name-${version#v}"
    {
        find . -type f ! -name '*.rs' \( -iname 'licen[cs]e*' -o -iname 'unlicense*' -o -iname 'copying*' \
            -o -iname 'copyright*' -o -iname 'notice*' \)
        grep -rlE "$grants" . --exclude='*.[a-zA-Z]*' || true
    } | sed "s|^\.|$name ${version#v} |; s|  */| |" | sort -u
done | LC_ALL=C sort >"$work/there"

[ -s "$work/there" ]
diff "$work/there" "$work/written" || { echo "FAILED: the licences miss these files (<), or name others (>)" >&2 && exit 1; }
grep -q 'BoringSSL' "$work/licences"
echo "$(wc -l <"$work/there") passed: licence files of $(awk '{ print $1 }' "$work/there" | sort -u | wc -l) crates"
