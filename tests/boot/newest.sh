#!/usr/bin/env bash
# The records with the newest SQLite that Debian has: sql/'s unit tests, the stock shell's queries among them, and tests/records, built
# and run in a tree of Debian's newest release, which is the root of a mount namespace. SUITE names another release.
set -euo pipefail
# shellcheck source=tests/boot/tree.sh
source "$(dirname "$0")/tree.sh"

boot_enter "$@"

suite=${SUITE:-trixie}

boot_needs mmdebstrap apt-get unshare pivot_root
boot_tree "$suite" "newest-$suite" gcc make pkg-config libc6-dev libpam0g-dev libseccomp-dev libcap-dev libaudit-dev libsqlite3-dev libssl-dev \
	libsystemd-dev libcurl4-openssl-dev zlib1g-dev check openssl sqlite3 python3 strace xfsprogs e2fsprogs util-linux mount procps

boot_copy "newest-$suite"

mapfile -t units < <(cd "$BOOT_TOP" && printf '%s\n' tests/unit/t_sql_*.c | sed 's|^tests/unit/|build/tests/|; s|\.c$||')
if ! boot_inside CK_DEFAULT_TIMEOUT=120 make -s -j"$(nproc)" build/bin/diagctl build/bin/diag-ship build/tests/writer "${units[@]}" >"$BOOT_CACHE/newest.build" 2>&1; then
	tail -40 "$BOOT_CACHE/newest.build"
	echo 'not ok it is built'
	echo '0 passed, 1 failed'
	exit 1
fi
echo "with SQLite $(boot_inside CK_DEFAULT_TIMEOUT=120 sqlite3 --version | cut -d' ' -f1), here $(sqlite3 --version 2>/dev/null | cut -d' ' -f1)"

passed=0
failed=0
one() {
	local name=$1 output
	shift
	if output=$(boot_inside CK_DEFAULT_TIMEOUT=120 "$@" 2>&1); then
		passed=$((passed + 1))
		echo "ok   $name"
		grep -iE '^(skip|# skip)' <<<"$output" | sed 's/^/       /' || true
	else
		failed=$((failed + 1))
		echo "FAIL $name"
		{ grep -vE '^ok ' <<<"$output" || tail -1 <<<"$output"; } | tail -60 | sed 's/^/       /'
	fi
}

for unit in "${units[@]}"; do one "${unit##*/t_}" "$unit"; done
for script in "$BOOT_TOP"/tests/records/*.sh; do
	one "$(basename "$script" .sh)" bash "tests/records/$(basename "$script")"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
