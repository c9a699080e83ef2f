#!/bin/sh
# mutants.sh COMPILER SOURCE_DIR WORK_DIR [PART PARTS]: makes each mutant of mutants.txt, or every PARTS-th from the PART-th on (0 is the
# first), and has the explorer look for it. Prints the fate of each; fails if one survives.
set -eu
compiler=$1 source=$2 work=$3 share=${4:-0} shares=${5:-1}
here=$source/tests/explore
mkdir -p "$work/slickq"
rm -f "$work"/*.o # of other headers
cp "$source"/include/slickq/* "$work/slickq/"

compile() { "$compiler" -std=c++20 -O1 -I "$work" -c "$here/$1.cpp" -o "$work/$1.o"; }
for part in main explorer memory; do compile "$part"; done
# Only these parts have the mutated code in them, one or the other that which a plan runs.
part_of() { case $1 in delivery | eviction) echo delivery_scenario ;; lifetime) echo lifetime_scenario ;; *) echo ring_scenario ;; esac; }
build() {
    compile "$(part_of "$1")" 2>"$work/errors" || return 1
    for part in ring_scenario delivery_scenario lifetime_scenario; do [ -e "$work/$part.o" ] || compile "$part"; done
    "$compiler" "$work"/*.o -o "$work/explore"
}

# Without a mutation it must find nothing: else it would find anything.
build delivery || { cat "$work/errors"; exit 1; }
"$work/explore" all 1 1 >/dev/null || { echo "the unchanged ring fails"; exit 1; }

survivors=0 mutants=0 line=0
while IFS='|' read -r name file plans expression; do
    case $name in '#'* | '') continue ;; esac
    line=$((line + 1))
    [ $((line % shares)) -eq "$share" ] || continue
    file=$(echo $file) plans=$(echo $plans) # without the spaces
    # An expression may itself have a '|' in it: read leaves the rest of the line together.
    sed -e "$expression" "$source/include/slickq/$file" >"$work/slickq/$file"
    mutants=$((mutants + 1))
    if cmp -s "$source/include/slickq/$file" "$work/slickq/$file"; then
        echo "$name: NOT MADE: the expression fits nothing any more"
        survivors=$((survivors + 1))
        continue
    fi
    build "$plans" || { echo "$name: does not compile"; cat "$work/errors"; exit 1; }
    fate=0
    # Long enough for all plans of a kind: what ends later does not end.
    timeout 400 "$work/explore" "$plans" 2 4 >"$work/log" 2>&1 || fate=$?
    cp "$source/include/slickq/$file" "$work/slickq/$file"
    rm "$work/$(part_of "$plans").o"
    case $fate in
        0) echo "$name: SURVIVED"; survivors=$((survivors + 1)) ;;
        124) echo "$name: found (it never ends)" ;;
        *) echo "$name: found:$(sed -n 's/.* s://p' "$work/log" | tail -n 1)" ;;
    esac
done <"$here/mutants.txt"
echo "$mutants mutants, $survivors survived"
[ "$survivors" -eq 0 ] && [ "$mutants" -gt 0 ]
