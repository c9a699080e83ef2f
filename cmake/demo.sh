#!/bin/sh
# sh cmake/demo.sh
# Installs what is missing, builds, and runs the main job: a real file from two producers through one shared queue to four
# consumers, two of them in Python, every byte checked (capi/demo/README.md). May be run again at any time.
set -eu
cd "$(dirname "$0")/.."

sh cmake/deps.sh demo

build=$PWD/build/demo
echo "== build"
CMAKE_GENERATOR="${CMAKE_GENERATOR:-Ninja}" cmake --preset release -DSLICKQ_BUILD_TESTS=OFF -B "$build" >/dev/null
cmake --build "$build" --target slickq slickq_demo_stream

# The real slick-queue-py, where PyPI can be reached.
venv=$build/venv
peer=
if python3 -B tests/support/make_venv.py "$venv" slick-queue-py; then peer=$venv/bin/python; fi

# Real bytes, several MB of them: the library just built, and the compiler or CMake that built it.
library=$build/libslickq.so
compiler=$(c++ -print-prog-name=cc1plus)
[ -r "$compiler" ] || compiler=$(command -v cmake)

echo "== run"
exec python3 -B capi/demo/demo.py ${peer:+--peer "$peer"} "$build/capi/demo/slickq_demo_stream" "$library" "$library" "$compiler"
