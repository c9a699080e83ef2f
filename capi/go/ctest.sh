#!/bin/sh
# sh ctest.sh fmt|vet|test|agent [ARGUMENT...]: one of the tests that CTest runs, in this directory. Where the library is, CGO_CFLAGS and
# CGO_LDFLAGS say. Exit status 77: skipped, the reason is printed.
set -eu
cd "$(dirname "$0")"

skip() { echo "skipped: $1"; exit 77; }

command -v go >/dev/null 2>&1 || skip "no go on PATH"
# No network, no other toolchain than this one, no settings of the machine's user.
export GOPROXY=off GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=mod
go list -f '{{context.ReleaseTags}}' unsafe | grep -q 'go1\.19' || skip "$(go version) is older than 1.19"
[ "$(go env CGO_ENABLED)" = 1 ] || skip "cgo is disabled"
command -v "$(go env CC)" >/dev/null 2>&1 || skip "cgo has no C compiler"

topic=$1
shift
# All is built for the race detector, which needs no second build of the standard library then.
case $topic in
    vet) go vet -race -tags slickq_flags ./... ;;
    fmt)
        unformatted=$("$(go env GOROOT)/bin/gofmt" -l .)
        [ -z "$unformatted" ] || { echo "not as gofmt would have it:" $unformatted; exit 1; }
        ;;
    test) SLICKQ_GO_TAGS="-tags=slickq_flags -race" go test -race -tags slickq_flags -count=1 "$@" ./... ;;
    agent) go build -race -tags slickq_flags -o "$1" ./internal/agent ;;
    *) echo "no test is called $topic" >&2; exit 2 ;;
esac
