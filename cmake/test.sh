#!/bin/sh
# sh cmake/test.sh [all]
# Installs what is missing, then builds and runs all tests: everything in release, then the unit, C API and stress tests with
# AddressSanitizer + UndefinedBehaviorSanitizer and with ThreadSanitizer, then the fuzzers for a short while. "all": the mutants of
# tests/explore as well, some minutes more. Ends with
# the line "N passed, N failed, N skipped" and exits non-zero if anything failed. May be run again at any time; builds only what has changed.
set -eu
cd "$(dirname "$0")/.."

sh cmake/deps.sh test

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

# Some presets test what another one has built.
binary_dir_of() { case $1 in mutants) echo release ;; *) echo "$1" ;; esac; }

# run PRESET [CTEST_OPTION...]: builds, then tests
run() {
    preset=$1
    shift
    echo "== $preset: configure and build"
    if ! { cmake --preset "$preset" && cmake --build --preset "$preset"; }; then
        break_off "$preset" "could not be built"
        return
    fi
    run_tests "$preset" "$@"
}

# run_tests PRESET [CTEST_OPTION...]
run_tests() {
    preset=$1
    shift
    report=$PWD/build/$preset.junit.xml
    failed_list=$PWD/build/$(binary_dir_of "$preset")/Testing/Temporary/LastTestsFailed.log
    rm -f "$report" "$failed_list"

    echo "== $preset: test"
    status=0
    ctest --preset "$preset" --output-junit "$report" "$@" || status=$?
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
    echo "== $preset: $tests tests, $failures failed, $((tests - passes - failures)) skipped"
    [ "$failures" -eq 0 ] || broken="$broken $preset"
    [ "$status" -eq 0 ] || [ "$failures" -ne 0 ] || break_off "$preset" "ctest ended with status $status"
}

run release
run asan --label-regex '^(unit|capi|stress)$'
run tsan --label-regex '^(unit|capi|stress)$'
run fuzz
[ "${1:-}" != all ] || run_tests mutants

[ -z "$broken" ] || echo "not clean:$broken"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
