#!/bin/sh
# exports_test.sh READELF INCLUDE_DIR DEF LIBRARY
# Holds three lists equal: the functions that the headers declare with SLICKQ_API and SLICKQ_DETAIL_API, those in the .def file,
# and the dynamic symbols that the library defines, each with the version node under which the .def file has it. Nor does the
# library call any of its own functions through its table of imports: what it needs of itself it calls straight.
set -eu
export LC_ALL=C

readelf=$1 include=$2 def=$3 library=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "FAIL: $*" >&2; exit 1; }

headers="$include/slickq/slickq.h $include/slickq/detail/os_wait.hpp"
# shellcheck disable=SC2086
sed -n -E 's/^SLICKQ_(DETAIL_)?API .*[ *](slickq_[a-z0-9_]*)\(.*/\2/p' $headers | sort >"$work/header"
# shellcheck disable=SC2086
declared=$(cat $headers | grep -cE '^SLICKQ_(DETAIL_)?API ')
[ "$(wc -l <"$work/header")" -eq "$declared" ] && [ "$declared" -gt 0 ] ||
    fail "only $(wc -l <"$work/header") names found in the $declared lines that begin with SLICKQ_API or SLICKQ_DETAIL_API"

awk '$1 == ";" && $2 == "node" && NF == 3 { node = $3 }
     NF == 1 && $1 ~ /^slickq_/ { print $1 "@@" node }' "$def" | sort >"$work/def"
sed 's/@@.*//' "$work/def" >"$work/def_names"

# Everything that is defined (a section index, not UND), global or weak. The nodes themselves are absolute symbols.
"$readelf" --dyn-syms --wide "$library" |
    awk '$1 ~ /^[0-9]+:$/ && $7 != "UND" && $5 != "LOCAL" && !($7 == "ABS" && $4 == "OBJECT") { print $8 }' |
    sort >"$work/library"

diff -u "$work/header" "$work/def_names" >&2 || fail "the headers (-) and $def (+) differ"
diff -u "$work/def" "$work/library" >&2 || fail "$def (-) and the dynamic symbols of $library (+) differ"
own=$("$readelf" --relocs --wide "$library" | awk '$3 ~ /JUMP_SLO/ && $5 ~ /^slickq_/ { print $5 }')
[ -z "$own" ] || fail "the library calls through its own exports:" $own

echo "$declared functions, the same in the headers, the .def file and the library"
