#!/bin/sh
# The release check says of each kind of change which number it takes.
set -eu

cd "$(dirname "$0")/.."
tests/need.sh "the release check's test" python3=python3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
header=include/diyalog.h
client=bindings/python/src/diyalog/_client.py
csharp=bindings/csharp/PublicApi.txt

tree() {
    mkdir -p "$work/$1/bindings/python/src" "$work/$1/bindings/csharp"
    cp -r Cargo.toml include "$work/$1/"
    cp -r bindings/python/src/diyalog "$work/$1/bindings/python/src/"
    cp $csharp "$work/$1/$csharp"
    sed -i 's/^version = .*/version = "1.2.3"/' "$work/$1/Cargo.toml"
}

# change KIND FILE SED-PROGRAM: what this edit does takes a number of this kind.
change() {
    tree new
    sed -i "$3" "$work/new/$2"
    ! cmp -s "$work/old/$2" "$work/new/$2" || { echo "FAILED: nothing changes in $2 by $3" >&2 && exit 1; }
    case $1 in
    patch) enough=1.2.4 low=1.2.3 ;;
    minor) enough=1.3.0 low=1.2.4 ;;
    major) enough=2.0.0 low=1.3.0 ;;
    esac
    for number in $enough $low; do
        sed -i "s/^version = .*/version = \"$number\"/" "$work/new/Cargo.toml"
        verdict=right
        python3 packaging/interface.py "$work/old" "$work/new" >"$work/said" || verdict=low
        if [ "$verdict/$number" != "right/$enough" ] && [ "$verdict/$number" != "low/$low" ]; then
            echo "FAILED: $number is $verdict for a change that takes a new $1 number: $2, $3" >&2
            cat "$work/said" >&2
            exit 1
        fi
    done
    rm -r "$work/new"
}

tree old
change patch $header 's/The call succeeded\./It went well./'
change patch $header 's/diyalog_error_code(const struct diyalog_error \*error)/diyalog_error_code(const struct diyalog_error *failure)/'
change minor $header 's/^#define DIYALOG_OK 0/&\n#define DIYALOG_ERROR_NEW 91/'
change minor $header 's/^  char \*staff_id;/&\n  char *more;/'
change major $header 's/^  char \*staff_id;/  char *more;\n&/'
change major $header 's/^#define DIYALOG_ERROR_TLS 13/#define DIYALOG_ERROR_TLS 16/'
change major $header 's/diyalog_error_code(/diyalog_error_number(/'
change major $header 's/diyalog_error_code(const struct/diyalog_error_code(struct/'
change minor $csharp '$a Diyalog.HelpStatus.More { get; } : String'
change major $csharp '/HelpStatus.StaffId/d'
change minor $client 's/^    def close(/    def more(self, demanded: int) -> None:\n        """New."""\n\n&/'
change major $client 's/^    def close(self/    def close(self, demanded: int/'
change minor $client 's/^    def close(self/&, *, wanted: int = 1/'
change major $client 's/^    def close(/    def end(/'
echo "the release check knows what takes a patch, a minor and a major number"
