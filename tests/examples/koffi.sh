#!/bin/sh
# koffi.sh NPM DIRECTORY: installs koffi, Node.js's FFI, there. Exit status 77: it can't be had, as without a network.
set -eu

npm=$1 directory=$2 version=3.3.4

installed=$directory/node_modules/koffi/package.json
if [ -f "$installed" ] && grep -q "\"version\": \"$version\"" "$installed"; then
    exit 0
fi
mkdir -p "$directory"
# Its binary is in the package: nothing of it is run to install it.
if ! "$npm" install --prefix "$directory" --no-save --no-audit --no-fund --ignore-scripts "koffi@$version"; then
    echo "skipped: koffi $version can't be installed"
    exit 77
fi
