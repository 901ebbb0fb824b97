#!/usr/bin/env bash
# The packaged profiles against lines that they must allow and deny (tests/corpus/profiles-*.tsv), all of them in force at once.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/policy/all.sh
source tests/policy/all.sh
{
	echo '[session]'
	all_profiles "$work/commands"
	printf '[paths]\nallow = /etc /var/log /usr /proc/* /sys/* /run /dev /boot /bin /lib\ndeny = /etc/ssl/private\n'
} >"$work/policy.conf"

failed=0
passed=0
"$build/bin/diagctl" policy check --policy "$work/policy.conf" --any-owner >"$work/check" 2>&1 || {
	grep -vE ': (note|warning):' "$work/check"
	failed=1
}
# What every profile tells: what it is for, what it was read from, what it may leak.
for key in summary source leaks; do
	missing=$(grep -L "^$key = " pam_diag/commands/*.conf)
	if [ -n "$missing" ]; then
		echo "not ok profiles without $key: $missing"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
done
for lines in tests/corpus/profiles-*.tsv; do
	"$build/bin/diagctl" policy test --policy "$work/policy.conf" "$lines" >"$work/tap" 2>&1
	passed=$((passed + $(grep -c '^ok ' "$work/tap")))
	failed=$((failed + $(grep -c '^not ok ' "$work/tap")))
	grep -E '^(not ok|#)' "$work/tap"
	# A file with an error in it has no line judged.
	grep -q '^ok ' "$work/tap" || {
		cat "$work/tap"
		failed=$((failed + 1))
	}
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
