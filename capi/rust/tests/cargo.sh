#!/bin/sh
# cargo.sh <subcommand> [argument...]: that of cargo, for this workspace. Ends with 77, "skipped", where there is no
# cargo, or where the subcommand is one of those that are installed apart, and is not.
cd "$(dirname "$0")/.." || exit 1
if ! cargo --version; then
    echo "skipped: there is no cargo"
    exit 77
fi
case $1 in
    clippy | fmt)
        if ! cargo "$1" --version; then
            echo "skipped: cargo has no $1"
            exit 77
        fi
        ;;
esac
exec cargo "$@"
