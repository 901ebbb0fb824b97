#!/usr/bin/env bash
# How long each ready query takes for one day of a database of that many rows: queries.sh BUILD ROWS
# The database is made once, by fill_audit, and kept. Its days have the same number of rows whatever ROWS is (27,400: ten million in a
# year). Every query runs five times after a first one that warms the page cache; the middle one counts, by processor time, since a busy
# machine says nothing about a query. A run during which the processor was slower than its best is made again, up to TRIES times in all, for
# the same reason. The time that passed is shown beside it, and the runs that were made.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$1
rows=$2
limit_ms=100
days=$((rows < 27400 ? 1 : rows / 27400))
db=$build/bench/audit-$rows.db

mkdir -p "$build/bench"
if [ ! -e "$db.whole" ]; then
	rm -f "$db" "$db"-*
	echo "making $db: $rows rows, $days days" >&2
	"$build/tests/fill_audit" "$db" "$rows" "$days" >/dev/null
	sqlite3 "$db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	touch "$db.whole"
fi
# The views of this tree, whenever the database was made.
sqlite3 "$db" '.read sql/views.sql'

best=$("$build/bench/undisturbed" best)
TRIES=60

# once BEST QUERY: "processor-ms real-ms" of one run, as the shell measures it.
once() {
	"$build/bench/undisturbed" "$1" sqlite3 -readonly "$db" ".param set :since \"'2026-06-29'\"" ".param set :until \"'2026-06-30'\"" '.output /dev/null' '.timer on' \
		".read sql/queries/$2.sql" | awk '/^Run Time: real/ {printf "%.1f %.1f\n", ($6 + $8) * 1000, $4 * 1000}'
}

# five QUERY: five undisturbed runs, a line each; where TRIES do not give so many, disturbed ones as well.
five() {
	local have=0 tried=0 one
	while [ "$have" -lt 5 ]; do
		tried=$((tried + 1))
		if one=$(once "$([ "$tried" -gt "$TRIES" ] && echo $((best * 1000)) || echo "$best")" "$1"); then
			have=$((have + 1))
			echo "$one $tried"
		elif [ "$tried" -le "$TRIES" ]; then
			sleep 0.1
		else
			echo "queries.sh: $1 failed" >&2
			return 1
		fi
	done
}

slow=0
printf '%-12s %10s %10s %10s\n' query 'ms, CPU' 'ms, real' runs
for file in sql/queries/*.sql; do
	query=$(basename "$file" .sql)
	case $query in chain | backlog) continue ;; esac # the whole chain, and files that are not in the database
	once "$best" "$query" >/dev/null || true
	runs=$(five "$query")
	read -r ms real _ < <(sort -n <<<"$runs" | sed -n 3p)
	printf '%-12s %10s %10s %10s\n' "$query" "$ms" "$real" "$(awk 'END { print $3 }' <<<"$runs")"
	if awk -v ms="$ms" -v limit="$limit_ms" 'BEGIN {exit !(ms >= limit)}'; then slow=$((slow + 1)); fi
done
echo "$slow queries took $limit_ms ms or longer for one day of $rows rows ($(($(stat -c %s "$db") / rows)) bytes a row)"
[ "$slow" = 0 ]
