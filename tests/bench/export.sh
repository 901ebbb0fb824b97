#!/usr/bin/env bash
# What exporting costs: samples on stdout, from the table of ship.sh. export.sh BUILD ROWS
# The first side is what people would write themselves.
set -euo pipefail
cd "$(dirname "$0")/../.."
tests/bench/ship.sh "$1" "$2" | awk -v rows="$2" '
	function sample(figure, side, unit, value) {
		return sprintf("{\"figure\":\"%s\",\"side\":\"%s\",\"unit\":\"%s\",\"value\":%.3f}\n", figure, side, unit, value)
	}
	match($0, / +[0-9.]+ s +[0-9.]+ s processor +[0-9]+ KB/) {
		name = substr($0, 1, RSTART - 1)
		split(substr($0, RSTART), words, " ")
		if (name == "nothing to send") {
			last = last sample("export, nothing to send", "diag-ship", "us", words[1] * 1000000)
			last = last sample("export, nothing to send, memory", "diag-ship", "kB", words[6])
		} else {
			found = sample("export, " rows " rows", name, "rows/s", rows / (words[1] > 0 ? words[1] : 0.01))
			found = found sample("export, " rows " rows, memory", name, "kB", words[6])
			if (name ~ /^diag-ship/) ours = ours found; else peers = peers found
		}
		count++
	}
	END {
		printf "%s%s%s", peers, ours, last
		exit count < 3
	}'
