#!/usr/bin/env bash
# What sshd does without starting a program: forwarding and sftp, with the shipped sshd snippet and with none at all.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready

# A server on loopback that writes down whatever comes: TCP (and MPTCP), UDP, a unix socket.
nc -lk 127.0.0.1 7001 >/tmp/tcp.got &
nc -luk 127.0.0.1 7002 >/tmp/udp.got &
nc -lkU /run/service.sock >/tmp/unix.got &
nc -lkuU /run/datagram.sock >/tmp/datagram.got &
host_wait_for '[ -S /run/service.sock ] && ss -Hltn | grep -q 7001 && ss -Hlun | grep -q 7002'
host_wait_for '[ -S /run/datagram.sock ]'
chmod 0666 /run/service.sock /run/datagram.sock
sysctl -qw net.ipv4.tcp_fastopen=3 || true

# The three servers do take connections: without this the tests below could not fail.
echo control | nc -N 127.0.0.1 7001
echo control | nc -NU /run/service.sock
echo control | nc -u -w1 127.0.0.1 7002
host_wait_for 'grep -q control /tmp/tcp.got && grep -q control /tmp/unix.got && grep -q control /tmp/udp.got'

# forward NAME OPTIONS…: opens a forwarding for a moment and sends a line into it from the client's side.
forward() {
	local name=$1 port=$2
	shift 2
	host_ssh -o ExitOnForwardFailure=no -fNM -S /tmp/client/forward "$@" diag@127.0.0.1 2>/dev/null || true
	if [ -n "$port" ]; then
		echo "leaked $name" | timeout 5 nc -N -w 2 127.0.0.1 "$port" >/dev/null 2>&1 || true
	fi
	ssh -F /dev/null -S /tmp/client/forward -O exit diag@127.0.0.1 2>/dev/null || true
}

no_forwarding() {
	forward "-L $1" 8001 -L 8001:127.0.0.1:7001
	forward "streamlocal -L $1" 8002 -L 8002:/run/service.sock
	echo "leaked -W $1" | timeout 10 ssh -F /dev/null -i /tmp/client/key -o BatchMode=yes -o UserKnownHostsFile=/tmp/client/known \
		-p "$HOST_PORT" -W 127.0.0.1:7001 diag@127.0.0.1 >/dev/null 2>&1 || true
	host_ssh -fNM -S /tmp/client/forward -D 8003 diag@127.0.0.1 2>/dev/null || true
	echo "leaked -D $1" | timeout 5 nc -N -w 2 -X 5 -x 127.0.0.1:8003 127.0.0.1 7001 >/dev/null 2>&1 || true
	ssh -F /dev/null -S /tmp/client/forward -O exit diag@127.0.0.1 2>/dev/null || true
	# -R: the server must not listen.
	host_ssh -fNM -S /tmp/client/forward -R 8004:127.0.0.1:7001 -R /srv/remote.sock:127.0.0.1:7001 diag@127.0.0.1 2>/dev/null || true
	check_true "-R $1: nothing listens" '! ss -Hltn | grep -q :8004 && [ ! -e /srv/remote.sock ]'
	ssh -F /dev/null -S /tmp/client/forward -O exit diag@127.0.0.1 2>/dev/null || true
	check_true "$1: nothing came through to TCP" '! grep -q leaked /tmp/tcp.got'
	check_true "$1: nothing came through to the unix socket" '! grep -q leaked /tmp/unix.got'
}

no_forwarding 'with the snippet'
run timeout 20 sftp -F /dev/null -i /tmp/client/key -o UserKnownHostsFile=/tmp/client/known -P "$HOST_PORT" \
	-b <(echo 'get /srv/secret/token /tmp/got') diag@127.0.0.1
check_true 'with the snippet: sftp is refused' '[ "$RUN_STATUS" != 0 ] && [ ! -e /tmp/got ]'
for mode in '' -O; do
	# shellcheck disable=SC2086
	run timeout 20 scp $mode -F /dev/null -i /tmp/client/key -o UserKnownHostsFile=/tmp/client/known -P "$HOST_PORT" \
		diag@127.0.0.1:/etc/hostname /tmp/got
	check_true "with the snippet: scp $mode is refused" '[ "$RUN_STATUS" != 0 ] && [ ! -e /tmp/got ]'
	# shellcheck disable=SC2086
	run timeout 20 scp $mode -F /dev/null -i /tmp/client/key -o UserKnownHostsFile=/tmp/client/known -P "$HOST_PORT" \
		/etc/hostname diag@127.0.0.1:/srv/put
	check_true "with the snippet: scp $mode to the host is refused" '[ "$RUN_STATUS" != 0 ] && [ ! -e /srv/put ]'
done

# --- No snippet: what the module does alone --------------------------------------------------------------------------

host_sshd '# nothing for the diag user'
chown diag: /srv # as writable as it can be
run diag 'cat /etc/hostname'
check_is 'without the snippet: a command runs as before' "$RUN_OUT $RUN_STATUS" "$(cat /etc/hostname) 0"
no_forwarding 'without the snippet'
sftp_try() {
	run timeout 20 sftp -F /dev/null -i /tmp/client/key -o UserKnownHostsFile=/tmp/client/known -P "$HOST_PORT" \
		-b <(echo "$1") diag@127.0.0.1
}
sftp_try 'get /etc/hostname /tmp/got'
check_true 'without the snippet: sftp works at all' '[ "$RUN_STATUS" = 0 ] && cmp -s /tmp/got /etc/hostname'
rm -f /tmp/got
ln -s /srv/secret/token /srv/link
for path in /srv/secret/token /srv/link /srv/../srv/secret/token /proc/self/root/srv/secret/token "$HOST_DB" /etc/ssh/host_key; do
	sftp_try "get $path /tmp/got"
	check_true "without the snippet: sftp get $path" '[ "$RUN_STATUS" != 0 ] && ! grep -qs . /tmp/got'
	rm -f /tmp/got
done
for command in 'put /etc/hostname /srv/put' 'mkdir /srv/made' 'rm /srv/link' 'rename /srv/link /srv/other' \
	'symlink /etc /srv/sym' 'chmod 777 /srv/link' 'put /etc/hostname /tmp/put' 'put /etc/hostname /dev/shm/put'; do
	sftp_try "$command"
	check_true "without the snippet: sftp $command changes nothing" '[ "$RUN_STATUS" != 0 ] &&
		[ ! -e /srv/put ] && [ ! -e /srv/made ] && [ -L /srv/link ] && [ ! -e /srv/sym ] && [ ! -e /tmp/put ]'
done

# --- A client that may send any variable -----------------------------------------------------------------------------

cat >/tmp/preload.c <<-'END'
	#include <unistd.h>
	static __attribute__((constructor)) void preloaded(void) { (void)!write(2, "PRELOADED\n", 10); }
END
if [ "${HOST_VARIANT:-}" = asan ]; then
	echo 'skip LD_PRELOAD: the sanitized diag-shell is not static, as the installed one is'
elif cc -shared -fPIC -o /usr/lib/preload-test.so /tmp/preload.c; then
	check_has 'the preloaded library does load elsewhere' "$(LD_PRELOAD=/usr/lib/preload-test.so cat /dev/null 2>&1)" PRELOADED
	run env PAGER=id SSH_ORIGINAL_COMMAND=id DIAG_CHANNEL=9 LESSOPEN='|id' "${HOST_SSH[@]}" -o SendEnv=PAGER -o SendEnv='DIAG_*' \
		-o SendEnv=LESSOPEN -o SendEnv=SSH_ORIGINAL_COMMAND -o SetEnv=LD_PRELOAD=/usr/lib/preload-test.so \
		diag@127.0.0.1 'probe environment'
	check_has 'variables of the client: the command runs' "$RUN_OUT" 'environment: ok'
	check_lacks 'variables of the client: nothing is loaded into diag-shell or the command' "$RUN_ERR" PRELOADED
	for name in PAGER=id SSH_ORIGINAL LD_ DIAG_ LESSOPEN SSH_CONNECTION; do
		check_lacks "variables of the client: no $name in the command" "$RUN_OUT" "$name"
	done
	check_is 'variables of the client: the line that ran is the one that was sent' \
		"$(host_sql "select rec->>'$.line' from event where rec->>'$.kind' = 'exec' order by seq desc limit 1")" 'probe environment'
	rm /usr/lib/preload-test.so
fi

# --- An allowed program tries by itself ------------------------------------------------------------------------------

attempt() {
	run diag "$2"
	check_has "attempt: $1" "$RUN_OUT" "$3"
}
attempt 'TCP without a grant' 'probe tcp 7001' 'tcp: EACCES'
attempt 'UDP without a grant' 'probe udp 7002' 'udp: EACCES'
attempt 'MPTCP without a grant' 'probe mptcp 7001' 'mptcp: EACCES'
attempt 'TCP fast open without a grant' 'probe fast-open 7001' 'fast-open: EACCES'
attempt 'a unix socket without a grant' 'probe unix /run/service.sock' 'unix: EACCES'
attempt 'a raw socket' 'probe-inet socket 2 3 1' 'socket: E'
attempt 'a packet socket' 'probe-inet socket 17 3 0' 'socket: EACCES'
attempt 'a vsock' 'probe-inet socket 40 1 0' 'socket: EACCES'
attempt 'MPTCP with an internet grant' 'probe-inet mptcp 7001' 'mptcp: EACCES'
attempt 'TCP with an internet grant: Landlock holds' 'probe-inet tcp 7001' 'tcp: EACCES'
attempt 'a unix socket with an internet grant' 'probe-inet unix /run/service.sock' 'unix: EACCES'
attempt 'a unix socket with a grant' 'probe-unix unix /run/service.sock' 'unix: ok'
attempt 'a datagram to a unix socket, with a grant' 'probe-unix datagram /run/datagram.sock probe' 'datagram: EOPNOTSUPP'
attempt 'such a socket by a stream' 'probe-unix unix /run/datagram.sock' 'unix: EPROTOTYPE'
attempt 'a raw unix socket is a datagram socket, too' 'probe-unix socket 1 3 0' 'socket: ok'
attempt "an interface's name, for which the C library wants such a socket" 'probe-unix interface' 'interface: ok'
attempt 'a unix socket of packets' 'probe-unix socket 1 5 0' 'socket: EACCES'
attempt 'a socket for /dev/log, by a process that left its stage' 'probe orphan-socket' 'orphan-socket: EACCES'
check_true 'nothing came through' '! grep -q probe /tmp/tcp.got /tmp/udp.got /tmp/datagram.got'

# --- No way to a service manager that would run things outside -------------------------------------------------------

uid=$(id -u diag)
mkdir -p "/run/user/$uid"
chown diag: "/run/user/$uid"
nc -lkU "/run/user/$uid/bus" >/tmp/bus.got &
nc -lkU /run/docker.sock >/tmp/docker.got &
host_wait_for '[ -S /run/user/$uid/bus ] && [ -S /run/docker.sock ]'
chmod 0666 "/run/user/$uid/bus" /run/docker.sock
attempt "the user's bus" "probe-unix unix /run/user/$uid/bus" 'unix: E'
attempt "a container engine's socket" 'probe-unix unix /run/docker.sock' 'unix: E'
cat >/etc/pam_diag/policy.d/60-systemd-run.conf <<-'END'
	[command systemd-run]
	summary = For the test only
	flag = --user --collect --pipe
	network = unix
	operand = 1..8 : text
END
chmod 0644 /etc/pam_diag/policy.d/60-systemd-run.conf
run diag 'systemd-run --user /usr/bin/touch /tmp/ran-outside'
check_true 'systemd-run --user finds no bus' '[ "$RUN_STATUS" != 0 ] && [ ! -e /tmp/ran-outside ]'
check_has 'systemd-run --user: the reason is its own' "$RUN_ERR" 'Failed to connect to '

check_done
