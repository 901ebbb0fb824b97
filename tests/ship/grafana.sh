#!/usr/bin/env bash
# The dashboard and the alert rules of shipper/grafana against the schema and real rows of every kind.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh
build=${BUILD:-build}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$build/tests/fill" "$work/audit.db" 10 >/dev/null
"$build/bin/diagctl" key init --db "$work/audit.db" >/dev/null
"$build/tests/fill" "$work/audit.db" 300 >/dev/null
"$build/bin/diag-ship" --db "$work/audit.db" --state "$work/state" --sink jsonl:- >"$work/rows" 2>/dev/null
while read -r line; do
	case $line in
	'ok '*) check_ok "${line#ok }" ;;
	*) check_not_ok "${line#not ok }" ;;
	esac
done < <(python3 tests/ship/grafana.py shipper/grafana shipper/schema.json "$work/rows" 2>&1 || echo 'not ok the check comes to its end')
check_done
