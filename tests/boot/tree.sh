# shellcheck shell=bash
# Debian trees for the tests that need a system of their own: sourced by the scripts beside it.

BOOT_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BOOT_CACHE=$BOOT_TOP/build/boot

# What the end-to-end tests need in a tree in which this project is built, or its programs are edited and built again.
# shellcheck disable=SC2034 # for the scripts that source this one
BOOT_BUILDING=(gcc make pkg-config libc6-dev libpam0g-dev libseccomp-dev libcap-dev libaudit-dev libsqlite3-dev libssl-dev libsystemd-dev
	libcurl4-openssl-dev zlib1g-dev openssh-server openssh-client sqlite3 iproute2 netcat-openbsd procps util-linux strace systemd mount
	hostname passwd e2fsprogs libcap2-bin bsdutils bsdextrautils file tree jq xxd psmisc lsof openssl iputils-ping acl net-tools sysstat curl
	python3)

# What cannot run here says so, and is no success: a line that begins with "skip", and a count.
boot_skip() {
	echo "skip $1"
	echo '0 passed, 0 failed, 1 skipped'
	exit 0
}

boot_needs() {
	local program
	if [ "$(id -u)" != 0 ]; then boot_skip "$0: needs root"; fi
	for program in "$@"; do
		if ! command -v "$program" >/dev/null; then boot_skip "$0: $program is not installed"; fi
	done
}

# The mirror that this machine uses for SUITE, else the one that it uses for its own suite; nothing means mmdebstrap's default.
boot_mirror() {
	apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' 'Component: main' 2>/dev/null |
		awk -v own="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" -v wanted="$1" \
			'$2 == wanted { best = $1 } $2 == own && other == "" { other = $1 } END { print best != "" ? best : other }'
}

# boot_tree SUITE NAME PACKAGE…: the tree is in BOOT_TREE then. It is a cache: made whole or not at all, and again when the
# packages that are asked for change.
boot_tree() {
	local suite=$1 name=$2 wanted mirror
	shift 2
	BOOT_TREE=$BOOT_CACHE/$name
	wanted="$suite $*"
	if [ "$(cat "$BOOT_TREE.made" 2>/dev/null)" = "$wanted" ]; then return 0; fi
	rm -rf "$BOOT_TREE" "$BOOT_TREE.made"
	mkdir -p "$BOOT_CACHE"
	mirror=$(boot_mirror "$suite")
	if ! mmdebstrap --quiet --variant=apt --include="${*// /,}" "$suite" "$BOOT_TREE" ${mirror:+"$mirror"} \
		>"$BOOT_TREE.log" 2>&1 </dev/null; then
		tail -20 "$BOOT_TREE.log"
		rm -rf "$BOOT_TREE"
		boot_skip "$0: mmdebstrap cannot make a tree of $suite here"
	fi
	echo "$wanted" >"$BOOT_TREE.made"
}

# boot_inside [NAME=VALUE…] COMMAND…: below /src of BOOT_TREE, which has the sources of BOOT_SOURCE there and is the root of a mount namespace.
# The script that calls this must have sourced this file first: it begins once more, in the namespace, and gets no further than boot_enter.
boot_inside() {
	env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 BOOT_INSIDE=1 BOOT_TREE="$BOOT_TREE" \
		BOOT_SOURCE="$BOOT_SOURCE" unshare --mount --propagation private -- "$BASH" "$BOOT_TOP/tests/boot/${0##*/}" env "$@" </dev/null
}

boot_enter() {
	if [ "${BOOT_INSIDE:-}" != 1 ]; then return 0; fi
	mount --bind "$BOOT_TREE" "$BOOT_TREE"
	mount --bind "$BOOT_SOURCE" "$BOOT_TREE/src"
	for directory in proc sys dev; do mount --rbind "/$directory" "$BOOT_TREE/$directory"; done
	cd "$BOOT_TREE" || exit
	pivot_root . mnt
	umount -l /mnt
	cd /src || exit
	exec "$@"
}

# boot_copy NAME: the sources, for boot_inside. What is built there must not meet what is built here. File times stay, so that make need not
# begin anew.
boot_copy() {
	BOOT_SOURCE=$BOOT_CACHE/$1-source
	mkdir -p "$BOOT_SOURCE" "$BOOT_TREE/src"
	tar -C "$BOOT_TOP" --exclude=./build --exclude=./.git -cf - . | tar -C "$BOOT_SOURCE" -xf -
}
