#!/bin/sh
# contents_test.sh STAGE VERSION SOURCE_DIR BUILD_DIR
# What the two components install, and that nothing in the whole tells where it was built or installed first.
set -eu

stage=$1 version=$2 source_dir=$3 build_dir=$4

fail() { echo "FAIL: $*" >&2; exit 1; }

# Everything but these in the component `runtime` belongs to `development`.
foreign=$(cd "$stage/runtime" && find . ! -type d | grep -E -v \
    "/libslickq\.(so\.${version%%.*}|so\.$version|[0-9.]+dylib)\$|/bin/slickq\$|/LICENSE\$|/man1/slickq[a-z-]*\.1\$|/share/(bash-completion|zsh|fish)/" || true)
[ -z "$foreign" ] || fail "the component runtime has
$foreign"
find "$stage/runtime" -name "libslickq*.${version%%.*}*" | grep -q . || fail "the component runtime has no library"

for header in $(cd "$source_dir/include" && find slickq -type f); do
    cmp "$source_dir/include/$header" "$stage/moved/include/$header" || fail "$header is not installed as it is"
done

# Text only: in a debug build the binaries name their sources.
leaks=$(grep -r -I -l -F -e "$source_dir" -e "$build_dir" -e "$stage" "$stage/moved" || true)
[ -z "$leaks" ] || fail "paths of this machine are in
$leaks"
# Boost is used to build the library, never by those who use it.
boost=$(grep -r -I -l -i -E 'boost(::|/|_)|find_dependency\(boost' "$stage/moved" || true)
[ -z "$boost" ] || fail "Boost is asked for in
$boost"
