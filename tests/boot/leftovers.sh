# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # variables pass between the scripts that inside.sh sources
# What is there after the sessions: nothing but their records. Sourced by inside.sh.

# session_starts LINE: a session that runs LINE until it is ended, its logind session in SESSION, its client in CLIENT.
session_starts() {
	: >/tmp/start.out
	"${HOST_SSH[@]}" diag@127.0.0.1 "$1" >/tmp/start.out 2>/dev/null &
	CLIENT=$!
	host_wait_for 'grep -q waiting /tmp/start.out'
	SESSION=$(loginctl list-sessions --no-legend | awk '$3 == "diag" { print $1 }' | sort -n | tail -1)
	check_is "$2: its scope is there" "$(systemctl is-active "session-$SESSION.scope")" active
}

session_is_gone() {
	host_wait_for '! pgrep -x probe >/dev/null && ! pgrep -x diag-shell >/dev/null && ! pgrep -x diag-supervisor >/dev/null' || true
	check_true "$1: no process is left" '! pgrep -x probe >/dev/null && ! pgrep -x diag-shell >/dev/null && ! pgrep -x diag-supervisor >/dev/null'
	host_wait_for '[ "$(systemctl is-active "session-$SESSION.scope")" = inactive ]' || true
	check_is "$1: its scope is gone" "$(systemctl is-active "session-$SESSION.scope")" inactive
	check_lacks "$1: logind has forgotten it" "$(loginctl list-sessions --no-legend | awk '{ print "<" $1 ">" }')" "<$SESSION>"
}

host_wait_for '! pgrep -x diag-supervisor >/dev/null'
session_starts 'probe wait' 'client killed'
kill -9 "$CLIENT"
session_is_gone 'client killed'

session_starts 'probe wait' 'sshd killed'
kill -9 "$(pgrep -f '^sshd(-session)?: diag \[priv\]')"
session_is_gone 'sshd killed'

# logind takes the runtime directory of another user away, and the kernel with it the copy in the session's mounts.
run plain true
runtime=/run/user/$(id -u plain)
session_starts 'probe wait' 'another user'
check_has 'another user: his runtime directory is mounted in the session' "$(cat "/proc/$(pgrep -xo probe)/mountinfo")" " $runtime "
loginctl terminate-user plain
host_wait_for '[ ! -e "$runtime" ]'
sleep 0.5
check_true 'another user logs out: the session goes on' 'kill -0 "$CLIENT" && pgrep -x probe >/dev/null'
kill "$CLIENT" || true
session_is_gone 'another user'

run diag 'probe daemon'
check_is 'a setsid child: the command ends' "$RUN_STATUS" 0
check_true 'a setsid child is gone with its command' '! pgrep -x probe >/dev/null'

# --- The records -------------------------------------------------------------------------------------------------------

missing=0
for line in "${door_lines[@]}"; do
	if [ "$(host_sql "select count(*) from event where rec->>'$.kind' = 'exec' and rec->>'$.line' = '${line//\'/\'\'}'")" = 0 ]; then
		missing=$((missing + 1))
	fi
done
check_is 'every attempt is on record, as it was sent' "$missing of ${#door_lines[@]}" "0 of ${#door_lines[@]}"
host_wait_for '[ "$(rows open)" -le "$(($(rows close) + 2))" ]' || true
# logind killed two supervisors above, where it was let; one that sees its sshd die first still writes the end.
check_true 'every other session has its end' '[ "$(($(rows open) - $(rows close)))" -le 2 ]'
check_is 'logind set the login uid of each session, which is on record' \
	"$(host_sql "select distinct rec->>'$.auid' from event where rec->>'$.kind' = 'open'")" "$uid"
check_has 'the chain holds' "$(sqlite3 -readonly "$HOST_DB" </usr/local/share/pam_diag/sql/queries/chain.sql)" 'ok|'
run diagctl doctor --probe
check_is 'doctor finds nothing to mend' "$RUN_STATUS $(grep FAIL /tmp/run.out)" '0 '
