#!/usr/bin/env bash
# Ships ROWS audit rows to an HTTP sink on this host: ship.sh BUILD ROWS [ROUNDS [SAMPLES]]. Beside diag-ship run `sqlite3 -json | curl` (no
# cursor, no retry) and, where they are installed, rsyslog and syslog-ng (from a file, by TCP, as Debian's have no output for HTTP that needs
# nothing else). All sides take turns in every round. Prints for each the median and the least of the seconds, processor time, peak memory,
# and how its median compares with the fastest other program's; SAMPLES gets every run (NAME, seconds, processor seconds, kB, by tabs).
# The database stays in BUILD/bench for the next run. BIG=1 also shows peak memory at ten thousand, a million and ten million rows.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$(realpath "$1")
rows=$2
rounds=${3:-3}
port=${PORT:-18099}
work=$(mktemp -d -p /run pam_diag-bench.XXXXXX)
samples=${4:-$work/samples}
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
: >"$samples"

# make_database ROWS: its path in $db
make_database() {
	db=$build/bench/ship-$1.db
	mkdir -p "$build/bench"
	if [ ! -e "$db.whole" ]; then
		rm -f "$db" "$db"-*
		"$build/tests/fill_audit" "$db" "$1" 30 >/dev/null
		touch "$db.whole"
	fi
}

# measure NAME COMMAND…: with a sink of its own.
measure() {
	local name=$1 begin end user system memory
	shift
	"$build/tests/http_sink" "$port" >"$work/sink" &
	sink=$!
	for _ in {1..100}; do if ss -Hltn "sport = :$port" | grep -q .; then break; else sleep 0.02; fi; done
	begin=$EPOCHREALTIME
	if command time -f '%U %S %M' -o "$work/time" "$@" >"$work/out" 2>&1; then
		end=$EPOCHREALTIME
		read -r user system memory <"$work/time"
		awk -v OFS='\t' -v name="$name" -v us="$((${end/./} - ${begin/./}))" -v cpu="$user $system" -v kb="$memory" \
			'BEGIN { split(cpu, part, " "); print name, us / 1000000, part[1] + part[2], kb }' >>"$samples"
	else
		echo "$name failed: $(tail -n 1 "$work/out")" >&2
	fi
	end_sink
}

# ship TYPE KEYS: everything, from the beginning.
ship() {
	rm -rf "$work/state"
	printf '[sink s]\ntype = %s\nurl = http://127.0.0.1:%s/\n%b\n' "$1" "$port" "${2//, /\\n}" >"$work/ship.conf"
	measure "diag-ship, $1${2:+, $2}" "$build/bin/diag-ship" --config "$work/ship.conf" --db "$db" --state "$work/state"
}

# The same again, when it is all sent.
idle() {
	measure 'diag-ship, nothing to send' "$build/bin/diag-ship" --config "$work/ship.conf" --db "$db" --state "$work/state"
}

# A pipe of two: the processor's time is of both, the memory that of the larger.
sqlite_curl() {
	measure 'sqlite3 -json | curl -T -' bash -o pipefail -c \
		"sqlite3 -readonly -json '$db' 'SELECT seq, kind, time, session, rec, hex(hash) AS hash FROM event ORDER BY seq' |
		 curl -sS -f -T - http://127.0.0.1:$port/"
}

# Both write lines by TCP until all of them have come.
lines() {
	if [ ! -e "$work/lines" ]; then sqlite3 -readonly "$db" 'SELECT rec FROM event ORDER BY seq' >"$work/lines"; fi
	cat >"$work/lines.sh" <<-END
		nc -l 127.0.0.1 $((port + 1)) | head -n $rows >/dev/null &
		$1 2>"$work/lines.err" &
		wait %1
		kill %2 2>/dev/null
		wait %2
		true
	END
	measure "$2" bash "$work/lines.sh"
}

rsyslog() {
	rm -f "$work"/imfile-state*
	cat >"$work/rsyslog.conf" <<-END
		global(workDirectory="$work")
		module(load="imfile")
		input(type="imfile" file="$work/lines" tag="diag" readMode="0" ruleset="out" maxLinesAtOnce="10000")
		template(name="raw" type="string" string="%msg%\n")
		ruleset(name="out" queue.type="LinkedList" queue.dequeueBatchSize="2000") {
			action(type="omfwd" target="127.0.0.1" port="$((port + 1))" protocol="tcp" template="raw")
		}
	END
	lines "rsyslogd -n -f '$work/rsyslog.conf' -i '$work/rsyslog.pid'" 'rsyslog, imfile to omfwd (TCP)'
}

syslog_ng() {
	rm -f "$work/syslog-ng.persist"
	cat >"$work/syslog-ng.conf" <<-END
		@version: current
		options { stats(freq(0)); };
		source s { file("$work/lines" flags(no-parse) log-fetch-limit(1000) log-iw-size(100000)); };
		destination d { network("127.0.0.1" port($((port + 1))) template("\$MESSAGE\n") flush-lines(1000)); };
		log { source(s); destination(d); flags(flow-control); };
	END
	lines "syslog-ng -F --no-caps -f '$work/syslog-ng.conf' -R '$work/syslog-ng.persist' -p '$work/ng.pid' -c '$work/ng.ctl'" \
		'syslog-ng, file to network (TCP)'
}

# The table of $samples. Names that begin with diag-ship are ours; the fastest of the others is what all are compared with.
table() {
	sort -t "$(printf '\t')" -k 1,1 -k 2,2g "$samples" | awk -F '\t' '
		{ count[$1]++; seconds[$1, count[$1]] = $2; processor[$1] += $3; if ($4 > memory[$1]) memory[$1] = $4 }
		function median(name,    n) { n = count[name]; return (seconds[name, int((n + 1) / 2)] + seconds[name, int(n / 2) + 1]) / 2 }
		END {
			for (name in count) if (name !~ /^diag-ship/ && (best == "" || median(name) < median(best))) best = name
			for (name in count)
				printf "%-38s %8.3f s %8.3f s %8.2f s %8d kB %7s\n", name, median(name), seconds[name, 1],
					processor[name] / count[name], memory[name],
					best == "" || name ~ /nothing to send/ ? "" : sprintf("%.2f", median(name) / median(best))
		}' | sort -t 's' -k 1,1
}

make_database "$rows"
echo "$rows rows, $(stat -c %s "$db") bytes of database, $rounds rounds, load $(cut -d ' ' -f 1 /proc/loadavg)"
for ((round = 0; round < rounds; round++)); do
	sqlite_curl
	ship victorialogs 'settle = 0'
	for _ in 1 2 3; do idle; done
	if command -v rsyslogd >/dev/null; then rsyslog; fi
	ship loki ''
	if command -v syslog-ng >/dev/null; then syslog_ng; fi
	ship otlp ''
	ship loki 'gzip = yes'
done
for peer in rsyslogd syslog-ng; do command -v $peer >/dev/null || echo "skip $peer: it is not installed"; done
printf '%-38s %10s %10s %10s %11s %7s\n' side median least processor peak ratio
table

if [ -n "${BIG:-}" ]; then
	echo 'peak memory by rows:'
	for size in 10000 1000000 10000000; do
		make_database "$size"
		: >"$samples"
		ship victorialogs 'settle = 0'
		ship loki ''
		ship otlp ''
		awk -F '\t' -v rows="$size" '{ printf "%9d rows  %-38s %8d kB %9.2f s\n", rows, $1, $4, $2 }' "$samples"
	done
fi
