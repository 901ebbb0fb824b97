#!/usr/bin/env bash
# Keys with rules of their own: a subset, an end, a rate, a number at once; and keys that nobody knows.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready

fingerprint() { ssh-keygen -lf "/tmp/client/$1.pub" | cut -d' ' -f2; }
for name in subset expired slow narrow stranger ca; do
	ssh-keygen -q -t ed25519 -N '' -C "$name" -f "/tmp/client/$name"
	cat "/tmp/client/$name.pub" >>/etc/ssh/authorized_keys.d/diag
done
cat >/etc/pam_diag/policy.d/60-keys.conf <<-END
	[key subset]
	fingerprint = $(fingerprint subset)
	commands = cat
	command = systemctl status
	[key expired]
	fingerprint = $(fingerprint expired)
	expires = 2026-01-01
	[key slow]
	fingerprint = $(fingerprint slow)
	rate = 3
	[key narrow]
	fingerprint = $(fingerprint narrow)
	concurrency = 2
END
as() { # as KEY LINE; in the background with exec, so that the job is ssh itself
	${3:-} ssh -F /dev/null -i "/tmp/client/$1" -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR \
		-o UserKnownHostsFile=/tmp/client/known -o StrictHostKeyChecking=yes -o HostKeyAlgorithms=ssh-ed25519 \
		-p "$HOST_PORT" diag@127.0.0.1 "$2"
}
last_exec() { host_sql "select rec->>'$.$1' from event where kind = 'exec' order by seq desc limit 1"; }
denied() { # denied NAME KEY LINE REASON
	run as "$2" "$3"
	check_is "$1: status" "$RUN_STATUS" 126
	check_has "$1: reason" "$RUN_ERR" "$4"
	check_is "$1: on record" "$(last_exec verdict) $(last_exec code) $(last_exec line)" "deny key $3"
}
allowed() {
	run as "$2" "$3"
	check_is "$1" "$RUN_STATUS$RUN_ERR" 0
}

allowed 'a subset: a command of it' subset 'cat /etc/hostname'
check_is 'the open row: the name of the key' \
	"$(host_sql "select rec->>'$.key_name', rec->>'$.key' from event where kind = 'open' order by seq desc limit 1")" \
	"subset|$(fingerprint subset)"
denied 'a subset: another command' subset 'id' 'id is not among the commands of key subset'
denied 'a subset: behind an allowed one' subset 'cat /etc/hostname | wc -l' 'wc is not among'
denied 'a subset: another sub-command' subset 'systemctl list-units' 'systemctl list-units is not among'
run as subset help
check_has 'a subset: help shows it' "$RUN_OUT" '  cat '
check_lacks 'a subset: and no more' "$RUN_OUT" '  head '
denied 'an expired key' expired 'id' 'key expired has expired at 2026-01-01T00:00Z'
denied 'an expired key asks for help' expired 'help' 'has expired'

# Every line counts, each on a connection of its own, whatever becomes of it.
allowed 'a rate: the first line' slow 'cat /etc/hostname'
run as slow 'rm -rf /'
check_is 'a rate: a refused line' "$RUN_STATUS" 127
allowed 'a rate: the third line' slow 'id'
denied 'a rate: the fourth one' slow 'id' 'key slow has sent 3 command lines within a minute already'
allowed 'a rate: another key goes on' subset 'cat /etc/hostname'

as narrow 'wait 30' exec &
first=$!
as narrow 'wait 30' exec &
second=$!
host_wait_for '[ "$(pgrep -cx sleep)" = 2 ]'
denied 'two at once: a third' narrow 'id' 'key narrow runs 2 commands already'
kill "$first" "$second"
wait "$first" "$second" 2>/dev/null || true
host_wait_for '! pgrep -x sleep >/dev/null'
host_wait_for '[ "$(host_sql "select count(*) from event where kind = '"'open'"'")" = "$(host_sql "select count(*) from event where kind = '"'close'"'")" ]'
allowed 'two at once: when they have ended' narrow 'id'

# The place of a supervisor that is killed is free again.
as narrow 'wait 30' exec &
first=$!
as narrow 'wait 30' exec &
second=$!
host_wait_for '[ "$(pgrep -cx sleep)" = 2 ]'
for pid in $(pgrep -x diag-supervisor); do kill -KILL "$pid" 2>/dev/null || true; done
wait "$first" "$second" 2>/dev/null || true
allowed 'two at once: when their supervisors were killed' narrow 'id'

# What cannot be counted is refused.
rm /var/lib/pam_diag/key-slow.quota
mkdir /var/lib/pam_diag/key-slow.quota
denied 'a quota that cannot be kept' slow 'id' 'key slow cannot be bounded: its quota file beside the database: Is a directory'
rmdir /var/lib/pam_diag/key-slow.quota
allowed 'a quota that can be kept again' slow 'id'

allowed 'a key without a section' stranger 'id'
printf '[session]\nunknown-key = refuse\n' >/etc/pam_diag/policy.d/70-unknown.conf
denied 'a key without a section, once they are refused' stranger 'id' "($(fingerprint stranger)) has no [key"
allowed 'a key with one goes on' narrow 'id'

# A certificate is known by the key that it is about.
ssh-keygen -q -s /tmp/client/ca -I somebody -n diag /tmp/client/subset.pub
echo "cert-authority,principals=\"diag\" $(cat /tmp/client/ca.pub)" >/etc/ssh/authorized_keys.d/diag
allowed 'a certificate' subset 'cat /etc/hostname'
check_is 'a certificate: the fingerprint of its key' \
	"$(host_sql "select rec->>'$.key', rec->>'$.key_type' from event where kind = 'open' order by seq desc limit 1")" \
	"$(fingerprint subset)|ssh-ed25519-cert-v01@openssh.com"
denied 'a certificate: another command' subset 'id' 'is not among the commands of key subset'

# The operator sees the same.
run /usr/local/bin/diagctl policy explain --key subset -- id
check_is 'explain --key: status' "$RUN_STATUS" 126
check_has 'explain --key: reason' "$RUN_OUT" 'id is not among the commands of key subset'
run /usr/local/bin/diagctl policy explain --key "$(fingerprint stranger)" -- id
check_has 'explain --key FINGERPRINT' "$RUN_OUT" 'has no [key'
run /usr/local/bin/diagctl policy explain --key nobody -- id
check_is 'explain: no such key: status' "$RUN_STATUS" 2
check_has 'explain: no such key' "$RUN_ERR" 'there is no [key nobody] in the policy'
run /usr/local/bin/diagctl policy list --key subset
check_lacks 'list --key' "$RUN_OUT" '  head '

check_done
