#!/usr/bin/env bash
# Fetches into build/arm64 what the other scripts here need, once; installs nothing.
#
#   setup.sh
#
# bookworm/ and trixie/ hold of arm64 Debian what Raspberry Pi OS Lite has of Python: neither pip nor ensurepip.
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
for guest in bookworm trixie; do
    "$fetch" $guest $guest arm64 python3 libstdc++6 dash coreutils sed
    mkdir -p $guest/{dev,proc,sys,tmp}
    for folder in bin lib; do [ -e $guest/$folder ] || ln -s usr/$folder $guest/$folder; done
done
"$fetch" kernel bookworm arm64 linux-image-arm64 busybox-static
