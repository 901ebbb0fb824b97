#!/usr/bin/env bash
# Takes a run's page into the documentation: cost.sh PAGE. The whole of it becomes docs/cost.md; what it was measured on and the table of the
# aims also go into README.md, between two marks.
set -euo pipefail
cd "$(dirname "$0")/../.."
page=$1
block=$(mktemp)
new=$(mktemp)
trap 'rm -f "$block" "$new"' EXIT

if ! grep -q '^- size: full ' "$page"; then
	echo "$page: not of a whole run: make bench" >&2
	exit 1
fi

stated() { sed -n "s/^- $1: //p" "$page"; }
{
	echo "Measured $(stated date): Linux $(stated kernel | cut -d' ' -f2), $(stated processor), records on $(stated 'file system of the records' |
		cut -d' ' -f1), load $(stated 'load average before' | cut -d' ' -f1) before."
	echo
	sed -n '/^## Targets$/,/^## Figures$/{/^|/p}' "$page"
} >"$block"
awk -v block="$block" '
	/^<!-- cost: / { print; print ""; while ((getline line < block) > 0) print line; print ""; inside = 1; marks++; next }
	/^<!-- cost end -->$/ { inside = 0; marks++ }
	!inside
	END { exit marks != 2 || inside }' README.md >"$new" || {
	echo 'README.md: the two marks of the table are not there' >&2
	exit 1
}
install -m 0644 "$page" docs/cost.md
cat "$new" >README.md
