#!/bin/sh
# load_time_test.sh READELF LIBRARY
# The library does nothing on its own: no static constructors of ours, no threads, no atexit handlers, and so it can be
# loaded and unloaded at any time. A thread-local destructor (__cxa_thread_atexit) would keep it loaded until its thread
# ends. Handlers of fork (__register_atfork), which registering asks for, do not: they go with the library.
set -eu
export LC_ALL=C

readelf=$1 library=$2

fail() { echo "FAIL: $*" >&2; exit 1; }

"$readelf" --symbols --wide "$library" | grep -q 'slickq' || fail "$readelf shows no symbols of $library"

# Boost's mapped_region.hpp defines a constant that is the page size (one sysconf() call, no destructor). It is included
# in one source, whose constructor is therefore that and is the only one.
constructors=$("$readelf" --symbols --wide "$library" |
    awk '$8 ~ /^_GLOBAL__(sub_)?I_/ && $8 != "_GLOBAL__sub_I_segment.cpp" { print $8 }')
[ -z "$constructors" ] || fail "static constructors in $library:
$constructors"

imports=$("$readelf" --dyn-syms --wide "$library" | awk '$7 == "UND" { sub(/@.*/, "", $8); print $8 }')
for forbidden in atexit on_exit __cxa_atexit __cxa_thread_atexit __cxa_thread_atexit_impl \
    pthread_create thrd_create; do
    ! echo "$imports" | grep -q -x "$forbidden" || fail "$library imports $forbidden"
done
echo "no static constructors of ours, no atexit handlers, no threads"
