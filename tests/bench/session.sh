#!/usr/bin/env bash
# What opening and closing a session adds, and what the policy takes: samples on stdout. session.sh ROUNDS
# The module, the supervisor and libpam are the real ones, the policy is the shipped one; pam_times stands in sshd's place.
# shellcheck source=tests/bench/ready.sh
source "$(dirname "$0")/ready.sh"
host_enter "$@"
rounds=$1
bench_host >&2
tools=$HOST_TOP/build/bench

# deny COUNT: so many files are denied besides what the shipped policy denies. They are there, and each can be seen in one place.
shipped=$(sed -n 's/^deny = //p' /etc/pam_diag/policy.conf | wc -w)
mkdir -p /srv/deny
mount -t tmpfs bench /srv/deny
deny() {
	local i
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
times() {
	local more=
	deny "$1"
	mounts "$2"
	if [ "$1" != 0 ]; then more=" and $1 more"; fi
	"$tools/pam_times" "$rounds" "the shipped $shipped denied paths$more, $(count_mounts) mounts" plain diag
}

# A throw-away host has more than 20 by itself: then those.
times 0 20
times 60 20
times 300 20
times 0 200
times 60 200
times 60 1000
"$tools/decide" "$rounds" /etc/pam_diag/policy.conf
