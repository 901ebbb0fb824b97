# shellcheck shell=bash
# shellcheck disable=SC2034  # what it finds is for the script that sources it
# A kernel of Debian, unpacked and not installed, and what it needs to find its root: sourced by oldest.sh, after tree.sh.

# The modules that a kernel needs for its disks, decompressed, in the order in which they go in.
kernel_modules() {
	local directory=$1 release=$2 module path
	for module in virtio_pci virtio_blk ext4; do
		modprobe -d "$directory" -S "$release" --show-depends "$module" | awk '$1 == "insmod" { print $2 }'
	done | awk '!seen[$0]++' | while read -r path; do
		case $path in
		*.xz) "$directory/bin/busybox" xzcat "$path" >"$3/$(basename "$path" .xz)" ;;
		*) cp "$path" "$3/" ;;
		esac
		basename "$path" .xz >>"$3/order"
	done
}

# A first root in memory: it mounts the two disks and goes over to the first one. Its arguments are the kernel's after "--".
kernel_initrd() {
	local directory=$1 release=$2 root=$1/initrd
	mkdir -p "$root/bin" "$root/modules" "$root/dev" "$root/root"
	cp "$directory/bin/busybox" "$root/bin/"
	kernel_modules "$directory" "$release" "$root/modules"
	cat >"$root/init" <<-'END'
		#!/bin/busybox sh
		set -e
		busybox mount -t devtmpfs dev /dev
		while read -r module; do busybox insmod "/modules/$module"; done </modules/order
		busybox mount -t ext4 /dev/vda /root
		busybox mount -t ext4 /dev/vdb /root/disk
		busybox mount -o move /dev /root/dev
		exec busybox switch_root /root /disk/src/tests/boot/oldest_init.sh "$@"
	END
	chmod 0755 "$root/init"
	(cd "$root" && find . | bin/busybox cpio -o -H newc 2>/dev/null) >"$directory/initrd.img"
}

# boot_kernel PACKAGE SUITE: the kernel is in BOOT_KERNEL, its first root in BOOT_KERNEL_INITRD and its modules in
# BOOT_KERNEL_MODULES then. A cache like boot_tree's. No script of the packages is run.
boot_kernel() {
	local directory=$BOOT_CACHE/kernel-$2-$1 mirror release merged
	if [ ! -e "$directory.made" ]; then
		rm -rf "$directory"
		mkdir -p "$BOOT_CACHE"
		mirror=$(boot_mirror "$2")
		if ! mmdebstrap --quiet --variant=extract --include="$1,busybox-static" "$2" "$directory" ${mirror:+"$mirror"} \
			>"$directory.log" 2>&1 </dev/null; then
			tail -5 "$directory.log"
			rm -rf "$directory"
			boot_skip "$0: mmdebstrap cannot get $1 of $2 here"
		fi
		# As an installed system of any release has them; packages alone lack the links, or the directories.
		for merged in bin lib; do
			if [ ! -e "$directory/$merged" ]; then ln -s "usr/$merged" "$directory/$merged"; fi
		done
		release=$(ls "$directory/lib/modules")
		depmod -b "$directory" "$release"
		kernel_initrd "$directory" "$release"
		touch "$directory.made"
	fi
	BOOT_KERNEL=$(echo "$directory"/boot/vmlinuz-*)
	BOOT_KERNEL_INITRD=$directory/initrd.img
	BOOT_KERNEL_MODULES=$(echo "$directory"/lib/modules/*)
}
