#!/usr/bin/env bash
# What a session may use up as a whole, where the host gives its control group controllers, and what its record says of that.
# shellcheck disable=SC2016 # check_true evaluates its condition itself
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready
last_of() { host_sql "select rec->>'$2' from event where rec->>'$.kind' = '$1' order by seq desc limit 1"; }
no_process() { ! pgrep -x "$1" >/dev/null; }
# limits MEMORY PROCESSES: of every command.
limits() { sed -i -e "s/^memory-limit = .*/memory-limit = $1/" -e "s/^process-limit = .*/process-limit = $2/" /etc/pam_diag/policy.conf; }
limits 256M 100
printf '[session]\nconcurrency = 2\n' >/etc/pam_diag/policy.d/60-small.conf
chmod 0644 /etc/pam_diag/policy.d/60-small.conf

host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
mux() { ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 "$1"; }
run mux 'probe eat 50'
check_has 'three processes with room for all' "$RUN_OUT" 'whole 3'
monitor=$(pgrep -o -f '^sshd(-session)?: diag \[priv\]')
group=$(find "$(findmnt -nro TARGET -t cgroup2 | head -1)" -path "*/pam_diag/$monitor-*" -type d)
check_true 'it has a group' '[ -e "$group/cgroup.procs" ]'
run mux 'probe eat 100'
case $(last_of open '$.limits') in
cgroup)
	check_has 'three processes that take too much together: one is killed' "$RUN_OUT" 'whole 2'
	check_is 'the command had its end' "$RUN_STATUS" 0
	check_is 'the group says so, too' "$(sed -n 's/^oom_kill //p' "$group/memory.events")" 1
	check_is 'what holds for the session: memory' "$(cat "$group/memory.max")" $((256 << 20))
	check_is 'what holds for the session: processes, with room for diag-shells' "$(cat "$group/pids.max")" $((100 + 2 * 17))
	if [ -e "$group/memory.swap.max" ]; then check_is 'nothing is moved to the disk' "$(cat "$group/memory.swap.max")" 0; fi
	check_is 'the limits are root'\''s' "$(stat -c %U "$group/memory.max" "$group/pids.max" | sort -u)" root
	;;
rlimits)
	echo 'SKIP the session as a whole: this host gives the control groups of sessions no controllers'
	check_has 'without controllers each process has its limit, and no more is held' "$RUN_OUT" 'whole 3'
	;;
*) check_is 'the record says what holds' "$(last_of open '$.limits')" 'cgroup or rlimits' ;;
esac
run mux 'probe memory 300'
check_has 'each process has its limit in any case' "$RUN_OUT" 'memory: ENOMEM'
run mux 'cat /etc/hostname'
check_is 'the connection has outlived it all' "$RUN_STATUS" 0
check_is 'no layer is missing for that' "$(last_of open '$.missing')" "$(host_missing | sed "s,^\[\"\"\]$,[],")"
ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null || true
host_wait_for 'no_process diag-supervisor'
check_true 'the group is gone' '[ ! -e "$group" ]'

# Without limits in the policy nothing is asked of the group.
limits 0 0
run diag 'cat /etc/hostname'
check_is 'no limit: the record claims none for the group' "$RUN_STATUS $(last_of open '$.limits')" '0 rlimits'
check_done
