#!/usr/bin/env bash
# The packaged profiles against lines that they must allow and deny (tests/corpus/profiles-*.tsv), all of them in force at once.
# The grammar is what is tried: every profile gets a program that is on each machine, whether its own is installed or not.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
work=$(mktemp -d /run/pam_diag-profiles.XXXXXX)
trap 'rm -rf "$work"' EXIT
mkdir "$work/commands"

for profile in pam_diag/commands/*.conf; do
	name=$(basename "$profile" .conf)
	awk -v name="$name" '
		/^program[ \t]*=/ { next }
		{ print }
		$0 == "[command " name "]" { print "program = /usr/bin/true" }
	' "$profile" >"$work/commands/$name.conf"
done
{
	echo '[session]'
	echo "profiles = $work/commands"
	for profile in "$work"/commands/*.conf; do echo "commands = $(basename "$profile" .conf)"; done
	printf '[paths]\nallow = /etc /var/log /usr /proc/* /sys/* /run /dev /boot /bin /lib\ndeny = /etc/ssl/private\n'
} >"$work/policy.conf"

failed=0
passed=0
"$build/bin/diagctl" policy check --policy "$work/policy.conf" --any-owner >"$work/check" 2>&1 || {
	grep -vE ': (note|warning):' "$work/check"
	failed=1
}
for lines in tests/corpus/profiles-*.tsv; do
	"$build/bin/diagctl" policy test --policy "$work/policy.conf" "$lines" >"$work/tap" 2>&1
	passed=$((passed + $(grep -c '^ok ' "$work/tap")))
	failed=$((failed + $(grep -c '^not ok ' "$work/tap")))
	grep -E '^(not ok|#)' "$work/tap"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
