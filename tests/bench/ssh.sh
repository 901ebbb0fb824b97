#!/usr/bin/env bash
# What an ssh command costs: samples on stdout. ssh.sh ROUNDS
#
# Each side runs /usr/bin/true. "floor" has a login shell of the benchmark's own with two appends, two fdatasync, the same forks and execs.
# The other two are what people have instead of pam_diag; neither waits for the disk.
# shellcheck source=tests/bench/ready.sh
source "$(dirname "$0")/ready.sh"
host_enter "$@"
rounds=$1
warm=5
bench_host floor sudoer wrapped >&2

install -m 0755 "$HOST_TOP/build/bench/floor_shell" /usr/local/bin/floor-shell
usermod --shell /usr/local/bin/floor-shell floor
install -o floor -m 0600 /dev/null /var/lib/floor/records
install -m 0755 "$HOST_TOP/tests/bench/wrapper.sh" /usr/local/bin/wrapper
sides=(plain floor diag)
more='Match User wrapped
ForceCommand /usr/local/bin/wrapper'
if command -v sudo >/dev/null; then
	sides+=(sudoer)
	cat >/etc/sudoers.d/bench <<-'END'
		Defaults:sudoer log_subcmds, logfile=/var/log/sudo.log, !syslog
		sudoer ALL=(plain) NOPASSWD: ALL
	END
	chmod 0440 /etc/sudoers.d/bench
	more+='
Match User sudoer
ForceCommand sudo -n -u plain /bin/sh -c "$SSH_ORIGINAL_COMMAND"'
else
	echo 'skip sudo with log_subcmds: sudo is not installed' >&2
fi
host_journald >&2
if command -v logger >/dev/null; then sides+=(wrapped); fi
bench_sshd "$more" >&2

declare -A names=([plain]='plain /bin/sh' [floor]='floor' [diag]='diag' [sudoer]='sudo log_subcmds' [wrapped]='shell wrapper, logger')

# alternate FIGURE COMMAND-MAKER: an alternation of all sides; the function puts the command of a user into `command`.
alternate() {
	local arguments=() user
	for user in "${sides[@]}"; do
		"$2" "$user"
		arguments+=(-- "${names[$user]}" 0 "${command[@]}")
	done
	"$HOST_TOP/build/bench/alternate" "$1" "$rounds" "$warm" "${arguments[@]:1}"
}
connect() { command=("${HOST_SSH[@]}" "$1@127.0.0.1" /usr/bin/true); }
share() { command=(ssh -F /dev/null -S "/tmp/client/$1" "$1@127.0.0.1" /usr/bin/true); }

alternate 'ssh command, own connection' connect
for user in "${sides[@]}"; do bench_master "$user"; done
alternate 'ssh command, shared connection' share
for user in "${sides[@]}"; do bench_master_end "$user"; done
host_sshd_stop
