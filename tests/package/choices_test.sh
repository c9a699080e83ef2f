#!/bin/sh
# choices_test.sh CASE SOURCE_DIR WORK_DIR, with CMAKE, BOOST (its headers' directory) and FAST (options that make a build
# quick) in the environment: what a builder, or a project around us, can choose or lack. Exit status 77: skipped.
set -eu
case=$1 source=$2 work=$3
here=$source/tests/package

fail() { echo "FAIL: $*" >&2; exit 1; }

rm -rf "$work"
mkdir -p "$work"
log=$work/log
# CMake's own choice: make, which every machine has that compiles.
unset CMAKE_GENERATOR
export CMAKE_BUILD_PARALLEL_LEVEL=2

# configure BUILD OPTION...: of slickq itself. Unquoted on purpose: a list of words.
# shellcheck disable=SC2086
configure() {
    build=$work/$1
    shift
    "$CMAKE" -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Debug "-DBoost_INCLUDE_DIR=$BOOST" $FAST "$@" >"$log" 2>&1
}
configured() { configure "$@" || { cat "$log"; fail "cannot be configured: $*"; }; }
# says TEXT: CMake breaks its lines where it likes
says() { tr -s '\n ' '  ' <"$log" | grep -q -F -e "$1" || { cat "$log"; fail "it does not say: $1"; }; }
build_and_install() {
    { "$CMAKE" --build "$work/$1" && "$CMAKE" --install "$work/$1" --prefix "$work/$1-installed"; } >"$log" 2>&1 ||
        { cat "$log"; fail "$1 cannot be built and installed"; }
}
# consume PREFIX TARGET: a program that finds it there and runs
consume() {
    "$CMAKE" -S "$here/consumer_c" -B "$work/consumer-$2" "-DCMAKE_PREFIX_PATH=$1" "-DSLICKQ_TARGET=slickq::$2" >"$log" 2>&1 &&
        "$CMAKE" --build "$work/consumer-$2" >"$log" 2>&1 && "$work/consumer-$2/consumer" || { cat "$log"; fail "no consumer of $2"; }
}
without() { for package in "$@"; do echo "-DCMAKE_DISABLE_FIND_PACKAGE_$package=ON"; done; }
count() { find "$work/$1-installed" -name "$2" | wc -l; }

# shellcheck disable=SC2046
case $case in
    bare_tools) # with a compiler and Boost's headers; everything optional is hidden
        configured bare $(without GTest nlohmann_json CLI11 Python3 benchmark TBB)
        says "slickq: left out: the tests: there is no GoogleTest"
        says "slickq: left out: the command-line tool: there is no CLI11"
        says "slickq: left out: the benchmarks"
        build_and_install bare
        consume "$work/bare-installed" slickq
        ;;
    some_tools) # what can be built is, and the rest is said
        configured some -DSLICKQ_BUILD_BENCH=OFF $(without nlohmann_json)
        says "slickq: left out: the conformance tests: there is no nlohmann_json"
        "$CMAKE" --build "$work/some" --target help | grep -q capi_test || fail "no other tests either"
        ;;
    asked_for) # ON is ON: an error, in a sentence
        if configure tests -DSLICKQ_BUILD_TESTS=ON $(without GTest); then fail "tests without GoogleTest"; fi
        says "slickq: cannot build the tests: there is no GoogleTest 1.11 or newer (Debian: libgtest-dev). -DSLICKQ_BUILD_TESTS=AUTO"
        if configure tool -DSLICKQ_BUILD_TOOL=ON $(without CLI11); then fail "a tool without CLI11"; fi
        says "slickq: cannot build the command-line tool: there is no CLI11"
        if configure conformance -DSLICKQ_BUILD_TESTS=ON $(without nlohmann_json); then fail "no conformance tests"; fi
        says "slickq: cannot build the conformance tests"
        if configure static -DSLICKQ_BUILD_TESTS=ON -DBUILD_SHARED_LIBS=OFF; then fail "tests of no shared library"; fi
        says "slickq: cannot build the tests: they need the shared library"
        ;;
    shared_only)
        configured shared -DBUILD_SHARED_LIBS=ON -DSLICKQ_BUILD_TESTS=OFF -DSLICKQ_BUILD_TOOL=OFF -DSLICKQ_BUILD_BENCH=OFF
        build_and_install shared
        [ "$(count shared 'libslickq.a')" -eq 0 ] || fail "a static library as well"
        consume "$work/shared-installed" slickq
        ;;
    static_only)
        configured static -DBUILD_SHARED_LIBS=OFF -DSLICKQ_BUILD_TESTS=OFF -DSLICKQ_BUILD_TOOL=OFF -DSLICKQ_BUILD_BENCH=OFF
        build_and_install static
        [ "$(count static 'libslickq.so*')" -eq 0 ] || fail "a shared library as well"
        [ "$(count static 'libslickq.a')" -eq 1 ] || fail "no static library"
        consume "$work/static-installed" slickq
        consume "$work/static-installed" slickq_static
        # Who asks pkg-config need not know that it is static.
        if pkg-config --version >/dev/null 2>&1; then
            PKG_CONFIG_LIBDIR=$(dirname "$(find "$work/static-installed" -name slickq.pc)")
            export PKG_CONFIG_LIBDIR
            ${CC:-cc} -std=c11 "$here/consumer_c/main.c" $(pkg-config --cflags --libs slickq) -o "$work/by-pkg-config"
            "$work/by-pkg-config"
        fi
        ;;
    exported) # a parent that installs and exports a library of its own which links ours
        for way in with_ours in_its_own fetched; do
            "$CMAKE" -S "$here/consumer_export" -B "$work/$way" "-DSLICKQ_SOURCE_DIR=$source" "-DWAY=$way" \
                "-DBoost_INCLUDE_DIR=$BOOST" >"$log" 2>&1 || { cat "$log"; fail "$way: cannot be configured"; }
        done
        ;;
    old_project) # one that asks for the policies of an old CMake
        "$CMAKE" -S "$here/consumer_old" -B "$work/old" "-DCMAKE_PREFIX_PATH=$4" >"$log" 2>&1 || { cat "$log"; fail "it cannot find us"; }
        ;;
    oldest_cmake) # the oldest that we promise, from PyPI
        { python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q --retries 1 --timeout 20 'cmake==3.22.*'; } ||
            { echo "skipped: CMake 3.22 cannot be had from PyPI"; exit 77; }
        CMAKE=$work/venv/bin/cmake
        "$CMAKE" --version
        cd "$source"
        for preset in release asan; do
            "$CMAKE" --preset "$preset" -B "$work/$preset" "-DBoost_INCLUDE_DIR=$BOOST" >"$log" 2>&1 ||
                { cat "$log"; fail "the preset $preset cannot be configured"; }
        done
        "$work/venv/bin/ctest" --list-presets >"$log" || { cat "$log"; fail "its ctest cannot read the presets"; }
        ;;
    *) fail "no case $case" ;;
esac
