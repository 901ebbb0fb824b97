#!/usr/bin/env bash
# The operator's commands for keeping the records, as programs: key init, verify, status, prune, snapshot, with a real diag-ship and a
# full disk.
set -uo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh
if [ "${KEEPING_INSIDE:-}" != 1 ]; then
	KEEPING_INSIDE=1 exec unshare --mount --propagation private bash "$0"
fi

build=$PWD/${BUILD:-build}
outside=$(mktemp -d)
work=$outside/disk
mkdir "$work"
trap 'umount "$work"; rm -rf "$outside"' EXIT
mount -t tmpfs -o size=64m tmpfs "$work"
db=$work/audit.db
state=$work/ship
conf=$work/ship.conf

# As check.sh has it, but with files that are ours, and not on the disk that gets full.
run() {
	RUN_STATUS=0
	"$@" >"$outside/out" 2>"$outside/err" </dev/null || RUN_STATUS=$?
	RUN_OUT=$(cat "$outside/out")
	RUN_ERR=$(cat "$outside/err")
}
ctl() {
	local command=$1
	shift
	case $command in
	key) run "$build/bin/diagctl" key init --db "$db" "$@" ;;
	status | prune) run "$build/bin/diagctl" "$command" --db "$db" --state "$state" --ship-conf "$conf" "$@" ;;
	*) run "$build/bin/diagctl" "$command" --db "$db" "$@" ;;
	esac
}
write() { "$build/tests/writer" "$db" "$1" 2>"$outside/err.writer" | tail -1; }
ship() { "$build/bin/diag-ship" --db "$db" --state "$state" --sink "jsonl:$work/out.jsonl" 2>"$outside/ship.err"; }

# --- key init and verify --------------------------------------------------------------------------------------------

check_is 'rows without a key' "$(write 3)" 3
ctl verify
check_is 'verify without a key: the status' "$RUN_STATUS" 0
check_has 'verify without a key: it says so' "$RUN_OUT" 'rows 1 to 3: have no mac'
ctl status
check_has 'status without a key' "$RUN_OUT" 'warning   there is no key'
ctl key
check_is 'key init: the status' "$RUN_STATUS" 0
echo "$RUN_OUT" >"$work/first-key"
check_is 'key init prints one first key and one verifier' "$(grep -cE '^(first-key|verifier) ' "$work/first-key")" 2
ctl key
check_is 'a second key init is refused' "$RUN_STATUS" 1
check_has 'a second key init: says what to do' "$RUN_ERR" 'key init --again'
check_is 'rows with a key, and heads among them' "$(write 1000)" 1013
ctl verify --first-key "$work/first-key" --json
check_is 'verify --json: the status' "$RUN_STATUS" 0
check_is 'verify --json: the numbers' "$(python3 -c 'import json,sys; r = json.loads(sys.argv[1]); print(r["ok"], r["macs"], r["broken"])' "$RUN_OUT")" \
	'True 1011 0'
ctl verify --first-key /nonexistent
check_is 'verify: a witness that is not there' "$RUN_STATUS" 2
echo 'first-key x' >"$work/wrong"
ctl verify --first-key "$work/wrong"
check_is 'verify: a witness that is none' "$RUN_STATUS" 2
check_has 'verify: a witness that is none: its line' "$RUN_ERR" "$work/wrong:1:"
ctl verify --nonsense
check_is 'verify: an unknown option' "$RUN_STATUS" 2

# --- diag-ship carries the heads ------------------------------------------------------------------------------------

ctl status --late-seconds 1
check_has 'status: no sink' "$RUN_OUT" 'there is no sink'
ctl prune --keep 0s
check_is 'prune without a sink is refused' "$RUN_STATUS" 2
check_has 'prune without a sink: says what to do' "$RUN_ERR" '--no-sinks'
ship
check_is 'the rows are shipped' $? 0
ctl verify --first-key "$work/first-key" --heads "$work/out.jsonl"
check_is 'verify with the heads as they were shipped: the status' "$RUN_STATUS" 0
# Each stands twice in its line: in a field of its own, and in the record.
check_has 'verify with the heads as they were shipped: all of them count' "$RUN_OUT" ' 22 kept heads'
ctl status
check_is 'status with a key and a sink: the status' "$RUN_STATUS" 0
check_has 'status with a key and a sink: the backlog' "$RUN_OUT" 'out.jsonl: 0 rows behind'
check_has 'status with a key and a sink: the last export' "$RUN_OUT" "0 rows behind, last export $(date -u +%Y-)"
check_has 'status before any session: the layers' "$RUN_OUT" 'layers    no session yet'
# of JSON: the value of a Python expression over it
json() { python3 -c 'import json,sys; r = json.loads(sys.argv[1]); print(eval(sys.argv[2]))' "$RUN_OUT" "$1" 2>&1; }
ctl status --json
check_is 'status --json: the same' "$RUN_STATUS $(json '[r[k] for k in ("status", "rows", "last", "anchor", "key", "key_row", "problems")]')" \
	"0 ['ok', 1014, 1014, 0, 'good', 1015, []]"
check_is 'status --json: sizes, times, head' "$(json 'r["used_bytes"] > 0 and r["free_bytes"] > 0 and r["oldest"] <= r["newest"] and r["head"] > 1000')" True
check_is 'status --json: the sink' "$(json '[(s["backlog"], s["acknowledged"], s["last_export"] >= r["newest"]) for s in r["sinks"]]')" \
	'[(0, 1014, True)]'
ctl status --db "$work/none" --json
check_is 'status --json: no database' "$RUN_STATUS $(json '[r["status"], r["database"], len(r["problems"])]')" "2 ['critical', None, 1]"

# --- prune ----------------------------------------------------------------------------------------------------------

shipped=$(sqlite3 "$db" 'SELECT max(seq) FROM event')
write 500 >"$work/last"
ctl status
check_is 'status: rows that wait, but not for long' "$RUN_STATUS" 0
while [ "$(sqlite3 -readonly "$db" "SELECT count(*) FROM event WHERE seq = $shipped + 1 AND time < (strftime('%s', 'now') - 2) * 1000000")" = 0 ]; do sleep 0.2; done
ctl status --late-seconds 1
check_is 'status: a sink that is late: the status' "$RUN_STATUS" 1
check_has 'status: a sink that is late: which row' "$RUN_OUT" "out.jsonl: row $((shipped + 1)) waits since"
check_has 'status: a sink that is late: how many' "$RUN_OUT" 'out.jsonl: 505 rows behind'
ctl status --late-seconds 1 --json
check_is 'status --json: a sink that is late' "$RUN_STATUS $(json '[r["status"], r["sinks"][0]["backlog"], r["problems"][0]["level"]]')" \
	"1 ['warning', 505, 'warning']"
ctl prune
check_is 'prune without an aim' "$RUN_STATUS" 2
ctl prune --keep nonsense
check_is 'prune with a wrong age' "$RUN_STATUS" 2
ctl prune --keep 0s --no-sinks
check_is 'prune --no-sinks where there is one' "$RUN_STATUS" 2
ctl prune --keep 0s --ballast 4M
check_is 'prune: what is not shipped stays, and that is a failure' "$RUN_STATUS" 1
check_is 'prune: up to what is shipped, but for the row of the cursor' "$(sqlite3 "$db" 'SELECT seq FROM anchor')" $((shipped - 1))
check_is 'prune: the ballast' "$(stat -c '%s %a' "$db-ballast")" '4194304 600'
ship
check_is 'diag-ship goes on after a prune' "$? $(cat "$outside/ship.err")" "0 diag-ship: jsonl:$work/out.jsonl: 506 rows, up to seq $(sqlite3 "$db" 'SELECT max(seq) FROM event')"
printf '[sink other]\ntype = jsonl\n' >"$conf"
ctl prune --keep 0s --ballast 4M
check_has 'prune: a sink of ship.conf that has nothing yet' "$RUN_ERR" 'sink other has acknowledged up to row 0 only'
rm "$conf"
ctl prune --keep 1h --ballast 4M
check_is 'prune: nothing is old enough: the status' "$RUN_STATUS" 0
check_has 'prune: nothing is old enough' "$RUN_OUT" 'pruned 0 rows'
ctl verify --first-key "$work/first-key" --heads "$work/out.jsonl"
check_is 'verify after prune: the status' "$RUN_STATUS" 0
check_has 'verify after prune: older heads are a note' "$RUN_OUT" 'heads are of rows that have been pruned'

# --- snapshot -------------------------------------------------------------------------------------------------------

ctl snapshot --group daemon "$work/copy"
check_is 'snapshot: the status' "$RUN_STATUS" 0
check_is 'snapshot: mode and group' "$(stat -c '%a %G' "$work/copy")" '640 daemon'
chmod 0755 "$outside" "$work"
if command -v setpriv >/dev/null; then
	chmod 0644 "$work/first-key"
	run setpriv --reuid=65534 --regid="$(getent group daemon | cut -d: -f3)" --clear-groups \
		"$build/bin/diagctl" verify --db "$work/copy" --first-key "$work/first-key"
	check_is 'a reader who is not root verifies it' "$RUN_STATUS" 0
fi
ctl snapshot "$work/copy"
check_is 'snapshot never writes over a file' "$RUN_STATUS" 1
run "$build/bin/diagctl" snapshot --db "$work/none" "$work/copy2"
check_is 'snapshot makes no database' "$RUN_STATUS $(ls "$work/none" 2>/dev/null)" '1 '

# --- a full disk ----------------------------------------------------------------------------------------------------

ship
rm -f "$work/copy"
sqlite3 "$db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
dd if=/dev/zero of="$work/filler" bs=4096 status=none 2>/dev/null
check_is 'on a full disk rows are refused' "$(write 1)" refused
ctl status
check_is 'status on a full disk is critical' "$RUN_STATUS" 2
ctl prune --keep 0s --ballast 4M
check_is 'prune on a full disk: the status' "$RUN_STATUS $RUN_ERR" '0 '
check_is 'prune on a full disk gives the ballast back and removes rows' \
	"$(sqlite3 -readonly "$db" 'SELECT count(*) < 20 FROM event') $(ls "$db-ballast" 2>/dev/null)" '1 '
check_true 'rows can be written again, the disk full as it is' '[[ $(write 1) =~ ^[0-9]+$ ]]'
rm "$work/filler"
ctl prune --keep 1h --ballast 4M
check_is 'with room there is a ballast again' "$(stat -c %s "$db-ballast")" 4194304
ctl verify --first-key "$work/first-key" --heads "$work/out.jsonl"
check_is 'verify after a full disk' "$RUN_STATUS" 0

# --- rows that are gone ---------------------------------------------------------------------------------------------

last=$(sqlite3 "$db" 'SELECT max(seq) FROM event')
sqlite3 "$db" "DROP TRIGGER event_no_delete; DELETE FROM event WHERE seq = $last; UPDATE sqlite_sequence SET seq = $last - 1"
ctl verify --first-key "$work/first-key"
check_is 'verify: a row that was cut off: the status' "$RUN_STATUS" 1
check_has 'verify: a row that was cut off' "$RUN_OUT" "BROKEN rows $last to $last are missing at the end"
ctl status
check_is 'status: a row that was cut off' "$RUN_STATUS" 2
check_is 'no row is written behind it' "$(write 1)" refused
check_has 'and it is said why' "$(cat "$outside/err.writer")" 'key init --again'
ctl key --again
check_is 'key init --again: the status' "$RUN_STATUS" 0
echo "$RUN_OUT" >>"$work/first-key"
check_true 'rows can be written again' '[[ $(write 1) =~ ^[0-9]+$ ]]'
ctl verify --first-key "$work/first-key"
check_is 'verify with both first keys' "$RUN_STATUS" 0
check_done
