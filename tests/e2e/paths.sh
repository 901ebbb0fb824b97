#!/usr/bin/env bash
# What may be read, what may only be listed, and what one rule alone reads: by the argv check and by the kernel.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready
mkdir -p /opt/data/deep /opt/state /home/plain/private
echo "TOKEN=$HOST_SECRET" >/opt/data/token
echo "TOKEN=$HOST_SECRET" >/opt/state/token
# Names with a dot in front are denied by a pattern like any other.
mkdir -p /opt/dots/.in
for name in .env a.env .in/b.env; do echo "TOKEN=$HOST_SECRET" >"/opt/dots/$name"; done
echo "TOKEN=none" >/opt/dots/seen
# In here the diag user may go, the supervisor's may not.
mkdir -p /opt/team/state
echo state >/opt/team/state/file
chgrp diag /opt/team
chmod 0750 /opt/team
chmod 0755 /home/plain /home/plain/private
touch /home/plain/private/name-of-a-file
cat >/etc/pam_diag/policy.d/60-paths.conf <<-'END'
	[paths]
	list = /
	deny = /opt/data/deep
	allow = /opt/dots
	deny = /opt/dots/*.env /opt/dots/*/*.env
	[command lister]
	summary = Reads what it may only list
	program = /usr/local/bin/probe
	operand = 1 : one-of read
	operand = 1 : path list
	[command own]
	summary = Has a tree of its own
	program = /usr/local/bin/probe
	reads = /opt/state /opt/team/state
	operand = 2 : text
END
refused() {
	run diag "$3"
	check_is "refused: $1: status" "$RUN_STATUS" 126
	check_has "refused: $1: reason" "$RUN_ERR" "$2"
	check_lacks "refused: $1: nothing leaks" "$RUN_OUT$RUN_ERR" "$HOST_SECRET"
}

# --- Listed, not read ------------------------------------------------------------------------------------------------

run diag 'ls /opt/data'
check_is 'a directory that may be listed' "$RUN_OUT" $'deep\ntoken'
run diag 'ls /'
check_has 'the root' "$RUN_OUT" 'opt'
run diag 'find /opt -name token'
check_is 'find in a tree that may be listed' "$(sort <<<"$RUN_OUT")" $'/opt/data/token\n/opt/state/token'
check_is 'find: a denied directory cannot be read' "$RUN_ERR" "find: ‘/opt/data/deep’: Permission denied"
run diag 'du -s /opt/data/*'
check_lacks 'a pattern leaves out what is denied' "$RUN_OUT" 'deep'
check_has 'and keeps the rest' "$RUN_OUT" '/opt/data/token'
refused 'a file that may only be listed' 'it may be listed, not read' 'cat /opt/data/token'
refused 'and a tree' 'it may be listed, not read' 'grep -r TOKEN /opt/data'
refused 'a denied directory' 'is denied' 'ls /opt/data/deep'
refused 'a denied home' 'is denied' 'ls /home/plain/private'
refused 'names in a denied directory, by a pattern' 'is denied' 'ls /home/*/private/*'
check_lacks 'no name of it is told' "$RUN_ERR" 'name-of'
refused 'names in a denied directory, by another one' 'matches nothing that may be seen' 'ls /h*/*/private/*'
check_lacks 'no name of that either' "$RUN_ERR" 'name-of'
run diag 'lister read /opt/data/token'
check_has 'the kernel lets nothing be read there' "$RUN_OUT" 'read: EACCES'
run diag 'lister read /etc/hostname'
check_has 'and reads where that is allowed' "$RUN_OUT" 'read: ok'
run diag 'find / -name name-of-a-file'
# The throw-away host is made of overlays, whose layers hold it, too.
check_true 'the name is in a layer of an overlay' '[ -e /mnt/home/upper/plain/private/name-of-a-file ]'
check_is 'find / does not see what is denied' "$RUN_OUT" ''
run diag 'ls .'
check_is 'the own directory is empty' "$RUN_OUT$RUN_ERR $RUN_STATUS" ' 0'

# --- Dot files -------------------------------------------------------------------------------------------------------

for name in .env a.env .in/b.env; do refused "a dot file: $name" 'is denied' "cat /opt/dots/$name"; done
run diag 'grep -r TOKEN /opt/dots'
check_is 'the kernel hides dot files, and in dot directories' "$RUN_OUT" '/opt/dots/seen:TOKEN=none'
echo "TOKEN=$HOST_SECRET" >/opt/dots/.new.env
run diag 'grep -r TOKEN /opt/dots'
check_lacks 'and one that has come since' "$RUN_OUT" "$HOST_SECRET"
rm /opt/dots/.new.env

# --- Trees of one rule -----------------------------------------------------------------------------------------------

run diag 'own read /opt/state/token'
check_has 'a rule reads its own tree' "$RUN_OUT" 'read: ok'
run diag 'own read /opt/data/token'
check_has 'and no other' "$RUN_OUT" 'read: EACCES'
run diag 'own read /opt/team/state/file'
check_has 'also where the supervisor cannot go' "$RUN_OUT" 'read: ok'
run diag 'probe read /opt/state/token'
check_has 'another rule does not read it' "$RUN_OUT" 'read: EACCES'

# --- Names that mean another place elsewhere -------------------------------------------------------------------------

touch '/var/log/100%.log' /var/log/..name
refused 'an encoded way up' 'reads like an encoded path' 'cat /var/log/..%2f..%2fsrv/secret/token'
refused 'dots' 'reads like an encoded path' 'cat /var/log/.../x'
run diag "cat '/var/log/100%.log' /var/log/..name"
check_is 'strange names that exist' "$RUN_STATUS" 0
run diag 'cat /var/log/nothing.log'
check_is 'what is not there is left to the tool' "$RUN_STATUS" 1
check_has 'which says so' "$RUN_ERR" 'No such file'

check_done
