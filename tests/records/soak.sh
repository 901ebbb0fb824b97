#!/usr/bin/env bash
# The records under kill -9, failing disks and power cuts: every row that was acknowledged is there, chain and macs hold, and the next
# row can be written. What was pruned has been exported. Who verifies meanwhile sees nothing broken.
#
# BUILD names the tree of the programs; KILLS, FAULTS and CUTS the size of the run (make soak: a long one).
set -uo pipefail
export LC_ALL=C
cd "$(dirname "$0")/../.." || exit 1
# Mounts of its own: whoever makes a namespace meanwhile would have a copy of them, and keep a file system up that is to be mounted anew.
if [ "$(id -u)" = 0 ] && [ -z "${SOAK_INSIDE:-}" ]; then
	SOAK_INSIDE=1 exec unshare --mount --propagation private bash "$PWD/tests/records/soak.sh" "$@"
fi
# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh

build=$PWD/${BUILD:-build}
ctl=$build/bin/diagctl
ship=$build/bin/diag-ship
writer=$build/tests/writer
kills=${KILLS:-20}
faults=${FAULTS:-8}
cuts=${CUTS:-2}

work=$(mktemp -d)
pids=()
mounted=
device=
leave() {
	local pid
	for pid in "${pids[@]}"; do kill -9 -- "-$pid" 2>/dev/null || kill -9 "$pid" 2>/dev/null; done
	if [ -n "$mounted" ]; then umount -l "$mounted"; fi
	if [ -n "$device" ]; then losetup -d "$device"; fi
	rm -rf "$work"
}
trap leave EXIT

# fresh DIRECTORY: a database with a key; its first key is kept elsewhere.
fresh() {
	directory=$1
	db=$directory/audit.db
	mkdir -p "$directory"
	rm -f "$db"*
	"$writer" "$db" 3 >"$work/acknowledged"
	"$ctl" key init --db "$db" >"$work/first-key" || echo 'no key' >&2
}

ask() { sqlite3 -cmd '.timeout 10000' "$db" "$1"; }

# Numbers of acknowledged rows that are neither there nor pruned.
lost() {
	local anchor last
	anchor=$(ask 'SELECT seq FROM anchor')
	last=$(ask 'SELECT max(seq) FROM event')
	cat "$work"/acknowledged* | grep -v refused | awk -v anchor="$anchor" -v last="$last" '$1 > last {n++} END {print n + 0}'
}

acknowledged() { cat "$work"/acknowledged* | grep -vc refused; }
refused() { cat "$work"/acknowledged* | grep -c refused; }

# holds NAME: nothing is lost, a row can be written, and then all of it fits the first key, with no key left behind.
holds() {
	local missing after verified
	missing=$(lost)
	after=$("$writer" "$db" 1 2>"$work/err")
	verified=$("$ctl" verify --db "$db" --first-key "$work/first-key" 2>&1) || true
	if [ "$missing" = 0 ] && [[ $after =~ ^[0-9]+$ ]] && [[ $verified == *$'\nok '* || $verified == 'ok '* ]] &&
		[[ $verified != *'rows behind'* ]]; then
		return 0
	fi
	check_not_ok "$1" "lost $missing, then '$after' $(cat "$work/err")" "$verified"
	return 1
}

start_writers() {
	local i
	for ((i = 0; i < $1; i++)); do
		"$writer" "$db" 0 >"$work/acknowledged.$round.$i" 2>"$work/err.$i" &
		pids+=($!)
	done
}

# Until the writers of this round have had so many rows acknowledged.
wait_rows() {
	local tries
	for ((tries = 0; tries < 600; tries++)); do
		if [ "$(cat "$work"/acknowledged."$round".* | wc -l)" -ge "$1" ]; then return; fi
		sleep 0.05
	done
}

stop_all() {
	local pid
	# A loop's own program, too: each loop is the leader of a group. bash tells of jobs that were killed.
	{
		for pid in "${pids[@]}"; do kill -9 -- "-$pid" || kill -9 "$pid"; done
		wait
	} 2>/dev/null
	pids=()
}

prune_for_ever() {
	while :; do
		"$ctl" prune --db "$db" --size 100K --ballast 0 --state "$work/state" --ship-conf "$work/none" >/dev/null 2>&1
	done
}

export_rows() { "$ship" --db "$db" --state "$work/state" --sink "jsonl:$work/exported" "$@" 2>"$work/err.ship"; }

ship_for_ever() {
	while :; do export_rows --batch 20; done
}

# Numbers of rows up to the last one that no line of the export has, and of lines that are another row of the same number.
unexported() {
	python3 - "$work/exported" "$(ask 'SELECT max(seq) FROM event')" <<-'END'
		import json, sys
		rows, other = {}, 0
		for line in open(sys.argv[1]):
		    seq = int(json.loads(line)["log.record.uid"].split(":")[1])
		    other += rows.setdefault(seq, line) != line
		print(sum(n not in rows for n in range(1, int(sys.argv[2]) + 1)) + other)
	END
}

# With every witness. What is not in order is kept, and how often it was looked at.
verify_for_ever() {
	local said status
	while :; do
		touch "$work/exported"
		status=0
		said=$("$ctl" verify --db "$db" --first-key "$work/first-key" --heads "$work/exported" 2>&1) || status=$?
		if [ "$status" = 0 ]; then
			echo >>"$work/verified"
		elif [[ $said != *'it is being pruned; try again' ]]; then
			echo "status $status: $said" >>"$work/unverified"
		fi
	done
}

# --- kill -9: four writers, a pruner, diag-ship, and somebody who verifies ------------------------------------------

fresh "$work/kill"
bad=0
for ((round = 0; round < kills; round++)); do
	start_writers 4
	set -m
	prune_for_ever &
	pids+=($!)
	ship_for_ever &
	pids+=($!)
	verify_for_ever &
	pids+=($!)
	set +m
	wait_rows $((20 + RANDOM % 200))
	stop_all
	holds "kill -9, round $round" || bad=$((bad + 1))
done
export_rows
last_export=$?
check_is "kill -9: the last export: $(cat "$work/err.ship")" "$last_export" 0
check_is "kill -9: $(wc -l <"$work/exported") lines were exported: rows that none of them has, or another one" "$(unexported)" 0
check_is "kill -9: verified $(wc -l <"$work/verified") times meanwhile: what was not in order" "$(cat "$work/unverified" 2>/dev/null)" ''
check_true 'kill -9: rows were pruned meanwhile' '[ "$(ask "SELECT seq FROM anchor")" -gt 0 ]'
check_is "kill -9: $kills rounds of four writers, a pruner and diag-ship, $(acknowledged) rows acknowledged, $(ask 'SELECT seq FROM anchor') pruned: rounds with a loss" "$bad" 0

# --- system calls that fail -----------------------------------------------------------------------------------------

# fault CALL ERROR [PATH]: the Nth such call fails, for each N; what was acknowledged before and after must hold.
fault() {
	local call=$1 error=$2 path=${3:-} n bad=0 rows=0 refusals=0
	for ((n = 1; n <= faults; n++)); do
		rm -f "$work"/acknowledged*
		fresh "$work/fault"
		strace -qq -o /dev/null ${path:+-P "$db$path"} -e "trace=$call" -e "inject=$call:error=$error:when=$n" \
			"$writer" "$db" 4 >"$work/acknowledged.0" 2>"$work/err.0"
		rows=$((rows + $(acknowledged)))
		refusals=$((refusals + $(refused)))
		holds "$call fails with $error${path:+ on $path}, call $n" || bad=$((bad + 1))
	done
	check_is "$call fails with $error${path:+ on the $path file}: $faults places, $refusals refusals, $rows rows acknowledged: places with a loss" "$bad" 0
	check_true "$call fails with $error${path:+ on the $path file}: it was noticed" "[ $refusals -gt 0 ]"
}

if [[ ${HOST_VARIANT:-} == asan ]]; then
	echo 'skip failing system calls under a sanitizer: strace and LeakSanitizer exclude each other'
elif command -v strace >/dev/null && strace -qq -o /dev/null true 2>/dev/null; then
	fault fdatasync EIO
	fault fdatasync ENOSPC
	fault pwrite64 EIO
	fault pwrite64 ENOSPC
	fault pwrite64 EIO -key
	fault pwrite64 ENOSPC -wal
else
	echo 'skip failing system calls: strace cannot trace here'
fi

# --- power cuts -----------------------------------------------------------------------------------------------------

# cut KIND MKFS…: a file system on a loop device is shut down while four writers write, as if the power had gone.
cut() {
	local kind=$1 bad=0 behind=0 why
	shift
	rm -f "$work"/acknowledged*
	mkdir -p "$work/$kind"
	truncate -s 320M "$work/$kind.image"
	if ! device=$(losetup --find --show "$work/$kind.image" 2>"$work/err"); then
		device=
		echo "skip power cuts on $kind: no loop device here: $(cat "$work/err")"
		return
	fi
	if ! "$@" "$device" >"$work/err" 2>&1 || ! mount "$device" "$work/$kind" 2>"$work/err"; then
		echo "skip power cuts on $kind: $(tail -1 "$work/err")"
		losetup -d "$device"
		device=
		return
	fi
	mounted=$work/$kind
	fresh "$work/$kind/db"
	for ((round = 0; round < cuts; round++)); do
		start_writers 4
		wait_rows $((50 + RANDOM % 300))
		xfs_io -x -c shutdown "$mounted" || check_not_ok "$kind can be shut down"
		stop_all
		umount "$mounted"
		mount "$device" "$mounted" || check_not_ok "$kind can be mounted again"
		why=$("$ctl" verify --db "$db" 2>&1)
		if [[ $why == *'rows behind'* ]]; then behind=$((behind + 1)); fi
		holds "power cut on $kind, round $round" || bad=$((bad + 1))
	done
	check_is "power cuts on $kind: $cuts, $(acknowledged) rows acknowledged, the key was behind $behind times: cuts with a loss" "$bad" 0
	umount "$mounted"
	mounted=
	losetup -d "$device"
	device=
}

if command -v xfs_io >/dev/null; then
	cut xfs mkfs.xfs -q
	cut ext4 mkfs.ext4 -q
else
	echo 'skip power cuts: no xfs_io (package xfsprogs)'
fi
check_done
