#!/usr/bin/env bash
# Connections to the loopback addresses and to no others: `network = loopback`, and curl as it is shipped. The other end of a wire is a host of its own (a second
# network namespace), which counts what comes in.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready

# --- Two hosts and a wire --------------------------------------------------------------------------------------------

unshare --net sleep 1000 &
other=$!
host_wait_for '[ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
over_there() { nsenter -t "$other" -n "$@"; }
ip link add wire0 type veth peer name wire1
ip link set wire1 netns "$other"
ip address add 192.0.2.1/24 dev wire0
ip link set wire0 up
over_there ip address add 192.0.2.2/24 dev wire1
over_there ip link set wire1 up
over_there ip link set lo up
ip route add default via 192.0.2.2
nc -lk 0.0.0.0 7001 >/tmp/here.got &
over_there nc -lk 0.0.0.0 7001 >/tmp/there.got &
host_wait_for 'ss -Hltn | grep -q 7001 && over_there ss -Hltn | grep -q 7001'
segments() { over_there awk '/^Tcp:/ && $2 ~ /^[0-9]+$/ {print $11}' /proc/net/snmp; }

# A command without confinement gets there: without this nothing below could fail.
runuser -u plain -- /usr/local/bin/probe tcp-to 192.0.2.2 7001 >/tmp/control
check_has 'without confinement a command reaches the other host' "$(cat /tmp/control)" 'tcp-to: ok'
host_wait_for 'grep -q probe /tmp/there.got'
before=$(segments)
check_true 'which counted it' '[ "$before" -gt 0 ]'

# --- What the grant lets through, and what not -----------------------------------------------------------------------

attempt() {
	run diag "$2"
	check_has "attempt: $1" "$RUN_OUT" "$3"
}
attempt 'TCP to 127.0.0.1' 'probe-loopback tcp-to 127.0.0.1 7001' 'tcp-to: ok'
host_wait_for 'grep -q probe /tmp/here.got'
attempt "TCP to this host's address on the wire" 'probe-loopback tcp-to 192.0.2.1 7001' 'tcp-to: E'
attempt 'TCP to a host on the wire' 'probe-loopback tcp-to 192.0.2.2 7001' 'tcp-to: E'
attempt 'TCP to a host behind it' 'probe-loopback tcp-to 198.51.100.1 7001' 'tcp-to: E'
attempt 'the socket set free, or bound to the wire' "probe-loopback tcp-unbound 192.0.2.2 7001 wire0 $(ip -o link show wire0 | cut -d: -f1)" 'tcp-unbound: E'
if host_lacks landlock-net; then
	attempt 'a port of its own: LIMIT: a kernel without landlock-net gives it' 'probe-loopback tcp-bind 7009' 'tcp-bind: ok'
else
	attempt 'a port of its own' 'probe-loopback tcp-bind 7009' 'tcp-bind: EACCES'
fi
attempt 'a server of its own, at a port that the kernel chooses' 'probe-loopback tcp-listen' 'tcp-listen: EPERM'
attempt 'a server of its own, on an abstract unix socket' 'probe-unix unix-listen probe-server' 'unix-listen: EPERM'
attempt 'UDP' 'probe-loopback udp 7002' 'udp: EACCES'
attempt 'MPTCP' 'probe-loopback mptcp 7001' 'mptcp: EACCES'
attempt 'a unix socket' 'probe-loopback unix /run/nothing' 'unix: EACCES'
attempt 'a raw socket' 'probe-loopback socket 2 3 1' 'socket: E'
attempt 'a netlink socket' 'probe-loopback socket 16 3 0' 'socket: E'
attempt 'TCP with an internet grant' 'probe-inet tcp-to 127.0.0.1 7001' 'tcp-to: EACCES'
attempt 'TCP without a grant' 'probe tcp-to 127.0.0.1 7001' 'tcp-to: EACCES'
check_is 'the other host got nothing' "$(segments) $(grep -c probe /tmp/there.got)" "$before 1"

# sshd's own child, whose domain leaves connections alone now, gets no socket for them: forwarding with no word about it in sshd's configuration.
host_sshd '# nothing'
: >/tmp/here.got
echo leaked | timeout 10 ssh -F /dev/null -i /tmp/client/key -o BatchMode=yes -o UserKnownHostsFile=/tmp/client/known \
	-p "$HOST_PORT" -W 127.0.0.1:7001 diag@127.0.0.1 >/dev/null 2>&1 || true
echo passed | timeout 10 ssh -F /dev/null -i /tmp/client/key -o BatchMode=yes -o UserKnownHostsFile=/tmp/client/known \
	-p "$HOST_PORT" -W 127.0.0.1:7001 plain@127.0.0.1 >/dev/null 2>&1 || true
host_wait_for 'grep -q passed /tmp/here.got'
check_true "a diag user's forwarding reaches nobody, another user's does" '! grep -q leaked /tmp/here.got'
host_sshd

# --- curl ------------------------------------------------------------------------------------------------------------

printf '[session]\ncommands = curl\n' >/etc/pam_diag/policy.d/60-curl.conf
mkdir /tmp/web
echo 'status: fine' >/tmp/web/health
(cd /tmp/web && exec python3 -m http.server --bind 127.0.0.1 8080 >/tmp/web.log 2>&1) &
(cd /tmp/web && exec python3 -m http.server --bind ::1 8081 >/dev/null 2>&1) &
host_wait_for 'ss -Hltn | grep -q 8080 && ss -Hltn | grep -q 8081'
run diag 'curl -i http://localhost:8080/health'
check_is 'curl asks a server of this host' "$RUN_STATUS" 0
check_has 'and shows its answer' "$RUN_OUT" 'status: fine'
check_has 'with its head' "$RUN_OUT" '200 OK'
run diag "curl -so /dev/null -w '%{http_code}' http://[::1]:8081/health"
check_is 'by IPv6' "$RUN_STATUS $RUN_OUT" '0 200'
run diag 'curl http://127.0.0.1:8080/health | grep -c fine'
check_is 'in a pipeline' "$RUN_STATUS $RUN_OUT" '0 1'
run diag 'curl -f http://127.0.0.1:8080/none'
check_is "curl's own failure is told" "$RUN_STATUS" 22
run diag 'curl http://192.0.2.2:8080/'
check_is 'another host is refused' "$RUN_STATUS" 126
check_done
