#!/usr/bin/env bash
# type = journal-remote against a real systemd-journal-remote, over HTTP and HTTPS: what its journal holds is what the database holds.
# shellcheck source=tests/ship/receivers.sh
source "$(dirname "$0")/receivers.sh"
# shellcheck source=tests/e2e/check.sh
source "$HERE/../e2e/check.sh"

remote=/lib/systemd/systemd-journal-remote
if [ ! -x "$remote" ]; then
	echo 'skip journal-remote: systemd-journal-remote is not installed'
	exit 0
fi
receivers_enter "$@"
receivers_make
certificates

remote_start() { # FILE [ARGUMENT…]
	local file=$1
	shift
	"$remote" --output="$WORK/$file.journal" --split-mode=none "$@" >>"$WORK/remote.log" 2>&1 &
	REMOTE=$!
	wait_for 'listens 19532' || cat "$WORK/remote.log"
}
remote_http() { remote_start "$1" --listen-http=127.0.0.1:19532; }
remote_https() { # FILE CERTIFICATE
	remote_start "$1" --listen-https=127.0.0.1:19532 --key="$WORK/tls/$2.key" --cert="$WORK/tls/$2.pem"
}

# read_back FILE FIELD…: those of each entry, in the order of the journal, a line each.
read_back() {
	local file=$1 fields
	shift
	fields=$(IFS=,; echo "$*")
	journalctl -q --no-pager --file="$WORK/$file.journal" -o cat --output-fields="$fields"
}
# all_there NAME FILE: every row once, in order, the record byte for byte.
all_there() {
	check_is "$1: every row, in order, as it is" "$(read_back "$2" DIAG_REC | cmp - "$WORK/records" 2>&1)" ''
	check_is "$1: by its own time" "$(journalctl -q --no-pager --file="$WORK/$2.journal" -o json | head -50 | python3 -c '
import json, sys
print(all(json.loads(line)["__REALTIME_TIMESTAMP"] == str(json.loads(json.loads(line)["DIAG_REC"])["time"]) for line in sys.stdin))')" True
}

sink plain <<<'type = journal-remote
url = http://127.0.0.1:19532/upload'
fails 'nobody listens' 75 'plain'
remote_http plain
ship
check_is 'HTTP: the run' "$SHIP_STATUS: $SHIP_SAID" "0: diag-ship: plain: $ROWS rows, up to seq $ROWS"
stop_process "$REMOTE"
all_there 'HTTP' plain
check_is 'HTTP: denied ones are warnings' "$(journalctl -q --file="$WORK/plain.journal" -p warning -o cat --output-fields=DIAG_SEQ | wc -l)" \
	"$(sqlite3 "$DB" "SELECT count(*) FROM event WHERE verdict = 'deny'")"
check_is 'HTTP: the host is the one of the session' \
	"$(read_back plain _HOSTNAME | sort | uniq -c | sed 's/^ *//')" "$(sqlite3 "$DB" "SELECT count(*) FROM event WHERE kind <> 'head'") web-02"
check_is 'HTTP: the names of the rows' "$(read_back plain DIAG_RECORD_UID | cmp - <(sed 's/^{"log.record.uid":"\([^"]*\)".*/\1/' "$WORK/reference") 2>&1)" ''

sink secure <<<"type = journal-remote
url = https://localhost:19532/upload
ca = $WORK/tls/authority.pem
certificate = $WORK/tls/client.pem
key = $WORK/tls/client.key"
remote_https secure receiver
ship
check_is 'HTTPS: the run' "$SHIP_STATUS: $SHIP_SAID" "0: diag-ship: secure: $ROWS rows, up to seq $ROWS"
stop_process "$REMOTE"
all_there 'HTTPS' secure
remote_https expired expired
sink expired <<<"type = journal-remote
url = https://localhost:19532/upload
ca = $WORK/tls/authority.pem
certificate = $WORK/tls/client.pem
key = $WORK/tls/client.key"
ship
check_true 'HTTPS: an expired certificate' '[ "$SHIP_STATUS" = 78 ] && [ -z "$(cursor)" ]'
stop_process "$REMOTE"

# Killed in the act, and diag-ship too: each time the rest follows, and nothing is missing.
sink killed <<<'type = journal-remote
url = http://127.0.0.1:19532/upload'
status=0
for try in $(seq 20); do
	rm -rf "$STATE" "$WORK"/killed.journal*
	remote_http killed
	"$SHIP" --config "$CONFIG" --db "$DB" --state "$STATE" --sink killed --batch 20 2>"$WORK/ship.out" &
	ship_pid=$!
	wait_for '[ -n "$(cursor)" ]'
	stop_process "$REMOTE" KILL
	wait "$ship_pid" || status=$?
	if [ "$status" != 0 ]; then break; fi
done
check_is "the receiver is killed: the run is told (try $try)" "$status" 75
remote_http killed-again
ship
check_is 'the receiver is killed: the next run' "$SHIP_STATUS" 0
stop_process "$REMOTE"
{ journalctl -q --no-pager --file="$WORK/killed.journal" -o cat --output-fields=DIAG_SEQ
	read_back killed-again DIAG_SEQ; } | sort -n -u >"$WORK/numbers"
check_is 'the receiver is killed: no gap' "$(seq "$ROWS" | cmp - "$WORK/numbers" 2>&1)" ''

remote_http suicide
sink suicide <<<'type = journal-remote
url = http://127.0.0.1:19532/upload'
for call in sendto:when=3 recvfrom:when=4 renameat:when=2; do
	{ strace -f -qq -o /dev/null -e trace="${call%%:*}" -e inject="${call%%:*}:signal=KILL:${call#*:}" \
		"$SHIP" --config "$CONFIG" --db "$DB" --state "$STATE" --sink suicide --batch 200; } >/dev/null 2>&1 || true
done
ship
check_is 'diag-ship is killed: the next run' "$SHIP_STATUS" 0
stop_process "$REMOTE"
check_is 'diag-ship is killed: no gap' "$(read_back suicide DIAG_SEQ | sort -n -u | cmp - <(seq "$ROWS") 2>&1)" ''
check_done
