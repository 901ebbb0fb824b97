#!/usr/bin/env bash
# All figures: bench.sh BUILD quick|full
# Leaves BUILD/bench/samples.jsonl, BUILD/bench.json and BUILD/bench/cost.md. A part that fails is named, and the end is a failure.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
build=$1
size=$2
here=tests/bench
samples=$build/bench/samples.jsonl

if [ "$(id -u)" != 0 ]; then
	echo 'make bench needs root (namespaces, sshd)' >&2
	exit 1
fi
# Of the databases only the smaller ones are made anew within the ten minutes; BIG=1, or an earlier run of make bench-queries, adds ten million rows.
big=()
if [ -n "${BIG:-}" ] || [ -e "$build/bench/audit-10000000.db.whole" ]; then big=(10000000); fi
case $size in
quick)
	ssh=(12) profile=(5) session=(3) exec=(1) memory=(1 10) records=(100 40 1000 30000) export=30000
	;;
full)
	ssh=(120) profile=(100) session=(20) exec=(12) memory=(1 100 500) records=(2500 400 1000 1000000 "${big[@]}") export=1000000
	;;
*)
	echo "bench.sh: quick or full, not $size" >&2
	exit 2
	;;
esac

stated() { # NAME VALUE…
	printf '%s\0%s\0' "$1" "${*:2}"
}
# Once it has been on, every call of every process is followed, a tenth slower, until the next boot or a rule that leaves processes alone.
audit() {
	local rules
	if ! command -v auditctl >/dev/null || ! rules=$(auditctl -l 2>/dev/null); then
		echo 'not known: auditctl cannot be run'
		return
	fi
	echo "$(auditctl -s | head -1), rules: $rules"
}
machine() {
	stated date "$(date -u +%Y-%m-%dT%H:%MZ)"
	stated kernel "$(uname -sr) $(uname -m)"
	stated processor "$(lscpu | sed -n 's/^Model name: *//p' | head -1), $(nproc) cores"
	stated 'load average before' "$(cut -d' ' -f1-3 /proc/loadavg)"
	stated 'file system of the records' "$(findmnt -no FSTYPE,OPTIONS -T "$build" | tr -s ' ')"
	stated "the kernel's audit" "$(audit)"
	stated SQLite "$(sqlite3 --version | cut -d' ' -f1)"
	stated OpenSSH "$(ssh -V 2>&1 | cut -d, -f1)"
	stated pam_diag "$("$build/bin/diagctl" --version) $(git describe --always --dirty 2>/dev/null)"
	stated size "$size (rounds: ssh ${ssh[*]}, session ${session[*]}, exec ${exec[*]}; rows: ${records[*]:2})"
}

failed=()
# part NAME SCRIPT ARGUMENT…
part() {
	local start=$SECONDS
	"$here/$2" "${@:3}" >>"$samples" 2>"$build/bench/$1.err" || {
		failed+=("$1")
		sed "s/^/$1: /" "$build/bench/$1.err" >&2
	}
	echo "$1: $((SECONDS - start)) s" >&2
}

: >"$samples"
machine | python3 -c 'import json, sys
words = sys.stdin.read().split("\0")[:-1]
json.dump(dict(zip(words[::2], words[1::2])), sys.stdout)' >"$build/bench/machine.json"
part ssh ssh.sh "${ssh[@]}"
part profile profile.sh "${profile[@]}"
part session session.sh "${session[@]}"
part exec exec.sh "${exec[@]}"
part memory memory.sh "${memory[@]}"
part records records.sh "$build" "${records[@]}"
part export export.sh "$build" "$export"
python3 $here/report.py "$samples" "$build/bench/machine.json" "$build/bench.json" "$build/bench/cost.md" || failed+=(report)
if [ ${#failed[@]} != 0 ]; then
	echo "failed: ${failed[*]}" >&2
	exit 1
fi
