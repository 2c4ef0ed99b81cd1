#!/usr/bin/env bash
# Runs a command in arm64 Debian as on a Raspberry Pi; setup.sh must have run.
#
#   run.sh SUITE CPU COMMAND...      e.g. run.sh bookworm cortex-a72 /usr/bin/python3 --version
#
# CPU is cortex-a53 (Pi 3, Zero 2 W), cortex-a72 (Pi 4) or cortex-a76 (Pi 5, with dot products). `armhf cortex-a7` (Pi 2)
# is 32-bit: one program, which can start no other and finds the checkout's edgemnist. Time measured in here
# says nothing about a Raspberry Pi. The checkout lies at its own path inside as well: Debian's proot does not
# translate faccessat2, so a path that a program checks by access() must be the same inside and outside.
set -euo pipefail
checkout=$(cd "$(dirname "$0")/../.." && pwd)
place=$checkout/build/arm64
suite=$1 cpu=$2
shift 2

if [ "$suite" = armhf ]; then
    # 32-bit programs ask for files by statx, which Debian's proot does not translate. QEMU finds them by itself.
    exec env --ignore-environment HOME="$place" LANG=C.UTF-8 PYTHONPATH="$checkout" QEMU_CPU="$cpu" \
        "$place/tools/usr/bin/qemu-arm-static" -L "$place/armhf" "$place/armhf$1" "${@:2}"
fi

features="fp asimd evtstrm crc32 cpuid" variant=0x0
case $cpu in
    cortex-a53) part=0xd03 revision=4 ;;
    cortex-a72) part=0xd08 revision=3 ;;
    cortex-a76) part=0xd0b revision=1 variant=0x4
        features="fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp" ;;
    *) echo "CPU must be cortex-a53, cortex-a72 or cortex-a76, not $cpu" >&2; exit 2 ;;
esac
# QEMU 7.2 shows this machine's /proc/cpuinfo, on which onnxruntime crashes.
for ((core = 0; core < $(nproc); core++)); do
    printf 'processor\t: %d\nBogoMIPS\t: 108.00\nFeatures\t: %s\n' "$core" "$features"
    printf 'CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: %s\nCPU part\t: %s\nCPU revision\t: %d\n\n' \
        "$variant" "$part" "$revision"
done > "$place/cpuinfo-$cpu.$$"
mv "$place/cpuinfo-$cpu.$$" "$place/cpuinfo-$cpu" # whole at any time: another command may run

mkdir -p "$place/home"
PATH=$place/tools/usr/bin:$PATH
proot=$(command -v proot) qemu=$(command -v qemu-aarch64-static)
exec env --ignore-environment HOME="$place/home" PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 QEMU_CPU="$cpu" \
    LD_LIBRARY_PATH="$place/tools/usr/lib/$(uname -m)-linux-gnu" PROOT_TMP_DIR="$place" \
    "$proot" -q "$qemu" -r "$place/$suite" -w "$checkout" \
    -b /dev -b /proc -b /sys -b "$place/cpuinfo-$cpu:/proc/cpuinfo" -b "$checkout" "$@"
