#!/usr/bin/env bash
# shellcheck disable=SC2034 # variables are read in what check_true and host_wait_for evaluate
# Sessions that end in other ways than by themselves.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready

count() { host_sql "select count(*) from event where rec->>'$.kind' = '$1'"; }
last_of() { host_sql "select rec->>'$2' from event where rec->>'$.kind' = '$1' order by seq desc limit 1"; }
all_closed() { [ "$(count open)" = "$(count close)" ]; }
no_process() { ! pgrep -x "$1" >/dev/null; }
newest() { host_sql "select session from event where kind = 'open' order by seq desc limit 1"; }
supervisor() { pgrep -xo diag-supervisor; }
mux() { ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 "$1"; }
group_of() { sed -n 's,^0::,,p' "/proc/$1/cgroup"; }
group_of_probe() { sed -n 's,.*/pam_diag/,,p' "/proc/$(pgrep -xo probe)/cgroup"; }
# From OpenSSH 9.8 on a connection's process is sshd-session.
monitor() { pgrep -o -f '^sshd(-session)?: diag \[priv\]'; }

# start LINE: the command in the background, running, its client's pid in CLIENT.
start() {
	: >/tmp/start.out # what the one before wrote must not be taken for this one's
	"${HOST_SSH[@]}" diag@127.0.0.1 "$1" >/tmp/start.out 2>/tmp/start.err &
	CLIENT=$!
	host_wait_for 'grep -q waiting /tmp/start.out'
}

# --- The client vanishes ---------------------------------------------------------------------------------------------

start 'probe wait'
kill -9 "$CLIENT"
host_wait_for all_closed
check_ok 'client killed: the session has its end'
check_is 'client killed: the command has its end' "$(count exit) $(last_of exit '$.signal')" '1 9'
host_wait_for 'no_process probe && no_process diag-shell && no_process diag-supervisor'
check_ok 'client killed: no process is left'

# --- diag-shell is killed: what has hidden from it ends with its session's control group ---------------------------------

start 'probe nest'
check_is 'diag-shell killed: a process that hides is there' "$(pgrep -cx probe)" 2
group=$(group_of_probe)
check_true 'the command is in a control group of its session' '[[ $group == $(monitor)-* ]]'
sshd=$(monitor)
check_is "sshd's child is in it, so that what it starts is born there" "$(group_of "$(pgrep -P "$sshd")")" "$(group_of "$(pgrep -xo probe)")"
check_true "sshd's monitor is not, since it has the end to tell" '[[ $(group_of "$sshd") != */pam_diag/* ]]'
kill -9 "$(pgrep -x diag-shell)"
status=0
wait "$CLIENT" 2>/dev/null || status=$?
check_is 'diag-shell killed: the client is told that it was no good end' "$status" 255
host_wait_for 'no_process probe'
check_ok 'diag-shell killed: no process is left'
host_wait_for all_closed
check_is 'diag-shell killed: the command has its end' "$(last_of exit '$.how')" 'lost'
check_is 'diag-shell killed: sshd has told the end of the session' "$(last_of close '$.how')" closed
host_wait_for 'no_process diag-supervisor'
check_is 'no control group is left' "$(find /sys/fs/cgroup -path "*/pam_diag/$group" -type d)" ''

# --- The database is locked, for longer than a writer waits, when a session ends -----------------------------------------

# shellcheck disable=SC2034 # in the condition below
opened=$(count open)
closed=$(count close)
host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
# The client goes to the background before sshd has opened the session: one that finds the lock is refused.
host_wait_for '[ "$(count open)" -gt "$opened" ]'
python3 - "$HOST_DB-lock" <<-'END' &
	import fcntl, os, struct, sys, time
	with open(sys.argv[1], "r+b") as file:
	    fcntl.fcntl(file, fcntl.F_OFD_SETLKW, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
	    open("/tmp/locked", "w").close()
	    while os.path.exists("/tmp/locked"):
	        time.sleep(0.1)
END
locker=$!
host_wait_for '[ -e /tmp/locked ]'
group=$(find /sys/fs/cgroup -path '*/pam_diag/*' -type d | wc -l)
ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null
host_wait_for '! monitor >/dev/null'
check_ok 'locked database: sshd is let go'
host_wait_for "[ \"\$(find /sys/fs/cgroup -path '*/pam_diag/*' -type d | wc -l)\" -lt $group ]"
check_ok 'locked database: the control group goes with the session'
check_is 'locked database: the end is not on record yet' "$(count close) $(supervisor >/dev/null && echo waits)" "$closed waits"
rm /tmp/locked
wait "$locker"
host_wait_for all_closed
check_is 'locked database: the end is on record once it is free' "$(count close) $(last_of close '$.how')" "$((closed + 1)) closed"
host_wait_for 'no_process diag-supervisor'
check_ok 'locked database: the supervisor ends then'

# --- The supervisor dies ---------------------------------------------------------------------------------------------

host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 'probe wait' >/tmp/mux.out 2>/tmp/mux.err &
running=$!
host_wait_for 'grep -q waiting /tmp/mux.out'
execs=$(count exec)
group=$(group_of_probe)
check_is 'supervisor killed: it had a control group' "$(find /sys/fs/cgroup -path "*/pam_diag/$group" -type d | wc -l) $group" "1 $group"
socket=$(ls -A /run/pam_diag)
kill -9 "$(supervisor)"
status=0
wait "$running" || status=$?
check_is 'supervisor killed: the running command dies' "$status" 137
check_has 'supervisor killed: the client is told that the end is not on record' "$(cat /tmp/mux.err)" 'could not be recorded'
host_wait_for 'no_process probe'
run ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 'cat /etc/hostname'
check_true 'supervisor killed: the next command fails' '[ "$RUN_STATUS" != 0 ]'
check_is 'supervisor killed: nothing runs' "$RUN_OUT" ''
check_is 'supervisor killed: nothing is recorded that did not happen' "$(count exec)" "$execs"
ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null || true
host_wait_for 'no_process diag-shell && ! monitor >/dev/null'
check_ok 'supervisor killed: sshd ends cleanly'
check_is 'supervisor killed: its socket is left' "$(ls -A /run/pam_diag)" "$socket"
host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
host_wait_for '[ "$(newest)" != "$socket" ]'
check_is 'supervisor killed: the next session removes its socket, and none that is in use' "$(ls -A /run/pam_diag)" "$(newest)"
touch "/run/pam_diag/$socket"
# shellcheck disable=SC2034 # in the condition below
left=$(printf '%s\n' "$socket" "$(newest)" | sort)
run diag 'cat /etc/hostname'
check_true 'a later session removes no socket that is in use, and nothing that is none' \
	'[ "$RUN_STATUS" = 0 ] && host_wait_for "[ \"\$(ls -A /run/pam_diag)\" = \"$left\" ]"'
rm "/run/pam_diag/$socket"
ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null || true
host_wait_for 'no_process diag-supervisor'
run diag 'cat /etc/hostname'
check_is 'supervisor killed: the next session removes its control group' "$(find /sys/fs/cgroup -path "*/pam_diag/$group" -type d)" ''
check_is 'supervisor killed: the next connection has a new one' "$RUN_STATUS" 0

# --- A shared connection: one move for all of its commands ---------------------------------------------------------------

host_wait_for 'no_process diag-supervisor'
host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
run mux 'cat /etc/hostname'
strace -f -e trace=write -P "$(find /sys/fs/cgroup -path "*/pam_diag/$(monitor)-*/cgroup.procs")" -o /tmp/moves -p "$(supervisor)" 2>/tmp/strace.err &
tracer=$!
host_wait_for 'grep -q attached /tmp/strace.err'
for i in 1 2 3; do
	run mux "grep -c nothing-$i /etc/hostname"
	check_is "shared connection: command $i has its own status" "$RUN_STATUS $RUN_OUT" "1 0"
done
run mux 'probe daemon'
check_is 'shared connection: a setsid child is gone with its command' "$RUN_STATUS $(pgrep -cx probe)" '0 0'
kill "$tracer"
wait "$tracer" 2>/dev/null || true
check_is 'shared connection: no further process is moved' "$(cat /tmp/moves)" ''
ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null || true
host_wait_for 'no_process diag-supervisor && ! monitor >/dev/null'
check_is 'shared connection: its end is told' "$(last_of close '$.how') $(last_of close '$.commands')" 'closed 5'

# sshd's child comes out of the group before the processes that a killed diag-shell has left are ended, and goes in again.
host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
for i in 1 2; do
	mux 'probe nest' >/tmp/mux.out 2>/tmp/mux.err &
	running=$!
	host_wait_for 'grep -q waiting /tmp/mux.out'
	check_is "shared connection: sshd's child is in the group, $i" "$(group_of "$(pgrep -P "$(monitor)")")" "$(group_of "$(pgrep -xo probe)")"
	kill -9 "$(pgrep -x diag-shell)"
	status=0
	wait "$running" || status=$?
	check_is "shared connection: its client is told of the killed diag-shell, $i" "$status" 255
	host_wait_for 'no_process probe'
	check_ok "shared connection: nothing that it has started is left, $i"
done
run mux 'cat /etc/hostname'
check_is 'shared connection: it goes on' "$RUN_STATUS $RUN_OUT" "0 $(cat /etc/hostname)"
ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null || true
host_wait_for 'no_process diag-supervisor && ! monitor >/dev/null'
check_is 'shared connection: its end is told again' "$(last_of close '$.how') $(last_of close '$.commands')" 'closed 3'

# --- The supervisor is stopped, the client goes, the supervisor goes on ------------------------------------------------

host_wait_for 'no_process diag-supervisor'
host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
# The client goes to the background before sshd has opened the session.
run ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 'cat /etc/hostname'
stopped=$(supervisor)
execs=$(count exec)
kill -STOP "$stopped"
ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 'probe wait' >/tmp/late.out 2>&1 &
late=$!
host_wait_for 'pgrep -f "^sshd(-session)?: diag@notty" >/dev/null'
kill -9 "$(monitor)"
pkill -9 -f '^sshd(-session)?: diag' || true
kill -9 "$late" 2>/dev/null || true
wait "$late" 2>/dev/null || true
kill -CONT "$stopped"
host_wait_for 'no_process diag-supervisor'
check_is 'a supervisor that was stopped lets nothing run afterwards' "$(count exec) $(cat /tmp/late.out)" "$execs "
check_is 'and records the end' "$(last_of close '$.how')" 'monitor-gone'
check_true 'and nothing is left' 'no_process probe && no_process diag-shell'

# --- The process that talks to the kernel's audit dies -------------------------------------------------------------------

host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
run ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 'cat /etc/hostname'
# The supervisor's children: the reader, and this one, if the kernel has an audit.
mapfile -t children < <(pgrep -P "$(supervisor)")
if [ ${#children[@]} = 2 ]; then
	check_is 'the supervisor has no capability' "$(sed -n 's/^CapPrm:\s*//p' "/proc/$(supervisor)/status")" 0000000000000000
	check_is 'before: it has these capabilities alone' "$(sed -n 's/^CapPrm:\s*//p' "/proc/${children[1]}/status")" 0000000020000000
	kill -9 "${children[1]}"
	run ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 'cat /etc/hostname'
	check_is "the audit's process is gone: commands run" "$RUN_STATUS" 0
	run ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 'cat /etc/hostname'
	ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null || true
	host_wait_for 'no_process diag-supervisor'
	check_is "the audit's process is gone: what was not told is counted" "$(last_of close '$.audit_lost')" 4
else
	echo "SKIP the audit's process: this kernel has no audit for us"
	ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null || true
	host_wait_for 'no_process diag-supervisor'
fi

# --- sshd is killed --------------------------------------------------------------------------------------------------

start 'probe wait'
kill -9 "$(monitor)"
host_wait_for 'no_process probe'
check_ok 'monitor killed: the command dies'
host_wait_for 'no_process diag-supervisor'
check_true 'monitor killed: the end is on record' '[ "$(last_of close "\$.how")" = monitor-gone ] || [ "$(last_of close "\$.how")" = hang-up ]'
kill -9 "$CLIENT" 2>/dev/null || true

# --- diag-shell is killed --------------------------------------------------------------------------------------------

start 'probe wait'
pkill -9 -x diag-shell
host_wait_for 'no_process probe'
check_ok 'diag-shell killed: its command dies with it'
host_wait_for '[ "$(last_of exit "\$.how")" = lost ]'
check_ok 'diag-shell killed: the command is on record as lost'
host_wait_for 'no_process diag-supervisor'

# --- Mounts of the host, made after the open -------------------------------------------------------------------------

mkdir -p /srv/late /srv/other
start 'probe wait'
mount --bind /srv/secret /srv/late
shell=$(pgrep -xo probe)
check_true 'a later mount of the host does not reach the session' "! nsenter -t $shell -m test -e /srv/late/token"
check_true 'the mask holds inside' "! nsenter -t $shell -m grep -q TOKEN /srv/secret/token 2>/dev/null"
mount -t tmpfs later /srv && mkdir -p /srv/secret && echo "TOKEN=$HOST_SECRET" >/srv/secret/token
check_true 'nor does a mount above a mask uncover it' "! nsenter -t $shell -m grep -q TOKEN /srv/secret/token 2>/dev/null"
umount /srv
umount /srv/late
check_true 'every mount of the session is read-only but its terminals, its login records' \
	"! nsenter -t $shell -m awk '{split(\$6, o, \",\"); if (o[1] == \"rw\" && \$5 != \"/dev/pts\" && \$5 != \"/run/utmp\" &&
		\$5 !~ \"^/var/log/(wtmp|lastlog)\$\") print}' /proc/self/mountinfo | grep -q ."
"${HOST_SSH[@]}" -tt plain@127.0.0.1 'tty; sleep 60' >/tmp/plain.out 2>/dev/null &
plain=$!
host_wait_for 'grep -q /dev/pts /tmp/plain.out'
check_is "another session's terminal is not there to be opened" "$(nsenter -t "$shell" -m ls /dev/pts)" ptmx
kill -9 "$plain"
kill -9 "$CLIENT"
host_wait_for 'no_process diag-supervisor'

# --- A denied place is replaced on the host: the kernel takes its mask away --------------------------------------------

mkdir -p /srv/d
echo old >/srv/d/key.pem
chmod 0644 /srv/d/key.pem
printf '[paths]\ndeny = /srv/d/key.pem /srv/d/late*\n' >/etc/pam_diag/policy.d/70-replaced.conf
chmod 0644 /etc/pam_diag/policy.d/70-replaced.conf
host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
run mux 'grep -r . /srv/d'
check_lacks 'a denied file is hidden' "$RUN_OUT" old
: >/tmp/start.out
mux 'probe read-later /srv/d/key.pem' >/tmp/start.out 2>/tmp/start.err &
running=$!
host_wait_for 'grep -q waiting /tmp/start.out'
echo "TOKEN=$HOST_SECRET" >/srv/d/.new && chmod 0644 /srv/d/.new && mv /srv/d/.new /srv/d/key.pem
wait "$running" || true
run mux 'grep -r . /srv/d'
check_lacks 'a denied file that was replaced: not in sight of the next command' "$RUN_OUT" "$HOST_SECRET"
host_wait_for '[ "$(last_of close "\$.how")" = mask-lost ]'
check_ok 'a mask that was lost ends the session'
ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null || true
run diag 'grep -r . /srv/d'
check_lacks 'the next session hides what is there now' "$RUN_OUT" "$HOST_SECRET"
host_wait_for 'no_process diag-supervisor'

# A mount that is no mask goes away with its place, as the runtime directory of a user who logs out does.
mkdir -p /run/user/77
mount -t tmpfs runtime /run/user/77
host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
: >/tmp/start.out
mux 'probe wait' >/tmp/start.out 2>/tmp/start.err &
running=$!
host_wait_for 'grep -q waiting /tmp/start.out'
inside=$(pgrep -xo probe)
check_true 'another mount is in the session' "grep -q ' /run/user/77 ' /proc/$inside/mountinfo"
umount /run/user/77
rmdir /run/user/77
check_true 'another mount goes away with its place' "host_wait_for '! grep -q \" /run/user/77 \" /proc/$inside/mountinfo'"
run mux 'cat /etc/hostname'
check_is 'another mount goes away: the session goes on' "$RUN_STATUS" 0
check_true 'another mount goes away: the running command, too' 'kill -0 "$inside"'
kill "$running"
ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null || true
host_wait_for 'no_process diag-supervisor'

host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
run mux 'cat /etc/hostname'
check_is 'before a denied file appears: commands run' "$RUN_STATUS" 0
echo "TOKEN=$HOST_SECRET" >/srv/d/late1
chmod 0644 /srv/d/late1
run mux 'grep -r . /srv/d'
check_is 'a denied file that appears later: commands are refused' "$RUN_STATUS" 126
check_has 'a denied file that appears later: the reason' "$RUN_ERR" 'connect again'
check_lacks 'a denied file that appears later: nothing leaks' "$RUN_OUT" "$HOST_SECRET"
ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null || true
run diag 'cat /etc/hostname'
check_is 'the next session runs again' "$RUN_STATUS" 0
host_wait_for 'no_process diag-supervisor'

# --- A terminal's keys -----------------------------------------------------------------------------------------------

mkfifo /tmp/keys
"${HOST_SSH[@]}" -tt diag@127.0.0.1 'probe wait' </tmp/keys >/tmp/start.out 2>/dev/null &
CLIENT=$!
exec 9>/tmp/keys
host_wait_for 'grep -q waiting /tmp/start.out'
printf '\003' >&9
status=0
wait "$CLIENT" || status=$?
exec 9>&-
check_is 'Ctrl-C ends the command' "$status" 130
check_is 'Ctrl-C is on record' "$(last_of exit '$.how')" interrupted

host_wait_for 'no_process diag-supervisor'
check_is 'every session but that of the killed supervisor has its end' "$(($(count open) - $(count close)))" 1
check_done
