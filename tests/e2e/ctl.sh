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
check_is 'doctor: a good host: nothing but ok' "$(grep -v '^ok   ' <<<"$RUN_OUT" || true)" "$(host_kernel_line)"
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
check_is 'doctor: the host is good again' "$RUN_STATUS$(grep -v '^ok   ' <<<"$RUN_OUT" || true)" "0$(host_kernel_line)"

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
# The client is gone before the session's end is written.
host_wait_for '[ "$(host_sql "select rec->>'"'"'$.kind'"'"' from event order by seq desc limit 1")" = close ]'
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
	'{\"seq\":' || seq || ',\"time\":\"' || strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch')
	|| printf('.%06dZ', time % 1000000) || '\",\"hash\":\"' || lower(hex(hash)) || '\",\"rec\":' || rec || '}' from event
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
check_is 'policy explain --json: the words' "$(sqlite3 :memory: "select json('$RUN_OUT') ->> '$.stages[0][1]'" | base64 -d)" \
	/srv/secret/token
check_is 'policy explain --json: what would run: nothing' "$(sqlite3 :memory: "select json('$RUN_OUT') -> '$.run'")" '[]'
run ctl policy explain --json -- 'journalctl --reverse'
check_is 'policy explain --json: what would run' \
	"$(sqlite3 :memory: "select value from json_each('$RUN_OUT', '$.run[0]')" | while read -r word; do
		base64 -d <<<"$word"
		echo
	done | tr '\n' ' ')" 'journalctl --no-pager -r '
run ctl policy explain help
check_is 'policy explain: help: the status' "$RUN_STATUS" 0
run ctl policy explain --json help
check_is 'policy explain --json: help is an allowed line' \
	"$(sqlite3 :memory: "select json(readfile('/tmp/run.out')) ->> '$.verdict', json(readfile('/tmp/run.out')) -> '$.help'")" 'allow|true'
run ctl policy explain
check_is 'policy explain: no command: the status' "$RUN_STATUS" 2
run ctl policy explain --policy /nowhere -- cat x
check_is 'policy explain: no policy: the status' "$RUN_STATUS" 2

# --- policy explain -0 -----------------------------------------------------------------------------------------------

# A hundred lines with what a client can send: any byte but NUL, of any length. Line 100 has no NUL behind it.
hostile_lines() {
	local i
	for ((i = 1; i <= 90; i++)); do
		case $((i % 9)) in
		0) printf 'cat /etc/hostname' ;;
		1) printf '\xff\xfe\x80 \xc3' ;;
		2) printf 'cat /etc/hostname\nid' ;;
		3) printf '"never closed %d' "$i" ;;
		4) printf 'cat /etc/\033[2J\r\xe2\x80\xae' ;;
		5) printf 'frobnicate $(id)' ;;
		6) : ;;
		7) printf '{"verdict":"allow"}\n' ;;
		8) printf '%%s%%n \134' ;;
		esac
		printf '\0'
	done
	printf 'cat '
	head -c 200000 /dev/zero | tr '\0' x
	printf '\0cat '
	head -c 131068 /dev/zero | tr '\0' x
	printf '\0'
	head -c 10000000 /dev/zero | tr '\0' '"'
	printf '\0'
	head -c 4000 /dev/zero | sed 's/\x00/a /g'
	for ((i = 95; i <= 100; i++)); do printf '\0cat /srv/secret/token'; done
}
hostile_lines >/tmp/lines
run bash -c 'ctl() { /usr/local/bin/diagctl "$@"; }; ctl policy explain -0 --json </tmp/lines'
check_is 'explain -0: the status' "$RUN_STATUS" 0
check_is 'explain -0: nothing on stderr' "$RUN_ERR" ''
check_is 'explain -0: an answer for each line' "$(wc -l </tmp/run.out)" 100
check_true 'explain -0: no byte that a terminal obeys' "! LC_ALL=C grep -qP '[\x01-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]' /tmp/run.out"
sed "s/'/''/g; s/.*/insert into answer (json) values ('&');/" /tmp/run.out >/tmp/answers.sql
answers() {
	sqlite3 :memory: 'create table answer (n integer primary key, json text)' '.read /tmp/answers.sql' "$@"
}
check_is 'explain -0: each is JSON with every member' "$(answers "select count(*) from answer where json_valid(json) and
	(select group_concat(key) from json_each(answer.json)) =
	'verdict,help,code,rule,reason,hint,word,position,text,stages,run,plan'")" 100
check_is 'explain -0: verdicts' "$(answers "select json ->> '$.verdict', coalesce(json ->> '$.code', '-'), count(*) from answer
	where n <= 90 group by 1, 2 order by 1, 2" | tr '\n' ' ')" \
	"$(answers "select json ->> '$.verdict', coalesce(json ->> '$.code', '-'), 10 * count(*) from answer
	where n <= 9 group by 1, 2 order by 1, 2" | tr '\n' ' ')"
check_is 'explain -0: the good one is allowed' "$(answers "select json ->> '$.verdict' from answer where n = 9")" allow
check_is 'explain -0: bytes come back as they were' "$(answers "select json ->> '$.stages[0][0]' from answer where n = 1" |
	base64 -d | od -An -tx1 | tr -d ' \n')" fffe80
check_is 'explain -0: an empty line is help' "$(answers "select json -> '$.help' from answer where n = 6")" true
check_is 'explain -0: too long, just not, far too long, too many words' \
	"$(answers "select json ->> '$.code' from answer where n between 91 and 94" | tr '\n' ' ')" 'limit path limit limit '
check_is 'explain -0: and it goes on' "$(answers "select count(*) from answer where n > 94 and json ->> '$.code' = 'path'")" 6

# A partner that waits for each answer before it asks again.
coproc PARTNER { /usr/local/bin/diagctl policy explain -0 --json 2>/dev/null; }
PARTNER_CHILD=$PARTNER_PID
for word in hostname hosts nothing; do
	printf 'cat /etc/%s\0' "$word" >&"${PARTNER[1]}"
	ANSWER=
	read -r -t 20 ANSWER <&"${PARTNER[0]}" || true
	check_has "explain -0: an answer at once: $word" "$ANSWER" "$(printf '/etc/%s' "$word" | base64)"
done
eval "exec ${PARTNER[1]}>&-"
STATUS=0
wait "$PARTNER_CHILD" || STATUS=$?
check_is 'explain -0: the end of the input is the end: the status' "$STATUS" 0
printf 'cat /etc/hostname\0frobnicate\0' >/tmp/lines
run bash -c '/usr/local/bin/diagctl policy explain -0 </tmp/lines | tr "\0" "="'
check_is 'explain -0: for a person: answers end as the questions do' "$(grep -c '^=\|=$' <<<"$RUN_OUT")" 2
check_true 'explain -0: an answer that cannot be written is a failure' \
	'! /usr/local/bin/diagctl policy explain -0 --json </tmp/lines >/dev/full 2>/dev/null'

# --- policy test -----------------------------------------------------------------------------------------------------

printf '# the shipped policy\n\nallow\tcat /etc/hostname\tcat\ndeny:path\tcat /srv/secret/token\tcat\nallow\thelp\ndeny\tcat a\\nb\n' >/tmp/good.tsv
run ctl policy test /tmp/good.tsv
check_is 'policy test: all as expected: the status' "$RUN_STATUS" 0
check_is 'policy test: all as expected: TAP' "$RUN_OUT" '1..4
ok 1 - allow cat /etc/hostname
ok 2 - deny cat /srv/secret/token
ok 3 - allow help
ok 4 - deny cat a\nb'
printf 'deny\tcat /etc/hostname\nallow\tcat /etc/hostname # TODO\nallow\tcat /etc/hostname\tls\ndeny:key\tcat /srv/secret/token\n' >/tmp/wrong.tsv
run ctl policy test /tmp/wrong.tsv
check_is 'policy test: not as expected: the status' "$RUN_STATUS" 1
check_is 'policy test: not as expected: each' "$(grep -cE '^not ok (1|3|4) - ' <<<"$RUN_OUT")" 3
check_has 'policy test: a # is no directive' "$RUN_OUT" 'ok 2 - allow cat /etc/hostname \# TODO'
check_has 'policy test: what came instead' "$RUN_OUT" '# got deny:path, rule cat: /srv/secret/token '
check_has 'policy test: where it stands' "$RUN_OUT" '# at /tmp/wrong.tsv:4'
printf 'allow\tcat\nmaybe\tcat\nallow\tcat \\q\n' >/tmp/bad.tsv
run ctl policy test /tmp/bad.tsv
check_is 'policy test: a wrong file: the status' "$RUN_STATUS" 2
check_is 'policy test: a wrong file: nothing is run' "$RUN_OUT" ''
check_has 'policy test: a wrong file: the first error' "$RUN_ERR" '/tmp/bad.tsv:2:1: '
check_has 'policy test: a wrong file: the second one' "$RUN_ERR" '/tmp/bad.tsv:3:11: '
: >/tmp/empty.tsv
for file in /tmp/empty.tsv /nowhere.tsv; do
	run ctl policy test "$file"
	check_is "policy test: $file: the status" "$RUN_STATUS" 2
	check_has "policy test: $file: says which" "$RUN_ERR" "$file: "
done
run ctl policy test --policy /nowhere /tmp/good.tsv
check_is 'policy test: no policy: the status' "$RUN_STATUS" 2
run ctl policy test "$HOST_TOP/tests/corpus/ctl.tsv"
check_is "policy test: the project's own lines: the status" "$RUN_STATUS" 0
check_is "policy test: the project's own lines: none fails" "$(grep '^not ok' <<<"$RUN_OUT" || true)" ''

# --- policy list -----------------------------------------------------------------------------------------------------

for words in '' systemctl 'systemctl status'; do
	run diag "help $words"
	SAID=$RUN_OUT
	# shellcheck disable=SC2086
	run ctl policy list $words
	check_is "policy list $words: the status" "$RUN_STATUS" 0
	check_is "policy list $words: what a session says" "$RUN_OUT" "$SAID"
done
run ctl policy list frobnicate
check_is 'policy list: no such command: the status' "$RUN_STATUS" 1
check_has 'policy list: no such command: says so' "$RUN_ERR" 'frobnicate has no rule'
run ctl policy list "x'; id"
check_is 'policy list: a strange name: the status' "$RUN_STATUS" 1

# --- policy check: what is hardly meant ------------------------------------------------------------------------------

mkdir -p /tmp/lint/policy.d
cat >/tmp/lint/policy.conf <<-'END'
	[session]
	commands = cat
	[paths]
	allow = /etc /root/x
	deny = /etc/a /nowhere
	[command python3]
	program = /bin/bash
	[command ls]
	summary = List
	source = ls(1)
	flag = --recursvie
	timeout = 0
	[command tail]
	summary = Follow
	source = tail(1)
	flag = -f --follow
	timeout = 0
END
printf '[paths]\ndeny = /etc/a/b\n' >/tmp/lint/policy.d/one.conf
run ctl policy check --any-owner --policy /tmp/lint/policy.conf
check_is 'policy check: lints: the status' "$RUN_STATUS" 0
check_has 'policy check: lints: counted' "$RUN_OUT" ', 7 warnings, 1 note'
check_has 'policy check: lints: an interpreter' "$RUN_ERR" 'policy.conf:6: warning: python3 is an interpreter'
check_has 'policy check: lints: no summary' "$RUN_ERR" 'policy.conf:6: warning: python3 has no summary'
check_has 'policy check: lints: no source' "$RUN_ERR" 'policy.conf:6: warning: python3 has no source'
check_has 'policy check: lints: an option that the program does not have' "$RUN_ERR" \
	'policy.conf:8: warning: ls: --recursvie is not found in /usr/bin/ls'
check_has 'policy check: lints: an endless command' "$RUN_ERR" 'policy.conf:13: warning: tail: with --follow it never ends'
check_has 'policy check: lints: an allow that is denied' "$RUN_ERR" 'policy.conf:4:14: warning: allow /root/x has no effect'
check_has 'policy check: lints: a deny inside of another, in a file of policy.d' "$RUN_ERR" \
	'policy.d/one.conf:2:8: warning: deny /etc/a/b has no effect: it lies inside of the deny /etc/a'
check_has 'policy check: lints: a deny of nothing' "$RUN_ERR" 'policy.conf:5:8: note: deny has no effect here'
run ctl policy check --any-owner --strict --policy /tmp/lint/policy.conf
check_is 'policy check --strict: the status' "$RUN_STATUS" 1
sed -i 's/^commands = cat$/commands = cat frobnicate/' /tmp/lint/policy.conf
printf '[command frobnicate]\nsummary = x\nsource = x\n' >/tmp/frobnicate.conf
cp /tmp/frobnicate.conf /usr/local/share/pam_diag/commands/
run ctl policy check --any-owner --policy /tmp/lint/policy.conf
check_has 'policy check: lints: a program that is not there' "$RUN_ERR" \
	'frobnicate.conf:1: warning: frobnicate cannot run here: is not installed here'
rm /usr/local/share/pam_diag/commands/frobnicate.conf

# --- policy learn ----------------------------------------------------------------------------------------------------

mkdir /opt/app
echo x >/opt/app/log
for line in 'frobnicate -f --output=json /etc/hosts' 'frobnicate -f --output=json /etc/passwd' 'cat -Q /etc/hostname' \
	'cat /opt/app/log' 'python3 -c 1' "$HOSTILE" 'systemctl restart x' "nobody
[command sh]"; do
	run diag "$line"
done
run ctl policy learn --since 1h
check_is 'policy learn: the status' "$RUN_STATUS" 0
check_is 'policy learn: all of it is comments' "$(grep -v '^#' <<<"$RUN_OUT" | tr -d '\n')" ''
check_true 'policy learn: no byte that a terminal obeys' "! LC_ALL=C grep -q '[^[:print:]]' /tmp/run.out"
check_has 'policy learn: a warning first' "$(head -6 <<<"$RUN_OUT")" 'Whoever may log in chooses what stands in these rows'
check_has 'policy learn: the shape, how often' "$RUN_OUT" ': frobnicate --output=WORD -f PATH'
check_has 'policy learn: who asked' "$RUN_OUT" \
	"#     by diag with $(ssh-keygen -lf /tmp/client/key.pub | cut -d' ' -f2) from 127.0.0.1"
check_has 'policy learn: a rule' "$RUN_OUT" '#[command frobnicate]'
check_has 'policy learn: a rule: its operands' "$RUN_OUT" '#operand = 0..1 : path read'
check_has 'policy learn: an option' "$RUN_OUT" '#flag = -Q'
check_has 'policy learn: a path' "$RUN_OUT" '#allow = /opt/app/log'
check_has 'policy learn: no interpreter' "$RUN_OUT" '# No rule is proposed: python3 is an interpreter'
check_lacks 'policy learn: no interpreter: no rule' "$RUN_OUT" '[command python3]'
check_has 'policy learn: a refusal by intent stays' "$RUN_OUT" 'no rule is proposed: the profile refuses it by intent'
check_lacks 'policy learn: a forged line stays inside its comment' "$RUN_OUT" '#[command sh]'
cp -r /etc/pam_diag /tmp/learnt
cp /tmp/run.out /tmp/learnt/policy.d/learnt.conf
run ctl policy check --any-owner --policy /tmp/learnt/policy.conf
check_is 'policy learn: its text is a good file that changes nothing' "$RUN_STATUS" 0
printf '[paths]\nallow = /opt/app\n' >/tmp/learnt/policy.d/learnt.conf
run ctl policy learn --policy /tmp/learnt/policy.conf
check_lacks 'policy learn: what the policy allows by now is not proposed' "$RUN_OUT" '/opt/app/log'
check_true 'policy learn: ... but counted' "! grep -q 'policy allows 0 by now' /tmp/run.out"
run ctl policy learn --since @4000000000
check_has 'policy learn: --since' "$RUN_OUT" '# 0 denied command lines'
run ctl policy learn -n 1
check_has 'policy learn: -n' "$RUN_OUT" '# Only the newest 1 rows were read'
run ctl policy learn --since yesterday
check_is 'policy learn: a wrong time: the status' "$RUN_STATUS" 2
run ctl policy learn --db /nowhere/audit.db
check_is 'policy learn: no database: the status' "$RUN_STATUS" 1
check_has 'policy learn: no database: says which' "$RUN_ERR" '/nowhere/audit.db'
check_true 'policy learn: leaves no file of its own owner' \
	'[ -z "$(find /var/lib/pam_diag -name "audit.db*" ! -user diag-audit)" ]'

# --- usage -----------------------------------------------------------------------------------------------------------

for words in '' bogus policy 'policy bogus' 'log --bogus' 'log -n 0' 'doctor stray' 'help bogus' 'policy explain -0 x' \
	'policy test' 'policy test a b' 'policy learn stray' 'policy check stray'; do
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
