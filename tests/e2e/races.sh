#!/usr/bin/env bash
# What happens between a look and the act: the test holds the one that looks, changes what was looked at, and lets go.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready
r=/srv/r
mkdir -p $r/dir $r/other /srv/moving
echo "TOKEN=$HOST_SECRET" >/srv/moving/token
chmod 0644 /srv/moving/token
cat >/etc/pam_diag/policy.d/60-races.conf <<-'END'
	[paths]
	deny = /srv/moving
	[command later]
	summary = Opens a path that was judged before it began
	program = /usr/local/bin/probe
	operand = 1 : one-of read-later
	operand = 1 : path read
	[command racer]
	summary = May start one other program
	program = /usr/local/bin/probe
	helpers = /usr/bin/id
	operand = 1..8 : text
END

mux() { ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 "$1"; }
# The client goes to the background before sshd has opened the session.
connect() {
	rm -f /tmp/client/master
	host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
	run mux 'cat /etc/hostname'
}
disconnect() {
	ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null || true
	host_wait_for '! pgrep -x diag-supervisor >/dev/null'
}
# The supervisor's reader has the same name: the older one is the supervisor.
supervisor() { pgrep -xo diag-supervisor; }
children() { host_sql "select rec->>'$.program' || ' ' || (rec->>'$.verdict') from event where rec->>'$.kind' = 'child' $1 order by seq"; }
execs() { host_sql "select count(*) from event where rec->>'$.kind' = 'exec'"; }
last_seq() { host_sql 'select max(seq) from event'; }

# begin LINE: in the background, until it waits; its pid in RUNNING, its output in /tmp/race.out.
begin() {
	rm -f $r/start $r/swap /tmp/race.out
	touch /tmp/race.out
	mux "$1" >/tmp/race.out 2>&1 &
	RUNNING=$!
	host_wait_for 'grep -q waiting /tmp/race.out'
}
finish() { wait "$RUNNING" || true; }
said() { host_wait_for "grep -qx '$1' /tmp/race.out"; }
no_secret() {
	if grep -q "$HOST_SECRET" /tmp/race.out; then check_not_ok "$1" 'it shows the secret'; else check_ok "$1"; fi
}
# Whether a process waits in the kernel for this, by the name of the function.
waits_in() { grep -qE "$2" "/proc/$1/wchan"; }

# --- (a) The way to a file is changed between the verdict and the open ---------------------------------------------------

connect
begin "later read-later $r/dir/token"
said ENOENT
mv $r/dir $r/away
ln -s /srv/secret $r/dir
check_true 'parent becomes a link into a denied tree: it leads to the secret' 'grep -q "$HOST_SECRET" $r/dir/token'
said EACCES
rm $r/dir
echo harmless >$r/away/token
mv $r/away $r/dir
finish
check_is 'parent becomes a link into a denied tree: only what is harmless is read' "$(tail -2 /tmp/race.out)" \
	$'harmless\nread-later: ok'
no_secret 'parent becomes a link into a denied tree: nothing leaks'

rm $r/dir/token
begin "later read-later $r/dir/token"
said ENOENT
mount --bind /srv/secret $r/dir
check_true 'a mount over the parent: it leads to the secret' 'grep -q "$HOST_SECRET" $r/dir/token'
sleep 0.3
umount $r/dir
echo harmless >$r/dir/token
finish
check_is 'a mount over the parent: only what is harmless is read' "$(tail -2 /tmp/race.out)" $'harmless\nread-later: ok'

# The denied place itself goes elsewhere: its mask goes with it.
rm $r/dir/token
begin "later read-later $r/dir/moving/token"
said ENOENT
mv /srv/moving $r/dir/moving
check_true 'a denied place is moved: it is there' 'grep -q "$HOST_SECRET" $r/dir/moving/token'
said EACCES
mv $r/dir/moving /srv/moving
mkdir $r/dir/moving
echo harmless >$r/dir/moving/token
finish
check_is 'a denied place is moved: its mask is moved with it' "$(tail -2 /tmp/race.out)" $'harmless\nread-later: ok'
no_secret 'a denied place is moved: nothing leaks'
disconnect

# And another one comes where it was: that has no mask until the next session. What runs already reads it, nothing new runs.
connect
begin "probe read-later /srv/moving/token"
said EACCES
mkdir /srv/moving.new
cp /srv/moving/token /srv/moving.new/token
mv /srv/moving /srv/moving.old
echo replaced >/srv/moving.new/token
mv /srv/moving.new /srv/moving
finish
check_is 'a denied place is replaced: LIMIT: a command that runs already reads the new one' "$(tail -2 /tmp/race.out)" \
	$'replaced\nread-later: ok'
for line in "probe read /srv/moving/token" "grep -r . /srv/moving.old" 'cat /etc/hostname'; do
	run mux "$line"
	check_is "a denied place is replaced: $line: refused" "$RUN_STATUS$RUN_OUT" 126
	check_has "a denied place is replaced: $line: the reason" "$RUN_ERR" 'connect again'
done
disconnect
connect
run mux 'probe read /srv/moving/token'
check_has 'a denied place is replaced: the next session hides it' "$RUN_OUT" 'read: E'

# --- (b) The path of an exec is changed after the supervisor has read it -----------------------------------------------

# swap LINE: holds the database's lock, so that the supervisor stands between its look and its answer.
swap() {
	/usr/local/bin/probe hold "$HOST_DB-lock" >/tmp/hold.out &
	local holder=$!
	host_wait_for 'grep -q holding /tmp/hold.out'
	touch $r/start
	host_wait_for 'waits_in "$(supervisor)" nanosleep'
	touch $r/swap
	said swapped
	kill "$holder"
	finish
}
seq=$(last_seq)
begin "racer exec-swap /usr/bin/id /usr/bin/cat $r/start $r/swap"
swap
check_is 'the helper becomes another program before the kernel reads its path: it does not run' \
	"$(tail -3 /tmp/race.out)" $'exec: EACCES\nstatus 99\nexec-swap: ok'
check_is 'and on record is what was asked for' "$(children "and seq > $seq")" '/usr/bin/id allow'
begin "racer exec-swap /usr/bin/id /usr/bin/id $r/start $r/swap"
swap
check_has 'the helper that stays the helper runs' "$(cat /tmp/race.out)" 'no such user'

# stop LINE: stops the supervisor before it has read.
stop() {
	kill -STOP "$(supervisor)"
	touch $r/start
	host_wait_for 'pgrep -x probe -n >/dev/null && waits_in "$(pgrep -xn probe)" seccomp'
	touch $r/swap
	said swapped
	kill -CONT "$(supervisor)"
	finish
}
seq=$(last_seq)
begin "racer exec-swap /usr/bin/id /usr/bin/cat $r/start $r/swap"
stop
check_is 'the helper becomes another program before the supervisor reads its path: refused' \
	"$(tail -3 /tmp/race.out)" $'exec: EACCES\nstatus 99\nexec-swap: ok'
check_is 'and on record is what the supervisor saw' "$(children "and seq > $seq")" '/usr/bin/cat deny'
seq=$(last_seq)
begin "racer exec-swap /usr/bin/cat /usr/bin/id $r/start $r/swap"
stop
check_has 'another program becomes the helper before the supervisor reads its path: the helper runs' \
	"$(cat /tmp/race.out)" 'no such user'
check_is 'and on record is the helper' "$(children "and seq > $seq")" '/usr/bin/id allow'

# flips RULE FIRST SECOND RECORDS: thousands of times, as fast as the two processors go. The operand is a file that both programs may read.
flips() {
	seq=$(last_seq)
	run mux "$1 exec-flip $2 $3 3000"
	check_is "$1, $3: every attempt has its answer" "$(tail -1 /tmp/run.out)" 'exec-flip: ok'
	check_is "$1, $3: the other program never runs" "$(grep -cvE '^exec: EACCES$|^exec-flip: ok$' /tmp/run.out)" 0
	check_is "$1, $3: on record it is never allowed" "$(children "and seq > $seq and rec->>'$.verdict' = 'allow'" | sort -u)" "$4"
}
flips racer /usr/bin/id /usr/bin/cat '/usr/bin/id allow'
check_true 'racer: the helper has run' 'grep -q "no such user" /tmp/run.err'
# Its own program is one that Landlock lets it execute: what keeps it from running is that nothing is continued.
flips probe /usr/local/bin/id /usr/local/bin/probe ''
check_is 'probe: no program has run' "$RUN_ERR" ''
disconnect

# --- (c) The supervisor is stopped -------------------------------------------------------------------------------------

connect
execs=$(execs)
kill -STOP "$(supervisor)"
mux 'cat /etc/hostname' >/tmp/race.out 2>&1 &
RUNNING=$!
host_wait_for 'pgrep -f "^sshd(-session)?: diag@notty" >/dev/null'
sleep 0.5
check_is 'supervisor stopped: what is asked waits' "$(cat /tmp/race.out) $(execs)" " $execs"
kill -CONT "$(supervisor)"
finish
check_is 'supervisor goes on: it runs, on record' "$(cat /tmp/race.out) $(execs)" "$(cat /etc/hostname) $((execs + 1))"

begin "racer exec-swap /usr/bin/id /usr/bin/id $r/start $r/swap"
stopped=$(supervisor)
kill -STOP "$stopped"
touch $r/start
host_wait_for 'waits_in "$(pgrep -xn probe)" seccomp'
kill -9 "$(pgrep -o -f '^sshd(-session)?: diag \[priv\]')"
sleep 0.2
check_lacks 'supervisor stopped, then the session ends: nothing has run' "$(cat /tmp/race.out)" 'no such user'
kill -CONT "$stopped"
finish
host_wait_for '! pgrep -x diag-supervisor >/dev/null && ! pgrep -x probe >/dev/null'
check_lacks 'supervisor goes on after that: nothing runs' "$(cat /tmp/race.out)" 'no such user'

# --- (d) Looking into other processes, steering them, ending them --------------------------------------------------------

"${HOST_SSH[@]}" diag@127.0.0.1 'probe wait' >/tmp/other.out 2>&1 &
OTHER=$!
host_wait_for 'grep -q waiting /tmp/other.out'
connect
mapfile -t supervisors < <(pgrep -x diag-supervisor) # each with its reader, in the order of their start
others=(
	"another session's supervisor:${supervisors[0]}"
	"another session's reader:${supervisors[1]}"
	"the own session's supervisor:${supervisors[2]}"
	"the own session's reader:${supervisors[3]}"
	"another session's diag-shell:$(pgrep -xo diag-shell)"
	"another session's command:$(pgrep -xo probe)"
	"another session's sshd child:$(pgrep -fo '^sshd(-session)?: diag@notty')"
	"the own session's sshd child:$(pgrep -fn '^sshd(-session)?: diag(@|$)')"
	"the own session's monitor:$(pgrep -fn '^sshd(-session)?: diag \[priv\]')"
	"init:1"
)
# Of the processes of the same user only Landlock's scope keeps signals away, and nothing where a kernel does not have it: a limit.
same_user='13 tried, 0 not refused'
if host_lacks landlock-scope; then same_user=$'kill: ok\npidfd_send_signal: ok\nsigqueue: ok\n13 tried, 3 not refused'; fi
for one in "${others[@]}"; do
	case $one in
	"another session's diag-shell"* | "another session's command"* | *"sshd child"*) expected=$same_user ;;
	*) expected='13 tried, 0 not refused' ;;
	esac
	check_true "${one%:*}: it is there" '[ -n "${one##*:}" ] && [ -d "/proc/${one##*:}" ]'
	run mux "probe other ${one##*:}"
	check_is "${one%:*}" "$RUN_OUT" "$expected"$'\nother: ok'
done
run mux 'probe other-parent'
check_is 'the own diag-shell' "$RUN_OUT" "$same_user"$'\nother-parent: ok'
check_true 'none of them is stopped' '! grep -qE "^[0-9]+ \(.*\) T" /proc/[0-9]*/stat'

# Where nobody is confined the same user gets at its own process: each attempt is one that would succeed.
setpriv --reuid diag --regid diag --clear-groups sleep 1000 &
target=$!
host_wait_for '[ "$(cat /proc/$target/comm)" = sleep ]'
run setpriv --reuid diag --regid diag --clear-groups /usr/local/bin/probe other "$target"
check_has 'where nobody is confined' "$RUN_OUT" '13 tried, 12 not refused'
kill -9 "$target"
wait "$target" 2>/dev/null || true
kill "$OTHER"
disconnect
check_done
