#!/usr/bin/env bash
# Counts the ARM instructions that models take for one image, as a Raspberry Pi's CPU would execute them.
#
#   count.sh frames                 for a frame of `edgemnist camera`, in millions
#   count.sh [ENGINE:]MODEL...      e.g. CPUS="cortex-a53 cortex-a7" count.sh numpy:exports/edgemnist-int8.onnx
#
# CPUS are cortex-a72 and cortex-a76 unless they are named; cortex-a7 is 32-bit, where numpy runs (after `make arm32`).
# Repeats within 0.5 %. Instructions are no cycles: caches, memory and dual issue are left out. Needs Debian 12, a C
# compiler and an edgemnist installed by `make arm64`; exit status 77, with a line 'SKIP: why', where one is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
place=$here/../../build/arm64
packages=$(echo "$place"/device/bookworm/lib/edgemnist/current/lib/python3.*/site-packages)
[ -d "$packages" ] || { echo "SKIP: no edgemnist in build/arm64; type: make arm64" >&2; exit 77; }
command -v cc > /dev/null || { echo "SKIP: this needs a C compiler" >&2; exit 77; }
# the one with plugins; the static one that the tests use has none
"$here/../../tests/arm64/fetch-debs.sh" "$place/counting" bookworm "$(dpkg --print-architecture)" qemu-user
cc -O2 -shared -fPIC -o "$place/icount.so" "$here/icount.c"

guest_script=marks.py models=("$@")
if [ "${1:-}" = frames ]; then
    guest_script=frames.py models=()
fi
for cpu in ${CPUS:-cortex-a72 cortex-a76}; do
    prefix=$place/counting-$cpu guest=$place/bookworm qemu=qemu-aarch64 path=$packages
    mkdir -p "$prefix/proc"
    if [ "$cpu" = cortex-a7 ]; then
        guest=$place/armhf qemu=qemu-arm path=$(cd "$here/../.." && pwd)
    else
        # QEMU 7.2 shows this machine's /proc/cpuinfo, on which onnxruntime crashes; run.sh writes a Pi's beside it.
        "$here/../../tests/arm64/run.sh" bookworm "$cpu" /bin/true
        cp "$place/cpuinfo-$cpu" "$prefix/proc/cpuinfo"
    fi
    for folder in etc lib usr; do ln -sfn "$guest/$folder" "$prefix/$folder"; done
    count() {
        env -i HOME="$place/home" PYTHONPATH="$path" PYTHONHASHSEED=0 \
            LD_LIBRARY_PATH="$place/counting/usr/lib/$(uname -m)-linux-gnu" \
            "$place/counting/usr/bin/$qemu" -U LD_LIBRARY_PATH -cpu "$cpu" -L "$prefix" -plugin "$place/icount.so" \
            "$guest/usr/bin/python3" "$here/$guest_script" "${models[@]}" 2>&1 > /dev/null
    }
    if [ "$guest_script" = frames.py ]; then
        echo "$cpu, millions of instructions for a frame of 640x480, 1280x720, 1920x1080"
        count | awk '/^mark/ { count[$2] = $3 } END { for (at = 0; at in count; at += 2)
            printf "%.0f\n", (count[at + 1] - count[at]) / 2e6 }'
        continue
    fi
    echo "$cpu, thousands of instructions for each image      by 1     by 64"
    count |
        awk '/^mark/ { count[$2] = $3 } END { for (at = 0; at in count; at += 4)
            printf "%d %.1f %.1f\n", at / 4, (count[at + 1] - count[at]) / 8e3, (count[at + 3] - count[at + 2]) / 64e3 }' |
        while read -r at one many; do printf '%-48s %9s %9s\n' "${models[$at]}" "$one" "$many"; done
done
