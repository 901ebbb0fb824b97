#!/usr/bin/env bash
# Memory with so many sessions open at once, each with a command that runs: samples on stdout. memory.sh SESSIONS…
# shellcheck source=tests/bench/ready.sh
source "$(dirname "$0")/ready.sh"
host_enter "$@"
bench_host >&2
cat >/etc/pam_diag/policy.d/50-bench.conf <<-'END'
	[command wait]
	summary = Wait
	program = /usr/bin/sleep
	operand = 1 : integer 0..1000
	timeout = 1000s
END
chmod 0644 /etc/pam_diag/policy.d/50-bench.conf
bench_sshd >&2

clients=()
running() { pgrep -cx sleep || true; }
# open COUNT: until so many commands run, ten connections at a time.
open() {
	local n
	while [ ${#clients[@]} -lt "$1" ]; do
		for ((n = 0; n < 10 && ${#clients[@]} < $1; n++)); do
			"${HOST_SSH[@]}" diag@127.0.0.1 'wait 900' </dev/null >&2 &
			clients+=($!)
		done
		host_wait_for '[ "$(running)" -ge ${#clients[@]} ]'
	done
}
"${HOST_SSH[@]}" -N plain@127.0.0.1 </dev/null >&2 &
plain=$!
for sessions in "$@"; do
	open "$sessions"
	python3 "$HOST_TOP/tests/bench/memory.py" "$sessions"
done
kill "$plain" "${clients[@]}"
wait || true
host_wait_for '! pgrep -x diag-supervisor >/dev/null'
host_sshd_stop
