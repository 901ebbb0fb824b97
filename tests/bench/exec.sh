#!/usr/bin/env bash
# What an exec inside of a session costs: samples on stdout. exec.sh ROUNDS
# Fork, exec and wait of a program that does nothing, bare, under a supervisor that continues everything, and in a session.
# shellcheck source=tests/bench/ready.sh
source "$(dirname "$0")/ready.sh"
host_enter "$@"
rounds=$1
batch=50
recorded=64 # children of one command that are on record each; further ones are counted (session.h)
bench_host >&2
tools=$HOST_TOP/build/bench
install -m 0755 "$tools/exec_times" "$tools/nothing" /usr/local/bin/
install -m 0644 "$tools/nothing" /usr/local/bin/nothing-refused # not executable: the kernel itself says EACCES
cat >/etc/pam_diag/policy.d/50-bench.conf <<-'END'
	[command exec_times]
	summary = Measure
	helpers = /usr/local/bin/nothing
	operand = 6 : text
END
chmod 0644 /etc/pam_diag/policy.d/50-bench.conf
bench_sshd >&2
bench_master diag >&2
diag() { ssh -F /dev/null -S /tmp/client/diag diag@127.0.0.1 "$*" </dev/null; }

# sides FIGURE SKIP ERRNO PROGRAM
sides() {
	/usr/local/bin/exec_times "$1" 'bare fork and exec' "$2" "$batch" "$3" "$4"
	"$tools/null_supervisor" /usr/local/bin/exec_times "$1" 'supervisor that only continues' "$2" "$batch" "$3" "$4"
	diag exec_times "'$1'" "'diag session'" "$2" "$batch" "$3" "$4"
}
round() {
	sides 'exec of a helper, on record' 0 0 /usr/local/bin/nothing
	sides 'exec refused, on record' 0 13 /usr/local/bin/nothing-refused
	sides 'exec refused, counted' "$recorded" 13 /usr/local/bin/nothing-refused
}
round >/dev/null # the first is not measured
for ((i = 0; i < rounds; i++)); do round; done
bench_master_end diag
host_sshd_stop
