#!/usr/bin/env bash
# Boots an arm64 kernel with little memory, runs a command in Debian bookworm there and powers off.
#
#   boot.sh MEGABYTES FOLDER COMMAND [armhf]
#   e.g. boot.sh 512 build/arm64/prefix 'build/arm64/prefix/bin/edgemnist verify'
#
# With `armhf` programs are 32-bit, as with Raspberry Pi OS (32-bit) on a Pi 3: setup.sh armhf must have run.
# FOLDER, a path in the checkout, is copied into the guest, where the checkout is the working folder and COMMAND may be
# a shell's. One core, a Cortex-A53 (Pi 3, Zero 2 W); only /scratch can be written. setup.sh must have run.
set -euo pipefail
megabytes=$1 folder=$2 command=$3 guest=${4:-bookworm}
checkout=$(cd "$(dirname "$0")/../.." && pwd)
place=$checkout/build/arm64
export PATH=$place/tools/usr/bin:$place/tools/bin:$place/tools/sbin:$PATH
export LD_LIBRARY_PATH=$place/tools/usr/lib/$(uname -m)-linux-gnu:$place/tools/lib/$(uname -m)-linux-gnu
boot=$place/boot ram=$place/boot/ram card=$place/boot/card
rm -rf "$boot"
mkdir -p "$ram"/{bin,modules,dev,proc,sys,card} "$card"

# the card: Debian, the folder, and what to do
cp -a "$place/$guest/." "$card"
mkdir -p "$card$checkout/$folder" "$card/scratch"
cp -a "$checkout/$folder/." "$card$checkout/$folder"
cat > "$card/command" <<COMMAND
export HOME=/scratch TMPDIR=/scratch PATH=/usr/bin:/bin LANG=C.UTF-8
cd '$checkout'
$command
COMMAND
mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$card" "$boot/card.img" $(($(du -sm "$card" | cut -f 1) * 5 / 4 + 32))M > /dev/null

# the RAM disk: busybox, the modules that reach the card, and an init that mounts it
modules="virtio_mmio crc32c_generic crc16 libcrc32c mbcache jbd2 ext4 virtio_blk"
find "$place/kernel" -path '*bin/busybox' -type f -exec cp {} "$ram/bin/" \;
for module in $modules; do find "$place/kernel" -name "$module.ko" -exec cp {} "$ram/modules/" \;; done
cat > "$ram/init" <<INIT
#!/bin/busybox sh
b=/bin/busybox
\$b mount -t devtmpfs none /dev
\$b mount -t proc none /proc
\$b mount -t sysfs none /sys
for module in $modules; do \$b insmod /modules/\$module.ko; done
until [ -b /dev/vda ]; do \$b sleep 0.1; done
\$b mount -t ext4 -o ro /dev/vda /card
for folder in dev proc sys; do \$b mount --bind /\$folder /card/\$folder; done
\$b mount -t tmpfs none /card/scratch
\$b chroot /card /bin/sh /command
echo "exit code \$?"
\$b poweroff -f
INIT
chmod +x "$ram/init"
(cd "$ram" && find . | cpio --quiet --create --format=newc | gzip -1) > "$boot/ram.gz"

timeout --foreground 1800 qemu-system-aarch64 -L "$place/tools/usr/share/qemu" -M virt -cpu cortex-a53 -smp 1 -m "$megabytes" \
    -nographic -no-reboot -nic none -kernel "$place"/kernel/boot/vmlinuz-* -initrd "$boot/ram.gz" \
    -append "console=ttyAMA0 quiet panic=-1" \
    -drive if=none,file="$boot/card.img",format=raw,id=card,readonly=on -device virtio-blk-device,drive=card \
    < /dev/null | sed -u 's/\r$//' | tee "$boot/log"
grep -qx 'exit code 0' "$boot/log"
