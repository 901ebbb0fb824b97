#!/usr/bin/env bash
# diagctl doctor --probe: what it says of a good host, of a host where one layer is taken out, and that it leaves nothing behind.
# shellcheck disable=SC2016 # check_true evaluates its condition itself
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready

CONFIG=/etc/ssh/sshd_doctor
LIBEXEC=/usr/local/libexec/pam_diag
sed -e 's/^PermitUserEnvironment .*/PermitUserEnvironment no/' -e 's/^PermitTunnel .*/PermitTunnel no/' /etc/ssh/sshd_diag >"$CONFIG"
count() { host_sql "select count(*) from event where rec->>'$.kind' = '$1'"; }
probe() { run /usr/local/bin/diagctl doctor --probe --sshd-config "$CONFIG"; }
failed() { grep '^FAIL ' <<<"$RUN_OUT" || true; }
# What this kernel lacks and the policy accepts: the labels of the probe's lines, and doctor's lines. What it has must hold.
LACKING_LABELS=()
LACKING=$(host_kernel_line)
while read -r layer label; do
	if host_lacks "$layer"; then
		LACKING_LABELS+=("$label")
		LACKING+=$'\n'"-    $label: this host does not have it (accepted by the policy)"
	fi
done <<'END'
landlock-ioctl Landlock, stage: ioctls
landlock-scope Landlock, stage: signals
landlock-scope Landlock, abstract sockets
landlock-net Landlock, TCP
END
is_lacking() {
	local label
	for label in "${LACKING_LABELS[@]}"; do
		if [[ $1 == "$label: "* ]]; then return 0; fi
	done
	return 1
}
# All but those and what is well.
other() { grep -v '^ok   ' <<<"$RUN_OUT" | grep -vxF "$LACKING" || true; }
policy_is() { find /etc/pam_diag /usr/local/share/pam_diag -type f -exec sha256sum {} +; }
no_process() { ! pgrep -x "$1" >/dev/null; }

# --- A good host -----------------------------------------------------------------------------------------------------

policy=$(policy_is)
mounts=$(cat /proc/self/mountinfo)
probe
check_is 'a good host: the status' "$RUN_STATUS" 0
check_is 'a good host: nothing but ok, and no database yet' "$(other)" \
	"skip audit database $HOST_DB: the first session makes it"
check_is 'a good host: what its kernel lacks is told' "$(grep -xF "$LACKING" <<<"$RUN_OUT" || true)" "$LACKING"
check_is 'a good host: nothing on stderr' "$RUN_ERR" ''
for line in 'session: PAM service sshd opens one for user diag' \
	'mounts: all [0-9]+ mounts are read-only \(but terminals and login records\), nosuid and private' \
	'mounts: nothing can be made in /etc, .*\(EROFS\)' 'masks: all [0-9]+ denied places of this host are hidden' \
	'Landlock, session: .*\(EACCES\)' 'supervisor, forwarding: .*a unix stream socket \(streamlocal forwarding\) is refused \(EACCES\)' \
	'supervisor, forwarding: .*an internet socket \(forwarding of ports\) is refused \(EACCES\)' \
	'supervisor, programs of sshd: .*\(EACCES\)' 'IPC namespace: .*\(EINVAL\)' 'terminals: .*\(ENOENT\)' 'rights: no_new_privs' \
	'descriptors: ' 'control group: ' 'Landlock, stage: devices: .*\(EACCES\)' 'Landlock, stage: reading: .*\(EACCES\)' \
	'Landlock, stage: ioctls: .*\(EACCES\)' 'Landlock, stage: signals: .*\(EPERM\)' 'supervisor, programs: .*\(EACCES\)' \
	'seccomp list: ([0-9]+) of \1 calls that the list denies are refused' 'seccomp, other ABIs: ' \
	'supervisor, sockets: ([0-9]+) of \1 kinds of sockets are refused .*no bus \(so no D-Bus activation\)' \
	'supervisor, orphans: .*\(EACCES\)' 'Landlock, abstract sockets: .*\(EPERM\)' 'Landlock, TCP: .*\(EACCES\)' 'supervisor, loopback: .*\(EPERM\)' \
	'close: ' 'processes: a process that its command left behind is gone' \
	'records: .* rows 1 to [0-9]+: diagctl log -n [0-9]+'; do
	if is_lacking "$line"; then
		check_skip "a good host: ${line%%: .\**}" 'this kernel lacks it'
	else
		check_is "a good host: ${line%%: .\**}" "$(grep -cE "^ok   $line" <<<"$RUN_OUT")" 1
	fi
done
check_is 'the calls of both lines are all of the table' "$(grep -oE '[0-9]+ of [0-9]+ (calls|kinds)' <<<"$RUN_OUT" |
	awk '{sum += $1} END {print sum}')" "$(grep -cE '^ +\{ "[^"]+", *SYS_|^ +\{ "[^"]+",$' "$HOST_TOP/pam_diag/probe/calls.c")"
check_is 'denied places: more than the built-in ones of this host' \
	"$(grep -oE 'all [0-9]+ denied' <<<"$RUN_OUT" | awk '{print ($2 > 5)}')" 1
check_is 'the probe is one session with one command' "$(count open) $(count exec) $(count exit) $(count close)" '1 1 1 1'
check_is 'its key is one that no login has' "$(host_sql "select rec->>'$.key_type' from event where seq = 1")" 'diag-probe'
first=$RUN_OUT
probe
check_has 'a second time: rows of its own' "$RUN_OUT" "rows $(($(grep -oE 'to [0-9]+: diagctl log' <<<"$first" | grep -oE '[0-9]+') + 1)) to"
check_is 'the policy is as it was' "$(policy_is)" "$policy"
check_is 'the mounts are as they were' "$(cat /proc/self/mountinfo)" "$mounts"
check_true 'nothing was made' '[ -z "$(find / -xdev -name ".diag-probe*" 2>/dev/null)" ]'
check_true 'no process is left' 'host_wait_for "no_process diag-probe && no_process diag-prober && no_process diag-supervisor"'
check_is 'no shared memory is left' "$(ipcs -m | grep -c '^0x' || true)" 0

# --- Policies --------------------------------------------------------------------------------------------------------

printf '[session]\nunknown-key = refuse\n' >/etc/pam_diag/policy.d/90-keys.conf
probe
check_is 'a policy that refuses unknown keys is probed like any other' "$RUN_STATUS$(failed)" 0
run diag 'cat /etc/hostname'
check_is 'and refuses them all the same' "$RUN_STATUS" 126
rm /etc/pam_diag/policy.d/90-keys.conf
mv /etc/pam_diag/policy.conf /etc/pam_diag/real.conf
ln -s real.conf /etc/pam_diag/policy.conf
probe
check_is 'a policy that is a link' "$RUN_STATUS$(failed)" 0
rm /etc/pam_diag/policy.conf
mv /etc/pam_diag/real.conf /etc/pam_diag/policy.conf
printf '[paths]\nallow = /\n' >/etc/pam_diag/policy.d/90-all.conf
probe
check_is 'a policy that lets all be read: the status' "$RUN_STATUS" 0
check_is 'a policy that lets all be read: the line' "$(other)" \
	'-    Landlock, stage: reading: the policy lets every directory be read'
rm /etc/pam_diag/policy.d/90-all.conf
printf '[command diag-probe]\nsummary = Mine\nprogram = /usr/bin/true\n' >/etc/pam_diag/policy.d/90-own.conf
probe
check_is 'a policy with a rule of that name: the status' "$RUN_STATUS" 1
check_has 'a policy with a rule of that name: says so' "$(failed)" 'FAIL session: PAM service sshd opens none for user diag'
check_has 'a policy with a rule of that name: what comes after' "$(failed)" 'seccomp list: not probed'
rm /etc/pam_diag/policy.d/90-own.conf
printf '[session]\nbogus = 1\n' >/etc/pam_diag/policy.d/90-bad.conf
probe
check_has 'a policy with an error' "$(failed)" 'FAIL probe: no session can be opened'
rm /etc/pam_diag/policy.d/90-bad.conf

# A host without control groups: only a policy that accepts that has a session to be probed.
mount -t tmpfs none /sys/fs/cgroup
probe
check_has 'no control groups: no session' "$(failed)" 'FAIL session: PAM service sshd opens none for user diag'
printf '[session]\naccept-missing = cgroup-kill\n' >/etc/pam_diag/policy.d/90-accept.conf
probe
check_is 'no control groups, accepted: the status' "$RUN_STATUS$(failed)" 0
check_is 'no control groups, accepted: the line' "$(other)" \
	'-    control group: this host does not have it (accepted by the policy)'
umount /sys/fs/cgroup
probe
check_is 'accepted, but there: it holds' "$RUN_STATUS$(other)" 0
rm /etc/pam_diag/policy.d/90-accept.conf

# --- While it runs, and when it is interrupted -----------------------------------------------------------------------

cat >/tmp/slow.c <<-'END'
	#include <unistd.h>
	int main(void) { pause(); }
END
cc -o "$LIBEXEC/slow" /tmp/slow.c
mv "$LIBEXEC/diag-probe" /tmp/diag-probe
# start: the probe runs, and its command waits for ever.
start() {
	# Whoever runs this test may have a hang-up ignored.
	env --default-signal=HUP,TERM /usr/local/bin/diagctl doctor --probe --sshd-config "$CONFIG" >/tmp/start.out 2>&1 &
	DOCTOR=$!
	host_wait_for 'pgrep -x diag-probe >/dev/null'
}
cp "$LIBEXEC/slow" "$LIBEXEC/diag-probe"
for signal in KILL TERM HUP; do
	start
	run diag 'diag-probe'
	check_is "while it runs: another session has no such rule" "$RUN_STATUS" 127
	check_is 'while it runs: the policy is as it was' "$(policy_is)" "$policy"
	kill -"$signal" "$(pgrep -xo diag-prober)"
	host_wait_for 'no_process diag-probe && no_process diag-prober && no_process diag-supervisor'
	check_ok "interrupted by $signal: nothing is left of it"
	check_is "interrupted by $signal: the policy is as it was" "$(policy_is)" "$policy"
	check_is "interrupted by $signal: the mounts are as they were" "$(cat /proc/self/mountinfo)" "$mounts"
	run diag 'diag-probe'
	check_is "interrupted by $signal: no session has such a rule" "$RUN_STATUS" 127
	status=0
	wait "$DOCTOR" || status=$?
	check_is "interrupted by $signal: doctor's status" "$status" 1
	check_has "interrupted by $signal: says so" "$(cat /tmp/start.out)" 'FAIL seccomp list: not probed'
done
start
kill -KILL "$DOCTOR" "$(pgrep -xo diag-prober)"
host_wait_for 'no_process diag-probe && no_process diag-prober && no_process diag-supervisor'
wait "$DOCTOR" 2>/dev/null || true
check_ok 'doctor and probe killed: nothing is left of it'
mv /tmp/diag-probe "$LIBEXEC/diag-probe"

# --- Who may run it --------------------------------------------------------------------------------------------------

run setpriv --reuid=plain --regid=plain --clear-groups /usr/local/bin/diagctl doctor --probe --sshd-config "$CONFIG"
check_has 'not root: doctor says so' "$(failed)" 'FAIL probe: a session can be opened by root only'
run setpriv --reuid=plain --regid=plain --clear-groups "$LIBEXEC/diag-prober" sshd diag /etc/pam_diag/policy.conf
check_true 'not root: no session' '[ "$RUN_STATUS" != 0 ]'
run "$LIBEXEC/diag-probe"
check_is 'diag-probe as root tries nothing' "$RUN_STATUS$RUN_OUT" 2
# Where nothing holds it sees that, and does no harm.
run setpriv --reuid=plain --regid=plain --clear-groups "$LIBEXEC/diag-probe"
check_is 'diag-probe where nothing holds: the status' "$RUN_STATUS" 0
check_true 'diag-probe where nothing holds: sees that' '[ "$(grep -c "^FAIL" <<<"$RUN_OUT")" -ge 15 ]'
check_is 'diag-probe where nothing holds: the host has its name' "$(hostname)" web-02
check_true 'diag-probe where nothing holds: makes nothing' '[ -z "$(find / -xdev -name "*probe-nothing*" 2>/dev/null)" ]'
kill "$(awk '$1 == "left" {print $2}' <<<"$RUN_OUT")"

# --- A layer is taken out --------------------------------------------------------------------------------------------

# mutant PROGRAM SOURCE EDIT NAME LINE…: with that edit each LINE is among the FAILs.
mutant() {
	local program=$1 source=$2 edit=$3 name=$4 target mode=0755 lines=()
	shift 4
	for line in "$@"; do
		if is_lacking "$line"; then
			check_skip "without $name: ${line%%: *}" 'this kernel lacks it'
		else
			lines+=("$line")
		fi
	done
	if [ ${#lines[@]} = 0 ]; then return; fi
	case $program in
	module) target=/usr/local/lib/security/pam_diag.so ;;
	shell) target=/usr/local/bin/diag-shell mode=0711 ;;
	*) target=$LIBEXEC/diag-$program ;;
	esac
	make -s -C "$HOST_TOP" mutant P="$program" S="$source" EDIT="$edit" OUT=/tmp/mutant
	cp -p "$target" /tmp/original
	install -m "$mode" /tmp/mutant "$target"
	probe
	check_is "without $name: the status" "$RUN_STATUS" 1
	for line in "${lines[@]}"; do
		check_has "without $name" "$(failed)" "FAIL $line"
	done
	# Not everything fails: the line says which layer it is.
	check_true "without $name: the others hold" '[ "$(grep -c "^ok   " <<<"$RUN_OUT")" -ge "$((30 - $(grep -c . <<<"$LACKING")))" ]'
	install -m "$mode" /tmp/original "$target"
	host_wait_for 'no_process diag-supervisor'
}

mutant supervisor pam_diag/supervisor/network.c 's/allowed = session_is_live(session) \&\& is_granted(.*/allowed = true;/' \
	'judging the sockets of a command' 'supervisor, sockets: the call "socket unix" got done and should get EACCES'
mutant supervisor pam_diag/supervisor/network.c 's/allowed = family == AF_UNIX \&\& .*/allowed = true;/' \
	'judging the sockets of sshd' \
	"supervisor, forwarding: to sshd's own process, a unix stream socket (streamlocal forwarding) was done" \
	'supervisor, orphans: a socket for /dev/log'
mutant supervisor pam_diag/supervisor/exec.c 's/bool helper = find->shell != NULL .*/bool helper = find->shell != NULL;/' \
	'refusing other programs' 'supervisor, programs: '
mutant supervisor pam_diag/confine/stage_rules.c '/DENY(add_key)/d' 'one call of the list' \
	'seccomp list: the call "add_key" got'
mutant module pam_diag/module/apply.c 's/r = restrict_outer(.*/r = 0;/' "sshd's Landlock domain" \
	"Landlock, session: to sshd's own process, writing to /dev/zero was done"
mutant module pam_diag/confine/mounts.c 's/\.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID/.attr_set = MOUNT_ATTR_NOSUID/' \
	'the read-only mounts' 'mounts: / is writable and should be read-only' 'mounts: a new directory in /etc got'
mutant module pam_diag/confine/mounts.c 's/unshare(CLONE_NEWNS | CLONE_NEWIPC)/unshare(CLONE_NEWNS)/' 'an IPC namespace' \
	'IPC namespace: a SysV segment of a process outside was done'
mutant module pam_diag/confine/mounts.c 's/if (mount("devpts".*/if (false)/' 'terminals of its own' \
	'terminals: a look at a terminal outside was done'
mutant shell pam_diag/confine/landlock.c 's/attributes->scoped = .*/attributes->scoped = 0;/' "the stage's scopes" \
	'Landlock, stage: signals: a signal to another process of the user'
mutant shell pam_diag/shell/stage.c 's/r = enter_domain(stage);/r = 0;/' "the stage's domain" 'Landlock, stage: devices: ' \
	'Landlock, stage: signals: '
mutant supervisor pam_diag/supervisor/network.c 's/setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE.*/false)/' 'the loopback interface' \
	'supervisor, loopback: any other interface'
mutant supervisor pam_diag/supervisor/group.c 's/return write(procs, text.*/return 0;/' 'entering the control group' \
	'control group: a command is not in a control group of its session'
# with PROGRAM SOURCE EDIT: the host has that mutant as well, until `without`.
with() {
	case $1 in
	module) WITH=/usr/local/lib/security/pam_diag.so ;;
	*) WITH=$LIBEXEC/diag-$1 ;;
	esac
	make -s -C "$HOST_TOP" mutant P="$1" S="$2" EDIT="$3" OUT=/tmp/mutant
	cp -p "$WITH" /tmp/with
	install -m 0755 /tmp/mutant "$WITH"
}
without() { install -m 0755 /tmp/with "$WITH"; }

# Two layers have these, and they fail where both are taken out.
with supervisor pam_diag/supervisor/group.c 's/return write(procs, text.*/return 0;/'
mutant shell pam_diag/shell/reap.c 's/PR_SET_CHILD_SUBREAPER, 1/PR_SET_CHILD_SUBREAPER, 0/' 'gathering orphans and a control group' \
	'processes: process '
without
for edit in 's/access_net = LL_NET_BIND_TCP ./access_net = 0 +/|Landlock, TCP: a TCP port' \
	's/attributes->scoped = .*/attributes->scoped = LL_SCOPE_SIGNAL;/|Landlock, abstract sockets: an abstract unix socket'; do
	with module pam_diag/confine/landlock.c "${edit%%|*}"
	mutant shell pam_diag/confine/landlock.c "${edit%%|*}" "${edit#*|}, in both domains" "${edit#*|}"
	without
done

# A mask that is gone also stops the command: diag-shell looks for itself.
probe_masks() {
	make -s -C "$HOST_TOP" mutant P=module S=pam_diag/module/apply.c EDIT='s/r = mask_paths(.*/r = 0;/' OUT=/tmp/mutant
	cp -p /usr/local/lib/security/pam_diag.so /tmp/original
	install -m 0644 /tmp/mutant /usr/local/lib/security/pam_diag.so
	probe
	check_has 'without masks' "$(failed)" "is the host's own and should be hidden"
	check_has 'without masks: the command does not run' "$(failed)" 'FAIL probe: '
	install -m 0644 /tmp/original /usr/local/lib/security/pam_diag.so
}
probe_masks

# The session is not confined at all, and goes on: as bad as it can be.
host_pam optional 'user=diag supervisor=/nowhere/diag-supervisor'
probe
check_is 'an optional rule and no supervisor: the status' "$RUN_STATUS" 1
check_has 'an optional rule and no supervisor: the mounts' "$(failed)" 'FAIL mounts: '
check_has 'an optional rule and no supervisor: the masks' "$(failed)" 'FAIL masks: '
check_has 'an optional rule and no supervisor: the command' "$(failed)" 'FAIL seccomp list: not probed'
check_true 'an optional rule and no supervisor: nothing is left' '[ -z "$(find / -xdev -name ".diag-probe*" 2>/dev/null)" ]'
sed -i '/pam_diag/d' /etc/pam.d/sshd
probe
check_has 'no rule' "$(failed)" 'FAIL probe: no session can be opened'
host_pam
probe
check_is 'the host is good again' "$RUN_STATUS$(other)" 0

check_done
