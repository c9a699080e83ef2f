#!/bin/sh
# mutants.sh COMPILER SOURCE_DIR WORK_DIR: makes each mutant of mutants.txt and has the explorer look for it. Prints the fate of
# each; fails if one survives.
set -eu
compiler=$1 source=$2 work=$3
here=$source/tests/explore
mkdir -p "$work/slickq"
cp "$source"/include/slickq/* "$work/slickq/"

# Without a mutation it must find nothing: else it would find anything.
build() { "$compiler" -std=c++20 -O1 -I "$work" "$here"/*.cpp -o "$work/explore" 2>"$work/errors"; }
build || { cat "$work/errors"; exit 1; }
"$work/explore" 1 >/dev/null || { echo "the unchanged ring fails"; exit 1; }

survivors=0 mutants=0
while IFS='|' read -r name expression; do
    case $name in '#'* | '') continue ;; esac
    # An expression may itself have a '|' in it: read leaves the rest of the line together.
    sed -e "$expression" "$source/include/slickq/ring.hpp" >"$work/slickq/ring.hpp"
    mutants=$((mutants + 1))
    if cmp -s "$source/include/slickq/ring.hpp" "$work/slickq/ring.hpp"; then
        echo "$name: NOT MADE: the expression fits nothing any more"
        survivors=$((survivors + 1))
        continue
    fi
    build || { echo "$name: does not compile"; cat "$work/errors"; exit 1; }
    fate=0
    timeout 60 "$work/explore" 2 >"$work/log" 2>&1 || fate=$?
    case $fate in
        0) echo "$name: SURVIVED"; survivors=$((survivors + 1)) ;;
        124) echo "$name: found (it never ends)" ;;
        *) echo "$name: found:$(sed -n 's/.*preemptions://p' "$work/log" | tail -n 1)" ;;
    esac
done <"$here/mutants.txt"
echo "$mutants mutants, $survivors survived"
[ "$survivors" -eq 0 ] && [ "$mutants" -gt 0 ]
