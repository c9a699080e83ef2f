#!/bin/sh
# mingw_test.sh CMAKE GENERATOR SOURCE_DIR WORK_DIR
# Builds the shared library and the static one for Windows with MinGW, warnings being errors, and looks at what
# came of it. Exit status 77: there is no MinGW here.
set -eu
cmake=$1 generator=$2 source=$3 work=$4

fail() { echo "FAIL: $*" >&2; exit 1; }

x86_64-w64-mingw32-g++-posix --version || { echo "skipped: there is no x86_64-w64-mingw32-g++-posix"; exit 77; }

# Headers that are the same everywhere, without the rest of /usr/include, which is not.
mkdir -p "$work/headers"
for header in boost/version.hpp; do
    found=$(echo "#include <$header>" | c++ -std=c++17 -M -x c++ - | tr ' ' '\n' | grep "/$header\$" | head -n 1)
    [ -n "$found" ] || fail "there is no <$header>"
    ln -sfn "${found%/*}" "$work/headers/${header%/*}"
done

# In a few big files and not optimised, to be quick: what is looked at does not depend on it.
"$cmake" -S "$source" -B "$work/build" -G "$generator" --toolchain "$source/cmake/mingw.cmake" -DSLICKQ_WERROR=ON \
    -DCMAKE_BUILD_TYPE=Release "-DCMAKE_CXX_FLAGS_RELEASE=-O0" -DCMAKE_UNITY_BUILD=ON \
    -DSLICKQ_BUILD_TOOL=OFF -DSLICKQ_BUILD_TESTS=OFF -DSLICKQ_BUILD_BENCH=OFF \
    "-DBoost_INCLUDE_DIR=$work/headers"
"$cmake" --build "$work/build"
"$cmake" --install "$work/build" --prefix "$work/installed"

cd "$work/installed"
for file in bin/slickq.dll lib/libslickq.dll.a lib/libslickq.a; do
    [ -s "$file" ] || fail "$file is not installed"
done

# DLLs that every Windows has, and no others.
for file in bin/slickq.dll; do
    foreign=$(x86_64-w64-mingw32-objdump -p "$file" | sed -n 's/^[[:space:]]*DLL Name: //p' |
        grep -v -i -x -E 'kernel32\.dll|msvcrt\.dll|advapi32\.dll|user32\.dll|shell32\.dll|slickq\.dll' || true)
    [ -z "$foreign" ] || fail "$file needs" $foreign
done

# What slickq.def lists is exported, and nothing else.
sed -n 's/^[[:space:]]\{1,\}\([a-z][a-z0-9_]*\)[[:space:]]*$/\1/p' "$source/slickq.def" | sort >"$work/listed"
x86_64-w64-mingw32-objdump -p bin/slickq.dll |
    sed -n '/^\[Ordinal\/Name Pointer\] Table/,/^$/s/^[[:space:]]*\[ *[0-9]*\].*[[:space:]]\([A-Za-z_][A-Za-z0-9_]*\)$/\1/p' |
    sort >"$work/exported"
diff "$work/listed" "$work/exported" || fail "slickq.dll does not export what slickq.def lists"
echo "$(wc -l <"$work/exported") functions in slickq.dll"
