#!/usr/bin/env bash
# The systemd units, as `make install` leaves them: valid, and as confined as can be.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh

if ! command -v systemd-analyze >/dev/null; then
	echo 'skip units: no systemd-analyze'
	exit 0
fi
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
make -s install DESTDIR="$root" PREFIX=/usr >/dev/null
units=$root/usr/lib/systemd/system

for unit in diag-ship diag-prune; do
	check_is "$unit.timer starts the service of its name" "$(ls "$units/$unit".*)" "$units/$unit.service"$'\n'"$units/$unit.timer"
	check_is "$unit.service has no place left open" "$(grep -E '@[A-Z]+@' "$units/$unit.service" || true)" ''
	program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$units/$unit.service")
	check_true "$unit.service starts a program that is installed" "[ -x '$root$program' ]"
	# What a service is given beyond its program: the checks below look at nothing of the host.
	status=0
	said=$(systemd-analyze security --offline=true --threshold=15 --no-pager "$units/$unit.service" 2>&1) || status=$?
	check_true "$unit.service: $(grep -oE 'Overall exposure level.*: [0-9.]+' <<<"$said"), 1.5 at most" "[ $status = 0 ]"
done

# verify wants the programs where the units say, and targets: the host's own are there, our programs get their place in a copy.
mkdir "$root/check"
cp "$units"/diag-* "$root/check/"
sed -i "s,^ExecStart=/usr/bin/,ExecStart=$root/usr/bin/," "$root/check"/*.service
for unit in "$root/check"/*; do
	status=0
	said=$(SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no --recursive-errors=no "$unit" 2>&1) || status=$?
	check_is "$(basename "$unit") is valid" "$status $said" '0 '
done
check_is 'diag-ship.timer: twice a minute' "$(systemd-analyze calendar --iterations=2 \
	"$(sed -n 's/^OnCalendar=//p' "$units/diag-ship.timer")" | grep -c ':[03]0 ')" 2
check_done
