#!/usr/bin/env bash
# What exporting costs: samples on stdout, from the runs of ship.sh. export.sh BUILD ROWS
# The first side is what people would write themselves.
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=$(mktemp)
trap 'rm -f "$runs"' EXIT
BIG='' tests/bench/ship.sh "$1" "$2" 3 "$runs" >&2
awk -F '\t' -v rows="$2" '
	function sample(figure, side, unit, value) {
		printf "{\"figure\":\"%s\",\"side\":\"%s\",\"unit\":\"%s\",\"value\":%.3f}\n", figure, side, unit, value
	}
	$1 == "diag-ship, nothing to send" {
		sample("export, nothing to send", "diag-ship", "us", $2 * 1000000)
		sample("export, nothing to send, memory", "diag-ship", "kB", $4)
		next
	}
	{
		sample("export, " rows " rows", $1, "rows/s", rows / $2)
		sample("export, " rows " rows, memory", $1, "kB", $4)
		count++
	}
	END { exit count < 3 }' "$runs"
