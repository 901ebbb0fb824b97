#!/usr/bin/env bash
# type = syslog against a real syslog-ng: octets counted, lines, TLS, unix sockets. Its Debian package conflicts with rsyslog's, so its files
# are unpacked below build/, not installed.
# shellcheck source=tests/ship/receivers.sh
source "$(dirname "$0")/receivers.sh"
# shellcheck source=tests/e2e/check.sh
source "$HERE/../e2e/check.sh"

NG=$TOP/build/ship/syslog-ng
packages=(syslog-ng-core libivykis0 libnet1 libwrap0 libjson-c5 libglib2.0-0 libpcre3 libsystemd0 libcap2)
libraries=$NG/usr/lib/syslog-ng:$(echo "$NG"/usr/lib/*-linux-gnu):$(echo "$NG"/lib/*-linux-gnu)

# Whole or not at all.
if [ ! -d "$NG" ]; then
	mkdir -p "$TOP/build/ship"
	temporary=$(mktemp -d "$TOP/build/ship/XXXXXX")
	chmod 0755 "$temporary"
	if command -v apt-get >/dev/null && (cd "$temporary" && apt-get download "${packages[@]}" >log 2>&1); then
		for package in "$temporary"/*.deb; do dpkg-deb -x "$package" "$temporary/tree"; done
		mv "$temporary/tree" "$NG"
	fi
	rm -rf "$temporary"
	libraries=$NG/usr/lib/syslog-ng:$(echo "$NG"/usr/lib/*-linux-gnu):$(echo "$NG"/lib/*-linux-gnu)
fi
modules=$(echo "$NG"/usr/lib/syslog-ng/[0-9]*)
if ! LD_LIBRARY_PATH=$libraries "$NG/usr/sbin/syslog-ng" --module-path="$modules" --version >/dev/null 2>&1; then
	echo 'skip syslog-ng: its packages cannot be had, or do not run here'
	exit 0
fi
receivers_enter "$@"
receivers_make
certificates

# flush_lines(1): what is read is written at once. store-raw-message: as it came.
cat >"$WORK/syslog-ng.conf" <<END
@version: 3.35
options { keep-hostname(yes); use-dns(no); flush-lines(1); log-msg-size(4194304); stats-freq(0); };
template raw { template("\${RAWMSG}\n"); };
$(input() {
	echo "source s_$1 { $2 };"
	echo "destination d_$1 { file(\"$WORK/$1.raw\" template(raw)); };"
	echo "log { source(s_$1); destination(d_$1); flags(flow-control); };"
}
tls="tls(key-file(\"$WORK/tls/receiver.key\") cert-file(\"$WORK/tls/receiver.pem\") ca-file(\"$WORK/tls/authority.pem\") peer-verify(required-trusted))"
input tcp 'syslog(ip("127.0.0.1") port(1601) transport("tcp") flags(store-raw-message));'
input lines 'network(ip("127.0.0.1") port(1514) transport("tcp") flags(syslog-protocol, store-raw-message));'
input tls "syslog(ip(\"127.0.0.1\") port(6514) transport(\"tls\") $tls flags(store-raw-message));"
input datagram "unix-dgram(\"$WORK/datagram.sock\" flags(syslog-protocol, store-raw-message));"
input stream "unix-stream(\"$WORK/stream.sock\" flags(syslog-protocol, store-raw-message));")
END
LD_LIBRARY_PATH=$libraries "$NG/usr/sbin/syslog-ng" --foreground --no-caps --module-path="$modules" --cfgfile="$WORK/syslog-ng.conf" \
	--persist-file="$WORK/ng.persist" --pidfile="$WORK/ng.pid" --control="$WORK/ng.ctl" >"$WORK/ng.log" 2>&1 &
receiver=$!
wait_for 'listens 1601 && listens 1514 && listens 6514 && [ -S "$WORK/datagram.sock" ] && [ -S "$WORK/stream.sock" ]' || cat "$WORK/ng.log"

sink tcp <<<'type = syslog
url = tcp://127.0.0.1:1601'
delivered 'TCP, octets counted' "$WORK/tcp.raw"
sink lines <<<'type = syslog
url = tcp://127.0.0.1:1514
framing = line'
delivered 'TCP, lines' "$WORK/lines.raw"
sink tls <<<"type = syslog
url = tls://localhost
ca = $WORK/tls/authority.pem
certificate = $WORK/tls/client.pem
key = $WORK/tls/client.key"
delivered 'TLS' "$WORK/tls.raw"
sink datagram <<<"type = syslog
url = unix:$WORK/datagram.sock"
delivered 'unix socket' "$WORK/datagram.raw"
sink stream <<<"type = syslog
url = unix-stream:$WORK/stream.sock"
delivered 'unix stream' "$WORK/stream.raw"

sink anonymous <<<"type = syslog
url = tls://localhost
ca = $WORK/tls/authority.pem"
ship
check_true 'TLS, a client without a certificate: nothing counts as taken' '[ "$SHIP_STATUS" = 75 ] && [ -z "$(cursor)" ]'
stop_process "$receiver"
check_done
