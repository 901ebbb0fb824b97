#!/usr/bin/env bash
# One command after another over the real ssh: allowed, refused, recorded.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready

rows() { host_sql "select count(*) from event where rec->>'$.kind' = '$1'"; }
last_of() { host_sql "select rec->>'$2' from event where rec->>'$.kind' = '$1' order by seq desc limit 1"; }

# --- Allowed ---------------------------------------------------------------------------------------------------------

run diag 'cat /etc/hostname'
check_is 'an allowed command: its output' "$RUN_OUT" "$(cat /etc/hostname)"
check_is 'an allowed command: its status' "$RUN_STATUS" 0
check_is 'an allowed command: nothing on stderr' "$RUN_ERR" ''
check_is 'an allowed command: its rows' "$(rows open) $(rows exec) $(rows exit) $(rows close)" '1 1 1 1'
check_is 'the open row: user, service, client' "$(host_sql "select rec->>'$.user', rec->>'$.service', rec->>'$.client'
	from event where seq = 1")" 'diag|sshd|127.0.0.1'
check_is 'the open row: the key that logged in' "$(last_of open '$.key')" \
	"$(ssh-keygen -lf /tmp/client/key.pub | cut -d' ' -f2)"
check_is 'the open row: the policy' "$(last_of open '$.policy')" \
	"$(/usr/local/bin/diagctl policy check | grep -oE '[0-9a-f]{64}')"
check_is 'the open row: host and boot' "$(last_of open '$.host') $(last_of open '$.boot')" \
	"$(hostname) $(cat /proc/sys/kernel/random/boot_id)"
check_is 'the exec row: the line as received' "$(last_of exec '$.line')" 'cat /etc/hostname'
check_is 'the exec row: the argv that ran' "$(last_of exec '$.stages[0].argv')" '["cat","/etc/hostname"]'
check_is 'the exit row' "$(last_of exit '$.status') $(last_of exit '$.how')" '0 exited'

host_journald
run diag 'journalctl -n 5'
check_has 'journalctl: reads the journal' "$RUN_OUT" 'request 3 served'
check_is 'journalctl: runs without a pager' "$(last_of exec '$.stages[0].argv')" '["journalctl","--no-pager","-n5"]'
run diag 'journalctl -t invidious -o cat --lines=1'
check_is 'journalctl: options in other spellings' "$RUN_OUT" 'invidious: request 3 served'
run diag 'journalctl -t invidious -o json -n 1'
check_has 'journalctl: JSON has the message' "$RUN_OUT" '"MESSAGE":"invidious: request 3 served"'
run diag 'systemctl status ssh'
check_true 'systemctl: runs, and says that systemd is not there' '[ "$RUN_STATUS" != 126 ] && [ "$RUN_STATUS" != 127 ]'

run diag 'false'
check_is 'a failing command: its status' "$RUN_STATUS" 1
run diag 'probe status 77'
check_is 'any status passes' "$RUN_STATUS" 77
run diag 'probe crash'
check_is 'a signal is 128+n' "$RUN_STATUS" 139
check_is 'a signal is on record' "$(last_of exit '$.signal')" 11
run diag 'probe streams'
check_has 'stdout stays stdout' "$RUN_OUT" 'to stdout'
check_is 'stderr stays stderr' "$RUN_ERR" 'to stderr'
run host_ssh -tt diag@127.0.0.1 'probe status 78'
check_is 'a status passes with a pty' "$RUN_STATUS" 78
run host_ssh -tt diag@127.0.0.1 'probe crash'
check_is 'a signal passes with a pty' "$RUN_STATUS" 139
head -c 3000000 /dev/urandom | base64 >/srv/big
run diag 'cat /srv/big'
check_true 'much output arrives whole' 'cmp -s /tmp/run.out /srv/big'
check_is 'bytes are counted' "$(last_of exit '$.stdout_bytes')" "$(stat -c %s /srv/big)"
run host_ssh -tt diag@127.0.0.1 'probe terminal'
check_has 'a command has no terminal, even with -tt' "$RUN_OUT" 'terminal: E'
run diag 'probe descriptors'
check_is 'a command has three descriptors' "$RUN_OUT" $'fd 0\nfd 1\nfd 2\ndescriptors: ok'

# --- Help, no shell --------------------------------------------------------------------------------------------------

run host_ssh -tt diag@127.0.0.1
check_has 'no command: help' "$RUN_OUT" 'journalctl'
check_is 'no command: no failure' "$RUN_STATUS" 0
run diag 'help cat'
check_has 'help for one command' "$RUN_OUT" '--number'

# --- Refused ---------------------------------------------------------------------------------------------------------

# refused NAME STATUS PART LINE: status, a part of the message, and a row with the verdict deny for exactly that line.
refused() {
	run diag "$4"
	check_is "refused: $1: status" "$RUN_STATUS" "$2"
	check_has "refused: $1: reason" "$RUN_ERR" "$3"
	check_lacks "refused: $1: nothing leaks" "$RUN_OUT$RUN_ERR" "$HOST_SECRET"
	check_is "refused: $1: on record" "$(last_of exec '$.verdict') $(last_of exec '$.line')" "deny $4"
}

refused 'an unknown command' 127 'no rule' 'rm -rf /srv'
refused 'a command that changes something' 126 'restart' 'systemctl restart ssh'
refused 'an unknown option' 126 '--frobnicate' 'cat --frobnicate /etc/hostname'
ln -s /srv/secret/token /srv/link
ln -s /srv/secret /srv/way
refused 'a denied path' 126 '/srv/secret/token' 'cat /srv/secret/token'
refused 'a denied path by a link' 126 'denied' 'cat /srv/link'
refused 'a denied path by a linked directory' 126 'denied' 'cat /srv/way/token'
refused 'a denied path by ..' 126 'denied' 'cat /srv/../srv/secret/../secret/token'
refused 'a denied path by /proc/self/root' 126 '/proc' 'cat /proc/self/root/srv/secret/token'
refused 'a relative path' 126 'absolute' 'cat secret/token'
for line in 'cat /etc/hostname & id' 'cat /etc/hostname |' '&& id' 'cat /etc/hostname ;; id' 'cat /etc/hostname > /etc/x' \
	'cat $(id)' 'cat `id`' 'cat /etc/hostname > /tmp/x' 'cat < /srv/secret/token' 'cat "$HOME"' '(id)' \
	$'cat /etc/hostname\nid' 'cat "/etc/hostname' 'X=1 id'; do
	refused "shell syntax: ${line//$'\n'/\\n}" 126 'refused:' "$line"
done
check_true 'nothing was written' '[ ! -e /tmp/x ] && [ ! -e /etc/x ]'
refused 'one command of a line' 127 'awk has no rule' 'cat /etc/hostname | awk 1'
refused 'a path in the second command' 126 'denied' 'cat /etc/hostname; cat /srv/secret/token'
refused 'a file operand of a filter' 126 'denied' 'cat /etc/hostname | grep x /srv/secret/token'
check_is 'nothing of a line runs when one command of it is refused' "$RUN_OUT" ''

# --- Pipelines and lists ---------------------------------------------------------------------------------------------

# line NAME LINE OUTPUT STATUS
line() {
	run diag "$2"
	check_is "line: $1: output" "$RUN_OUT" "$3"
	check_is "line: $1: status" "$RUN_STATUS" "$4"
}
printf 'one\ntwo\nthree\n' >/srv/lines
line 'a pipe' 'cat /srv/lines | grep -c t' 2 0
line 'three stages' 'cat /srv/lines | grep t | wc -l' 2 0
line 'the last status counts' 'cat /srv/lines | grep nothing' '' 1
line 'a failing producer does not' 'false | wc -l' 0 0
line 'a reader that ends early' 'cat /srv/big | head -n 1 | wc -l' 1 0
line 'then' 'false; cat /etc/hostname' "$(cat /etc/hostname)" 0
line 'and, after success' 'hostname && wc -l /srv/lines' "$(hostname)"$'\n3 /srv/lines' 0
line 'and, after failure' 'false && hostname' '' 1
line 'or, after success' 'hostname || false' "$(hostname)" 0
line 'or, after failure' 'false || hostname' "$(hostname)" 0
line 'and, or in turn' 'false && hostname || wc -l /srv/lines' '3 /srv/lines' 0
line 'a pipe in a list' 'cat /srv/lines | grep -q two && hostname' "$(hostname)" 0
line 'stderr nowhere' 'probe streams 2>/dev/null' $'to stdout\nstreams: ok' 0
check_is 'line: stderr nowhere: nothing on stderr' "$RUN_ERR" ''
line 'stdout nowhere' 'probe streams >/dev/null' '' 0
check_is 'line: stdout nowhere: stderr stays' "$RUN_ERR" 'to stderr'
line 'stderr into the pipe' 'probe streams 2>&1 | grep -c to' 2 0
line 'stderr into the pipe, short' 'probe streams |& grep -c to' 2 0
line 'stdout nowhere, stderr into the pipe' 'probe streams 2>&1 >/dev/null | grep -c to' 1 0
line 'both nowhere' 'probe streams >/dev/null 2>&1' '' 0
check_is 'line: both nowhere: nothing on stderr' "$RUN_ERR" ''
run diag 'short 100 | short 100'
check_is 'line: the time limit ends every stage' "$RUN_STATUS" 124
check_true 'line: nothing is left' '! pgrep -x probe >/dev/null'
run diag 'cat /srv/lines | probe exec /usr/bin/id'
check_has 'line: a stage of a pipe cannot exec' "$RUN_OUT" 'exec: EACCES'
run diag 'cat /srv/lines | grep two'
check_is 'line: every stage is on record' "$(last_of exec '$.stages[1].argv')" '["grep","two"]'
check_is 'line: every status is on record' "$(last_of exit '$.stage_status')" '[0,0]'

# --- Globs -----------------------------------------------------------------------------------------------------------

mkdir /srv/g
touch /srv/g/a1.log /srv/g/a2.log /srv/g/b1.log '/srv/g/a[.log'
line 'a glob' 'ls /srv/g/a?.log' $'/srv/g/a1.log\n/srv/g/a2.log\n/srv/g/a[.log' 0
check_is 'glob: the paths are on record' "$(last_of exec '$.stages[0].argv')" \
	'["ls","/srv/g/a1.log","/srv/g/a2.log","/srv/g/a[.log"]'
line 'a quoted glob is a name' "ls '/srv/g/a[.log'" '/srv/g/a[.log' 0
line 'a glob in a text operand stays as it is' 'cat /srv/lines | grep tw*' $'two\nthree' 0
refused 'a glob that matches a denied path' 126 'denied' 'cat /srv/secret/*'
refused 'a glob on the way to a denied path' 126 'matches nothing that may be seen' 'cat /srv/s*/token'
mkdir /srv/h
ln -s /srv/secret/token /srv/h/one
echo two >/srv/h/two
line 'a glob leaves out what is denied' 'cat /srv/h/*' two 0
check_is 'and it is not told by name' "$(last_of exec '$.stages[0].argv')" '["cat","/srv/h/two"]'
refused 'a glob that matches nothing' 126 'matches nothing' 'cat /srv/g/zz*'
refused 'a relative glob' 126 'absolute' 'cat *'
refused 'braces' 126 'braces' 'cat /srv/g/{a1,b1}.log'

# --- What the kernel says when an allowed program tries --------------------------------------------------------------

attempt() {
	run diag "$2"
	check_has "attempt: $1" "$RUN_OUT" "$3"
	check_lacks "attempt: $1: nothing leaks" "$RUN_OUT" "$HOST_SECRET"
}
attempt 'read a denied file' 'probe read /srv/secret/token' 'read: E'
attempt 'read it by a link' 'probe read /srv/link' 'read: E'
attempt 'read it by /proc/self/root' 'probe read /proc/self/root/srv/secret/token' 'read: E'
attempt 'read the records' "probe read $HOST_DB" 'read: E'
attempt 'read outside of the allowed trees' 'probe read /root/.profile' 'read: E'
attempt 'write to /tmp' 'probe write /tmp/written' 'write: E'
attempt 'write to /var/log' 'probe write /var/log/written' 'write: E'
attempt 'write to /dev/shm' 'probe write /dev/shm/written' 'write: E'
attempt 'the session may open a terminal, a command may not' 'probe write /dev/ptmx' 'write: EACCES'
attempt 'make a directory' 'probe mkdir /srv/made' 'mkdir: E'
attempt 'write where the user may' 'probe write /srv/own' 'write: E'
attempt 'POSIX shared memory' 'probe shm' 'shm: E'
check_has "another's SysV segment: it is there" "$(/usr/local/bin/probe sysv-make 4711; /usr/local/bin/probe sysv 4711)" 'sysv: ok'
attempt "another's SysV segment" 'probe sysv 4711' 'sysv: ENOENT'
attempt 'exec' 'probe exec /usr/bin/id' 'exec: EACCES'
check_is 'a refused exec inside has its row' "$(last_of child '$.program') $(last_of child '$.verdict')" '/usr/bin/id deny'
check_is 'and is counted with its command' "$(last_of exit '$.refused_children')" 1
attempt 'execveat' 'probe exec-at /usr/bin/id' 'exec-at: EACCES'
attempt 'exec of the loader' 'probe exec /lib64/ld-linux-x86-64.so.2' 'exec: EACCES'
attempt 'exec from memory' 'probe exec-memory' 'exec-memory: EACCES'
attempt 'exec of itself' 'probe exec /usr/local/bin/probe' 'exec: EACCES'
attempt 'exec of diag-shell' 'probe exec /usr/local/bin/diag-shell' 'exec: EACCES'
attempt 'exec with a forged record in its argv' 'probe exec-forged' 'exec-forged: EACCES'
check_is 'a forged record stays inside its field' "$(host_sql "select count(*) from event where rec->>'$.kind' = 'exec'
	and rec->>'$.verdict' = 'allow' and rec->>'$.line' is null")" 0
before=$(rows child)
attempt 'two hundred execs' 'probe exec-many /usr/bin/id' 'exec-many: EACCES'
check_is 'a flood of execs: the first ones by row' "$(($(rows child) - before))" 64
check_is 'a flood of execs: all of them by number' "$(last_of exit '$.refused_children')" 200
attempt 'exec of a listed helper' 'probe-helper exec /usr/bin/id' 'uid='
check_is 'a helper has its row' "$(last_of child '$.program') $(last_of child '$.verdict')" '/usr/bin/id allow'
attempt 'exec of another program than the helper' 'probe-helper exec /usr/bin/cat' 'exec: EACCES'

attempt 'exec of the loader, with a helper allowed' 'probe-helper exec /lib64/ld-linux-x86-64.so.2' 'exec: EACCES'
attempt "another process' limits" 'probe limit' 'limit: EPERM'
attempt 'a datagram pair, to send to /dev/log' 'probe pair' 'pair: EPERM'
attempt 'a user namespace' 'probe namespace' 'namespace: EPERM'
attempt 'a user namespace by clone' 'probe clone' 'clone: EPERM'
attempt 'tracing diag-shell' 'probe trace' 'trace: EPERM'
denied=$(rows exec)
run diag "cat $(head -c 131040 /dev/zero | tr '\0' x)"
check_true 'a line that the kernel finds too long is refused' '[ "$RUN_STATUS" != 0 ]'
check_is 'and the attempt is on record' "$(($(rows exec) - denied)) $(last_of exec '$.verdict')" '1 deny'

# --- Limits ----------------------------------------------------------------------------------------------------------

run diag 'short 100'
check_is 'over the time limit: status' "$RUN_STATUS" 124
check_has 'over the time limit: message' "$RUN_ERR" 'limit'
check_is 'over the time limit: on record' "$(last_of exit '$.how')" timeout
run diag 'probe flood'
check_is 'over the output limit: status' "$RUN_STATUS" 125
check_is 'over the output limit: not a byte more' "$(wc -c </tmp/run.out)" 1048576
run diag 'probe daemon'
check_is 'a process that left its session dies with the command' "$RUN_STATUS" 0
check_true 'nothing is left of it' '! pgrep -x probe >/dev/null'
run diag 'probe holder'
check_is 'a process that keeps stdout open does not hold the command' "$RUN_STATUS" 0
check_true 'nothing is left of that either' '! pgrep -x probe >/dev/null'

# --- The environment is ours -----------------------------------------------------------------------------------------

run env PAGER='id' SSH_ORIGINAL_COMMAND='id' DIAG_CHANNEL=9 LESSOPEN='|id' LD_LIBRARY_PATH=/srv \
	"${HOST_SSH[@]}" -o SendEnv=PAGER -o SendEnv='DIAG_*' -o SendEnv='LD_*' \
	-o SendEnv=SSH_ORIGINAL_COMMAND -o SendEnv=LESSOPEN -o SetEnv=LD_PRELOAD=/usr/lib/libc.so diag@127.0.0.1 'probe environment'
check_has 'the environment: constants' "$RUN_OUT" 'SYSTEMD_PAGER=cat'
for name in PAGER=id SSH_ORIGINAL LD_ DIAG_ LESSOPEN SSH_CONNECTION; do
	check_lacks "the environment: no $name" "$RUN_OUT" "$name"
done
check_is 'the line that ran is the one that was sent' "$(last_of exec '$.line')" 'probe environment'

# --- One connection, ten commands ------------------------------------------------------------------------------------

before=$(rows exec)
opens=$(rows open)
host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
pids=()
for i in 1 2 3 4 5 6 7 8 9 10; do
	ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 "probe status $((40 + i))" >/dev/null 2>&1 &
	pids+=($!)
done
statuses=
for pid in "${pids[@]}"; do
	status=0
	wait "$pid" || status=$?
	statuses+="$status "
done
check_is 'ten channels at once: each its own status' "$statuses" '41 42 43 44 45 46 47 48 49 50 '
check_is 'ten channels at once: ten invocations' "$(($(rows exec) - before))" 10
check_is 'ten channels at once: one session' "$(($(rows open) - opens))" 1
ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null
host_wait_for '[ "$(rows open)" = "$(rows close)" ]'
check_is 'every session has its end' "$(rows open)" "$(rows close)"
check_is 'every allowed command has its end' \
	"$(host_sql "select count(*) from event where rec->>'$.kind' = 'exec' and rec->>'$.verdict' = 'allow'")" "$(rows exit)"
check_true 'no supervisor is left' 'host_wait_for "! pgrep -f libexec/pam_diag >/dev/null && ! pgrep -x diag-supervisor >/dev/null"'

check_done
