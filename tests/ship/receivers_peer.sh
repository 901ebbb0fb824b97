#!/usr/bin/env bash
# The stream sinks against a receiver that misbehaves (stream_peer.py): each time the run says what is wrong and no row is passed over.
# shellcheck source=tests/ship/receivers.sh
source "$(dirname "$0")/receivers.sh"
# shellcheck source=tests/e2e/check.sh
source "$HERE/../e2e/check.sh"

receivers_enter "$@"
ROWS=1000
receivers_make

# peer TYPE SCHEME HOW [N]: starts it, and makes a sink of it.
peer() {
	local type=$1 scheme=$2
	shift 2
	rm -f "$WORK/port"
	python3 "$HERE/stream_peer.py" "$WORK/port" "$@" >"$WORK/peer.out" 2>"$WORK/peer.err" &
	PEER=$!
	wait_for '[ -e "$WORK/port" ]'
	rm -rf "$WORK/$type-$1.state"
	sink "$type-$1" <<<"type = $type
url = $scheme://127.0.0.1:$(cat "$WORK/port")"
}
gone() {
	stop_process "$PEER"
	check_is "$1: the peer has nothing to say" "$(cat "$WORK/peer.err")" ''
}

peer relp relp relp
ship
check_is 'RELP: the run' "$SHIP_STATUS" 0
wait "$PEER"
check_is 'RELP: the peer saw a whole session' "$? $(cat "$WORK/peer.err")" '0 '
check_is 'RELP: every row, once' "$(stored "$WORK/peer.out")" 0
peer relp relp slowly
ship
check_is 'RELP in single bytes: the run' "$SHIP_STATUS" 0
check_is 'RELP in single bytes: every row, once' "$(stored "$WORK/peer.out")" 0
gone 'RELP in single bytes'

# bad HOW [N] STATUS WORDS
relp_fails() {
	local name="RELP, $1" status=$2 words=$3
	shift
	peer relp relp "${@:3}"
	fails "$name" "$status" "$words"
	check_is "$name: no cursor" "$(cursor)" ''
	gone "$name"
}
relp_fails 'a session is refused' 75 'the receiver refuses: 500 not today?[2J' refuse
relp_fails 'another protocol' 75 'the answer is no RELP' garbage
relp_fails 'an answer without end' 75 'the answer is no RELP' huge
relp_fails 'another version' 75 'does not take syslog messages by RELP version 0 or 1' version
relp_fails 'no syslog' 75 'does not take syslog messages' no-syslog
relp_fails 'the number of another transaction' 75 'an answer that was not asked for: 103 rsp' wrong-number 101
relp_fails 'answers in another order' 75 'an answer that was not asked for: 3 rsp' reorder
relp_fails 'the receiver ends the session' 75 'the receiver has ended the session' serverclose 300
relp_fails 'a message is refused' 75 'the receiver refuses: 500 no room' error 444
relp_fails 'the connection is reset' 75 'reset' drop 200
relp_fails 'acknowledgements cease' 75 'no answer for 2000 ms' mute 450

# A later batch: the cursor stands at the end of the one before, and the next run begins there.
peer relp relp error 700
ship
check_is 'RELP, a message of the second batch is refused: the status' "$SHIP_STATUS" 75
check_is 'RELP, a message of the second batch is refused: the cursor' "$(cursor)" "$BATCH"
gone 'RELP, a message of the second batch'
cp "$WORK/peer.out" "$WORK/first.out"
state=$STATE
peer relp relp relp
STATE=$state SINK=relp-error
sed -i "s/^url = .*/url = relp:\/\/127.0.0.1:$(cat "$WORK/port")/" "$WORK/relp-error.conf"
CONFIG=$WORK/relp-error.conf
ship
cat "$WORK/peer.out" >>"$WORK/first.out"
check_is 'RELP, a message of the second batch is refused: the next run' "$SHIP_STATUS" 0
check_true 'RELP, a message of the second batch is refused: no gap' "stored $WORK/first.out $BATCH >/dev/null"
stop_process "$PEER"

plain_fails() { # NAME STATUS WORDS HOW [N]
	local name="TCP, $1" status=$2 words=$3
	peer syslog tcp "${@:4}"
	fails "$name" "$status" "$words"
	check_is "$name: no cursor" "$(cursor)" ''
	gone "$name"
}
plain_fails 'a reset in the middle' 75 'reset' reset 20000
plain_fails 'a receiver that takes nothing' 75 'for 2000 ms' silent
plain_fails 'a receiver that closes too early' 75 'reset' half 20000
plain_fails 'a receiver that does not close' 75 'does not end the connection for 2000 ms' never-ends

# The loss that ship.conf(5) tells of: nothing in the protocol says whether what was read is stored. The receiver reads the first batch to
# its end, closes as it should, and dies with it in its memory; the rows count as shipped, and the next run begins behind them.
peer syslog tcp forget
ship
check_is 'TCP, a receiver dies with what it has read: the second batch finds nobody' "$SHIP_STATUS" 75
check_is 'TCP, a receiver dies with what it has read: the first counts as shipped' "$(cursor)" "$BATCH"
gone 'TCP, a receiver dies with what it has read'
state=$STATE
mv "$state" "$WORK/forgotten"
peer syslog tcp forget
mv "$WORK/forgotten" "$state"
ship
check_is 'TCP, a receiver dies with what it has read: it is not sent again' "$SHIP_STATUS: $SHIP_SAID" \
	"0: diag-ship: $SINK: $((ROWS - BATCH)) rows, up to seq $ROWS"
gone 'TCP, a receiver dies with what it has read, the next run'
check_done
