#!/bin/sh
# sh cmake/bare.sh COMMAND [ARGUMENT...]
# Runs COMMAND in a fresh clone of this repository on a bare Debian, on which nothing is installed: what a new machine
# is to somebody who has just cloned the project. It is a folder made by debootstrap, under build/bare, entered in
# namespaces of its own: whatever ends this script ends all that runs in there, and its mounts.
#
# What this machine needs to reach package registries comes along: its DNS, CA certificates, Debian mirror, proxies, and
# the settings of pip, cargo and Go. Nothing else does. The bare system is kept as an archive in the user's cache and
# made anew after 30 days.
#
# Exit status: COMMAND's; 77 if there can be no bare system here, with the reason on stderr.
set -eu
suite=bookworm
here=$(cd "$(dirname "$0")/.." && pwd)

skip() { echo "bare: skipped: $*" >&2; exit 77; }

# ---- inside: process 1 of the new namespaces. Mounts made here are seen and kept by nobody else. The folder becomes the
# root of the namespace, rather than one for chroot, in which there is no mount at / as programs expect.
if [ "${1:-}" = --inside ]; then
    root=$2
    shift 2
    mount --bind "$root" "$root" &&
        mount -t proc proc "$root/proc" &&
        mount -t sysfs -o ro sys "$root/sys" &&
        mount --bind /dev "$root/dev" &&
        mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts" &&
        mount -t tmpfs -o mode=1777 shm "$root/dev/shm" &&
        mkdir "$root/outside" &&
        cd "$root" &&
        pivot_root . outside &&
        umount -l outside &&
        rmdir outside || skip "this machine allows no mounts"
    status=0
    "$@" || status=$? # not exec: process 1 has to collect the orphans
    exit "$status"
fi

[ $# -gt 0 ] || { echo "usage: sh cmake/bare.sh COMMAND [ARGUMENT...]" >&2; exit 2; }

# ---- can it be done here?
[ "$(uname -s)" = Linux ] || skip "this is not Linux"
[ "$(id -u)" -eq 0 ] || skip "making a bare system takes root"
case $(uname -m) in
    x86_64) arch=amd64 ;;
    aarch64) arch=arm64 ;;
    *) skip "no bare system for $(uname -m)" ;;
esac
unshare --mount --pid --fork true 2>/dev/null || skip "this machine allows no new namespaces"
if ! command -v debootstrap >/dev/null 2>&1; then
    { apt-get update -q && apt-get install --no-install-recommends -y -q debootstrap debian-archive-keyring; } >/dev/null 2>&1 ||
        skip "there is no debootstrap, and apt-get cannot install it"
fi

# ---- what it leaves: nothing
work=$here/build/bare
mkdir -p "$work"
root=$(mktemp -d "$work/root.XXXXXX")
runner=
clean() {
    trap '' INT TERM HUP
    [ -z "$runner" ] || kill -KILL "$runner" 2>/dev/null || true
    for attempt in 1 2 3 4 5; do # what was killed may still be at its last system call
        rm -rf --one-file-system "$root" 2>/dev/null && return
        sleep 1
    done
    echo "bare: $root could not be removed" >&2
}
trap clean EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# in_background COMMAND...: as in the foreground, but a signal to this script ends it at once, with all its children. A
# shell has what it starts in the background ignore SIGINT and SIGQUIT, and programs would inherit that.
in_background() {
    unshare --mount --pid --fork --kill-child env --default-signal=INT,QUIT "$@" &
    runner=$!
    background_status=0
    wait "$runner" || background_status=$?
    runner=
    return "$background_status"
}

# ---- the bare system
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/slickq
base=$cache/bare-$suite-$arch.tar

# The first mirror of this machine's own Debian sources, of either format; then everybody's.
mirrors() {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
        sed -n -e 's/^URIs:[[:space:]]*\([^[:space:]]*\).*/\1/p' \
            -e 's/^deb[[:space:]]\{1,\}\(\[[^]]*\][[:space:]]*\)\{0,1\}\([^[:space:]]*\).*/\2/p' |
        grep -E '^https?://.*/debian/?$' | head -n 1
    echo http://deb.debian.org/debian
}

make_base() {
    eval "$(apt-config shell proxy Acquire::http::Proxy)"
    [ -z "${proxy:-}" ] || export http_proxy="$proxy"
    for mirror in $(mirrors); do
        echo "bare: making a bare $suite" >&2
        if in_background debootstrap --variant=minbase --arch="$arch" "$suite" "$root" "$mirror" \
            >"$work/debootstrap.log" 2>&1; then
            mkdir -p "$cache"
            tar -C "$root" --exclude='./var/cache/apt/archives/*.deb' -cf "$base.$$" . && mv "$base.$$" "$base"
            return
        fi
        rm -rf --one-file-system "$root"
        mkdir "$root"
    done
    skip "debootstrap failed: $(tail -n 1 "$work/debootstrap.log")"
}

# One that is too old is no use: its packages have gone from the mirrors.
if [ -n "$(find "$base" -mtime -30 2>/dev/null)" ]; then tar -C "$root" -xf "$base"; else make_base; fi
chmod 755 "$root" # mktemp's are for their owner alone

# ---- what this machine needs to reach the registries
# along FILE [PLACE]: it goes to the same place, or to PLACE, in there.
along() {
    [ -f "$1" ] || return 0
    mkdir -p "$root$(dirname "${2:-$1}")"
    cp -L "$1" "$root${2:-$1}"
}
along /etc/resolv.conf
along /etc/hosts
along /etc/pip.conf
home=${HOME:-/root}
for file in .config/pip/pip.conf .pip/pip.conf .config/go/env; do along "$home/$file" "/root/$file"; done
for file in config.toml config; do along "${CARGO_HOME:-$home/.cargo}/$file" "/root/.cargo/$file"; done
for folder in /etc/ssl/certs /usr/local/share/ca-certificates; do
    [ -d "$folder" ] || continue
    mkdir -p "$root$folder"
    cp -RL "$folder/." "$root$folder/" 2>/dev/null || true # dangling links
done
apt-config dump Acquire >"$root/etc/apt/apt.conf.d/00machine"

# ---- the clone. Git refuses the repository of another user, which a checkout in a container often is.
project=/root/slickq
if git -C "$here" -c safe.directory='*' rev-parse --verify -q HEAD >/dev/null 2>&1; then
    [ -z "$(git -C "$here" -c safe.directory='*' status --porcelain)" ] ||
        echo "bare: what is not committed is not in the clone" >&2
    printf '[safe]\n\tdirectory = *\n' >"$root/gitconfig"
    GIT_CONFIG_GLOBAL="$root/gitconfig" git clone -q --no-hardlinks "$here" "$root$project"
    rm "$root/gitconfig"
else
    mkdir "$root$project"
    tar -C "$here" --exclude=./build -cf - . | tar -C "$root$project" -xf -
fi

# ---- the command, with these variables of this machine's and no others
# shellcheck disable=SC2016
set -- sh -c 'cd "$1" && shift && "$@"' sh "$project" "$@"
for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
    case $name in
        SSL_CERT_* | PIP_* | *_proxy | *_PROXY | GOPROXY | GOFLAGS | GOSUMDB | GONOPROXY | GONOSUMDB | GOPRIVATE) ;;
        CARGO_HTTP_* | CARGO_NET_* | CARGO_REGISTR* | CARGO_SOURCE_*) ;;
        NPM_CONFIG* | npm_config_* | REQUESTS_CA_BUNDLE | CURL_CA_BUNDLE | CI) ;;
        *) continue ;;
    esac
    eval "value=\$$name"
    case $value in
        /*) # a file comes along; a folder of this machine's is no use, unless it is there as well
            along "$value"
            [ -e "$root$value" ] || continue
            ;;
    esac
    set -- "$name=$value" "$@"
done
set -- env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"

status=0
in_background sh "$here/cmake/bare.sh" --inside "$root" "$@" || status=$?
exit "$status"
