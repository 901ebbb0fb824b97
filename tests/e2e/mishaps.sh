#!/usr/bin/env bash
# shellcheck disable=SC2034 # variables are read in what check_true evaluates
# Many sessions at once while things go wrong, for a bounded time; then nothing may be left over and nothing may be missing.
# mishaps.sh [SECONDS [CLIENTS]]; make soak has ten minutes of it.
#
# Clients run allowed, refused, endless, flooding and crashing commands, some of them vanish. Meanwhile supervisors are killed, the database
# is locked, the sink is down, diag-ship is killed. One connection is left alone and lives all the time: its memory must stay flat.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
# shellcheck source=tests/bench/soak_client.sh
source "$(dirname "$0")/../bench/soak_client.sh"
HOST_VARIANT=${HOST_VARIANT:-}
duration=${1:-20}
clients=${2:-6}

# A control group of its own: groups of sessions that are left over are below it, and nobody else's are.
unified=$(findmnt -nro TARGET -t cgroup2 | head -1)
own_group=$unified/soak.$RANDOM$RANDOM
RANDOM=4711
if [ -n "$unified" ] && mkdir "$own_group" 2>/dev/null; then echo 0 >"$own_group/cgroup.procs"; else own_group=; fi

host_ready >&2
cd "$HOST_TOP" # the directory that this was started in may be out of sight
cat >/etc/pam_diag/policy.d/60-soak.conf <<-'END'
	[command endless]
	summary = Is ended by its time limit
	program = /usr/local/bin/probe
	operand = 1..8 : text
	timeout = 1s
END
chmod 0644 /etc/pam_diag/policy.d/60-soak.conf
# With a key: supervisors are also killed between a commit and the key's step.
setpriv --reuid diag-audit --regid diag-audit --clear-groups /usr/local/bin/diagctl key init >/tmp/first-key

# The sink is rsyslog by RELP, which acknowledges each message; it hands on only what it has written.
mkdir -p /tmp/soak
cat >/tmp/soak/rsyslog.conf <<-'END'
	global(workDirectory="/tmp/soak" maxMessageSize="4m" parser.escapeControlCharactersOnReceive="off")
	module(load="imrelp")
	template(name="raw" type="string" string="%rawmsg%\n")
	ruleset(name="out" queue.type="Direct") {
		action(type="omfile" file="/tmp/soak/shipped" template="raw")
	}
	input(type="imrelp" address="127.0.0.1" port="2514" maxDataSize="4m" ruleset="out")
END
printf '[sink soak]\ntype = relp\nurl = relp://127.0.0.1:2514\n' >/etc/pam_diag/ship.conf
chmod 0644 /etc/pam_diag/ship.conf

start_sink() {
	rsyslogd -n -f /tmp/soak/rsyslog.conf -i /tmp/soak/rsyslog.pid >>/tmp/soak/rsyslog.log 2>&1 &
	sink=$!
	host_wait_for "grep -q ':09D2 00000000:0000 0A' /proc/net/tcp" # listens at 2514
}
stop_sink() {
	kill -9 "$sink"
	wait "$sink" 2>/dev/null || true
}
as_audit() { setpriv --reuid diag-audit --regid diag-audit --clear-groups "$@"; }
ship() { as_audit /usr/local/bin/diag-ship --sink soak 2>>/tmp/soak/ship.log; }
ship_often() {
	set +e
	while [ ! -e /tmp/soak/stop ]; do
		ship
		echo $? >>/tmp/soak/ship.statuses
		sleep 0.3
	done
}

# Kills one supervisor or reader, but none of the connection that is left alone.
kill_one() {
	local victims=()
	host_wait_for 'mapfile -t victims < <(pgrep -x diag-supervisor | grep -vxF "$steady"); [ ${#victims[@]} != 0 ]' || return 0
	if [ ${#victims[@]} != 0 ] && kill -9 "${victims[RANDOM % ${#victims[@]}]}" 2>/dev/null; then killed=$((killed + 1)); fi
}
# take_lock SECONDS: as a writer does, for so long; 0: at once or not at all.
take_lock() {
	python3 - "$HOST_DB-lock" "$1" <<-'END'
		import fcntl, struct, sys, time
		seconds = float(sys.argv[2])
		with open(sys.argv[1], "r+b") as file:
		    try:
		        fcntl.fcntl(file, fcntl.F_OFD_SETLKW if seconds else fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
		    except BlockingIOError:
		        print("held")
		    time.sleep(seconds)
	END
}
lock_for() {
	locked=$((locked + 1))
	if [ "$1" = 6 ]; then long_locks=$((long_locks + 1)); fi
	take_lock "$1"
}
sink_down() {
	sink_downs=$((sink_downs + 1))
	stop_sink
	sleep 1
	start_sink
}
kill_ship() {
	local pid
	pid=$(pgrep -xo diag-ship) && kill -9 "$pid" 2>/dev/null && ship_kills=$((ship_kills + 1))
	return 0
}
private_kb() { awk '/^Private_/ {sum += $2} END {print sum}' "/proc/$1/smaps_rollup"; }
descriptors() { find "/proc/$(cat /run/sshd.pid)/fd" -mindepth 1 | wc -l; }
processes() { ps -eo comm= | grep -vxE 'ps|grep|bash|sort|tr|rsyslogd' | sort | tr '\n' ' '; }
namespaces() { find /proc -maxdepth 3 -path '/proc/[0-9]*/ns/mnt' -printf '%l\n' 2>/dev/null | sort -u | wc -l; }
none_of() {
	local name
	for name in "$@"; do if pgrep -x "$name" >/dev/null; then return 1; fi; done
}
mounts() { wc -l </proc/self/mountinfo; }

start_sink
before="$(processes)/ $(namespaces) namespaces, $(mounts) mounts, $(descriptors) descriptors"
host_ssh -fNM -S /tmp/soak/steady diag@127.0.0.1
steady_command() {
	ssh -F /dev/null -S /tmp/soak/steady diag@127.0.0.1 "echo steady $1 ; cat /etc/hostname" </dev/null >/dev/null 2>>/tmp/soak/steady.err &&
		steady_ran=$((steady_ran + 1))
}
killed=0 locked=0 long_locks=0 sink_downs=0 ship_kills=0 steady_ran=0 steady_failed=0 memory_early=
steady_command 0
steady=$(pgrep -x diag-supervisor)
# The one that the other processes of it are children of.
steady_supervisor=$(ps -o ppid= -p "${steady//$'\n'/,}" | tr -d ' ' | grep -xF "$steady" | sort -u)

pids=()
for ((i = 1; i <= clients; i++)); do
	soak_client "$i" &
	pids+=($!)
done
ship_often &
pids+=($!)

# mishap NUMBER: each kind once, then at random. Six seconds are longer than a writer waits (auditdb_set_bound): then sessions are refused.
mishap() {
	local what=$1
	if [ "$what" -ge 5 ]; then what=$((RANDOM % 14)); fi
	case $what in
	0) kill_one ;;
	1) lock_for 0.7 ;;
	2) sink_down ;;
	3) kill_ship ;;
	4) lock_for 6 ;;
	5 | 6 | 7 | 8 | 9) kill_one ;;
	esac
}

begin=$SECONDS step=0
while [ $((SECONDS - begin)) -lt "$duration" ]; do
	mishap "$step"
	step=$((step + 1))
	for i in 1 2 3 4 5; do steady_command "$i" || steady_failed=$((steady_failed + 1)); done
	if [ -z "$memory_early" ] && [ $(((SECONDS - begin) * 4)) -ge "$duration" ]; then memory_early=$(private_kb "$steady_supervisor"); fi
done
memory_late=$(private_kb "$steady_supervisor")
touch /tmp/soak/stop
wait "${pids[@]}" || true
ssh -F /dev/null -S /tmp/soak/steady -O exit diag@127.0.0.1 2>/dev/null
check_true 'every process has ended' "host_wait_for 'none_of diag-shell diag-supervisor probe diag-ship ssh'"
# What a killed supervisor could not remove, the next session does.
run diag 'echo last'
check_is 'the next session is as the first' "$RUN_STATUS $RUN_OUT" '0 last'
check_true 'and its processes have ended' "host_wait_for 'none_of diag-shell diag-supervisor sshd-session && [ \"\$(pgrep -cx sshd)\" = 1 ]'"

# --- Nothing is left over ---------------------------------------------------------------------------------------------

check_is 'processes, mounts and descriptors are as before' "$(processes)/ $(namespaces) namespaces, $(mounts) mounts, $(descriptors) descriptors" "$before"
check_is 'no lock is held' "$(take_lock 0)" ''
if [ -n "$own_group" ]; then
	check_true 'sessions had control groups there' '[ -d "$own_group/pam_diag" ]'
	check_is 'no control group is left' "$(find "$own_group" -mindepth 2 -type d)" ''
fi
check_is "no socket is left, also none of the $killed killed supervisors" "$(ls -A /run/pam_diag)" ''
# SQLite's page cache, 1 MiB (auditdb.c), fills up in the first minute.
# (A sanitizer keeps what was freed.)
most=$((memory_early + (duration < 240 ? 1024 + 256 : 256) + (${#HOST_VARIANT} > 0 ? 262144 : 0)))
check_true "memory is flat: $memory_early kB after a quarter of the time, $memory_late kB at the end" '[ "$memory_late" -le "$most" ]'

# --- Nothing is missing -----------------------------------------------------------------------------------------------

run /usr/local/bin/diagctl verify --first-key /tmp/first-key
check_is "the chain and the key fit: $(tail -1 <<<"$RUN_OUT")" "$RUN_STATUS" 0
ship || true
check_is 'diag-ship has sent all' "$(ship && echo all)" all
as_audit /usr/local/bin/diag-ship --state /var/lib/pam_diag/reference --sink jsonl:- >/tmp/soak/reference 2>/dev/null
host_sql 'select rec from event order by seq' >/tmp/soak/records
run python3 "$HOST_TOP/tests/ship/stored.py" --again 1000 /tmp/soak/reference /tmp/soak/records /tmp/soak/shipped
check_is "every row was exported, in order, as it is stored (sent again: $RUN_OUT)" "$RUN_STATUS $RUN_ERR" '0 '

cat /tmp/soak/*.tsv >/tmp/soak/seen
sqlite3 :memory: >/tmp/soak/compared <<-END
	.mode tabs
	create table seen(word text, kind text, status int, saw int);
	.import /tmp/soak/seen seen
	attach 'file:$HOST_DB?mode=ro' as db;
	create table row as select substr(line, instr(line, 'm-')) as word, verdict, session, invocation
		from (select *, rec ->> '\$.line' as line from db.event where kind = 'exec') where line like '%m-%';
	create index by_word on row(word);
	select 'unrecorded', seen.* from seen left join row using (word) where saw and row.word is null;
	select 'wrongly', seen.* from seen join row using (word) where saw and verdict <> iif(seen.kind = 'deny', 'deny', 'allow');
	select 'twice', word from row group by word having count(*) > 1;
	select 'unfinished', seen.* from seen join row using (word) where seen.kind in ('allow', 'pipe') and status = 0 and exists
		(select 1 from db.event e where e.kind = 'close' and e.session = row.session) and not exists
		(select 1 from db.event e where e.kind = 'exit' and e.session = row.session and e.invocation = row.invocation);
	.output /tmp/soak/counts
	select kind, count(*), sum(saw), sum(status = 0) from seen group by kind;
END
check_is 'every command that a client saw is on record, with its end unless its supervisor was killed' "$(cat /tmp/soak/compared)" ''
unclosed=$(host_sql "select count(*) from event where kind = 'open'")
unclosed=$((unclosed - $(host_sql "select count(*) from event where kind = 'close'")))
# A session that ends while the database is locked, for however long, has its end on record once it is free.
check_true "only killed supervisors have left sessions without an end: $unclosed ($killed killed, $long_locks long locks)" \
	'[ "$unclosed" -le "$killed" ]'
check_true 'every kind of command was seen' '[ "$(awk "\$3 > 0" FS="\t" /tmp/soak/counts | wc -l)" = 7 ]'

printf '# %-8s %8s %8s %8s\n' kind run seen 'status 0'
while IFS=$'\t' read -r kind ran saw well; do printf '# %-8s %8s %8s %8s\n' "$kind" "$ran" "$saw" "$well"; done </tmp/soak/counts
echo "# $(wc -l </tmp/soak/records) rows, $(host_sql "select count(*) from event where kind = 'open'") sessions; $killed supervisors or readers killed, $locked times locked," \
	"$sink_downs times without sink, $ship_kills times diag-ship killed; the steady connection: $steady_ran commands, $steady_failed failed"
# What still runs is in the group, and a group with processes in it stays.
host_sshd_stop
stop_sink
if [ -n "$own_group" ]; then
	echo 0 >"$unified/cgroup.procs"
	rmdir "$own_group/pam_diag" 2>/dev/null || true # not there when no session was opened
	check_true "the test's own control group is gone" "host_wait_for 'rmdir $own_group 2>/dev/null'"
fi
check_done
