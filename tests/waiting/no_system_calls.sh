#!/bin/sh
# no_system_calls.sh PROGRAM: publishing makes no system call while nobody sleeps. Exits with 77 where strace is missing or may
# not trace.
set -eu
trace=$(mktemp)
trap 'rm -f "$trace"' EXIT
strace -o "$trace" true 2>/dev/null || { echo "strace is not there, or may not trace"; exit 77; }
strace -f -o "$trace" "$1" publish 100000 >/dev/null
calls=$(sed -n '/begin/,/end/p' "$trace" | sed '1d;$d')
[ "$(grep -c -e begin -e end "$trace")" -ge 2 ] || { echo "the marks are missing"; exit 1; }
[ -z "$calls" ] || { echo "system calls while publishing:"; echo "$calls" | head; exit 1; }
echo "none in 100000 publishes"
