#!/usr/bin/env bash
# The operator's tool on a whole host: what doctor finds, what log shows, what the policy commands say.
# shellcheck disable=SC2016 # check_true evaluates its condition itself
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready

ctl() { /usr/local/bin/diagctl "$@"; }

# What a careful operator has, besides the shipped snippet.
CONFIG=/etc/ssh/sshd_doctor
good_config() {
	sed -e 's/^PermitUserEnvironment .*/PermitUserEnvironment no/' -e 's/^PermitTunnel .*/PermitTunnel no/' \
		/etc/ssh/sshd_diag >"$CONFIG"
}
doctor() { run ctl doctor --sshd-config "$CONFIG"; }

# fails NAME TEXT: doctor names that and nothing else as failed.
fails() {
	doctor
	check_is "doctor: $1: the status" "$RUN_STATUS" 1
	check_is "doctor: $1: one FAIL" "$(grep -c '^FAIL ' <<<"$RUN_OUT")" 1
	check_has "doctor: $1: names it" "$(grep '^FAIL ' <<<"$RUN_OUT")" "$2"
}

# warns NAME TEXT
warns() {
	doctor
	check_is "doctor: $1: the status" "$RUN_STATUS" 0
	check_has "doctor: $1: names it" "$(grep '^warn ' <<<"$RUN_OUT")" "$2"
}

# --- doctor: a good host ---------------------------------------------------------------------------------------------

good_config
diag 'cat /etc/hostname' >/dev/null
doctor
check_is 'doctor: a good host: the status' "$RUN_STATUS" 0
check_is 'doctor: a good host: nothing but ok' "$(grep -v '^ok   ' <<<"$RUN_OUT" || true)" ''
check_is 'doctor: a good host: nothing on stderr' "$RUN_ERR" ''
check_has 'doctor: a good host: the rule and its place' "$RUN_OUT" 'ok   /etc/pam.d/sshd:5: pam_diag.so for user diag'
check_has 'doctor: a good host: the policy was counted' "$RUN_OUT" \
	"$(ctl policy check | grep -oE '[0-9]+ commands')"
check_has 'doctor: a good host: the database was read' "$RUN_OUT" "ok   audit database $HOST_DB"

# --- doctor: PAM -----------------------------------------------------------------------------------------------------

host_pam optional
fails 'an optional rule' 'its control is optional'
host_pam '[success=ok default=ignore]'
fails 'a bracketed control' 'its control is [success=ok default=ignore]'
host_pam required user=other
fails 'a rule for somebody else' 'does not cover user diag'
host_pam required 'user=diag polcy=/x'
fails 'a wrong argument' 'argument polcy=/x'
host_pam required 'group=diag'
doctor
check_is 'doctor: a rule for the group of the user: the status' "$RUN_STATUS" 0
host_pam
echo 'session optional pam_motd.so' >>/etc/pam.d/sshd
warns 'a rule that is not the last' 'move pam_diag.so to the end'
host_pam
sed -i 's/^session  required pam_unix.so/session sufficient pam_unix.so/' /etc/pam.d/sshd
fails 'a sufficient rule before it' 'sufficient pam_unix.so can end the stack'
host_pam
sed -i '/pam_diag/d' /etc/pam.d/sshd
doctor
check_has 'doctor: no rule: named' "$RUN_OUT" 'FAIL PAM service sshd has no session rule for pam_diag.so'
printf '@include diag-session\n' >>/etc/pam.d/sshd
printf 'session required \\\n  /usr/local/lib/security/pam_diag.so user=diag\n' >/etc/pam.d/diag-session
doctor
check_is 'doctor: a rule in an included file, on two lines: the status' "$RUN_STATUS" 0
check_has 'doctor: a rule in an included file: its place' "$RUN_OUT" '/etc/pam.d/diag-session:1: pam_diag.so'
host_pam
echo 'session optional pam_namespace.so' >>/etc/pam.d/sshd
warns 'a module that mounts' 'pam_namespace.so cannot undo its mounts'
host_pam

# --- doctor: files, users, records -----------------------------------------------------------------------------------

chmod 0755 /usr/local/bin/diag-shell
fails 'a readable shell' 'diag-shell has mode 0755: chmod 0711'
chmod 0711 /usr/local/bin/diag-shell
chmod g+w /usr/local/libexec/pam_diag/diag-supervisor
fails 'a supervisor that others can write' 'diag-supervisor is group-writable'
chmod 0755 /usr/local/libexec/pam_diag/diag-supervisor
chown plain /usr/local/lib/security
fails "a directory above the module that is not root's" '/usr/local/lib/security does not belong to root'
chown root /usr/local/lib/security
usermod --shell /bin/sh diag
fails 'another login shell' 'user diag has the login shell /bin/sh'
usermod --shell /usr/local/bin/diag-shell diag
usermod -p 'x' diag
fails 'a password' 'user diag can log in with a password'
usermod -p '*' diag
chmod g+w /etc/pam_diag/policy.conf
fails 'a policy that others can write' '/etc/pam_diag/policy.conf is group-writable'
chmod 0644 /etc/pam_diag/policy.conf
chmod 0750 /var/lib/pam_diag
fails 'a directory of the records that others can enter' '/var/lib/pam_diag has mode 0750'
chmod 0700 /var/lib/pam_diag
chown root /var/lib/pam_diag
fails 'a directory of the records that is not the auditors' '/var/lib/pam_diag belongs to uid 0'
chown diag-audit /var/lib/pam_diag
cp -p "$HOST_DB" /tmp/audit.db
printf 'no database' | dd of="$HOST_DB" conv=notrunc status=none
fails 'a damaged database' 'not an audit database'
cat /tmp/audit.db >"$HOST_DB"

# --- doctor: sshd ----------------------------------------------------------------------------------------------------

sed -i '/^Include/d' "$CONFIG"
doctor
check_is 'doctor: without the snippet: the status' "$RUN_STATUS" 1
for keyword in ForceCommand DisableForwarding PermitUserRC; do
	check_has "doctor: without the snippet: names $keyword" "$RUN_OUT" "FAIL sshd: $keyword is"
done
check_has 'doctor: without the snippet: AcceptEnv *' "$RUN_OUT" 'warn sshd: AcceptEnv * lets a client set'
good_config
sed -i 's/^UsePAM yes/UsePAM no/' "$CONFIG"
fails 'sshd without PAM' 'UsePAM is no'
good_config
sed -i 's/^PermitUserEnvironment no/PermitUserEnvironment yes/' "$CONFIG"
fails 'environment of the user' 'PermitUserEnvironment is yes'
good_config
sed -i -e '/^Include/d' -e '/^AuthorizedKeysFile/d' "$CONFIG"
grep -v AuthorizedKeysFile /etc/ssh/sshd_config.d/pam_diag.conf >>"$CONFIG"
warns 'keys in the home' 'AuthorizedKeysFile /srv/.ssh/authorized_keys lies in the home'
good_config
echo 'NoSuchKeyword yes' >>"$CONFIG"
fails 'a configuration that sshd refuses' 'NoSuchKeyword'
good_config

# --- doctor: kernel --------------------------------------------------------------------------------------------------

mount -o remount,hidepid=2 /proc
fails 'hidden processes' 'hidepid=invisible'
mount -o remount,hidepid=0 /proc

# --- doctor: not root ------------------------------------------------------------------------------------------------

run setpriv --reuid=plain --regid=plain --clear-groups /usr/local/bin/diagctl doctor --sshd-config "$CONFIG"
check_has 'doctor: not root: says what only root sees' "$RUN_OUT" 'skip password of user diag'
check_is 'doctor: not root: nothing fails for that' "$(grep '^FAIL ' <<<"$RUN_OUT" || true)" ''
doctor
check_is 'doctor: the host is good again' "$RUN_STATUS$(grep -v '^ok   ' <<<"$RUN_OUT" || true)" 0

# --- log -------------------------------------------------------------------------------------------------------------

HOSTILE=$(printf 'cat \033[2J"x"\nforged \302\233 \377 \342\200\256')
run diag "$HOSTILE"
check_is 'log: a hostile line is refused' "$RUN_STATUS" 126
run ctl log
check_is 'log: the status' "$RUN_STATUS" 0
check_true 'log: no byte that a terminal obeys' "! LC_ALL=C grep -q '[^[:print:]]' /tmp/run.out"
check_has 'log: the hostile line, escaped and whole' "$RUN_OUT" \
	'exec #1 deny "cat \x1b[2J\"x\"\nforged \u009b \xff \u202e": '
check_is 'log: one line for each row' "$(wc -l <<<"$RUN_OUT")" "$(host_sql 'select min(20, count(*)) from event')"
run diag 'cat /etc/hostname'
run ctl log -n 4
check_is 'log: the last rows, the oldest first' "$(cut -d' ' -f3 <<<"$RUN_OUT" | tr '\n' ' ')" 'open exec exit close '
check_is 'log: session and time' "$(head -1 <<<"$RUN_OUT" | cut -d' ' -f1,2)" "$(host_sql "select
	strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch') || printf('.%06dZ', time % 1000000) || ' ' ||
	substr(session, 1, 8) from event where kind = 'open' order by seq desc limit 1")"
check_has 'log: who came' "$RUN_OUT" 'open diag from 127.0.0.1, publickey'
check_has 'log: the key' "$RUN_OUT" "$(ssh-keygen -lf /tmp/client/key.pub | cut -d' ' -f2)"
check_has 'log: what ran' "$RUN_OUT" 'exec #1 allow "cat /etc/hostname"'
check_has 'log: how it ended' "$RUN_OUT" 'exit #1 status 0, exited, '
run ctl log -n 3 --json
check_is 'log --json: the record as it is stored' "$(tail -1 <<<"$RUN_OUT")" "$(host_sql "select
	'{\"seq\":' || seq || ',\"hash\":\"' || lower(hex(hash)) || '\",\"rec\":' || rec || '}' from event
	order by seq desc limit 1")"
check_is 'log --json: one object a line' "$(wc -l <<<"$RUN_OUT")" 3
run diag 'probe exec /usr/bin/id'
run ctl log
check_true 'log: a program that a command started by itself' \
	"grep -q 'child #1 deny \"/usr/bin/id\": ' /tmp/run.out"
run ctl log --db /nowhere/audit.db
check_is 'log: no database: the status' "$RUN_STATUS" 1
check_has 'log: no database: says which' "$RUN_ERR" '/nowhere/audit.db'
check_true 'log: leaves no file of its own owner' \
	'[ -z "$(find /var/lib/pam_diag -name "audit.db*" ! -user diag-audit)" ]'

# --- policy ----------------------------------------------------------------------------------------------------------

run ctl policy check
check_is 'policy check: a good one: the status' "$RUN_STATUS" 0
check_is 'policy check: a good one: one line' "$(wc -l <<<"$RUN_OUT")" 1
check_has 'policy check: a good one: its file' "$RUN_OUT" '/etc/pam_diag/policy.conf: good, '
printf '[session]\ncommands = cat\nwrong = 1\n[paths]\nallow = relative\n' >/tmp/bad.conf
run ctl policy check --any-owner --policy /tmp/bad.conf
check_is 'policy check: errors: the status' "$RUN_STATUS" 1
check_has 'policy check: the first error, with its place' "$RUN_ERR" '/tmp/bad.conf:3:1: '
check_has 'policy check: all errors' "$RUN_ERR" '/tmp/bad.conf:5:9: '
cp -r /etc/pam_diag /tmp/mine
chown -R plain /tmp/mine
run ctl policy check --policy /tmp/mine/policy.conf
check_is "policy check: somebody's file: the status" "$RUN_STATUS" 1
cd /tmp/mine
run ctl policy check --any-owner --policy policy.conf
check_is "policy check --any-owner: somebody's file, a relative path: the status" "$RUN_STATUS" 0
run ctl policy explain --policy policy.conf -- cat /etc/hostname
check_is "policy explain: somebody's file: the status" "$RUN_STATUS" 0
cd /
run ctl policy explain -- "cat '/etc/host name'"
check_is 'policy explain: allowed: the status' "$RUN_STATUS" 0
check_has 'policy explain: allowed: the program' "$RUN_OUT" "program:  $(readlink -f /usr/bin/cat)"
check_has 'policy explain: allowed: argv to paste' "$RUN_OUT" "argv:     cat '/etc/host name'"
run ctl policy explain cat /srv/secret/token
check_is 'policy explain: denied: the status' "$RUN_STATUS" 126
check_has 'policy explain: denied: the code' "$RUN_OUT" 'code:     path'
check_has 'policy explain: denied: the place' "$RUN_OUT" 'place:    word 2, byte 5'
SAID=$(sed -n 's/^reason: *//p' <<<"$RUN_OUT")
run diag cat /srv/secret/token
check_has 'policy explain: the same reason as in a session' "$RUN_ERR" "$SAID"
run ctl policy explain --json -- 'cat /srv/secret/token'
check_is 'policy explain --json: the status' "$RUN_STATUS" 126
check_is 'policy explain --json: is JSON' "$(sqlite3 :memory: "select json('$RUN_OUT') ->> '$.code'")" path
run ctl policy explain help
check_is 'policy explain: help: the status' "$RUN_STATUS" 0
run ctl policy explain
check_is 'policy explain: no command: the status' "$RUN_STATUS" 2
run ctl policy explain --policy /nowhere -- cat x
check_is 'policy explain: no policy: the status' "$RUN_STATUS" 2

# --- usage -----------------------------------------------------------------------------------------------------------

for words in '' bogus policy 'policy bogus' 'log --bogus' 'log -n 0' 'doctor stray' 'help bogus'; do
	# shellcheck disable=SC2086
	run ctl $words
	check_is "usage: '$words': the status" "$RUN_STATUS" 2
	check_has "usage: '$words': says how" "$RUN_ERR" usage:
	check_is "usage: '$words': nothing on stdout" "$RUN_OUT" ''
done
for words in --help help 'help log' 'help policy explain' 'doctor --help'; do
	# shellcheck disable=SC2086
	run ctl $words
	check_is "usage: '$words': the status" "$RUN_STATUS" 0
	check_has "usage: '$words'" "$RUN_OUT" 'usage: diagctl'
done
run ctl --version
check_true 'usage: --version' '[[ $RUN_OUT =~ ^diagctl\ [0-9]+\.[0-9]+\.[0-9]+$ ]]'
check_true 'an answer that cannot be written is a failure' '! /usr/local/bin/diagctl --help >/dev/full 2>/dev/null'

check_done
