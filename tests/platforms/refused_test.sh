#!/bin/sh
# refused_test.sh CMAKE SOURCE_DIR WORK_DIR: platforms that slickq cannot be on are refused when configuring, in one sentence.
set -eu
cmake=$1 source=$2 work=$3

# refused SENTENCE VARIABLE=VALUE: as if CMake had found this out of the compiler
refused() {
    rm -rf "$work"
    mkdir -p "$work"
    printf 'cmake_minimum_required(VERSION 3.22)\nproject(p LANGUAGES CXX)\nset(%s %s)\ninclude(%s/cmake/platform.cmake)\n' \
        "${2%%=*}" "${2#*=}" "$source" >"$work/CMakeLists.txt"
    if "$cmake" -S "$work" -B "$work/build" >"$work/log" 2>&1; then
        echo "FAIL: $2 is accepted"
        exit 1
    fi
    tr -s '\n ' ' ' <"$work/log" | grep -F "$1" || { cat "$work/log"; exit 1; }
}

refused "slickq: needs a 64-bit platform" CMAKE_SIZEOF_VOID_P=4
refused "slickq: needs a little-endian platform" CMAKE_CXX_BYTE_ORDER=BIG_ENDIAN
