#!/bin/sh
# exports_test.sh READELF HEADER DEF LIBRARY
# Holds three lists equal: the functions that the header declares with SLICKQ_API, those in the .def file, and the
# dynamic symbols that the library defines, each with the version node under which the .def file has it.
set -eu
export LC_ALL=C

readelf=$1 header=$2 def=$3 library=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "FAIL: $*" >&2; exit 1; }

sed -n 's/^SLICKQ_API .*[ *]\(slickq_[a-z0-9_]*\)(.*/\1/p' "$header" | sort >"$work/header"
declared=$(grep -c '^SLICKQ_API ' "$header")
[ "$(wc -l <"$work/header")" -eq "$declared" ] && [ "$declared" -gt 0 ] ||
    fail "only $(wc -l <"$work/header") names found in the $declared lines of $header that begin with SLICKQ_API"

awk '$1 == ";" && $2 == "node" && NF == 3 { node = $3 }
     NF == 1 && $1 ~ /^slickq_/ { print $1 "@@" node }' "$def" | sort >"$work/def"
sed 's/@@.*//' "$work/def" >"$work/def_names"

# Everything that is defined (a section index, not UND), global or weak. The nodes themselves are absolute symbols.
"$readelf" --dyn-syms --wide "$library" |
    awk '$1 ~ /^[0-9]+:$/ && $7 != "UND" && $5 != "LOCAL" && !($7 == "ABS" && $4 == "OBJECT") { print $8 }' |
    sort >"$work/library"

diff -u "$work/header" "$work/def_names" >&2 || fail "$header (-) and $def (+) differ"
diff -u "$work/def" "$work/library" >&2 || fail "$def (-) and the dynamic symbols of $library (+) differ"
echo "$declared functions, the same in the header, the .def file and the library"
