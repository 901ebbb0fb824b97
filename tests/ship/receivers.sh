# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # variables pass between this and the scripts that source it
# What the tests with receivers share: namespaces of their own, rows, certificates, waiting. Sourced by receivers_*.sh.

set -euo pipefail
export LC_ALL=C.UTF-8
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$HERE/../.." && pwd)
BUILD=${BUILD:-build}
SHIP=$TOP/$BUILD/bin/diag-ship
FILL=$TOP/$BUILD/tests/fill
ROWS=${ROWS:-4000}
BATCH=500

# receivers_enter: starts the script again where its ports, its /run and its processes are its own.
receivers_enter() {
	if [ "${RECEIVERS_INSIDE:-}" = 1 ]; then
		return
	fi
	if [ "$(id -u)" != 0 ]; then
		echo "skip $0: needs root (namespaces)"
		exit 0
	fi
	exec env RECEIVERS_INSIDE=1 unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private -- bash "$0" "$@"
}

# Waits, at most 20 s, until a condition holds.
wait_for() {
	local i
	for i in $(seq 400); do
		if eval "$1"; then return 0; fi
		sleep 0.05
	done
	echo "# waited in vain for: $1"
	return 1
}

# listens PORT: does somebody listen there?
listens() { [ -n "$(ss -Hltn "sport = :$1")" ]; }

# A working directory in memory, rows, and what they are: WORK, DB, reference, records.
receivers_make() {
	ip link set lo up
	mount -t tmpfs -o mode=0755 run /run
	WORK=/run/receivers
	mkdir "$WORK"
	cd "$WORK"
	DB=$WORK/audit.db
	"$FILL" "$DB" "$ROWS" >/dev/null
	reference
}

reference() {
	rm -rf "$WORK/reference.state"
	"$SHIP" --db "$DB" --state "$WORK/reference.state" --sink jsonl:- >"$WORK/reference" 2>/dev/null
	sqlite3 "$DB" 'SELECT rec FROM event ORDER BY seq' >"$WORK/records"
}

# A key and a certificate each: authority, receiver (localhost, 127.0.0.1), client, and the wrong ones.
certificates() {
	mkdir -p "$WORK/tls"
	(
		cd "$WORK/tls"
		authority authority
		authority stranger
		certificate receiver authority 'DNS:localhost,IP:127.0.0.1' 30
		certificate elsewhere authority 'DNS:elsewhere.example' 30
		certificate client authority 'DNS:client.example' 30
		certificate stray stranger 'DNS:client.example' 30
		certificate expired authority 'DNS:localhost,IP:127.0.0.1' expired
	) 2>/dev/null
}

authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$1" -keyout "$1.key" -out "$1.pem"
}

certificate() { # NAME AUTHORITY NAMES DAYS|expired
	local when=(-days "$4")
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
	printf 'subjectAltName=%s\n' "$3" >"$1.ext"
	if [ "$4" = expired ]; then
		expired "$1" "$2"
		return
	fi
	openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -extfile "$1.ext" "${when[@]}" -out "$1.pem"
}

# Dates in the past are for `openssl ca` alone.
expired() {
	: >index.txt
	printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' >ca.cnf
	openssl ca -batch -config ca.cnf -in "$1.csr" -cert "$2.pem" -keyfile "$2.key" -startdate 20200101000000Z -enddate 20200201000000Z \
		-extfile "$1.ext" -notext -out "$1.pem"
}

# sink NAME: a section of ship.conf from stdin; SINK is its name then, with a state of its own.
sink() {
	SINK=$1
	STATE=$WORK/$1.state
	CONFIG=$WORK/$1.conf
	{
		echo "[sink $1]"
		cat
		echo 'timeout = 2s'
		echo 'retry = 1s'
		echo "batch-rows = $BATCH"
	} >"$CONFIG"
}

ship() {
	SHIP_STATUS=0
	"$SHIP" --config "$CONFIG" --db "$DB" --state "$STATE" --sink "$SINK" >"$WORK/ship.out" 2>&1 || SHIP_STATUS=$?
	SHIP_SAID=$(cat "$WORK/ship.out")
}

# stored FILE [MOST AGAIN]: what stored.py says; empty when all is right and nothing came twice.
stored() {
	local back=()
	if [ $# -gt 1 ]; then back=(--again "$2"); fi
	python3 "$HERE/stored.py" "${back[@]}" "$WORK/reference" "$WORK/records" "$1" 2>&1
}

lines() { if [ -e "$1" ]; then wc -l <"$1"; else echo 0; fi; }

# delivered NAME FILE: one run brings every row, once, into that file.
delivered() {
	ship
	check_is "$1: the run" "$SHIP_STATUS: $SHIP_SAID" "0: diag-ship: $SINK: $ROWS rows, up to seq $ROWS"
	wait_for "[ \$(lines $2) -ge $ROWS ]" || true
	check_is "$1: every row is stored, as it is" "$(stored "$2")" 0
	ship
	check_is "$1: a second run sends nothing" "$SHIP_STATUS: $SHIP_SAID" "0: diag-ship: $SINK: 0 rows, up to seq $ROWS"
}

cursor() { cat "$STATE"/*.cursor 2>/dev/null | sed -n 's/^seq //p' || true; }

# fails NAME STATUS WORDS: the run ends with that status and says so, and the cursor stays.
fails() {
	local before
	before=$(cursor)
	ship
	check_is "$1: the status" "$SHIP_STATUS" "$2"
	check_has "$1: the reason" "$SHIP_SAID" "$3"
	check_is "$1: the cursor stays" "$(cursor)" "$before"
}

# stop_process PID [SIGNAL]
stop_process() {
	kill "-${2:-TERM}" "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}
