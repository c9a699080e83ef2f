#!/bin/sh
# cpp_face_compiles.sh INCLUDE_DIR SOURCE COMPILER...: the C++ face in programs that ask more of their headers than this project does, or less.
set -eu
include=$1 source=$2
shift 2
strict='-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wcast-qual -Wundef -Wnon-virtual-dtor -Werror'
for compiler; do
    command -v "$compiler" >/dev/null || { echo "$compiler: not here, skipped"; continue; }
    # shellcheck disable=SC2086
    "$compiler" -std=c++20 $strict -fsyntax-only -I"$include" "$source"
    "$compiler" -std=c++20 -Wall -Wextra -Werror -fno-exceptions -fno-rtti -fsyntax-only -I"$include" "$source"
    if told=$("$compiler" -std=c++17 -fsyntax-only -I"$include" "$source" 2>&1); then
        echo "$compiler: compiles as C++17"
        exit 1
    fi
    echo "$told" | grep -q 'slickq.hpp needs C++20: compile with -std=c++20' || { echo "$compiler, as C++17: $told" | head -n 20; exit 1; }
    echo "$compiler: compiles"
done
