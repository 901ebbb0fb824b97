#!/usr/bin/env bash
# Runs inside the booted container, as root, by inside.service. The client is ssh on loopback.
set -euo pipefail
echo begun >/out/state
HOST_PORT=22
# shellcheck source=tests/e2e/host.sh
source /src/tests/e2e/host.sh
# shellcheck source=tests/e2e/check.sh
source /src/tests/e2e/check.sh
trap 'echo "not ok line $LINENO of ${BASH_SOURCE[0]}: $BASH_COMMAND"' ERR
# For whoever looks into a failure: out/ stays.
trap 'journalctl --no-pager >/out/journal; ps auxf >/out/processes; cp /var/lib/pam_diag/audit.db* /out/' EXIT

# --- A host as the README makes it -----------------------------------------------------------------------------------

host_users
usermod -aG systemd-journal,adm diag
host_test_policy
cp /src/tests/boot/doors.conf /etc/pam_diag/policy.d/60-doors.conf
grep '^session' /etc/pam.d/pam_diag.example >>/etc/pam.d/sshd
cp /etc/ssh/sshd_config.d/pam_diag.conf.example /etc/ssh/sshd_config.d/pam_diag.conf
echo 'AuthorizedKeysFile /etc/ssh/authorized_keys.d/%u' >/etc/ssh/sshd_config.d/keys.conf
systemctl restart ssh
ssh-keyscan -p 22 127.0.0.1 >/tmp/client/known 2>/dev/null

# bus_rules on|off: the shipped rules of D-Bus and polkit.
bus_rules() {
	if [ "$1" = on ]; then
		cp /etc/dbus-1/system.d/pam_diag.conf.example /etc/dbus-1/system.d/pam_diag.conf
		cp /etc/polkit-1/rules.d/00-pam_diag.rules.example /etc/polkit-1/rules.d/00-pam_diag.rules
	else
		rm /etc/dbus-1/system.d/pam_diag.conf /etc/polkit-1/rules.d/00-pam_diag.rules
	fi
	systemctl reload dbus
	systemctl restart polkit
}
bus_rules on

last_of() { host_sql "select rec->>'$2' from event where rec->>'$.kind' = '$1' order by seq desc limit 1"; }
rows() { host_sql "select count(*) from event where rec->>'$.kind' = '$1'"; }
plain() { host_ssh plain@127.0.0.1 "$@"; }

# shellcheck source=tests/boot/reading.sh
source /src/tests/boot/reading.sh
# shellcheck source=tests/boot/doors.sh
source /src/tests/boot/doors.sh
# shellcheck source=tests/boot/leftovers.sh
source /src/tests/boot/leftovers.sh
# shellcheck source=tests/boot/shipping.sh
source /src/tests/boot/shipping.sh

check_done || true
echo 'done' >>/out/state
