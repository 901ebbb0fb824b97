#!/usr/bin/env bash
# A hostile program that a rule lets run: what the kernel answers to each thing that it tries, and what it may use up.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready
cat >/etc/pam_diag/policy.d/60-small.conf <<-'END'
	[command small]
	summary = Has small limits
	program = /usr/local/bin/probe
	operand = 1..8 : text
	memory-limit = 64M
	cpu-limit = 1s
	process-limit = 20
END
last_of() { host_sql "select rec->>'$2' from event where rec->>'$.kind' = '$1' order by seq desc limit 1"; }

# --- Calls -----------------------------------------------------------------------------------------------------------

run diag 'probe calls'
check_is 'every call of the table is refused as it must be' "$RUN_OUT" \
	"$(grep -cE '^ +\{ "[^"]+", *SYS_|^ +\{ "[^"]+",$' "$HOST_TOP/pam_diag/probe/calls.c") calls, 0 not refused as they must be"$'\n'"calls: ok"
check_is 'the host has its name' "$(hostname)" web-02
run diag 'cat /etc/hostname | probe calls'
check_has 'the same in a pipeline' "$RUN_OUT" 'calls: ok'
if [ "$(uname -m)" = x86_64 ]; then
	for abi in x32 i386; do
		run diag "probe $abi"
		check_is "a call of $abi ends its process" "$RUN_STATUS" 159
		check_is "a call of $abi: on record" "$(last_of exit '$.signal')" 31
	done
fi

# --- Limits ----------------------------------------------------------------------------------------------------------

run diag 'probe memory 3000'
check_has 'memory within the limit' "$RUN_OUT" 'memory: ok'
run diag 'probe memory 5000'
check_has 'memory over the limit of the session' "$RUN_OUT" 'memory: ENOMEM'
run diag 'small memory 100'
check_has 'memory over the limit of the rule' "$RUN_OUT" 'memory: ENOMEM'
run diag 'small spin'
check_is 'processor time over the limit: killed' "$RUN_STATUS" 137
check_true 'processor time over the limit: not before it' '[ "$(last_of exit "$.user_us")" -ge 500000 ]'
run diag 'small forks 100'
check_has 'processes over the limit' "$RUN_OUT" 'forks: EAGAIN'
run diag 'probe forks 50'
check_has 'processes within the limit' "$RUN_OUT" 'forks: ok'
run diag 'probe nice'
check_has 'a command is last in line' "$RUN_OUT" 'nice 10, io class 2, place 7'
check_has 'and stays there' "$RUN_OUT" 'nice: EACCES'
run diag 'probe raise'
check_has 'a limit cannot be raised again' "$RUN_OUT" 'raise: EPERM'
check_true 'nothing is left' '! pgrep -x probe >/dev/null'

printf '[session]\nconcurrency = 2\n' >/etc/pam_diag/policy.d/70-concurrency.conf
host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
mux() { ${2:-} ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 "$1"; }
mux 'probe wait' exec >/tmp/one.out 2>/dev/null &
one=$!
mux 'probe wait' exec >/tmp/two.out 2>/dev/null &
two=$!
host_wait_for 'grep -q waiting /tmp/one.out && grep -q waiting /tmp/two.out'
run mux 'cat /etc/hostname'
check_is 'a third command at once: status' "$RUN_STATUS" 126
check_has 'a third command at once: reason' "$RUN_ERR" 'this session runs 2 commands already'
check_is 'a third command at once: on record' "$(last_of exec '$.verdict') $(last_of exec '$.code')" 'deny limit'
run diag 'cat /etc/hostname'
check_is 'another session goes on' "$RUN_STATUS" 0
kill "$one" "$two"
wait "$one" "$two" 2>/dev/null || true
ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null

check_done
