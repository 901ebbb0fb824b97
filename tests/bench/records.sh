#!/usr/bin/env bash
# What records cost: samples on stdout. records.sh BUILD SLICE-MS ROUNDS ROWS…
# The databases of ROWS rows are made once and kept in BUILD/bench (queries.sh has the same).
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$1
slice=$2
rounds=$3
shift 3
tools=$build/bench

work=$(mktemp -d "$build/bench/records.XXXXXX")
trap 'rm -rf "$work"' EXIT
for writers in 1 4 16 64; do
	"$tools/commit" "$work" "$writers" 2 "$slice" 0
	"$tools/commit" "$work" "$writers" 1 "$((slice * 2))" 200
done

arguments=()
for rows in "$@"; do
	db=$build/bench/audit-$rows.db
	if [ ! -e "$db.whole" ]; then
		rm -f "$db" "$db"-*
		echo "making $db" >&2
		"$build/tests/fill_audit" "$db" "$rows" "$((rows < 27400 ? 1 : rows / 27400))" >/dev/null
		sqlite3 "$db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
		touch "$db.whole"
	fi
	arguments+=("$rows rows" "$db")
done
"$tools/insert" "$rounds" "$work/floor" "${arguments[@]}"

# The ready queries for one day, by processor time.
for rows in "$@"; do
	if [ "$rows" -lt 27400 ]; then continue; fi
	tests/bench/queries.sh "$build" "$rows" | awk -v rows="$rows" 'NF == 4 && $2 ~ /^[0-9.]+$/ {
		printf "{\"figure\":\"ready query, one day of %d rows\",\"side\":\"%s\",\"unit\":\"us\",\"value\":%d}\n", rows, $1, $2 * 1000}' || true
done

# The whole chain, by diagctl and by the stock shell.
rows=$1
for one in "$@"; do if [ "$one" -le 1000000 ]; then rows=$one; fi; done
"$tools/alternate" "verify, $rows rows" 3 0 \
	'stock sqlite3 and chain.sql' 0 sqlite3 -readonly "$build/bench/audit-$rows.db" '.read sql/queries/chain.sql' -- \
	'diagctl verify' 0 "$build/bin/diagctl" verify --db "$build/bench/audit-$rows.db"

# Pruning of all of it that is old, on a copy.
db=$work/prune/audit.db
mkdir "$work/prune"
sqlite3 "$build/bench/audit-$rows.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
cp "$build/bench/audit-$rows.db" "$db"
before=$(sqlite3 "$db" 'select count(*) from event')
start=$(date +%s%N)
"$build/bin/diagctl" prune --no-sinks --keep 2026-07-01 --ballast 0 --db "$db" >&2
spent=$(($(date +%s%N) - start))
removed=$((before - $(sqlite3 "$db" 'select count(*) from event')))
if [ "$removed" -lt $((rows / 2)) ]; then
	echo "prune removed $removed of $before rows" >&2
	exit 1
fi
printf '{"figure":"prune, %d rows","side":"diagctl prune","unit":"rows/s","value":%d}\n' "$rows" $((removed * 1000000000 / spent))
