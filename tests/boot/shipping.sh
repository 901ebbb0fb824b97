# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # variables pass between the scripts that inside.sh sources
# The shipped timer and service, a receiver (rsyslogd by RELP) and the journal: what is typed over ssh is in the receiver's file within a
# minute, without anybody doing anything. Sourced by inside.sh.

received=/var/log/received
cat >/etc/receiver.conf <<-END
	global(workDirectory="/var/spool/rsyslog" maxMessageSize="1m" parser.escapeControlCharactersOnReceive="off")
	module(load="imrelp")
	template(name="raw" type="string" string="%rawmsg%\n")
	ruleset(name="out" queue.type="Direct") { action(type="omfile" file="$received" template="raw") }
	input(type="imrelp" address="127.0.0.1" port="2514" maxDataSize="1m" ruleset="out")
END
cat >/etc/systemd/system/receiver.service <<-'END'
	[Service]
	ExecStart=/usr/sbin/rsyslogd -n -f /etc/receiver.conf -i /run/receiver.pid
END
cat >/etc/pam_diag/ship.conf <<-'END'
	[sink fleet]
	type = relp
	url = relp://127.0.0.1
	[sink journal]
	type = journald
END
chmod 0644 /etc/pam_diag/ship.conf

# A bound, not a measurement: what holds earlier is seen earlier.
within_a_minute() {
	local i
	for i in $(seq 240); do
		if eval "$1"; then return 0; fi
		sleep 0.25
	done
	return 1
}
is_received() { grep -qs "process.command_line=\"$1\"" "$received"; }

check_is 'before the timer runs nothing has been shipped' "$(find /var/lib/pam_diag -name '*.cursor' | wc -l)" 0
systemctl daemon-reload
systemctl start receiver.service
systemctl enable --quiet --now diag-ship.timer diag-prune.timer
check_is 'the timers are there' "$(systemctl is-active diag-ship.timer diag-prune.timer | sort -u)" active
run diag 'cat /etc/hostname'
check_is 'a command runs' "$RUN_STATUS" 0
check_true "a command is in the receiver's file within a minute" "within_a_minute 'is_received \"cat /etc/hostname\"'"
run diag 'cat /srv/secret/token'
check_is 'a command is refused' "$RUN_STATUS" 126
check_true 'so is a refused one' "within_a_minute 'is_received \"cat /srv/secret/token\"'"
check_has 'as a warning of this host' "$(grep 'process.command_line="cat /srv/secret/token"' "$received")" '<84>1 '
check_has 'with its host' "$(grep 'process.command_line="cat /srv/secret/token"' "$received")" " $(hostname) pam_diag - exec "
check_true 'and in the journal' "within_a_minute 'journalctl -q -o cat SYSLOG_IDENTIFIER=pam_diag DIAG_VERDICT=deny | grep -q /srv/secret/token'"
check_true 'the service has ended well' "within_a_minute '[ \"\$(systemctl show -P ActiveState diag-ship)\" = inactive ]'"
check_is 'and has not failed' "$(systemctl show -P Result diag-ship)" success
check_is 'it is the user of the auditor' "$(stat -c %U /var/lib/pam_diag/ship)" diag-audit

# Without its receiver it fails where everybody sees it; afterwards nothing is missing.
systemctl stop receiver.service
run diag 'cat /etc/debian_version'
check_true 'a receiver that is down: the unit has failed' "within_a_minute 'systemctl --failed --no-legend | grep -q diag-ship.service'"
check_has 'a receiver that is down: the journal says why' "$(journalctl -q -o cat -u diag-ship)" \
	'fleet (relp://127.0.0.1): cannot connect: Connection refused'
check_true 'a receiver that is down: the other sink has the record' \
	"within_a_minute 'journalctl -q -o cat SYSLOG_IDENTIFIER=pam_diag | grep -q /etc/debian_version'"
systemctl start receiver.service
check_true 'it comes back: the record arrives' "within_a_minute 'is_received \"cat /etc/debian_version\"'"
check_true 'it comes back: the unit is well again' "within_a_minute '! systemctl --failed --no-legend | grep -q diag-ship.service'"
systemctl stop diag-ship.timer
within_a_minute '[ "$(systemctl show -P ActiveState diag-ship)" != activating ]'
systemctl start diag-ship.service
grep -o 'log.record.uid="[^"]*"' "$received" | uniq | sed 's/.*:\([0-9]*\)"/\1/' >/tmp/numbers
check_is 'every row of the database is there, in order' "$(sort -n -u /tmp/numbers | cmp - <(host_sql 'select seq from event order by seq') 2>&1)" ''

systemctl start diag-prune.service || true
check_is 'the pruner has nothing to do, and ends well' "$(systemctl show -P Result diag-prune)" success
