#!/usr/bin/env bash
# The README's section "Reading the records", line by line as an operator pastes it into a shell: each of the usual questions gets its
# answer, on the records of real sessions.
# shellcheck disable=SC2016 # check_true evaluates its condition itself
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready

# The indented lines of the section, without the indent.
section=$(sed -n '/^## Reading the records$/,/^##* .*trusted/p' "$HOST_TOP/README.md" | sed -n 's/^    //p')
prelude=$(grep '^cd .*; q() ' <<<"$section")
lines() { grep "$1" <<<"$section"; }
# paste LINE: by a shell of its own, behind the line that defines q.
paste_line() { run bash -c "$prelude"$'\n'"$1"; }

# --- Records of everything that is asked for ---------------------------------------------------------------------------

mkdir -p /srv/data
echo data >/srv/data/file
as_audit() { setpriv --reuid diag-audit --regid diag-audit --clear-groups "$@"; }
diag 'cat /srv/data/file' >/dev/null
diag 'cat /srv/secret/token' >/dev/null 2>&1 || true
host_wait_for '! pgrep -x diag-supervisor >/dev/null'
as_audit /usr/local/bin/diag-ship --sink jsonl:/var/lib/pam_diag/shipped >/dev/null 2>&1
"${HOST_SSH[@]}" diag@127.0.0.1 'wait 100; wait 100 invidious' >/dev/null 2>&1 || true # refused: wait takes one word
"${HOST_SSH[@]}" diag@127.0.0.1 'wait 100' >/dev/null 2>&1 &
client=$!
host_wait_for '[ "$(host_sql "select count(*) from event where kind = '\''exec'\'' and rec like '\''%wait 100\"%'\''")" != 0 ]'
id=$(host_sql "select substr(session, 1, 4) from event where kind = 'open' order by seq desc limit 1")

# --- The questions, each on a line of its own --------------------------------------------------------------------------

# What stands in each answer, and nowhere but in a right one.
declare -A answer=(
	[commands]='cat /srv/data/file' [denied]='cat /srv/secret/token' [keys]='SHA256:' [clients]='127.0.0.1' [rules]='cat'
	[paths]='/srv/secret/token' [unclosed]='127.0.0.1' [unfinished]='wait 100' [slowest]='cat /srv/data/file' [days]="$(date -u +%Y-%m-%d)"
	[gaps]=' ok ' [backlog]='jsonl:/var/lib/pam_diag/shipped' [sessions]=' open ' [chain]=' ok '
)
check_is 'the section defines q' "$(wc -l <<<"$prelude")" 1
for file in "$HOST_TOP"/sql/queries/*.sql; do
	query=$(basename "$file" .sql)
	line=$(lines "^q '\.read $query\.sql'") || line=false
	paste_line "$line"
	check_is "$query: the line of the README: the status" "$RUN_STATUS $RUN_ERR" '0 '
	check_has "$query: the line of the README: the answer" "$RUN_OUT" "${answer[$query]:-no answer is known for a new query}"
done
while read -r line; do
	check_is "one question a line: ${line:0:40}" "$(grep -o "q '\.read" <<<"$line" | wc -l)" 1
done < <(lines "^q '\.read")

# --- The other lines ---------------------------------------------------------------------------------------------------

paste_line "$(lines ':since')"
check_is 'another span: nothing of then' "$RUN_STATUS $RUN_ERR$RUN_OUT" '0 '
paste_line "$(lines ':since' | sed "s/2026-01-31/$(date -u -d yesterday +%F)/; s/2026-02-01 12:00/$(date -u -d tomorrow +%F)/")"
check_has 'another span: today in it' "$RUN_OUT" 'cat /srv/secret/token'
paste_line "$(lines ':path')"
check_has 'one path: what lies below it' "$RUN_OUT" '/srv/data/file'
check_lacks 'one path: and nothing else' "$RUN_OUT" '/srv/secret'
paste_line "$(lines '^q "select')"
check_is 'a select of the view: the status' "$RUN_STATUS $RUN_ERR" '0 '
check_has 'a select of the view: the answer' "$RUN_OUT" 'wait 100 invidious'
while read -r line; do
	run bash -c "PATH=/usr/local/bin:\$PATH; ${line/3f09/$id}"
	check_is "${line%%  *}: the status" "$RUN_STATUS $RUN_ERR" '0 '
	check_true "${line%%  *}: it says something" '[ -n "$RUN_OUT" ]'
done < <(lines '^diagctl \(log\|sessions\|show\|kill\) ')
check_is 'the four lines of diagctl' "$(lines '^diagctl ' | wc -l)" 4
wait "$client" 2>/dev/null || true
check_done
