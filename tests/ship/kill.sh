#!/bin/bash
# diag-ship under SIGKILL, full disks, damaged state, and with a real systemd-journald.
#
# Prints "ok NAME" or "not ok NAME" for each test, "skip NAME: why" where a part is missing; the exit status is 1 when one failed.
# BUILD names the tree of the programs, ROWS and KILLS the size of the run.
set -u
export LC_ALL=C

build=${BUILD:-build}
ship=$PWD/$build/bin/diag-ship
fill=$PWD/$build/tests/fill
here=$(cd "$(dirname "$0")" && pwd)
rows=${ROWS:-5000}
kills=${KILLS:-20}
batch=500
failures=0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
db=$work/audit.db

pass() { echo "ok $1"; }
fail() {
        echo "not ok $1${2:+: $2}"
        failures=$((failures + 1))
}
skip() { echo "skip $1: $2"; }
# is NAME GOT WANTED
is() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "got '$2' instead of '$3'"; fi; }

# A new pair of state directory and output for a test.
fresh() {
        state=$work/$1.state
        out=$work/$1.jsonl
}
run() { "$ship" --db "$db" --state "$state" --sink "jsonl:$out" --batch "$batch" 2>"$work/err"; }
# The output of `fresh` against the reference; what awk counted goes to $counts.
same() { counts=$(awk -v rows="$rows" -v batch="$batch" -f "$here/check.awk" "$work/reference" "$out"); }
finish() {
        run || fail "$1" "the last run: $(cat "$work/err")"
        if same; then pass "$1 (steps back, rows again, torn lines: $counts)"; else fail "$1"; fi
}

make_reference() {
        "$fill" "$db" "$rows" >/dev/null || exit 1
        "$ship" --db "$db" --state "$work/reference.state" --sink jsonl:- >"$work/reference" 2>"$work/err"
        is "an undisturbed run" $? 0
        is "  has every row" "$(wc -l <"$work/reference")" "$rows"
        is "  says so on stderr" "$(cat "$work/err")" "diag-ship: jsonl:-: $rows rows, up to seq $rows"
        sqlite3 "$db" "SELECT rec FROM event ORDER BY seq" >"$work/recs"
        sed 's/.*"diag.rec"://; s/}$//' "$work/reference" | cmp -s - "$work/recs"
        is "  carries the stored records verbatim" $? 0
        sqlite3 "$db" "SELECT count(*) FROM event WHERE json_valid(rec)" >"$work/valid"
        is "  from valid records" "$(cat "$work/valid")" "$rows"
        fresh twice
        run && cmp -s "$out" "$work/reference"
        is "another sink gets the same bytes" $? 0
        is "the file is private to its group" "$(stat -c %a "$out")" 640
        run && cmp -s "$out" "$work/reference"
        is "a second run adds nothing" $? 0
}

# kill_at CALL N…: SIGKILL when the Nth such call is entered.
kill_at() {
        local call=$1 name
        shift
        if ! command -v strace >/dev/null; then
                skip "killed in $call" "no strace"
                return
        fi
        for n; do
                name="killed in $call $n"
                fresh "${call//,/-}-$n"
                # In braces, as it is the shell that says "Killed".
                { strace -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$n" \
                        "$ship" --db "$db" --state "$state" --sink "jsonl:$out" --batch "$batch"; } 2>/dev/null
                [ $? -eq 137 ] || fail "$name" "was not killed"
                finish "$name"
        done
}

kill_at_random() {
        local pid n=0 times=0 batch=5
        fresh random
        while [ $n -lt "$kills" ]; do
                n=$((n + 1))
                # Many small batches make the run long enough to be hit.
                "$ship" --db "$db" --state "$state" --sink "jsonl:$out" --batch "$batch" 2>/dev/null &
                pid=$!
                sleep "0.0$((RANDOM % 40 + 5))"
                kill -KILL $pid 2>/dev/null
                wait $pid 2>/dev/null
                [ $? -eq 137 ] && times=$((times + 1))
                # Not to the end before the last: leave work for the next one.
        done
        finish "killed at random, $times of $n times in the act"
}

# A write that ends in the middle of a line, as at a full disk.
tear_lines() {
        fresh torn
        local n
        for n in 100 300 700 1500; do
                (ulimit -f $n && run) 2>/dev/null
        done
        finish "lines torn by a limit of the file size"
        [ "${counts##* }" -gt 0 ]
        is "  there were torn lines" $? 0
}

refuse() { # NAME STATUS WORD: the next run must leave with STATUS and say WORD
        local before after status
        before=$(cat "$state"/*.cursor 2>/dev/null | cksum)
        run
        status=$?
        after=$(cat "$state"/*.cursor 2>/dev/null | cksum)
        if [ $status -ne "$2" ]; then
                fail "$1" "status $status: $(cat "$work/err")"
        elif ! grep -q -- "$3" "$work/err"; then
                fail "$1" "said: $(cat "$work/err")"
        elif [ "$before" != "$after" ]; then
                fail "$1" "the cursor was touched"
        else
                pass "$1"
        fi
}

damage() {
        local good=$db cursor
        fresh damage
        run
        cursor=$(echo "$state"/*.cursor)
        cp "$cursor" "$work/cursor.good"

        db=$work/other.db
        "$fill" "$db" 20 >/dev/null
        refuse "another database" 65 "was replaced"

        db=$work/old.db
        sqlite3 "$good" "VACUUM INTO '$db'"
        sqlite3 "$db" "DROP TRIGGER event_no_delete; DELETE FROM event WHERE seq > 100; UPDATE sqlite_sequence SET seq = 100"
        refuse "a database that was cut off" 65 "cut off or rolled back"

        "$fill" "$db" "$rows" >/dev/null
        refuse "a database that was rolled back and went on" 65 "another hash"

        db=$work/hole.db
        rm -rf "$state"
        sqlite3 "$good" "VACUUM INTO '$db'"
        sqlite3 "$db" "DROP TRIGGER event_no_delete; DELETE FROM event WHERE seq < 100"
        refuse "a database whose first rows are gone" 65 "has no row 1,"
        rm -rf "$state"
        db=$good
        out=$work/damage-2.jsonl
        run
        cursor=$(echo "$state"/*.cursor)
        cp "$cursor" "$work/cursor.good"

        local n
        for n in 0 1 20 100 200; do
                head -c $n "$work/cursor.good" >"$cursor"
                refuse "a cursor cut off at $n bytes" 65 "is damaged"
        done
        sed 's/^seq [0-9]*/seq 1/' "$work/cursor.good" >"$cursor"
        refuse "a cursor with another number" 65 "is damaged"
        printf 'x' >>"$cursor"
        refuse "a cursor with something after it" 65 "is damaged"
        head -c 20000 /dev/zero >"$cursor"
        refuse "a cursor of zeros" 65 "is damaged"
        cp "$work/cursor.good" "$cursor"
        run
        is "the good cursor again" $? 0

        db=$work/none.db
        refuse "no database" 75 "no such file"
        head -c 5000 /dev/urandom >"$work/garbage.db"
        db=$work/garbage.db
        refuse "a database of garbage" 65 "not an audit database"
        db=$good
}

other_ends() {
        fresh pipe
        "$ship" --db "$db" --state "$state" --sink jsonl:- 2>"$work/err" | head -c 100 >/dev/null
        is "a reader that goes away" "${PIPESTATUS[0]}" 75
        is "  leaves no cursor" "$(find "$state" -name '*.cursor' | wc -l)" 0

        # Nobody reads: the first run waits with its lock held.
        mkfifo "$work/fifo"
        exec 9<>"$work/fifo"
        "$ship" --db "$db" --state "$state" --sink "jsonl:$work/fifo" 2>/dev/null &
        local first=$!
        for _ in $(seq 100); do
                [ -e "$state/lock" ] && grep -q pipe_write "/proc/$first/wchan" 2>/dev/null && break
                sleep 0.05
        done
        refuse "a second run at the same time" 75 "another diag-ship runs"
        # The blocked one holds no read transaction: the write-ahead log can be emptied.
        is "  the blocked one does not hold the log" \
                "$(sqlite3 "$db" 'PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)' | tail -n 1)" "0|0|0"
        kill -KILL $first
        wait $first 2>/dev/null
        exec 9>&-

        out=/proc/nowhere/x
        refuse "a sink that cannot be opened" 78 "cannot open it"
        fresh two
        "$ship" --db "$db" --state "$state" --sink jsonl:/proc/nowhere/x --sink "jsonl:$out" 2>/dev/null
        is "a broken sink's status" $? 78
        same
        is "  does not keep the rows from the other" $? 0
        "$ship" --sink nosuch:x 2>"$work/err"
        is "an unknown sink" $? 64
        "$ship" --config "$work/none.conf" 2>/dev/null
        is "no sink and no ship.conf" $? 78
}

# logrotate(8) renames the file while the run goes on: from then on nothing is written to the old one, which may be compressed by then.
rotate() {
        local pid n
        fresh rotated
        "$ship" --db "$db" --state "$state" --sink "jsonl:$out" --batch 10 2>"$work/err" &
        pid=$!
        for n in 1 2 3; do
                for _ in $(seq 1000); do
                        [ -s "$out" ] && break
                        sleep 0.01
                done
                kill -STOP $pid
                mv "$out" "$out.$n"
                kill -CONT $pid
        done
        wait $pid
        is "a file that is rotated three times in the midst of a run" $? 0
        is "  is followed by a new one each time" "$(find "$out" "$out".[123] -size +0 | wc -l)" 4
        cat "$out".[123] "$out" | cmp -s - "$work/reference"
        is "  and every row is in one of them, once, in order" $? 0
}

# Who watches a run sees how far it is, and nobody else does.
progress() {
        if ! command -v script >/dev/null; then
                skip "progress on a terminal" "no script(1)"
                return
        fi
        local command
        fresh progress
        command="$ship --db $db --state $state --sink jsonl:$out --batch $batch"
        script -qec "$command" /dev/null >"$work/tty" </dev/null
        is "a run on a terminal" $? 0
        head -n 1 "$work/tty" | grep -qP "^\rdiag-ship: jsonl:$out: $batch rows, [0-9]+/s, [0-9]+ s left\x1b\[K"
        is "  tells at once how many rows, how fast, and how long it will take" $? 0
        is "  and at its end what every run tells, on a line of its own" "$(tail -n 1 "$work/tty" | tr -d '\r')" \
                "diag-ship: jsonl:$out: $rows rows, up to seq $rows"
        script -qec "$command" /dev/null >"$work/tty" </dev/null
        is "  a run without rows tells no progress" "$(tr -d '\r' <"$work/tty")" "diag-ship: jsonl:$out: 0 rows, up to seq $rows"
        rm "$state"/*
        script -qec "$command 2>$work/err" /dev/null >"$work/tty" </dev/null
        is "  nor does one whose errors go to a file" "$(cat "$work/tty" "$work/err")" \
                "diag-ship: jsonl:$out: $rows rows, up to seq $rows"
}

# Inside a mount namespace of its own: a full state directory, a full sink.
full_disks() {
        fresh full
        mkdir "$state" "$work/small"
        mount -t tmpfs -o size=16k tmpfs "$state" || return 1
        head -c 100000 /dev/zero >"$state/ballast" 2>/dev/null
        refuse "a full state directory" 75 "No space left"
        rm "$state/ballast"
        finish "  goes on when there is room"

        fresh full-sink
        mount -t tmpfs -o size=1m tmpfs "$work/small" || return 1
        out=$work/small/out
        run
        is "a full sink" $? 75
        mount -o remount,size=100m "$work/small"
        finish "  goes on when there is room"
        umount "$work/small" "$work/full.state"
}

start_journald() {
        /lib/systemd/systemd-journald >"$work/journald.log" 2>&1 &
        journald=$!
        for _ in $(seq 100); do
                [ -S /run/systemd/journal/socket ] && [ -S /run/systemd/journal/io.systemd.journal ] && return 0
                sleep 0.05
        done
        return 1
}
journal() { "$ship" --db "$db" --state "$state" --sink journald: --batch "$batch" 2>"$work/err"; }
stop_journald() {
        kill "$journald"
        wait "$journald" 2>/dev/null
        rm -rf /run/log/journal/* /run/systemd/journal/socket
}

# Inside a mount namespace of its own with an empty /run: a real journald, and nothing of the host's.
journals() {
        local status pid
        mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal || return 1
        printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nForwardToSyslog=no\n' \
                >/run/systemd/journald.conf.d/test.conf
        fresh journal
        journal
        is "journald is not there" $? 75
        start_journald || return 1
        journal
        is "journald takes every row" "$?: $(cat "$work/err")" "0: diag-ship: journald:: $rows rows, up to seq $rows"
        is "  each is stored once" "$(journalctl -q -o cat --output-fields=DIAG_SEQ SYSLOG_IDENTIFIER=pam_diag |
                sort -n | uniq | wc -l)" "$rows"
        journalctl -q -o cat --output-fields=DIAG_REC SYSLOG_IDENTIFIER=pam_diag | cmp -s - "$work/recs"
        is "  in order, with the record verbatim" $? 0
        is "  denied ones as warnings" \
                "$(journalctl -q -o cat -p warning --output-fields=DIAG_SEQ SYSLOG_IDENTIFIER=pam_diag | wc -l)" \
                "$(sqlite3 "$db" "SELECT count(*) FROM event WHERE verdict = 'deny'")"
        is "  with a message for people" \
                "$(journalctl -q -o cat DIAG_SEQ=14 SYSLOG_IDENTIFIER=pam_diag)" \
                'exec allow diag@2001:db8::17 #7: cat /tmp/caf'$'\xef\xbf\xbd'' \u001b[2J\u000a [rule cat]'

        fresh journal-kill
        for _ in 1 2 3; do
                journal &
                pid=$!
                sleep "0.$((RANDOM % 20 + 5))"
                kill -KILL $pid 2>/dev/null
                wait $pid 2>/dev/null
        done
        journal
        is "killed with journald as sink" $? 0

        # journald itself dies in the act: what it did not store is sent again.
        fresh journal-dies
        journal &
        pid=$!
        sleep 0.1
        kill -KILL "$journald"
        wait "$journald" 2>/dev/null
        wait $pid
        status=$?
        rm -rf /run/systemd/journal/socket
        if [ $status -eq 0 ]; then skip "journald dies" "too late, all was stored"; else is "journald dies" $status 75; fi
        start_journald
        journal
        is "  and comes back" $? 0
        is "  with every row" "$(journalctl -q -o cat --output-fields=DIAG_SEQ SYSLOG_IDENTIFIER=pam_diag |
                sort -n | uniq | wc -l)" "$rows"

        # A journald that takes everything and stores nothing, as its rate limit would do.
        stop_journald
        printf '[Journal]\nStorage=none\nForwardToSyslog=no\n' >/run/systemd/journald.conf.d/test.conf
        start_journald
        fresh journal-drops
        refuse_journal "a journal that drops rows" "$batch of $batch records are not in the journal"
        kill -STOP "$journald"
        refuse_journal "a journald that is stopped" "takes no more records"
        kill -CONT "$journald"
        stop_journald
}

refuse_journal() { # NAME WORD
        journal
        is "$1" $? 75
        grep -q "$2" "$work/err" || fail "  says so" "$(cat "$work/err")"
        is "  and leaves no cursor" "$(find "$state" -name '*.cursor' | wc -l)" 0
}

# Runs a function of this script as root in a mount namespace; its failures are counted by their lines.
apart() {
        local name=$1 lines
        if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
                skip "$name" "needs root and a mount namespace"
                return
        fi
        export -f pass fail skip is fresh run same finish refuse start_journald stop_journald journal refuse_journal full_disks journals
        export ship fill here rows batch work db
        lines=$(unshare -m bash -c "mount --make-rprivate / && failures=0; $name || echo 'not ok $name: cannot set it up'")
        echo "$lines"
        failures=$((failures + $(grep -c '^not ok' <<<"$lines")))
}

# Appends under failing and killed writes: what was acknowledged is there, and the chain has no gap.
appends() {
        local fault db=$work/append.db before after chain pids
        for fault in fdatasync:error=EIO:when=7 pwrite64:error=ENOSPC:when=20 pwrite64:error=EIO:when=25 \
                fdatasync:signal=KILL:when=6 pwrite64:signal=KILL:when=22 pwrite64:signal=KILL:when=61; do
                before=$("$fill" "$db" 1)
                { strace -qq -o /dev/null -e trace="${fault%%:*}" -e inject="$fault" "$fill" "$db" 50; } 2>"$work/err"
                is "an append with $fault fails" "$(($? != 0))" 1
                chain=$(sqlite3 "$db" ".read $here/../../sql/queries/chain.sql")
                is "  the chain is whole" "${chain%%|*}" ok
                after=$("$fill" "$db" 1)
                is "  and goes on" "$((after > before))" 1
        done
        pids=
        for _ in 1 2 3 4; do
                "$fill" "$db" 100000 >/dev/null 2>&1 &
                pids="$pids $!"
        done
        for pid in $pids; do
                sleep 0.3
                kill -KILL "$pid"
                wait "$pid" 2>/dev/null
        done
        chain=$(sqlite3 "$db" ".read $here/../../sql/queries/chain.sql")
        is "four writers killed: the chain is whole" "${chain%%|*}" ok
        "$fill" "$db" 1 >/dev/null
        is "  and goes on" $? 0
}

make_reference
if command -v strace >/dev/null; then appends; else skip appends "no strace"; fi
for call in write fsync; do kill_at $call 1 2 3 5 8; done
kill_at renameat 1 2
kill_at_random
tear_lines
rotate
progress
damage
other_ends
apart full_disks
if [ -x /lib/systemd/systemd-journald ]; then apart journals; else skip journals "no systemd-journald"; fi

[ $failures -eq 0 ] || echo "$failures failed"
[ $failures -eq 0 ]
