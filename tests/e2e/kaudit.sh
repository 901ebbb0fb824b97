#!/usr/bin/env bash
# The kernel's audit as a second witness, with a real auditd and the kernel's own audit.
#
# There is one audit for the whole machine, and only processes of its first pid namespace may ask and steer it. So this host has no pid
# namespace of its own: nothing is looked for by name here, and what was changed is put back at the end.
# shellcheck disable=SC2016 # check_true evaluates its condition itself
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"

skip() {
	echo "SKIP kaudit: $1"
	exit 0
}
status_of() { auditctl -s 2>/dev/null | awk -v name="$1" '$1 == name {print $2}'; }

if [ "${HOST_INSIDE:-}" != 1 ]; then
	if [ "$(id -u)" != 0 ]; then skip 'needs root'; fi
	if ! command -v auditd >/dev/null || ! command -v auditctl >/dev/null; then skip 'auditd is not installed (make deps)'; fi
	if [ -z "$(status_of enabled)" ]; then skip 'the audit of this kernel cannot be asked from here (a container?)'; fi
	if [ "$(status_of pid)" != 0 ]; then skip 'an audit daemon runs on this machine already'; fi
	if [ "$(status_of rate_limit)" != 0 ]; then skip 'the audit of this machine has a rate limit'; fi
	if [ "$(status_of enabled)" = 2 ]; then skip 'the audit of this machine is locked'; fi
	export HOST_AUDIT_BEFORE HOST_AUDIT_BACKLOG
	HOST_AUDIT_BEFORE=$(status_of enabled)
	HOST_AUDIT_BACKLOG=$(status_of backlog_limit)
	if ! auditctl -e 1 >/dev/null 2>&1; then skip 'the audit of this kernel cannot be switched on'; fi
	auditctl -e "$HOST_AUDIT_BEFORE" >/dev/null 2>&1
	exec env HOST_INSIDE=1 unshare --mount --net --ipc --uts --propagation private -- bash "$0" "$@"
fi

auditd=
put_back() {
	if [ -n "$auditd" ]; then
		kill -CONT "$auditd" 2>/dev/null || true
		kill "$auditd" 2>/dev/null || true
		wait "$auditd" 2>/dev/null || true
	fi
	host_sshd_stop || true
	auditctl -b "$HOST_AUDIT_BACKLOG" -r 0 >/dev/null 2>&1 || true
	auditctl -e "$HOST_AUDIT_BEFORE" >/dev/null 2>&1 || true
}
trap put_back EXIT

host_make
host_install
host_users
host_test_policy
host_pam
host_sshd

auditd_start() {
	mkdir -p /tmp/audit/conf/plugins.d /tmp/audit/log
	chmod 0700 /tmp/audit/log
	cat >/tmp/audit/conf/auditd.conf <<-END
		local_events = yes
		write_logs = yes
		log_file = /tmp/audit/log/audit.log
		log_format = RAW
		flush = NONE
		max_log_file = 8
		num_logs = 2
		max_log_file_action = ROTATE
		space_left = 2
		admin_space_left = 1
		space_left_action = IGNORE
		admin_space_left_action = IGNORE
		disk_full_action = IGNORE
		disk_error_action = IGNORE
		plugin_dir = /tmp/audit/conf/plugins.d
	END
	chmod 0640 /tmp/audit/conf/auditd.conf
	auditd -n -c /tmp/audit/conf >/tmp/audit/out 2>&1 &
	auditd=$!
	host_wait_for '[ "$(status_of pid)" = "$auditd" ]'
	auditctl -e 1 >/dev/null
}
auditd_stop() {
	kill "$auditd"
	wait "$auditd" 2>/dev/null || true
	auditd=
	host_wait_for '[ "$(status_of pid)" = 0 ]'
}
# The log is the machine's: only what names a session of this host is looked at.
own() { grep -aF -f <(host_sql "select 'session=' || session from event where kind = 'open'") || true; }
search() { ausearch -if /tmp/audit/log/audit.log "$@" 2>/dev/null | own; }
raw() { grep -a "$1" /tmp/audit/log/audit.log | own; }
closed() { [ "$(host_sql "select count(*) from event where kind = 'open'")" = "$(host_sql "select count(*) from event where kind = 'close'")" ]; }
last_of() { host_sql "select rec ->> '$2' from event where kind = '$1' order by seq desc limit 1"; }
mux() { ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 "$1"; }
audit_is() {
	printf '[session]\naudit = %s\n' "$1" >/etc/pam_diag/policy.d/60-audit.conf
	chmod 0644 /etc/pam_diag/policy.d/60-audit.conf
}

# --- audit = yes, which is the default -------------------------------------------------------------------------------------

auditd_start
diag 'cat /etc/hostname' >/dev/null
diag 'cat /srv/secret/token' >/dev/null 2>&1 || true
HOSTILE=$(printf 'cat "x\nres=success" type=USER_CMD res=success')
diag "$HOSTILE" >/dev/null 2>&1 || true
host_wait_for closed
host_wait_for '[ "$(raw type=USER_CMD | grep -c op=diag-exec)" = 3 ]'
check_is 'three lines, three records' "$(search -m USER_CMD --raw | grep -c op=diag-exec)" 3
failed=$(search -m USER_CMD -sv no -i)
check_has 'ausearch finds the refused command' "$failed" 'cmd=cat /srv/secret/token'
check_is 'and the hostile one, and no other' "$(search -m USER_CMD -sv no --raw | grep -c op=diag-exec)" 2
check_is 'a line break and res=success stay inside of their field' "$(raw type=USER_CMD | grep op=diag-exec | tail -1 | grep -o 'res=[a-z]*' | tr '\n' ' ')" 'res=failed '
check_has 'the whole of it is there, encoded' "$(raw type=USER_CMD | grep op=diag-exec | tail -1)" \
	"cmd=$(printf %s "$HOSTILE" | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F)"
check_is 'the allowed one succeeded' "$(search -m USER_CMD -sv yes --raw | grep -c op=diag-exec)" 1
check_is 'each names its row and the hash of it' \
	"$(raw type=USER_CMD | grep -o 'seq=[0-9]* hash=[0-9a-f]*')" \
	"$(host_sql "select 'seq=' || seq || ' hash=' || lower(hex(hash)) from event where kind = 'exec' order by seq")"
check_has 'who and from where' "$(raw type=USER_CMD | head -1)" 'acct="diag"'
check_has 'the client is named' "$(raw type=USER_CMD | head -1)" 'addr=127.0.0.1 terminal=ssh res=success'
check_is 'the end of the command' "$(raw type=TRUSTED_APP | grep -o 'op=diag-exit\|how=[a-z]* status=[0-9]*' | tr '\n' ' ')" 'op=diag-exit how=exited status=0 '
check_is 'nothing was lost' "$(last_of close '$.audit_lost')" 0
diag "cat $(head -c 20000 /dev/zero | tr '\0' x)" >/dev/null 2>&1 || true
host_wait_for '[ "$(raw type=USER_CMD | grep -c op=diag-exec)" = 4 ]'
check_has 'a long line is cut, and says so' "$(raw type=USER_CMD | tail -1)" ' length=20004 cmd=6361742078'

# --- An auditd that hangs: no command waits for it --------------------------------------------------------------------------

# Once auditd takes nothing more, the kernel puts whoever sends to sleep while more than so few messages wait, for a minute or until it is
# his turn. Those that are sent here are in front of our process, and sshd's own messages would have to wait, too: so what follows is in a
# connection that is there already, and that ends by a kill.
hung=0
hang_auditd() { # OPEN: so many sessions are open then
	hung=$((hung + 1))
	host_ssh -fNM -S "/tmp/client/hung.$hung" diag@127.0.0.1
	host_wait_for '[ "$(host_sql "select count(*) from session where closed is null")" = '"$1 ]"
	kill -STOP "$auditd"
	auditctl -b 1 >/dev/null
	local filler i
	filler=$(head -c 6000 /dev/zero | tr '\0' x)
	fillers=()
	for i in $(seq 1000); do
		auditctl -m "$filler" >/dev/null 2>&1 &
		fillers+=($!)
		if [ $((i % 25)) = 0 ] && [ "$(sleepers)" -ge 20 ]; then return; fi
	done
	echo 'the kernel lets all senders go on' >&2
	return 1
}
sleepers() {
	local pid
	for pid in "${fillers[@]}"; do cat "/proc/$pid/wchan" && echo; done 2>/dev/null | grep -c '^audit_' || true
}
let_auditd_go() {
	kill -9 "$(last_of open '$.monitor')"
	host_wait_for '[ -n "$(host_sql "select closed from session order by seq desc limit 1")" ]'
	kill -CONT "$auditd"
	auditctl -b "$HOST_AUDIT_BACKLOG" >/dev/null
}
# A watchdog, and less than the kernel's minute.
hung_mux() { timeout 30 ssh -F /dev/null -S "/tmp/client/hung.$hung" diag@127.0.0.1 "$1"; }

hang_auditd 1
ran=0
for _ in $(seq 10); do
	run hung_mux 'cat /etc/hostname'
	if [ "$RUN_STATUS $(wc -l <<<"$RUN_OUT")" = '0 1' ]; then ran=$((ran + 1)); fi
done
check_is 'auditd hangs: the commands run' "$ran" 10
check_is 'auditd hangs: they are on record' \
	"$(host_sql "select count(*) from event where kind = 'exit' and rec ->> '$.how' = 'exited' and session = '$(last_of open '$.session')'")" 10
let_auditd_go
check_is 'auditd hangs: the end is on record' "$(last_of close '$.how')" 'monitor-gone'
check_true "auditd hangs: what is not told by then is counted ($(last_of close '$.audit_lost'))" '[ "$(last_of close "\$.audit_lost")" -gt 0 ]'

# --- audit = no --------------------------------------------------------------------------------------------------------------

audit_is no
told=$(raw type=USER_CMD | grep -c op=diag-exec)
diag 'cat /etc/hostname' >/dev/null
host_wait_for closed
check_is 'audit = no: nothing is told' "$(raw type=USER_CMD | grep -c op=diag-exec)" "$told"

# --- audit = required --------------------------------------------------------------------------------------------------------

audit_is required
run diag 'cat /etc/hostname'
check_is 'required, and there: it runs' "$RUN_STATUS" 0
host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
run mux 'cat /etc/hostname'
check_is 'required, in a session: it runs' "$RUN_STATUS" 0
hang_auditd 2
for _ in $(seq 20); do
	run hung_mux 'cat /etc/hostname'
	if [ "$RUN_STATUS" != 0 ]; then break; fi
done
check_is 'required, auditd hangs: the status' "$RUN_STATUS $RUN_OUT" '126 '
check_has 'required, auditd hangs: why' "$RUN_ERR" 'look whether auditd hangs'
check_is 'required, auditd hangs: on record as not run' "$(last_of exit '$.how')" 'not-audited'
run hung_mux help
check_is 'required, auditd hangs: what runs nothing is answered' "$RUN_STATUS" 0
let_auditd_go
check_is 'required, auditd hangs: the end is on record' "$(last_of close '$.how')" 'monitor-gone'
run mux 'cat /etc/hostname'
check_is 'required, auditd goes on: it runs' "$RUN_STATUS" 0
auditctl -e 0 >/dev/null
run mux 'cat /etc/hostname'
check_is 'required, switched off: the status' "$RUN_STATUS $RUN_OUT" '126 '
check_has 'required, switched off: why' "$RUN_ERR" "the kernel's audit is switched off"
check_is 'required, switched off: on record as not run' "$(last_of exit '$.how')" 'not-audited'
auditctl -e 1 >/dev/null
run mux 'cat /etc/hostname'
check_is 'required, on again: it runs' "$RUN_STATUS" 0
auditctl -r 1 >/dev/null
for _ in $(seq 20); do
	run mux 'cat /etc/hostname'
	if [ "$RUN_STATUS" != 0 ]; then break; fi
done
auditctl -r 0 >/dev/null
check_is 'required, dropped by the kernel: the status' "$RUN_STATUS $RUN_OUT" '126 '
check_has 'required, dropped by the kernel: why' "$RUN_ERR" 'the kernel dropped the message'
auditd_stop
run mux 'cat /etc/hostname'
check_is 'required, without a daemon: the status' "$RUN_STATUS $RUN_OUT" '126 '
check_has 'required, without a daemon: why' "$RUN_ERR" 'no audit daemon is running'
run mux help
check_is 'required, without a daemon: what runs nothing is answered' "$RUN_STATUS" 0
run diag 'cat /etc/hostname'
check_is 'required, without a daemon: no session opens' "$RUN_STATUS" 254
check_has 'required, without a daemon: says why' "$RUN_OUT" "the policy requires the kernel's audit: no audit daemon is running"
auditd_start
run mux 'cat /etc/hostname'
check_is 'required, with a daemon again: it runs' "$RUN_STATUS" 0
ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null || true
host_wait_for closed
check_done
