#!/usr/bin/env bash
# Where the time of a command over a shared connection goes, and that of a session's opening, phase by phase: samples on stdout.
# profile.sh ROUNDS. perf looks on; each system call that it looks at takes some microseconds more for that.
# shellcheck source=tests/bench/ready.sh
source "$(dirname "$0")/ready.sh"
if ! perf trace -o /dev/null true 2>/dev/null; then
	echo 'skip the profile of a command: no "perf trace" (Debian: linux-perf), or not for us' >&2
	exit 0
fi
host_enter "$@"
rounds=$1
bench_host >&2
bench_sshd '' >&2
bench_master diag
share() { ssh -F /dev/null -S /tmp/client/diag diag@127.0.0.1 /usr/bin/true; }

for _ in 1 2 3; do share; done
supervisor=$(pgrep -xo diag-supervisor)
child=$(pgrep -f '^sshd(-session)?: diag@notty')
perf trace -T -o /tmp/trace -p "$supervisor,$child" &
tracer=$!
host_wait_for '[ -s /tmp/trace ] || grep -q perf "/proc/$tracer/comm"'
sleep 1
# What a person does, or an agent: the kernel has forgotten the command before.
for ((i = 0; i < rounds; i++)); do
	share
	sleep 0.1
done
kill -INT "$tracer"
wait "$tracer" || true
bench_master_end diag
host_sshd_stop
python3 "$HOST_TOP/tests/bench/profile.py" 'where the time of a command goes, shared connection' "$child" "$supervisor" </tmp/trace

# Few calls, so that the policy, which takes thousands, does not become larger by being looked at.
perf trace -T -e clone,execve,sendmsg,fdatasync -o /tmp/trace "$HOST_TOP/build/bench/pam_times" "$rounds" x diag >/dev/null
python3 "$HOST_TOP/tests/bench/profile.py" "where the time of a session's opening goes" opening </tmp/trace
