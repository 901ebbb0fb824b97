#!/usr/bin/env bash
# What the running kernel lacks, and what a policy has to say to that.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready
last_of() { host_sql "select rec->>'$2' from event where rec->>'$.kind' = '$1' order by seq desc limit 1"; }
ends() { host_sql "select count(*), group_concat(distinct rec->>'$.how') from event where rec->>'$.kind' = 'close'"; }
kernel_of_doctor() { /usr/local/bin/diagctl doctor | grep -E '^[^ ]+ +kernel: (Landlock|lacks)' || true; }

rm -f /etc/pam_diag/policy.d/40-kernel.conf
if [ "${#HOST_LACKS[@]}" = 0 ]; then
	run diag 'cat /etc/hostname'
	check_is 'a kernel with every layer: the policy as it is shipped has sessions' "$RUN_STATUS $RUN_OUT" "0 $(cat /etc/hostname)"
	check_is 'and none is without a layer' "$(last_of open '$.missing')" '[]'
	check_has 'which doctor says, too' "$(kernel_of_doctor)" ', every layer'
	echo "skip what a kernel lacks: Linux $(uname -r) lacks nothing"
	check_done
	exit
fi

# refused NAME LAYER…: no session, and one line that names these layers, and no other.
refused() {
	local name=$1
	shift
	run diag 'cat /etc/hostname'
	check_is "$name: refused" "$RUN_STATUS" 254
	check_is "$name: why, in one line and nothing else" "$RUN_OUT$RUN_ERR" "pam_diag: session refused: layers that this host lacks (to go without them, \
name them in accept-missing): $*: Operation not supported"
	check_is "$name: doctor says so" "$(kernel_of_doctor)" \
		"FAIL kernel: Landlock ABI $((6 - ${#HOST_LACKS[@]})) lacks $*: a newer kernel, or accept-missing = $* in the policy"
}

refused 'the policy as it is shipped' "${HOST_LACKS[@]}"
for layer in "${HOST_LACKS[@]}"; do
	others=("${HOST_LACKS[@]}")
	for i in "${!others[@]}"; do
		if [ "${others[i]}" = "$layer" ]; then unset "others[i]"; fi
	done
	printf '[session]\naccept-missing = %s\n' "${others[*]}" >/etc/pam_diag/policy.d/40-kernel.conf
	refused "a policy that accepts all but $layer" "$layer"
done
check_is 'each of them is on record, and none as a session' "$(ends)" "$((${#HOST_LACKS[@]} + 1))|refused"

host_accept
run diag 'cat /etc/hostname'
check_is 'a policy that accepts what is lacking has sessions' "$RUN_STATUS $RUN_OUT" "0 $(cat /etc/hostname)"
check_is 'whose rows say what they are without' "$(last_of open '$.missing')" "$(host_missing)"
check_is 'which doctor says, too' "$(kernel_of_doctor)" "$(host_kernel_line)"
check_done
