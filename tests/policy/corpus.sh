#!/usr/bin/env bash
# The shipped policy with every profile in force, against collections of lines (tests/corpus/*.jsonl): no attack passes, most of what people
# and agents type does, hardly anything is refused without a written reason, and words are those of a real shell.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/policy/all.sh
source tests/policy/all.sh

{
	echo '[session]'
	all_profiles "$work/commands"
	grep -vE '^(\[session\]|commands *=)' etc/policy.conf
} >"$work/policy.conf"

# explain NAME: the answers to what is in $work/NAME.lines, each ended by a NUL.
explain() {
	"$build/bin/diagctl" policy explain -0 --json --policy "$work/policy.conf" <"$work/$1.lines" >"$work/$1.answers"
}
# rows FILE: a table of a file that holds one JSON object in each line.
rows() { echo "json_each('[' || replace(rtrim(readfile('$1'), char(10)), char(10), ',') || ']')"; }
sql() { sqlite3 :memory: "$@"; }

for name in attacks benign; do
	# shellcheck disable=SC2016 # $.cmd is SQLite's
	sql "select hex(value ->> '\$.cmd') || '00' from $(rows "tests/corpus/$name.jsonl")" |
		basenc --base16 -d -i >"$work/$name.lines"
	explain $name
done
sql "select value ->> '\$.input' from $(rows tests/corpus/words.jsonl)" | while read -r line; do
	base64 -d <<<"$line"
	printf '\0'
done >"$work/words.lines"
explain words

# The collections beside their answers. A line is covered when each of its commands has a profile.
ls pam_diag/commands >"$work/names"
cat >"$work/tables" <<END
create table attack as select q.key + 1 as n, q.value as q, a.value as a
	from $(rows tests/corpus/attacks.jsonl) q left join $(rows "$work/attacks.answers") a on a.key = q.key;
create table benign as select q.key + 1 as n, q.value as q, a.value as a
	from $(rows tests/corpus/benign.jsonl) q left join $(rows "$work/benign.answers") a on a.key = q.key;
create table word as select q.key + 1 as n, q.value as q, a.value as a
	from $(rows tests/corpus/words.jsonl) q left join $(rows "$work/words.answers") a on a.key = q.key;
create table name(text);
.import $work/names name
create view covered as select *, q ->> '$.group' as kind, a ->> '$.verdict' as verdict, a ->> '$.code' as code from benign
	where not exists (select 1 from json_each(q -> '$.binaries') b where b.value || '.conf' not in (select text from name));
END

passed=0
failed=0
# check NAME HOW-MANY BAD-ROWS: the bad ones are shown.
check() {
	local bad
	bad=$(grep -c . <<<"$3")
	passed=$((passed + $2 - bad))
	failed=$((failed + bad))
	if [ "$bad" != 0 ]; then sed "s/^/not ok $1: /" <<<"$3"; fi
	if [ "$2" = 0 ]; then failed=$((failed + 1)); fi
}

check 'an attack is allowed' "$(sql ".read $work/tables" 'select count(*) from attack')" "$(sql ".read $work/tables" "
	select q ->> '\$.id', q -> '\$.cmd' from attack where coalesce(a ->> '\$.verdict', 'none') <> 'deny'
		and q ->> '\$.soft' is null and q ->> '\$.may_run' is null")"
check 'words' "$(sql ".read $work/tables" 'select count(*) from word')" "$(sql ".read $work/tables" "
	with w as (select q ->> '\$.id' as id, q ->> '\$.expect' as expect, coalesce(q -> '\$.argv', q -> '\$.literal') as argv,
		coalesce(a ->> '\$.code' in ('syntax', 'limit'), 0) as refused, json_array_length(a, '\$.stages') as stages,
		a -> '\$.stages[0]' as got from word)
	select id, expect, got from w where not coalesce(case expect
		when 'exact' then stages = 1 and got = argv
		when 'refuse' then refused
		else refused or (stages = 1 and got = argv) end, 0)")"

# rate NAME GROUP CONDITION COMPARISON: a share of the covered lines, in per cent.
rate() {
	local percent
	percent=$(sql ".read $work/tables" "select round(100.0 * sum($3) / count(*), 1) from covered where kind = '$2'")
	if [ "$(sql "select $percent $4")" = 1 ]; then
		passed=$((passed + 1))
		echo "ok $1: $percent %"
	else
		failed=$((failed + 1))
		echo "not ok $1: $percent %, wanted $4"
		sql ".read $work/tables" "select '# ' || coalesce(code, ''), q -> '\$.cmd', a -> '\$.reason' from covered
			where kind = '$2' and verdict = 'deny'"
	fi
}
gap="verdict = 'deny' and code in ('option', 'value', 'operand', 'syntax')"
rate 'plain lines that are allowed' plain "verdict = 'allow'" '>= 85'
rate 'pipelines that are allowed' pipe "verdict = 'allow'" '>= 80'
rate 'plain lines without a written reason' plain "$gap" '<= 3'
rate 'pipelines without a written reason' pipe "$gap" '<= 5'
rate 'lists and patterns that are allowed' shellish "verdict = 'allow'" '>= 80'

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
