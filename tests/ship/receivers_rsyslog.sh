#!/usr/bin/env bash
# The stream sinks against a real rsyslogd: unix socket, UDP, TCP, TLS, RELP, RELP over TLS; and what happens when it, the connection, a
# certificate or diag-ship itself fails.
# shellcheck source=tests/ship/receivers.sh
source "$(dirname "$0")/receivers.sh"
# shellcheck source=tests/e2e/check.sh
source "$HERE/../e2e/check.sh"

if ! command -v rsyslogd >/dev/null || ! compgen -G '/usr/lib/*/rsyslog/imrelp.so' >/dev/null; then
	echo 'skip rsyslog: rsyslogd, with rsyslog-relp and rsyslog-openssl, is not installed'
	exit 0
fi
receivers_enter "$@"
receivers_make
certificates

# --- The receiver --------------------------------------------------------------------------------------------------------

# Two forms of each message: as it came, and put together again from what rsyslog has parsed it into.
# The queue is `Direct`: an input hands a message on only when it has been written. With one in memory, rsyslog takes and acknowledges
# what it may lose.
rsyslog_conf() {
	cat <<-END
		global(workDirectory="$WORK" maxMessageSize="4m" parser.escapeControlCharactersOnReceive="off"
		       defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="$WORK/tls/authority.pem"
		       defaultNetstreamDriverCertFile="$WORK/tls/${1:-receiver}.pem" defaultNetstreamDriverKeyFile="$WORK/tls/${1:-receiver}.key")
		module(load="imudp")
		module(load="imrelp" tls.tlslib="openssl")
		module(load="imuxsock" SysSock.Use="off")
		module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="x509/certvalid")
		module(load="imptcp")
		template(name="raw" type="string" string="%rawmsg%\n")
		template(name="parsed" type="string"
		         string="<%pri%>1 %timestamp:::date-rfc3339% %hostname% %app-name% %procid% %msgid% %structured-data% %msg%\n")
		template(name="raw-file" type="string" string="$WORK/%inputname%.raw")
		template(name="parsed-file" type="string" string="$WORK/%inputname%.parsed")
		ruleset(name="out" queue.type="Direct") {
			action(type="omfile" dynaFile="raw-file" template="raw")
			action(type="omfile" dynaFile="parsed-file" template="parsed")
		}
		input(type="imuxsock" socket="$WORK/unix.sock" useSpecialParser="off" parseHostname="on" useSysTimeStamp="off" ignoreTimestamp="off" rateLimit.interval="0" ruleset="out")
		input(type="imudp" address="127.0.0.1" port="1514" name="udp" ruleset="out")
		input(type="imptcp" address="127.0.0.1" port="1515" name="tcp" ruleset="out")
		input(type="imptcp" path="$WORK/stream.sock" name="stream" ruleset="out")
		input(type="imtcp" address="127.0.0.1" port="6514" name="tls" ruleset="out")
		input(type="imrelp" address="127.0.0.1" port="2514" name="relp" maxDataSize="4m" ruleset="out")
		input(type="imrelp" address="127.0.0.1" port="2515" name="relps" maxDataSize="4m" ruleset="out" tls="on"
		      tls.cacert="$WORK/tls/authority.pem" tls.mycert="$WORK/tls/${1:-receiver}.pem" tls.myprivkey="$WORK/tls/${1:-receiver}.key"
		      tls.authMode="certvalid")
	END
}

rsyslog_start() { # [CERTIFICATE]
	rm -f "$WORK/unix.sock" "$WORK/stream.sock"
	rsyslog_conf "$@" >"$WORK/rsyslog.conf"
	rsyslogd -n -f "$WORK/rsyslog.conf" -i "$WORK/rsyslog.pid" >>"$WORK/rsyslog.log" 2>&1 &
	RSYSLOG=$!
	wait_for 'listens 1515 && listens 6514 && listens 2514 && listens 2515 && [ -S "$WORK/unix.sock" ] && [ -S "$WORK/stream.sock" ]'
}

# What is stored so far is out of the way; the receiver keeps its files open, so it begins anew.
rsyslog_empty() {
	stop_process "$RSYSLOG"
	rm -f "$WORK"/*.raw "$WORK"/*.parsed
	rsyslog_start "$@"
}

tls_keys() {
	printf 'ca = %s/tls/authority.pem\ncertificate = %s/tls/client.pem\nkey = %s/tls/client.key\n' "$WORK" "$WORK" "$WORK"
}

# received NAME FILE: both forms.
received() {
	delivered "$1" "$WORK/$2.raw"
	check_is "$1: rsyslog's parts of it are the same" "$(cmp "$WORK/$2.raw" "$WORK/$2.parsed" 2>&1)" ''
}

rsyslog_start

# --- What is sent is what is stored ---------------------------------------------------------------------------------------

sink unix <<<"type = syslog
url = unix:$WORK/unix.sock"
received 'unix socket' imuxsock
sink stream <<<"type = syslog
url = unix-stream:$WORK/stream.sock"
received 'unix stream' stream
sink stream-counted <<<"type = syslog
url = unix-stream:$WORK/stream.sock
framing = octet-count"
rsyslog_empty
received 'unix stream, octets counted' stream
sink tcp <<<'type = syslog
url = tcp://127.0.0.1:1515'
received 'TCP' tcp
cp "$WORK/tcp.raw" "$WORK/first"
sink tcp-lines <<<'type = syslog
url = tcp://localhost:1515
framing = line'
rsyslog_empty
received 'TCP, lines' tcp
sink tls < <(printf 'type = syslog\nurl = tls://localhost\n' && tls_keys)
received 'TLS' tls
sink tls-address < <(printf 'type = syslog\nurl = tls://127.0.0.1:6514\n' && tls_keys)
rsyslog_empty
received 'TLS to an address' tls
sink relp <<<'type = relp
url = relp://127.0.0.1'
received 'RELP' relp
sink relps < <(printf 'type = relp\nurl = relps://localhost:2515\n' && tls_keys)
received 'RELP over TLS' relps

# UDP loses what the receiver's buffer has no room for, and nobody is told: few rows, then, and no check of a second run.
sink udp <<<'type = syslog
url = udp://127.0.0.1:1514
message-bytes = 4096'
ship
check_is 'UDP: the run' "$SHIP_STATUS" 0
wait_for '[ "$(lines "$WORK/udp.raw")" -gt 0 ]'
check_is 'UDP: the first row is stored' "$(head -1 "$WORK/udp.raw" | cmp - <(head -1 "$WORK/first") 2>&1)" ''

# --- Each fault: no gap, at most one batch again, the same bytes -------------------------------------------------------------

# drained NAME FILE: after the fault has gone, a run brings the rest.
drained() {
	ship
	check_is "$1: the next run" "$SHIP_STATUS" 0
	wait_for "stored $2 $BATCH >/dev/null" || true
	check_true "$1: no gap (again: $(stored "$2" "$BATCH"))" "stored $2 $BATCH >/dev/null"
}

stop_process "$RSYSLOG" KILL
sink refused <<<'type = relp
url = relp://127.0.0.1'
fails 'RELP, nobody listens' 75 'refused (relp://127.0.0.1): cannot connect: Connection refused'
sink refused-tls < <(printf 'type = syslog\nurl = tls://localhost\n' && tls_keys)
fails 'TLS, nobody listens' 75 'cannot connect: Connection refused'
sink refused-unix <<<"type = syslog
url = unix:$WORK/unix.sock"
fails 'unix socket, the receiver is dead' 75 'cannot connect: Connection refused'
sink refused-name <<<'type = syslog
url = tcp://no.such.host.invalid:514'
fails 'a host that does not exist' 75 'cannot look up no.such.host.invalid'

rm -f "$WORK"/*.raw "$WORK"/*.parsed
rsyslog_start
kill -STOP "$RSYSLOG"
sink stall-relp <<<'type = relp
url = relp://127.0.0.1'
fails 'RELP, the receiver is stopped' 75 'no answer for 2000 ms'
sink stall-tls < <(printf 'type = syslog\nurl = tls://localhost\n' && tls_keys)
fails 'TLS, the receiver is stopped' 75 'the TLS handshake fails: Connection timed out'
sink stall-tcp <<<'type = syslog
url = tcp://127.0.0.1:1515'
fails 'TCP, the receiver is stopped' 75 'for 2000 ms'
sink stall-unix <<<"type = syslog
url = unix:$WORK/unix.sock"
fails 'unix socket, the receiver is stopped' 75 'for 2000 ms'
kill -CONT "$RSYSLOG"
wait_for '[ "$(lines "$WORK/tcp.raw")" -ge 1 ]' || true
rsyslog_empty
sink stall-relp <<<'type = relp
url = relp://127.0.0.1'
drained 'RELP, the receiver goes on' "$WORK/relp.raw"

# Killed in the act: the receiver is stopped once it has stored something, then killed. It is killed again and again until it was in time.
killed() { # NAME FILE
	local ship_pid tries=0 status=0
	while [ "$status" = 0 ] && [ "$tries" -lt 20 ]; do
		tries=$((tries + 1))
		rm -rf "$STATE"
		rsyslog_empty
		"$SHIP" --config "$CONFIG" --db "$DB" --state "$STATE" --sink "$SINK" --batch 50 2>"$WORK/ship.out" &
		ship_pid=$!
		wait_for "[ \$(lines $2) -ge 100 ]"
		stop_process "$RSYSLOG" KILL
		wait "$ship_pid" || status=$?
	done
	check_is "$1: the run is told" "$status" 75
	rsyslog_start
}
sink killed-relp <<<'type = relp
url = relp://127.0.0.1'
killed 'RELP, the receiver is killed' "$WORK/relp.raw"
drained 'RELP, the receiver is killed' "$WORK/relp.raw"
sink killed-relps < <(printf 'type = relp\nurl = relps://localhost:2515\n' && tls_keys)
killed 'RELP over TLS, the receiver is killed' "$WORK/relps.raw"
drained 'RELP over TLS, the receiver is killed' "$WORK/relps.raw"

# diag-ship is killed when it enters the Nth call of a kind.
suicide() { # NAME FILE CALL N…
	local name=$1 file=$2 call=$3 n
	shift 3
	for n in "$@"; do
		rm -rf "$STATE"
		rsyslog_empty
		{ strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$n" \
			"$SHIP" --config "$CONFIG" --db "$DB" --state "$STATE" --sink "$SINK"; } >/dev/null 2>&1 && n="$n: not killed"
		drained "$name, diag-ship is killed in $call $n" "$file"
	done
}
if command -v strace >/dev/null; then
	sink suicide-relp <<<'type = relp
url = relp://127.0.0.1'
	suicide 'RELP' "$WORK/relp.raw" sendto 1 2 4 9
	suicide 'RELP' "$WORK/relp.raw" recvfrom 3 20
	suicide 'RELP' "$WORK/relp.raw" renameat 2
	sink suicide-tcp <<<'type = syslog
url = tcp://127.0.0.1:1515'
	suicide 'TCP' "$WORK/tcp.raw" sendto 2 5
	suicide 'TCP' "$WORK/tcp.raw" shutdown 3
	sink suicide-unix <<<"type = syslog
url = unix:$WORK/unix.sock"
	suicide 'unix socket' "$WORK/imuxsock.raw" sendto 700
	sink suicide-tls < <(printf 'type = syslog\nurl = tls://localhost\n' && tls_keys)
	suicide 'TLS' "$WORK/tls.raw" write 30 80
else
	echo 'skip diag-ship is killed: no strace'
fi

# --- Certificates ----------------------------------------------------------------------------------------------------------

sink ca-other <<<"type = syslog
url = tls://localhost
ca = $WORK/tls/stranger.pem"
fails 'TLS, an authority that is not ours' 78 'its certificate is refused: self-signed certificate in certificate chain'
sink ca-system <<<"type = syslog
url = tls://localhost"
fails "TLS, the system's authorities" 78 'its certificate is refused: '
sink name-other < <(printf 'type = relp\nurl = relps://localhost:2515\ntls-name = other.example\n' && tls_keys)
fails 'RELP over TLS, another name' 78 'its certificate is refused: hostname mismatch'
sink no-client <<<"type = syslog
url = tls://localhost
ca = $WORK/tls/authority.pem"
fails 'TLS, a client without a certificate' 75 'no-client (tls://localhost): '
sink stray-client <<<"type = relp
url = relps://localhost:2515
ca = $WORK/tls/authority.pem
certificate = $WORK/tls/stray.pem
key = $WORK/tls/stray.key"
fails 'RELP over TLS, a client of another authority' 75 'stray-client (relps://localhost:2515): '
sink no-file <<<"type = syslog
url = tls://localhost
ca = $WORK/tls/none.pem"
fails 'TLS, no such file' 78 'cannot read certificates from'
sink wrong-key <<<"type = syslog
url = tls://localhost
ca = $WORK/tls/authority.pem
certificate = $WORK/tls/client.pem
key = $WORK/tls/stray.key"
fails 'TLS, a key of another certificate' 78 'cannot use the key'
openssl ec -in "$WORK/tls/client.key" -aes128 -passout pass:x -out "$WORK/tls/locked.key" 2>/dev/null
sink locked-key <<<"type = syslog
url = tls://localhost
ca = $WORK/tls/authority.pem
certificate = $WORK/tls/client.pem
key = $WORK/tls/locked.key"
fails 'TLS, a key with a passphrase' 78 'cannot use the key'
rsyslog_empty expired
sink expired < <(printf 'type = syslog\nurl = tls://localhost\n' && tls_keys)
fails 'TLS, an expired certificate' 78 'its certificate is refused: certificate has expired'
sink expired-relps < <(printf 'type = relp\nurl = relps://localhost:2515\n' && tls_keys)
fails 'RELP over TLS, an expired certificate' 78 'its certificate is refused: certificate has expired'
rsyslog_empty elsewhere
sink elsewhere < <(printf 'type = syslog\nurl = tls://localhost\n' && tls_keys)
fails 'TLS, a certificate of another host' 78 'its certificate is refused: hostname mismatch'
sink elsewhere-named < <(printf 'type = syslog\nurl = tls://localhost\ntls-name = elsewhere.example\n' && tls_keys)
delivered 'TLS, the name is given' "$WORK/tls.raw"
stop_process "$RSYSLOG"
check_done
