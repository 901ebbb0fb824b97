# shellcheck shell=bash
# A throw-away host to measure on: sourced by the scripts of tests/bench. As for the end-to-end tests, with two differences: the records lie
# on the file system of the build tree, since fdatasync costs nothing in memory, and sshd logs as it does by default.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "${BASH_SOURCE[0]}")/../e2e/host.sh"

BENCH_DISK=build/bench/disk

# bench_host USERS…: sshd runs, with diag, plain and the named users, who all log in with the same key.
bench_host() {
	host_make
	cd "$HOST_TOP" # the directory that this was started in may be out of sight
	rm -rf "${HOST_TOP:?}/$BENCH_DISK"
	mkdir -p "$HOST_TOP/$BENCH_DISK/records" "$HOST_TOP/$BENCH_DISK/floor" /var/lib/pam_diag /var/lib/floor
	mount --bind "$HOST_TOP/$BENCH_DISK/records" /var/lib/pam_diag
	mount --bind "$HOST_TOP/$BENCH_DISK/floor" /var/lib/floor
	host_install
	host_users
	echo '127.0.1.1 web-02' >>/etc/hosts
	local user
	for user in "$@"; do
		useradd --create-home --shell /bin/sh "$user"
		cp /tmp/client/key.pub "/etc/ssh/authorized_keys.d/$user"
	done
	host_pam
}

# bench_sshd [LINES]: with the shipped snippet and these lines after it.
bench_sshd() {
	host_sshd "$(cat /etc/ssh/sshd_config.d/pam_diag.conf.example)
Match all
${1:-}"
	sed -i -e 's/^LogLevel .*/LogLevel INFO/' -e 's/^MaxStartups .*/MaxStartups 2000/' /etc/ssh/sshd_diag
	host_sshd_stop
	/usr/sbin/sshd -f /etc/ssh/sshd_diag -E /tmp/sshd.log
	host_wait_for 'ssh-keyscan -p "$HOST_PORT" 127.0.0.1 2>/dev/null | grep -q ed25519'
}

# bench_master USER: one connection that later commands share; its socket is /tmp/client/USER.
bench_master() {
	host_ssh -fNM -S "/tmp/client/$1" "$1@127.0.0.1"
	host_wait_for "[ -S /tmp/client/$1 ]"
}

bench_master_end() {
	ssh -F /dev/null -S "/tmp/client/$1" -O exit "$1@127.0.0.1" 2>/dev/null || true
}
