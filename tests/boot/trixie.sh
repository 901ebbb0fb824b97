#!/usr/bin/env bash
# The end-to-end tests with the newest OpenSSH of Debian (trixie: sshd-session and sshd-auth are programs of their own there), PAM, SQLite
# and C library: this tree is built and tested in a tree of that release, which is the root of a mount namespace.
set -euo pipefail
# shellcheck source=tests/boot/tree.sh
source "$(dirname "$0")/tree.sh"

boot_enter "$@"

boot_needs mmdebstrap apt-get unshare pivot_root
boot_tree trixie trixie "${BOOT_BUILDING[@]}" auditd rsyslog rsyslog-relp

boot_copy trixie
echo '127.0.0.1 localhost' >"$BOOT_TREE/etc/hosts"
if ! boot_inside make -s -j"$(nproc)" ${CI:+CI=1} all build/tests/probe build/tests/evil_shell build/tests/evil_supervisor >"$BOOT_CACHE/trixie.build" 2>&1; then
	tail -40 "$BOOT_CACHE/trixie.build"
	echo 'not ok it is built'
	echo '0 passed, 1 failed'
	exit 1
fi

passed=0
failed=0
skipped=0
echo "with $(boot_inside ssh -V 2>&1)"
for script in "$BOOT_TOP"/tests/e2e/*.sh; do
	name=$(basename "$script" .sh)
	case $name in host | check | demo) continue ;; esac
	if [ -n "${T:-}" ] && [ "$T" != "$name" ]; then continue; fi
	output=$(boot_inside bash "tests/e2e/$name.sh" 2>&1) || true
	# A script that did not come to its count has failed.
	counts=$(grep -oE '^[0-9]+ passed, [0-9]+ failed' <<<"$output" | tail -1) || counts='0 passed, 1 failed'
	wrong=${counts#* passed, }
	wrong=${wrong% failed}
	passed=$((passed + ${counts%% *}))
	failed=$((failed + wrong))
	skips=$(grep -iE '^(skip|# skip)' <<<"$output") || skips=
	if [ -n "$skips" ]; then skipped=$((skipped + $(wc -l <<<"$skips"))); fi
	if [ "$wrong" = 0 ]; then
		echo "ok   $name"
		if [ -n "$skips" ]; then sed 's/^/       /' <<<"$skips"; fi
	else
		echo "FAIL $name"
		# What it printed last, if all that it said was "ok".
		{ grep -vE '^ok ' <<<"$output" || tail -1 <<<"$output"; } | tail -60 | sed 's/^/       /'
	fi
done
if [ "$skipped" = 0 ]; then
	echo "$passed passed, $failed failed"
else
	echo "$passed passed, $failed failed, $skipped skipped"
fi
[ "$failed" = 0 ]
