#!/usr/bin/env bash
# Ships ROWS audit rows to an HTTP sink on this host: ship.sh BUILD ROWS. Beside diag-ship run `sqlite3 -json | curl` (no cursor, no retry)
# and, where it is installed, rsyslog (from a file, by TCP, as Debian's has no output for HTTP). Prints seconds of the clock and of the
# processor, peak memory and bytes; the database stays in BUILD/bench for the next run.
set -euo pipefail
build=$(realpath "$1")
rows=$2
port=${PORT:-18099}
db=$build/bench/ship-$rows.db
work=$(mktemp -d -p /run pam_diag-bench.XXXXXX)
sink=
end_sink() {
	if [ -n "$sink" ]; then
		kill "$sink" 2>/dev/null || true
		wait "$sink" 2>/dev/null || true
		sink=
	fi
}
trap 'end_sink; rm -rf "$work"' EXIT
chmod 0755 "$work"

mkdir -p "$build/bench"
if [ ! -e "$db.whole" ]; then
	rm -f "$db" "$db"-*
	"$build/tests/fill_audit" "$db" "$rows" 30 >/dev/null
	touch "$db.whole"
fi

# measure NAME COMMAND…: with a sink of its own.
measure() {
	local name=$1
	shift
	"$build/tests/http_sink" "$port" >"$work/sink" &
	sink=$!
	sleep 0.2
	if command time -f '%e %U %S %M' -o "$work/time" "$@" >"$work/out" 2>&1; then
		end_sink
		read -r wall user system memory <"$work/time"
		printf '%-34s %8s s  %6s s processor  %7s KB  %s\n' "$name" "$wall" \
			"$(awk "BEGIN { print $user + $system }")" "$memory" "$(cat "$work/sink")"
	else
		end_sink
		printf '%-34s failed: %s\n' "$name" "$(tail -n 1 "$work/out")"
	fi
}

ship() {
	rm -rf "$work/state"
	printf '[sink s]\ntype = %s\nurl = http://127.0.0.1:%s/\n%s\n' "$1" "$port" "$2" >"$work/ship.conf"
	measure "diag-ship, $1${2:+, $2}" "$build/bin/diag-ship" --config "$work/ship.conf" --db "$db" --state "$work/state"
}

echo "$rows rows, $(stat -c %s "$db") bytes of database, load $(cut -d ' ' -f 1 /proc/loadavg)"
ship victorialogs 'settle = 0'
ship loki ''
ship otlp ''
ship loki 'gzip = yes'
measure 'nothing to send' "$build/bin/diag-ship" --config "$work/ship.conf" --db "$db" --state "$work/state"
# A pipe of two: the processor's time is of both, the memory that of the larger.
measure 'sqlite3 -json | curl -T -' bash -o pipefail -c \
	"sqlite3 -readonly -json '$db' 'SELECT seq, kind, time, session, rec, hex(hash) AS hash FROM event ORDER BY seq' |
	 curl -sS -f -T - http://127.0.0.1:$port/"

if command -v rsyslogd >/dev/null; then
	sqlite3 -readonly "$db" 'SELECT rec FROM event ORDER BY seq' >"$work/lines"
	cat >"$work/rsyslog.conf" <<-END
		global(workDirectory="$work")
		module(load="imfile")
		input(type="imfile" file="$work/lines" tag="diag" readMode="0" ruleset="out" maxLinesAtOnce="10000")
		template(name="raw" type="string" string="%msg%\n")
		ruleset(name="out" queue.type="LinkedList" queue.dequeueBatchSize="2000") {
			action(type="omfwd" target="127.0.0.1" port="$((port + 1))" protocol="tcp" template="raw")
		}
	END
	cat >"$work/rsyslog.sh" <<-END
		nc -l 127.0.0.1 $((port + 1)) | head -n $rows | wc -l >"$work/lines.count" &
		rsyslogd -n -f "$work/rsyslog.conf" -i "$work/rsyslog.pid" 2>"$work/rsyslog.err" &
		wait %1
		kill %2 2>/dev/null
		wait %2
		true
	END
	measure 'rsyslog, imfile to omfwd (TCP)' bash "$work/rsyslog.sh"
	echo "  lines at its other end: $(cat "$work/lines.count" 2>/dev/null)"
else
	echo 'skip rsyslog: it is not installed'
fi
