#!/usr/bin/env bash
# The oldest kernel that is supported: Debian 12's 6.1, booted in qemu with a small Debian of this machine's own release as its root. The
# confinement's unit tests, then the end-to-end tests run there, with a policy that accepts what that kernel lacks (tests/e2e/host.sh).
# KERNEL=PACKAGE/SUITE boots another kernel of Debian, T="NAME …" runs these tests alone.
set -euo pipefail
# shellcheck source=tests/boot/tree.sh
source "$(dirname "$0")/tree.sh"
# shellcheck source=tests/boot/kernel.sh
source "$(dirname "$0")/kernel.sh"

KERNEL=${KERNEL:-linux-image-cloud-amd64/bookworm}
# What the kernel has a part in, and no more: where the machine's processor has to be emulated, each connection takes a second.
units=$(cd "$BOOT_TOP/build/tests" && printf '%s ' t_confine_*[!.][!.] t_module t_module_lack)
T=${T:-${units//t_/} kernel commands forwarding loopback hostile limits aliases paths lifetime probe}
# An hour and no more: a machine that does not come to its end is a failure.
LIMIT=3600

if [ "$(uname -m)" != x86_64 ]; then boot_skip "$0: made for x86_64"; fi
boot_needs mmdebstrap apt-get qemu-system-x86_64 mke2fs depmod modprobe setpriv
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
if [ -z "$suite" ]; then boot_skip "$0: this machine's Debian release has no name, its programs would not run in a tree"; fi
boot_kernel "${KERNEL%/*}" "${KERNEL##*/}"
# Of the libraries that the unit tests need, one is not in there.
boot_tree "$suite" oldest "${BOOT_BUILDING[@]}" kmod libsubunit0

work=$BOOT_CACHE/oldest-run
rm -rf "$work"
mkdir -p "$work/disk/src" "$work/disk/modules"
trap 'rm -rf "$work"' EXIT

# image FILE SIZE TREE: a filesystem with what lies in TREE; root's, whoever's it is here.
image() {
	if ! mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$3" "$1" "$2" >"$work/mke2fs" 2>&1; then
		cat "$work/mke2fs"
		boot_skip "$0: mke2fs cannot make a filesystem of $3"
	fi
}

# The root is made once; what the guest writes goes to a file of its own and is gone with it (snapshot=on).
root=$BOOT_CACHE/oldest.img
if [ ! "$root" -nt "$BOOT_TREE.made" ]; then
	rm -f "$root"
	echo '127.0.0.1 localhost' >"$BOOT_TREE/etc/hosts"
	mkdir -p "$BOOT_TREE/disk" "$BOOT_TREE/usr/lib/modules"
	image "$root.new" 3G "$BOOT_TREE"
	mv "$root.new" "$root"
fi
# File times stay, so that make has nothing to do in there.
tar -C "$BOOT_TOP" --exclude=./.git --exclude=./build/boot --exclude=./build/asan --exclude='./build/sysroot-*' --exclude=./build/*-linux-gnu \
	-cf - . | tar -C "$work/disk/src" -xf -
cp -a "$BOOT_KERNEL_MODULES" "$work/disk/modules/"
image "$work/disk.img" 1G "$work/disk"

# Only where the processor itself can do it: some machines have a /dev/kvm that runs no kernel but their own.
accelerator=tcg
if [ -w /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo; then accelerator=kvm; fi
# Whatever ends this script ends the machine.
status=0
TMPDIR=$work setpriv --pdeathsig TERM timeout -k 10 "$LIMIT" \
	qemu-system-x86_64 -nodefaults -no-reboot -display none -machine "q35,accel=$accelerator" -cpu max -m 2048 -nic none -device virtio-rng-pci \
	-kernel "$BOOT_KERNEL" -initrd "$BOOT_KERNEL_INITRD" -append "console=ttyS0 quiet panic=-1 -- $T" \
	-drive "file=$root,format=raw,if=virtio,snapshot=on" -drive "file=$work/disk.img,format=raw,if=virtio" \
	-serial "file:$work/console" -serial "file:$work/result" </dev/null >"$work/qemu" 2>&1 &
machine=$!
trap 'kill "$machine" 2>/dev/null && wait "$machine"; rm -rf "$work"' EXIT
wait "$machine" || status=$?
if ! grep -q '^begun' "$work/result" 2>/dev/null; then
	tail -5 "$work/qemu" "$work/console"
	boot_skip "$0: qemu does not boot $KERNEL here (status $status)"
fi
cp "$work/result" "$work/console" "$BOOT_CACHE/"

# --- What came out ---------------------------------------------------------------------------------------------------

passed=0
failed=0
skipped=0

# count OUTPUT STATUS: adds what one test says of itself to the sums; WRONG is 0 when all is well.
count() {
	local line checks failures errors
	if line=$(grep -aoE '^[0-9]+ passed, [0-9]+ failed' <<<"$1" | tail -1) && [ -n "$line" ]; then
		passed=$((passed + ${line%% *}))
		WRONG=$(cut -d' ' -f3 <<<"$line")
	elif line=$(grep -aoE 'Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+' <<<"$1" | tail -1) && [ -n "$line" ]; then
		IFS=' ,' read -r _ checks _ failures _ errors <<<"$line"
		WRONG=$((failures + errors))
		passed=$((passed + checks - WRONG))
	else
		WRONG=1
	fi
	# One that did not come to its end has failed, whatever it counted.
	if [ "$WRONG" = 0 ] && [ "$2" != 0 ]; then WRONG=1; fi
	failed=$((failed + WRONG))
}

# show NAME OUTPUT STATUS SECONDS
show() {
	local skips
	count "$2" "$3"
	skips=$(grep -aiE '^skip' <<<"$2") || skips=
	if [ -n "$skips" ]; then skipped=$((skipped + $(wc -l <<<"$skips"))); fi
	if [ "$WRONG" = 0 ]; then
		echo "ok   $1 ($4 s)"
		if [ -n "$skips" ]; then sed 's/^/       /' <<<"$skips"; fi
	else
		echo "FAIL $1 (status $3, $4 s)"
		{ grep -avE '^(ok |$)' <<<"$2" || tail -1 <<<"$2"; } | tail -60 | sed 's/^/       /'
	fi
}

name=
output=
while IFS= read -r line; do
	case $line in
	'=== status '*)
		read -r _ _ status _ seconds <<<"$line"
		show "$name" "$output" "$status" "$seconds"
		name=
		;;
	'=== '*) name=${line#=== } output= ;;
	'on '*) echo "$line" ;;
	*) output+=$line$'\n' ;;
	esac
done <"$work/result"
if ! grep -q '^done' "$work/result"; then
	show "${name:-the machine}" "$output" "none: it did not come to its end" "$SECONDS"
	tail -20 "$work/console" | sed 's/^/#   /'
fi
if [ "$skipped" = 0 ]; then
	echo "$passed passed, $failed failed"
else
	echo "$passed passed, $failed failed, $skipped skipped"
fi
[ "$failed" = 0 ]
