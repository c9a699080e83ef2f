#!/bin/sh
# sh cmake/deps.sh demo|test|bench
# Makes sure that a Debian-like machine has what the demo needs, or the tests, or the benchmarks (which is the demo's and more). Installs
# with apt-get only what is missing, and only as root or with a sudo that asks no password; otherwise says what to type.
set -eu

usage() { echo "usage: sh cmake/deps.sh demo|test|bench" >&2; exit 2; }

[ $# -eq 1 ] || usage
case $1 in
    demo | test | bench) set_name=$1 ;;
    *) usage ;;
esac

need() { missing="$missing $1"; }



# need_command COMMAND PACKAGE: wherever the command comes from, it serves.
need_command() { command -v "$1" >/dev/null 2>&1 || need "$2"; }

# want_command COMMAND PACKAGE: without it some tests are skipped.
want_command() { command -v "$1" >/dev/null 2>&1 || wanted="$wanted $2"; }
want_header() { echo "#include <$1>" | c++ -std=c++17 -E -x c++ - >/dev/null 2>&1 || wanted="$wanted $2"; }

# need_header HEADER PACKAGE: a compiler that finds the header needs no package. Without a compiler nothing is known.
need_header() {
    command -v c++ >/dev/null 2>&1 || { need "$2"; return 0; }
    echo "#include <$1>" | c++ -std=c++17 -E -x c++ - >/dev/null 2>&1 || need "$2"
}

# has_component NAME PACKAGE: a part of cargo, wherever cargo comes from.
has_component() { cargo "$1" --version >/dev/null 2>&1 || need "$2"; }

has_file() { [ -e "$1" ] || need "$2"; }

# libFuzzer and the sanitizers' runtimes: on Debian in a package of their own, elsewhere with clang. Only clang can tell.
can_fuzz() {
    echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' |
        clang++ -fsanitize=fuzzer,address,undefined -x c++ - -o "$scratch/fuzzer" >/dev/null 2>&1
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Sets $missing to the packages of what is not there, and $wanted to those that can be done without.
look() {
    missing='' wanted=''
    need_command c++ g++
    need_command cmake cmake
    need_command ninja ninja-build
    need_header boost/interprocess/mapped_region.hpp libboost-dev
    need_command python3 python3

    # Tried, not asked for: Debian's python3 has venv without the ensurepip that fills one.
    if command -v python3 >/dev/null 2>&1; then
        python3 -m venv --clear "$scratch/venv" >/dev/null 2>&1 || need python3-venv
    else
        need python3-venv
    fi

    if [ "$set_name" = test ]; then
        need_command cc gcc
        need_command make make # CMake's own choice of a generator, which some tests leave to it
        need_header CLI/CLI.hpp libcli11-dev
        need_command readelf binutils
        need_command strace strace
        need_command pkg-config pkg-config
        need_header gtest/gtest.h libgtest-dev
        need_header nlohmann/json.hpp nlohmann-json3-dev
        if command -v clang++ >/dev/null 2>&1; then can_fuzz || need libclang-rt-dev; else need clang; fi
        # The bindings. Debian's are old enough to show that new ones are not needed.
        need_command cargo cargo
        has_component clippy rust-clippy
        has_component fmt rustfmt
        need_command go golang-go
        # The build for Windows. Only the compilers: nothing of it runs here.
        want_command x86_64-w64-mingw32-g++-posix g++-mingw-w64-x86-64-posix
        # The bridge over NATS.
        want_header nats/nats.h libnats-dev
        want_header toml++/toml.h libtomlplusplus-dev
        command -v nats-server >/dev/null 2>&1 || [ -x /usr/sbin/nats-server ] || wanted="$wanted nats-server"
    fi

    if [ "$set_name" = bench ]; then # whom it compares with
        need_header concurrentqueue/concurrentqueue.h libconcurrentqueue-dev
        need_header readerwriterqueue/readerwriterqueue.h libreaderwriterqueue-dev
        need_header tbb/concurrent_queue.h libtbb-dev
        need_header zmq.h libzmq3-dev
        need_header benchmark/benchmark.h libbenchmark-dev
        has_file /usr/include/ck_ring.h libck-dev # its headers are C
        has_file /usr/include/dpdk/rte_ring.h libdpdk-dev
        need_command valgrind valgrind
    fi
    missing=${missing# } wanted=${wanted# }
}

look
if [ -z "$missing$wanted" ]; then
    echo "deps: nothing is missing for the $set_name"
    exit 0
fi

without() { echo "deps: without $wanted: what needs it is skipped"; }
refuse() {
    [ -n "$missing" ] || { without; exit 0; }
    echo "deps: $1" >&2
    exit 1
}

command -v apt-get >/dev/null 2>&1 ||
    refuse "no apt-get on this machine. Please install what Debian calls $missing"
by_hand() { echo "apt-get update && apt-get install --no-install-recommends -y $missing"; }
if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    refuse "neither root nor a sudo without password. Please type: sudo sh -c '$(by_hand)', and then the command again"
fi

# An update that fails is no reason to stop: the lists that are there may do.
echo "deps: updating the package lists"
$as_root apt-get update -q || echo "deps: apt-get update failed; trying with the package lists that are there" >&2

# Twice at most: that something is missing may only show once something else is there.
installed=
install() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --no-install-recommends -y -q "$@"; }
for round in 1 2; do
    [ -n "$missing" ] || break
    echo "deps: installing $missing"
    # Unquoted on purpose: lists of words.
    # shellcheck disable=SC2086
    install $missing ||
        refuse "apt-get install failed. Once the cause is gone, type again, or by hand as root: $(by_hand)"
    installed="$installed $missing"
    look
done
[ -z "$missing" ] || refuse "installed$installed, but $missing still cannot be used: is another version first on PATH?"
if [ -n "$wanted" ]; then
    echo "deps: installing $wanted"
    # shellcheck disable=SC2086
    if install $wanted; then installed="$installed $wanted"; else without; fi
fi
echo "deps: installed$installed"
