#!/usr/bin/env bash
# The main job, seen working, on a throw-away host inside this machine: `make demo`.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"

if [ "${HOST_INSIDE:-}" != 1 ]; then
	before=$(cat /etc/passwd /etc/group /etc/pam.d/* /etc/ssh/sshd_config 2>/dev/null | sha256sum)
	HOST_INSIDE=1 unshare --mount --pid --net --ipc --uts --fork --kill-child --mount-proc --propagation private -- bash "$0"
	if [ "$before" = "$(cat /etc/passwd /etc/group /etc/pam.d/* /etc/ssh/sshd_config 2>/dev/null | sha256sum)" ]; then
		echo
		echo "This machine's own users, groups, PAM services and sshd configuration are as they were."
		exit 0
	fi
	echo "something outside changed /etc/passwd, /etc/group, /etc/pam.d or sshd_config meanwhile" >&2
	exit 1
fi

title() { printf '\n\033[1m%s\033[0m\n' "$1"; }

try() {
	printf "\n$ ssh diag@%s '%s'\n" "$(hostname)" "$1"
	local status=0
	host_ssh diag@127.0.0.1 "$1" >/tmp/demo.out 2>&1 </dev/null || status=$?
	head -12 /tmp/demo.out
	printf '[exit status %s]\n' "$status"
}

show() {
	printf '\n$ %s\n' "$1"
	bash -c "$1"
}

title 'A host of its own: namespaces of this machine, with an sshd, a PAM service, users and a journal that go away with it.'
host_make
host_install
host_accept
host_users
host_journald
echo 'The users diag and diag-audit exist in here only.'
cat >/etc/pam_diag/policy.d/50-demo.conf <<-'END'
	# A secret that every user of the host may read: only this line stands in the way.
	[paths]
	allow = /srv
	deny = /srv/secret
END
chmod 0644 /etc/pam_diag/policy.d/50-demo.conf
host_pam
host_sshd

title 'Allowed'
try 'journalctl -n 5'
try 'df -h /var/log'
try 'ps -eo pid,user,comm | grep -c sshd'

title 'Refused'
try 'systemctl restart invidious'
try 'cat /srv/secret/token'
try 'tail -f /proc/self/root/srv/secret/token'
try 'cat /etc/hostname; id > /tmp/x'
try 'bash'

title 'On record, by plain sqlite3'
show "sqlite3 -readonly -box $HOST_DB 'select seq, verdict, line, status, rule from command order by seq'"
show "sqlite3 -readonly $HOST_DB < /usr/local/share/pam_diag/sql/queries/chain.sql"

title 'Exported'
show 'setpriv --reuid diag-audit --regid diag-audit --clear-groups diag-ship --sink jsonl:/var/lib/pam_diag/exported.jsonl'
show 'head -2 /var/lib/pam_diag/exported.jsonl | cut -c1-400'
show "wc -l < /var/lib/pam_diag/exported.jsonl; sqlite3 -readonly $HOST_DB 'select count(*) from event'"
host_sshd_stop
# For the picture of the README.
if [ -n "${DEMO_RECORDS:-}" ]; then cp /var/lib/pam_diag/exported.jsonl "$HOST_TOP/$DEMO_RECORDS"; fi
