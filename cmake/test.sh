#!/bin/sh
# sh cmake/test.sh [all|long]
# Installs what is missing, then builds and runs the tests: everything in release, then the unit, C API and stress tests
# with AddressSanitizer + UndefinedBehaviorSanitizer and with ThreadSanitizer, then the fuzzers for a short while. "all":
# what takes long as well, the mutants of tests/explore and longer runs of the storms; "long": that alone. Ends with the
# line "N passed, N failed, N skipped" and exits non-zero if anything failed. May be run again at any time; builds only
# what has changed.
set -eu
cd "$(dirname "$0")/.."

case ${1:-} in
    '' | all | long) ;;
    *) echo "usage: sh cmake/test.sh [all|long]" >&2; exit 2 ;;
esac

sh cmake/deps.sh test

# A generator or compiler cache of the user's own choice stays.
export CMAKE_GENERATOR="${CMAKE_GENERATOR:-Ninja}"
if command -v ccache >/dev/null 2>&1; then
    export CMAKE_C_COMPILER_LAUNCHER="${CMAKE_C_COMPILER_LAUNCHER-ccache}"
    export CMAKE_CXX_COMPILER_LAUNCHER="${CMAKE_CXX_COMPILER_LAUNCHER-ccache}"
    export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$PWD}"
fi
# The tests by name: one that cannot be built is an error here, not left out.
everything="-DSLICKQ_BUILD_TESTS=ON"

passed=0 failed=0 skipped=0 broken=

# What is no test's failure is counted as one all the same: it must not look like success.
break_off() {
    echo "== $1: FAILED: $2"
    broken="$broken $1"
    failed=$((failed + 1))
}

# count ATTRIBUTE REPORT: a number from the head of CTest's JUnit report, <testsuite ... tests="3" failures="0" ...
count() {
    number=$(sed -n "1,/>/s/.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1)
    echo "${number:?no $1 in $2}"
}

# Sets $took to the seconds since the last time.
since=$(date +%s)
lap() {
    now=$(date +%s)
    took=$((now - since))
    since=$now
}

# run PRESET [CMAKE_OPTION...]: builds, then tests
run() {
    preset=$1
    shift
    echo "== $preset: configure and build"
    if ! { cmake --preset "$preset" $everything "$@" && cmake --build --preset "$preset"; }; then
        break_off "$preset" "could not be built"
        return
    fi
    lap
    echo "== $preset: built in $took s"
    run_tests "$preset" "$preset"
}

# run_tests PRESET BINARY_DIRECTORY: some presets test what another one has built
run_tests() {
    preset=$1
    report=$PWD/build/$preset.junit.xml
    failed_list=$PWD/build/$2/Testing/Temporary/LastTestsFailed.log
    rm -f "$report" "$failed_list"

    echo "== $preset: test"
    status=0
    ctest --preset "$preset" --output-junit "$report" || status=$?
    if [ ! -s "$report" ]; then
        break_off "$preset" "ctest ended with status $status and left no report"
        return
    fi
    tests=$(count tests "$report")
    # The report calls a test that could not be started skipped; CTest, and its list, call it failed.
    failures=0
    [ ! -e "$failed_list" ] || failures=$(($(wc -l <"$failed_list")))
    passes=$((tests - $(count failures "$report") - $(count skipped "$report") - $(count disabled "$report")))
    passed=$((passed + passes))
    failed=$((failed + failures))
    skipped=$((skipped + tests - passes - failures))
    lap
    echo "== $preset: $tests tests in $took s, $failures failed, $((tests - passes - failures)) skipped"
    [ "$failures" -eq 0 ] || broken="$broken $preset"
    [ "$status" -eq 0 ] || [ "$failures" -ne 0 ] || break_off "$preset" "ctest ended with status $status"
}

if [ "${1:-}" != long ]; then
    run release -DSLICKQ_BUILD_TOOL=ON
    run asan
    run tsan
    run fuzz
fi
case ${1:-} in
    all) run_tests long release ;;
    long)
        echo "== long: configure and build"
        if cmake --preset release $everything && cmake --build --preset release --target slickq_long; then
            lap
            echo "== long: built in $took s"
            run_tests long release
        else
            break_off long "could not be built"
        fi
        ;;
esac

[ -z "$broken" ] || echo "not clean:$broken"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
