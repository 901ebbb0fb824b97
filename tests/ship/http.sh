#!/usr/bin/env bash
# diag-ship and its HTTP sinks against servers that check every byte and misbehave on demand; BUILD names the tree of the programs.
set -u
cd "$(dirname "$0")/../.." || exit 1
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C

passed=0
failed=0
for part in command faults matrix; do
	output=$(python3 "tests/ship/$part.py" 2>&1)
	count=$(tail -n 1 <<<"$output")
	if [[ $count =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
		sed '$d' <<<"$output"
	else
		failed=$((failed + 1))
		echo "$output"
		echo "not ok $part.py did not come to its end"
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
