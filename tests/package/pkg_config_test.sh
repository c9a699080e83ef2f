#!/bin/sh
# pkg_config_test.sh c|cxx shared|static PREFIX WORK_DIR, with CC, CXX, PKG_CONFIG and VERSION in the environment
# Builds a consumer against the tree installed at PREFIX with what pkg-config says and nothing else, and runs it.
set -eu

language=$1 linking=$2 prefix=$3 work=$4
here=$(cd "$(dirname "$0")" && pwd)

fail() { echo "FAIL: $*" >&2; exit 1; }

# PKG_CONFIG_LIBDIR, unlike PKG_CONFIG_PATH, hides what the system has.
pc=$(find "$prefix" -name slickq.pc)
[ -n "$pc" ] || fail "no slickq.pc below $prefix"
PKG_CONFIG_LIBDIR=$(dirname "$pc")
unset PKG_CONFIG_PATH
export PKG_CONFIG_LIBDIR
"$PKG_CONFIG" --exact-version="$VERSION" slickq || fail "$pc is not of version $VERSION"

case $language in
    c) set -- "$CC" -std=c11 "$here/consumer_c/main.c" ;;
    cxx) set -- "$CXX" -std=c++20 "$here/consumer_cxx/main.cpp" ;;
    *) fail "language $language" ;;
esac

# Unquoted on purpose: pkg-config prints words for a shell to split.
# shellcheck disable=SC2046
case $linking in
    shared)
        set -- "$@" $("$PKG_CONFIG" --cflags --libs slickq) "-Wl,-rpath,$("$PKG_CONFIG" --variable=libdir slickq)" ;;
    static) set -- "$@" -static $("$PKG_CONFIG" --static --cflags --libs slickq) ;;
    *) fail "linking $linking" ;;
esac

mkdir -p "$work"
echo "$* -o $work/consumer"
"$@" -o "$work/consumer"
"$work/consumer"
