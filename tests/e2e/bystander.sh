#!/usr/bin/env bash
# A user who is not a diag user: the module does nothing. Seen from outside, by the system calls of sshd.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready

# calls NAME USER: the calls of one connection's processes that start a process or name a file, without numbers that differ
# from run to run.
calls() {
	strace -qq -f -e trace=openat,open,execve,clone,clone3,fork,vfork,socket,unshare,mount,mount_setattr,seccomp,prctl,landlock_restrict_self \
		-o "/tmp/$1.strace" -p "$(cat /run/sshd.pid)" &
	local tracer=$!
	host_wait_for 'grep -q "^TracerPid:[[:space:]]*[1-9]" "/proc/$(cat /run/sshd.pid)/status"'
	run host_ssh "$2@127.0.0.1" 'true'
	host_wait_for "! pgrep -f '^sshd(-session)?: $2' >/dev/null"
	kill "$tracer"
	wait "$tracer" 2>/dev/null || true
	# A call that another process's comes between stands in two lines, "unfinished" and "resumed": what it began with counts.
	sed -E 's/^[0-9]+ +//; s/0x[0-9a-f]+/PTR/g; s/= [0-9]+.*$/= N/; s/child_tidptr=[^ )]+//; s/[0-9]{2,}/N/g; s/,? *<unfinished \.\.\.>$//; s/,? *\) *= N$//' \
		"/tmp/$1.strace" | grep -vE '^(\+\+\+|---|<\.\.\.)|resumed>' | sort >"/tmp/$1.calls"
}

calls warm plain
calls with plain
sed -i '/pam_diag/d' /etc/pam.d/sshd
calls without plain
host_pam
calls diag diag

# What libpam does for every module of a stack, whoever logs in: it loads the module and the libraries that it is linked with.
grep -vE 'pam_diag\.so|ld\.so\.cache' /tmp/with.calls >/tmp/with.rest
grep -vE 'pam_diag\.so|ld\.so\.cache' /tmp/without.calls >/tmp/without.rest
check_true 'another user: the module is loaded by libpam' 'grep -q pam_diag.so /tmp/with.calls'
if diff /tmp/without.rest /tmp/with.rest >/tmp/difference; then
	check_ok 'another user: no process, no file, no socket more than without the module'
else
	check_not_ok 'another user: no process, no file, no socket more than without the module' "$(cat /tmp/difference)"
fi
check_true 'another user: nothing of pam_diag is touched' '! grep -qE "diag-supervisor|policy.conf|audit.db" /tmp/with.calls'
check_true 'the same look does see a diag user' 'grep -q diag-supervisor /tmp/diag.strace && grep -q landlock_restrict_self /tmp/diag.strace'
check_is 'another user: no row' "$(host_sql "select count(*) from event where rec->>'$.user' = 'plain'")" 0
run host_ssh plain@127.0.0.1 'grep -E "NoNewPrivs|Seccomp:" /proc/self/status; touch /tmp/plain-can-write && id -un'
check_has 'another user: no filter' "$RUN_OUT" $'NoNewPrivs:\t0\nSeccomp:\t0'
check_has 'another user: his shell is his own' "$RUN_OUT" 'plain'

# What it costs him, side by side; nothing is asserted on a clock.
login_ms() {
	local from
	from=$(date +%s%N)
	host_ssh plain@127.0.0.1 true
	echo $((($(date +%s%N) - from) / 100000))
}
with=()
without=()
for _ in 1 2 3 4 5 6 7 8 9; do
	host_pam
	with+=("$(login_ms)")
	sed -i '/pam_diag/d' /etc/pam.d/sshd
	without+=("$(login_ms)")
done
middle() { printf '%s\n' "$@" | sort -n | sed -n 5p | sed 's/.$/.&/'; }
echo "# a login of another user, median of 9: $(middle "${with[@]}") ms with the module, $(middle "${without[@]}") ms without"

check_done
