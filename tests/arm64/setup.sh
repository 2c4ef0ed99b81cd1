#!/usr/bin/env bash
# Fetches into build/arm64 what the other scripts here need, once; installs nothing.
#
#   setup.sh [armhf]
#
# bookworm/ and trixie/ hold of arm64 Debian what Raspberry Pi OS Lite has of Python: neither pip nor ensurepip. With
# `armhf` it is armhf/ in their place: 32-bit bookworm with the packages that edgemnist needs there.
# Exit status 77, with a line 'SKIP: why', where this machine cannot do it.
set -euo pipefail
cd "$(dirname "$0")"
fetch=$PWD/fetch-debs.sh
mkdir -p ../../build/arm64
cd ../../build/arm64

command -v dpkg > /dev/null || { echo "SKIP: this needs dpkg: a Debian machine" >&2; exit 77; }
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
"$fetch" tools "$suite" "$(dpkg --print-architecture)" \
    cpio e2fsprogs proot qemu-system-arm qemu-user-static
guest() {
    "$fetch" "$@" python3 libstdc++6 dash coreutils sed
    mkdir -p "$1"/{dev,proc,sys,tmp}
    for folder in bin lib; do [ -e "$1/$folder" ] || ln -s usr/$folder "$1/$folder"; done
}
if [ "${1:-}" = armhf ]; then
    guest armhf bookworm armhf python3-numpy python3-pil libopenblas0
    # what Debian's alternatives do when packages are installed
    for library in libblas.so.3 liblapack.so.3 libopenblas.so.0; do
        ln -sfn openblas-pthread/$library armhf/usr/lib/arm-linux-gnueabihf/$library
    done
else
    guest bookworm bookworm arm64
    guest trixie trixie arm64
fi
"$fetch" kernel bookworm arm64 linux-image-arm64 busybox-static
