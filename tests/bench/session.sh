#!/usr/bin/env bash
# What opening and closing a session adds, and what the policy takes: samples on stdout. session.sh ROUNDS
# The module, the supervisor and libpam are the real ones, the policy is the shipped one; pam_times stands in sshd's place.
# shellcheck source=tests/bench/ready.sh
source "$(dirname "$0")/ready.sh"
host_enter "$@"
rounds=$1
HOST_PLAIN=1 bench_host >&2
tools=$HOST_TOP/build/bench

# deny COUNT: so many files are denied besides what every policy denies; they are there, and each can be seen in one place. `shipped`: what the
# shipped policy denies is denied, and nothing else; most of that is not there.
policy=/etc/pam_diag/policy.conf
cp "$policy" /tmp/shipped.conf
mkdir -p /srv/deny
mount -t tmpfs bench /srv/deny
deny() {
	local i
	if [ "$1" = shipped ]; then
		cat /tmp/shipped.conf >"$policy"
		rm -f /etc/pam_diag/policy.d/50-bench.conf
		return
	fi
	sed '/^deny = /d' /tmp/shipped.conf >"$policy"
	{
		echo '[paths]'
		for i in $(seq "$1"); do
			echo "deny = /srv/deny/$i"
			echo secret >"/srv/deny/$i"
		done
	} >/etc/pam_diag/policy.d/50-bench.conf
	chmod 0644 /etc/pam_diag/policy.d/50-bench.conf
}
count_mounts() { wc -l </proc/self/mountinfo; }
# mounts COUNT: the host has so many mounts, if it has not more already.
mounts() {
	local i=0
	while [ "$(count_mounts)" -lt "$1" ]; do
		i=$((i + 1))
		mkdir -p "/srv/mounts/$1-$i"
		mount -t tmpfs -o size=4k bench "/srv/mounts/$1-$i"
	done
}
# times COUNT MOUNTS: so many places are hidden, those among them that every policy hides.
times() {
	local denied="$1 denied paths"
	if [ "$1" = shipped ]; then
		denied="the shipped $(sed -n 's/^deny = //p' /tmp/shipped.conf | wc -w) denied paths"
		deny shipped
	else
		deny $(($1 - always))
		if [ "$("$tools/pam_times" masks diag)" != "$1" ]; then
			echo "session.sh: not $1 places are hidden" >&2
			return 1
		fi
	fi
	mounts "$2"
	"$tools/pam_times" "$rounds" "$denied, $(count_mounts) mounts" plain diag
}

deny 0
always=$("$tools/pam_times" masks diag)
# A throw-away host has more than 20 mounts by itself: then those.
times 20 20
times 60 20
times 300 20
times shipped 20
times 60 200
times shipped 200
times 60 1000
deny shipped
"$tools/decide" "$rounds" /etc/pam_diag/policy.conf
