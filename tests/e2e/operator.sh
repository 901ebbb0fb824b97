#!/usr/bin/env bash
# What an operator does with sessions while they run: lists, follows, shows and kills them.
# shellcheck disable=SC2016 # check_true evaluates its condition itself
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready

ctl() { /usr/local/bin/diagctl "$@"; }
sessions() { host_sql "select session from event where kind = '$1' order by seq"; }
newest() { host_sql "select session from event where kind = 'open' order by seq desc limit 1"; }
close_of() { host_sql "select rec ->> '$2' from event where kind = 'close' and session = '$1'"; }
jq_of() { sqlite3 :memory: "select '$1' -> '$2'"; }
no_process() { ! pgrep -x "$1" >/dev/null; }
# From OpenSSH 9.8 on a connection's process is sshd-session.
monitor() { pgrep -o -f '^sshd(-session)?: diag \[priv\]'; }

# start LINE: the command in the background, running, its client's pid in CLIENT.
start() {
	: >/tmp/start.out
	"${HOST_SSH[@]}" diag@127.0.0.1 "$1" >/tmp/start.out 2>/tmp/start.err &
	CLIENT=$!
	host_wait_for 'grep -q waiting /tmp/start.out'
}

printf '[key agent]\nfingerprint = %s\n' "$(ssh-keygen -lf /tmp/client/key.pub | cut -d' ' -f2)" >/etc/pam_diag/policy.d/60-key.conf
chmod 0644 /etc/pam_diag/policy.d/60-key.conf

# --- Sessions that are over --------------------------------------------------------------------------------------------

diag 'cat /etc/hostname' >/dev/null
diag 'cat /srv/secret/token' >/dev/null 2>&1 || true
diag 'cat /etc/hosts | grep --count local' >/dev/null
host_wait_for 'no_process diag-supervisor'
run ctl sessions
check_is 'sessions: the status' "$RUN_STATUS" 0
check_is 'sessions: one line each' "$(wc -l <<<"$RUN_OUT")" 3
check_has 'sessions: who, by the name of the key' "$(head -1 <<<"$RUN_OUT")" 'diag from 127.0.0.1, key agent, 1 commands, 0 denied, closed after '
check_has 'sessions: what was denied' "$(sed -n 2p <<<"$RUN_OUT")" '0 commands, 1 denied, closed after '
run ctl sessions --json --key agent -n 1
check_is 'sessions --json: the same as the records say' \
	"$(sqlite3 :memory: "select '$RUN_OUT' ->> '$.session', '$RUN_OUT' ->> '$.state', '$RUN_OUT' ->> '$.key_name', '$RUN_OUT' ->> '$.commands'")" \
	"$(newest)|closed|agent|1"
check_is 'sessions --json: UTC' "$(sqlite3 :memory: "select '$RUN_OUT' ->> '$.opened'")" "$(host_sql 'select opened from session order by seq desc limit 1')"
run ctl sessions --key nobody
check_is 'sessions --key: none' "$RUN_STATUS $RUN_OUT" '0 '
run ctl sessions --open
check_is 'sessions --open: none' "$RUN_STATUS $RUN_OUT" '0 '

# --- log, filtered -----------------------------------------------------------------------------------------------------

kinds() { cut -d' ' -f3 <<<"$RUN_OUT" | tr '\n' ' '; }
run ctl log --verdict deny
check_has 'log --verdict: the denied one' "$RUN_OUT" 'exec #1 deny "cat /srv/secret/token"'
check_is 'log --verdict: it alone' "$(wc -l <<<"$RUN_OUT")" 1
run ctl log --rule grep
check_has 'log --rule: of a later stage' "$RUN_OUT" 'exec #1 allow "cat /etc/hosts | grep --count local"'
run ctl log --path /srv/secret
check_has 'log --path: a path below' "$RUN_OUT" '/srv/secret/token'
check_is 'log --path: it alone' "$(wc -l <<<"$RUN_OUT")" 1
run ctl log --session "$(sessions open | head -1)"
check_is 'log --session: all of it' "$(kinds)" 'open exec exit close '
run ctl log --user diag --key agent --client 127.0.0.1 -n 4
check_is 'log --user --key --client' "$(kinds)" 'open exec exit close '
run ctl log --user plain
check_is 'log --user: nobody' "$RUN_STATUS $RUN_OUT" '0 '
run ctl log --since 1h
check_is 'log --since: all' "$(wc -l <<<"$RUN_OUT")" "$(host_sql 'select count(*) from event')"
run ctl log --until 2026-01-01
check_is 'log --until: none' "$RUN_STATUS $RUN_OUT" '0 '
wrong() {
	run ctl log "$@"
	check_is "log $*: the status" "$RUN_STATUS" 2
}
wrong --verdict maybe
wrong --since yesterday
wrong --until 2026-13-01
wrong --path etc
run ctl log --session zz
check_is 'log --session: no such digits' "$RUN_STATUS" 1

# --- Colours, for a terminal alone --------------------------------------------------------------------------------------

on_terminal() { script -qec "/usr/local/bin/diagctl $1" /dev/null </dev/null | tr -d '\r'; }
escape=$(printf '\033')
check_has 'colours on a terminal' "$(TERM=xterm on_terminal 'log --verdict deny')" "${escape}[31m"
check_lacks 'no colours where NO_COLOR is set' "$(TERM=xterm NO_COLOR=1 on_terminal 'log --verdict deny')" "$escape"
check_lacks 'no colours on a dumb terminal' "$(TERM=dumb on_terminal 'log --verdict deny')" "$escape"

# --- Times: local on a terminal, else UTC -------------------------------------------------------------------------------

# Asia/Kolkata, also where the files of the zones are not installed.
export TZ=IST-5:30
local_of() { date -d "@$(($1 / 1000000))" "+%F %T.$(printf %03d $(($1 / 1000 % 1000)))"; }
utc_of() { date -u -d "@$(($1 / 1000000))" "+%FT%T.$(printf %06d $(($1 % 1000000)))Z"; }
id=$(newest)
opened=$(host_sql "select time from event where session = '$id' and kind = 'open'")
first=$(host_sql 'select time from event order by seq limit 1')
last=$(host_sql 'select time from event order by seq desc limit 1')
check_true 'the clock of the test is another one' '[ "$(local_of $last | cut -c12-16)" != "$(utc_of $last | cut -c12-16)" ]'
# times NAME WORDS RUN: each of the four commands, run so; its time is so many words.
times() {
	check_is "$1: log" "$($3 'log -n 1' | cut -d' ' "-f1-$2")" "$(stamp "$last")"
	check_is "$1: show" "$($3 "show $id" | sed -n 1p | cut -d' ' "-f1-$2")" "$(stamp "$opened")"
	check_is "$1: sessions" "$($3 'sessions -n 1' | cut -d' ' "-f1-$2")" "$(stamp "$opened")"
	check_is "$1: status" "$($3 status | grep '^time ')" "time      $(stamp "$first") to $(stamp "$last")"
}
dumb() { TERM=dumb on_terminal "$1"; }
piped() { eval "ctl $1" | cat; }
stamp() { local_of "$1"; }
times 'local time on a terminal' 2 dumb
stamp() { utc_of "$1"; }
times 'UTC in a pipe' 1 piped
export TERM=xterm
for place in on_terminal piped; do
	check_is "UTC in JSON, $place" "$(
		$place 'log -n 1 --json' | cut -d'"' -f6
		$place "show --json $id" | sed -n 1p | cut -d'"' -f6
		$place 'sessions -n 1 --json' | grep -o '"opened":"[^"]*"' | cut -d'"' -f4
		$place 'status --json' | grep -o '"newest":[0-9]*'
	)" "$(utc_of "$last")
$(utc_of "$opened")
$(utc_of "$opened")
\"newest\":$last"
	for command in 'log --json --verdict deny' "show --json $id" 'sessions --json' 'status --json'; do
		check_lacks "no colours in JSON, $place: ${command%% *}" "$($place "$command")" "$escape"
	done
done
for command in 'log --verdict deny' "show $id" sessions; do
	check_has "colours on a terminal: ${command%% *}" "$(on_terminal "$command")" "${escape}["
	check_lacks "no colours in a pipe: ${command%% *}" "$(piped "$command")" "$escape"
done
unset TZ

# --- show --------------------------------------------------------------------------------------------------------------

id=$(newest)
run ctl show "${id:0:12}"
check_is 'show: the status' "$RUN_STATUS" 0
check_is 'show: in order' "$(grep -v '^    ' <<<"$RUN_OUT" | cut -d' ' -f3 | tr '\n' ' ')" 'open exec exit close '
check_has 'show: what ran' "$RUN_OUT" '"rule":"grep","program":'
check_has 'show: under which policy' "$RUN_OUT" "policy $(host_sql "select policy from session where session = '$id'")"
run ctl show --json "$id"
check_is 'show --json: the stored records' "$(tail -1 <<<"$RUN_OUT")" "$(host_sql "select
	'{\"seq\":' || seq || ',\"time\":\"' || strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch') || printf('.%06dZ', time % 1000000)
	|| '\",\"hash\":\"' || lower(hex(hash)) || '\",\"rec\":' || rec || '}' from event where session = '$id' order by seq desc limit 1")"
run ctl show
check_is 'show: without a session' "$RUN_STATUS" 2
run ctl show "${id}0"
check_is 'show: no such session' "$RUN_STATUS" 1

# --- log -f ------------------------------------------------------------------------------------------------------------

/usr/local/bin/diagctl log -f -n 1 >/tmp/follow.out 2>/tmp/follow.err &
follower=$!
/usr/local/bin/diagctl log -f -n 1 --verdict deny --json >/tmp/follow-deny.out 2>>/tmp/follow.err &
follower_deny=$!
host_wait_for '[ "$(wc -l </tmp/follow.out) $(wc -l </tmp/follow-deny.out)" = "1 1" ]'
diag 'cat /etc/hostname; rm -rf /nowhere' >/dev/null 2>&1 || true
host_wait_for 'no_process diag-supervisor'
diag 'cat /etc/hostname' >/dev/null
host_wait_for 'no_process diag-supervisor'
host_wait_for '[ "$(tail -1 /tmp/follow.out)" = "$(ctl log -n 1)" ]'
check_is 'log -f: every row, once, in order' "$(cat /tmp/follow.out)" "$(ctl log -n "$(wc -l </tmp/follow.out)")"
check_is 'log -f: from where it began' "$(cut -d' ' -f3 /tmp/follow.out | tr '\n' ' ')" 'close open exec close open exec exit close '
host_wait_for '[ "$(wc -l </tmp/follow-deny.out)" = 2 ]'
check_has 'log -f: filtered' "$(tail -1 /tmp/follow-deny.out)" 'rm -rf /nowhere'
ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
check_true 'log -f: no busy loop' '[ "$(ticks $follower)" -lt 100 ]'
kill "$follower" "$follower_deny"
wait "$follower" "$follower_deny" 2>/dev/null || true
mkfifo /tmp/follow.pipe
/usr/local/bin/diagctl log -f -n 1 >/tmp/follow.pipe &
follower=$!
head -1 /tmp/follow.pipe >/dev/null
host_wait_for '! kill -0 "$follower" 2>/dev/null'
check_ok 'log -f: ends when nobody reads it any more'

# --- kill --------------------------------------------------------------------------------------------------------------

# A second session, which must live on.
host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
mux() { ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 "$1"; }
run mux 'cat /etc/hostname'
other=$(newest)
start 'probe nest'
id=$(newest)
run ctl sessions --open
check_is 'sessions --open: both' "$(wc -l <<<"$RUN_OUT")" 2
check_has 'sessions --open: a command that runs' "$(tail -1 <<<"$RUN_OUT")" "${id:0:8} diag from 127.0.0.1, key agent, 1 commands, 0 denied, open"
run ctl status
check_has 'status: the open sessions' "$RUN_OUT" 'sessions  2 open'
if [ "${#HOST_LACKS[@]}" = 0 ]; then check_has 'status: the layers' "$RUN_OUT" 'layers    all, in the newest session'; fi
run ctl status --json
check_is 'status --json: open sessions and layers' "$(jq_of "$RUN_OUT" '$.open_sessions') $(jq_of "$RUN_OUT" '$.missing_layers')" \
	"2 $(if [ "${#HOST_LACKS[@]}" = 0 ]; then echo '[]'; else host_missing; fi)"
host_wait_for '[ "$(pgrep -cx probe)" = 2 ]'
check_is 'kill: a process that hides from its shell is there' "$(pgrep -cx probe)" 2
run runuser -u plain -- /usr/local/bin/diagctl kill "$id"
check_is 'kill: by somebody who may not: the status' "$RUN_STATUS" 1
check_is 'kill: by somebody who may not: nothing is killed' "$(pgrep -cx probe)" 2
run ctl kill "$id"
check_is 'kill: the status' "$RUN_STATUS $RUN_ERR" '0 '
check_has 'kill: says what it did' "$RUN_OUT" "session $id is killed"
check_is 'kill: the end is on record by then' "$(close_of "$id" '$.how')" killed
check_is 'kill: who did it is on record' "$(close_of "$id" '$.by')" \
	"{\"uid\":0,\"auid\":$(sed 's/^4294967295$/-1/' /proc/self/loginuid),\"name\":\"root\"}"
check_is 'kill: no process of it is left' "$(pgrep -cx probe) $(pgrep -cx diag-shell)" '0 0'
status=0
wait "$CLIENT" || status=$?
check_true 'kill: the client is gone' "[ $status != 0 ]"
run ctl log -n 1 --session "$id"
check_has 'kill: log shows who' "$RUN_OUT" 'close killed by root (uid 0), 1 commands'
run mux 'cat /etc/hostname'
check_is 'kill: the other session lives on' "$RUN_STATUS $(close_of "$other" '$.how')" '0 '
run ctl kill "$id"
check_is 'kill: once more: the status' "$RUN_STATUS" 1
check_has 'kill: once more: why not' "$RUN_ERR" 'is over'

# One in which nothing runs, and whose sshd does not hear.
host_wait_for '[ "$(pgrep -c -f "^sshd(-session)?: diag \[priv\]")" = 1 ]'
master=$(monitor)
user_child=$(pgrep -P "$master")
kill -STOP "$user_child"
run ctl kill "$other"
check_is 'kill: an idle session whose sshd hangs: the status' "$RUN_STATUS $RUN_ERR" '0 '
check_is 'kill: an idle session whose sshd hangs: on record' "$(close_of "$other" '$.how')" killed
check_true 'kill: an idle session whose sshd hangs: its processes are gone' \
	'! grep -qs "^State:.[^Z]" "/proc/$master/status" && ! grep -qs "^State:.[^Z]" "/proc/$user_child/status"'
host_wait_for 'no_process diag-supervisor'
check_is 'no socket of a session is left' "$(ls /run/pam_diag)" ''
check_is 'the directory of the sockets is shut to others' "$(stat -c '%a %U' /run/pam_diag)" '700 diag-audit'

# --- A supervisor that is stopped: nobody waits for it --------------------------------------------------------------------

start 'probe wait'
id=$(newest)
stopped=$(pgrep -xo diag-supervisor)
kill -STOP "$stopped"
for _ in $(seq 12); do run timeout 30 /usr/local/bin/diagctl sessions --open; done
check_is 'sessions: a stopped supervisor: the status' "$RUN_STATUS" 0
check_has 'sessions: a stopped supervisor: unknown' "$RUN_OUT" "${id:0:8} diag from 127.0.0.1, key agent, 1 commands, 0 denied, unknown"
run timeout 30 /usr/local/bin/diagctl kill "$id"
check_has 'kill: a stopped supervisor: why not' "$RUN_STATUS $RUN_ERR" "1 diagctl kill: the supervisor of session $id takes no callers"
kill -CONT "$stopped"
host_wait_for 'ctl sessions --open | grep -q "open$"'
run ctl kill "$id"
check_is 'kill: it goes on again: the status' "$RUN_STATUS $RUN_ERR" '0 '
wait "$CLIENT" || true
host_wait_for 'no_process diag-supervisor'

# --- A supervisor that was killed: the session is lost, not open ---------------------------------------------------------

start 'probe wait'
id=$(newest)
kill -9 "$(pgrep -xo diag-supervisor)"
wait "$CLIENT" || status=$?
run ctl sessions --open
check_has 'sessions: lost' "$RUN_OUT" "${id:0:8} diag from 127.0.0.1, key agent, 1 commands, 0 denied, lost"
run ctl kill "$id"
check_is 'kill: a lost session: the status' "$RUN_STATUS" 1
check_has 'kill: a lost session: why not' "$RUN_ERR" 'has lost its supervisor'
diag 'cat /etc/hostname' >/dev/null
host_wait_for 'no_process diag-supervisor'
check_is 'the next session removes its socket' "$(ls -A /run/pam_diag)" ''
run ctl sessions --open
check_has 'sessions: lost, its socket removed' "$RUN_OUT" "${id:0:8} diag from 127.0.0.1, key agent, 1 commands, 0 denied, lost"
run ctl kill "$id"
check_is 'kill: a lost session, its socket removed: the status' "$RUN_STATUS" 1
check_has 'kill: a lost session, its socket removed: why not' "$RUN_ERR" 'has lost its supervisor'

# --- A supervisor that names another process: root's tool must not kill it -----------------------------------------------

rm -f "/run/pam_diag/$id"
sleep 1000 &
innocent=$!
runuser -u diag-audit -- "$HOST_TOP/build/tests/evil_supervisor" "/run/pam_diag" "$id" "$innocent" &
evil=$!
host_wait_for '[ -S "/run/pam_diag/$id" ]'
run ctl kill "$id"
check_is 'kill: a supervisor that names another process: the status' "$RUN_STATUS" 1
check_has 'kill: a supervisor that names another process: why not' "$RUN_ERR" 'is not the sshd of this session and is left alone'
check_true 'kill: a supervisor that names another process: it lives' 'kill -0 "$innocent"'
kill "$innocent" "$evil" 2>/dev/null || true

# --- A directory that cannot be made refuses the session -----------------------------------------------------------------

rm -rf /run/pam_diag
touch /run/pam_diag
run diag 'cat /etc/hostname'
check_is 'no place for the socket: refused' "$RUN_STATUS" 254
check_has 'no place for the socket: why' "$RUN_OUT" 'operators could not end this session: /run/pam_diag: Not a directory'
check_done
