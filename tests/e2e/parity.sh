#!/usr/bin/env bash
# The same commands on two hosts, fw and web-02, with one key and one policy: their records differ in host, ids, times and addresses and in
# nothing else, in the database and in every form that goes out without a server of its own (JSON lines, syslog, RELP, the journal).
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"

out=$HOST_TOP/build/parity${HOST_VARIANT:+-$HOST_VARIANT}

# --- Both, one after the other, in namespaces of their own; then the comparison -------------------------------------------

if [ "${1:-}" != host ]; then
	rm -rf "$out"
	mkdir -p "$out"
	ssh-keygen -q -t ed25519 -N '' -C agent -f "$out/key"
	for host in fw web-02; do
		mkdir "$out/$host"
		HOST_NAME=$host bash "$0" host "$out/$host/log" || check_not_ok "the host $host does its part" "$(tail -20 "$out/$host/log")"
	done
	while read -r line; do
		case $line in
		'ok '*) check_ok "${line#ok }" ;;
		*) check_not_ok "${line#not ok }" ;;
		esac
	done < <(python3 "$(dirname "$0")/parity.py" "$out/fw" "$out/web-02" || echo 'not ok the comparison comes to its end')
	check_done
	exit
fi

# --- On one host -----------------------------------------------------------------------------------------------------------

host_enter "$@"
exec >"$2" 2>&1
host_make
out=$HOST_TOP/build/parity${HOST_VARIANT:+-$HOST_VARIANT}
host_install
host_users
cp "$out/key" "$out/key.pub" /tmp/client/
cp "$out/key.pub" /etc/ssh/authorized_keys.d/diag
host_test_policy
host_pam
host_sshd
host_journald

while read -r line; do
	run diag "$line"
	echo "$line: $RUN_STATUS"
done <<-'END'
	cat /etc/passwd
	cat /srv/secret/token
	ls /srv | wc -l && echo done
	systemctl restart invidious
	help cat
	short 30
	probe exec /usr/bin/id
	cat 'no such file' ; cat /etc/group
	grep -c "a]b\"c\\d" /etc/passwd
END
printf 'cat /tmp/\xe9\t\x1b[2J\n' >/tmp/odd
run diag "$(cat /tmp/odd)"
host_wait_for '! pgrep -x diag-supervisor >/dev/null'

cd "$HOST_TOP"
mine=$out/$(hostname)
ship=(diag-ship --state /tmp/ship)
host_sql 'select rec from event order by seq' >"$mine/rec"
"${ship[@]}" --sink jsonl:- >"$mine/jsonl"
nc -lU /tmp/syslog.sock >"$mine/syslog" &
host_wait_for '[ -S /tmp/syslog.sock ]'
"${ship[@]}" --sink syslog:unix-stream:/tmp/syslog.sock
python3 "$HOST_TOP/tests/ship/stream_peer.py" /tmp/port relp >"$mine/relp" &
host_wait_for '[ -e /tmp/port ]'
"${ship[@]}" --sink "relp:relp://127.0.0.1:$(cat /tmp/port)"
"${ship[@]}" --sink journald:
journalctl -q --no-pager -o json SYSLOG_IDENTIFIER=pam_diag >"$mine/journal"
