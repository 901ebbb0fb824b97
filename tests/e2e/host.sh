# shellcheck shell=bash
# shellcheck disable=SC2120  # arguments are given by scripts that source this one
# A throw-away host on this machine: sourced by the end-to-end tests and by the demo.
#
# host_enter starts the script again in namespaces of its own (mounts, processes, network, IPC, host name). /etc, /usr/local, /var,
# /srv, /run, /home, /root and /opt are overlays in memory there: users, PAM services and files that are made belong to the
# throw-away host and are gone with it. The kernel, sshd, PAM, SQLite and every program are the real ones.

set -euo pipefail

HOST_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
HOST_PORT=${HOST_PORT:-22022}
HOST_DB=/var/lib/pam_diag/audit.db
HOST_SECRET=xq7secretq7

host_enter() {
	if [ "${HOST_INSIDE:-}" = 1 ]; then
		return
	fi
	if [ "$(id -u)" != 0 ]; then
		echo "this needs root (namespaces, sshd): run it as root" >&2
		exit 1
	fi
	exec env HOST_INSIDE=1 unshare --mount --pid --net --ipc --uts --fork --kill-child --mount-proc \
		--propagation private -- bash "$0" "$@"
}

host_overlay() {
	local name=${1#/}
	name=${name//\//_}
	mkdir -p "/mnt/$name/upper" "/mnt/$name/work" "$1"
	mount -t overlay overlay -o "lowerdir=$1,upperdir=/mnt/$name/upper,workdir=/mnt/$name/work" "$1"
}

# In memory, and no overlay: what lies in it can be seen in one place only, as on most hosts.
host_copy() {
	mkdir /mnt/copy
	mount -t tmpfs -o mode=0755 copy /mnt/copy
	cp -a "$1/." /mnt/copy
	mount --move /mnt/copy "$1"
	rmdir /mnt/copy
}

# With HOST_PLAIN set /etc is a copy, and /srv, /home, /root and /opt are empty.
host_make() {
	mount -t tmpfs -o mode=0755 host /mnt
	# Wherever this tree lies, it must stay in sight.
	mkdir /mnt/tree
	mount --bind "$HOST_TOP" /mnt/tree
	HOST_TOP=/mnt/tree
	local directory
	for directory in /etc /var /srv /home /root /opt /usr/lib; do
		case ${HOST_PLAIN:+$directory} in
		/etc) host_copy "$directory" ;;
		/srv | /home | /opt) mount -t tmpfs -o mode=0755 "$directory" "$directory" ;;
		/root) mount -t tmpfs -o mode=0700 root /root ;;
		*) host_overlay "$directory" ;;
		esac
	done
	# What the machine itself has installed there must not be used by accident.
	mount -t tmpfs -o mode=0755 local /usr/local
	mount -t tmpfs -o mode=0755 run /run
	mkdir -p /run/sshd /run/lock /run/user /run/systemd/system
	mount -t tmpfs -o mode=1777 tmp /tmp
	mount -t tmpfs -o mode=1777 shm /dev/shm
	mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts /dev/pts
	ip link set lo up
	hostname "${HOST_NAME:-web-02}"
	touch /run/utmp
	chgrp utmp /run/utmp 2>/dev/null || true
	chmod 0664 /run/utmp
	# As systemd leaves it: what is mounted here later would reach every tree that still takes part.
	mount --make-rshared /
}

# The installed names of a plain `make install`. HOST_VARIANT=asan puts the sanitized programs in their place; the module stays
# as it is, since sshd is not sanitized.
host_install() {
	make -s -C "$HOST_TOP" install SECUREDIR=/usr/local/lib/security >/dev/null
	if [ "${HOST_VARIANT:-}" = asan ]; then
		install -m 0755 "$HOST_TOP/build/asan/libexec/pam_diag/diag-supervisor" /usr/local/libexec/pam_diag/
		install -m 0711 "$HOST_TOP/build/asan/bin/diag-shell" /usr/local/bin/
		install -m 0700 "$HOST_TOP/build/asan/libexec/pam_diag/diag-prober" /usr/local/libexec/pam_diag/
		install -m 0755 "$HOST_TOP/build/asan/bin/diagctl" "$HOST_TOP/build/asan/bin/diag-ship" /usr/local/bin/
	fi
}

# What this kernel lacks of the layers that a policy may do without, by its release and by nothing that our own programs say: what they
# find must be the same. Debian's kernels have no newer layers than their release.
HOST_LACKS=()
host_kernel() {
	local layer
	for layer in landlock-truncate:6.2 landlock-net:6.7 landlock-ioctl:6.10 landlock-scope:6.12; do
		if [ "$(printf '%s\n' "${layer#*:}" "$(uname -r)" | sort -V | head -n 1)" != "${layer#*:}" ]; then
			HOST_LACKS+=("${layer%:*}")
		fi
	done
}
host_kernel

host_lacks() {
	[[ " ${HOST_LACKS[*]} " == *" $1 "* ]]
}

# The same as a row has it, with LAYER… behind.
host_missing() {
	local layers=("${HOST_LACKS[@]}" "$@")
	printf '"%s",' "${layers[@]}" | sed 's/,$//; s/.*/[&]/'
}

# What doctor says of that when the policy accepts it; nothing where nothing is lacking. Each ABI of Landlock brought one of the layers.
host_kernel_line() {
	if [ "${#HOST_LACKS[@]}" -gt 0 ]; then
		echo "warn kernel: Landlock ABI $((6 - ${#HOST_LACKS[@]})) lacks ${HOST_LACKS[*]}, which the policy accepts"
	fi
}

# The shipped policy refuses every session on a kernel that lacks something: here it must not.
host_accept() {
	if [ "${#HOST_LACKS[@]}" -gt 0 ]; then
		printf '[session]\naccept-missing = %s\n' "${HOST_LACKS[*]}" >/etc/pam_diag/policy.d/40-kernel.conf
	fi
}

host_users() {
	groupadd --system diag-audit
	useradd --system --gid diag-audit --home-dir /var/lib/pam_diag --no-create-home --shell /usr/sbin/nologin diag-audit
	groupadd --system diag
	useradd --system --gid diag --home-dir /srv --no-create-home --shell /usr/local/bin/diag-shell diag
	useradd --create-home --shell /bin/sh plain
	chown diag-audit: /var/lib/pam_diag
	mkdir -p /etc/ssh/authorized_keys.d /srv/secret
	echo "TOKEN=$HOST_SECRET" >/srv/secret/token # readable on purpose: only pam_diag stands in the way
	chmod 0644 /srv/secret/token
	mkdir -p /tmp/client
	ssh-keygen -q -t ed25519 -N '' -C agent -f /tmp/client/key
	cp /tmp/client/key.pub /etc/ssh/authorized_keys.d/diag
	cp /tmp/client/key.pub /etc/ssh/authorized_keys.d/plain
}

# The PAM service of sshd: Debian's own stack would print a message of the day; this one has what matters here.
host_pam() {
	local control=${1:-required} arguments=${2:-user=diag}
	cat >/etc/pam.d/sshd <<-END
		auth     required pam_deny.so
		account  required pam_permit.so
		session  optional pam_loginuid.so
		session  required pam_unix.so
		session  $control /usr/local/lib/security/pam_diag.so $arguments
	END
}

# host_sshd [CONFIG LINES]: starts sshd with the shipped snippet, or with what stands in the given text instead of it.
host_sshd() {
	local snippet=/etc/ssh/sshd_config.d/pam_diag.conf
	if [ $# -gt 0 ]; then
		printf '%s\n' "$1" >"$snippet"
	else
		cp /etc/ssh/sshd_config.d/pam_diag.conf.example "$snippet"
	fi
	if [ ! -e /etc/ssh/host_key ]; then
		ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/host_key
	fi
	cat >/etc/ssh/sshd_diag <<-END
		Port $HOST_PORT
		ListenAddress 127.0.0.1
		HostKey /etc/ssh/host_key
		PidFile /run/sshd.pid
		UsePAM yes
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		AuthorizedKeysFile /etc/ssh/authorized_keys.d/%u
		AcceptEnv *
		PermitUserEnvironment yes
		AllowTcpForwarding yes
		AllowStreamLocalForwarding yes
		GatewayPorts yes
		PermitTunnel yes
		Subsystem sftp internal-sftp
		MaxStartups 100
		MaxSessions 100
		LogLevel DEBUG1
		Include $snippet
	END
	host_sshd_stop
	/usr/sbin/sshd -f /etc/ssh/sshd_diag -E /tmp/sshd.log
	host_wait_for 'ssh-keyscan -p "$HOST_PORT" 127.0.0.1 >/tmp/client/known 2>/dev/null && [ -s /tmp/client/known ]'
}

host_sshd_stop() {
	if [ -s /run/sshd.pid ]; then
		kill "$(cat /run/sshd.pid)" 2>/dev/null || true
		host_wait_for '[ ! -e /run/sshd.pid ] || ! kill -0 "$(cat /run/sshd.pid)" 2>/dev/null'
		rm -f /run/sshd.pid
	fi
}

# Waits, at most 10 s, until a shell condition holds.
host_wait_for() {
	local i
	for i in $(seq 200); do
		if eval "$1"; then
			return 0
		fi
		sleep 0.05
	done
	echo "waited in vain for: $1" >&2
	return 1
}

# The real client, no agent, no configuration of the caller's. An array, so that a background job is ssh itself.
HOST_SSH=(ssh -F /dev/null -i /tmp/client/key -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR
	-o UserKnownHostsFile=/tmp/client/known -o StrictHostKeyChecking=yes -o ConnectTimeout=20
	-o HostKeyAlgorithms=ssh-ed25519 -p "$HOST_PORT")

host_ssh() {
	"${HOST_SSH[@]}" "$@"
}

host_sql() {
	sqlite3 -readonly "$HOST_DB" "$1"
}

host_policy() {
	cat >/etc/pam_diag/policy.conf
	chmod 0644 /etc/pam_diag/policy.conf
}

# A real journald with a few entries; it does not need to be started by systemd.
host_journald() {
	mkdir -p /run/systemd/journal /run/log/journal
	# As systemd's own tmpfiles.d sets it: the journal is readable for that group.
	chgrp systemd-journal /run/log/journal
	chmod 2755 /run/log/journal
	/lib/systemd/systemd-journald >/dev/null 2>&1 &
	host_wait_for '[ -S /run/systemd/journal/socket ]'
	local i
	for i in 1 2 3; do
		logger --journald <<<"MESSAGE=invidious: request $i served
SYSLOG_IDENTIFIER=invidious"
	done
	host_wait_for 'journalctl -q -t invidious | grep -q "request 3"'
	usermod -aG systemd-journal diag
}

# The packaged policy plus: a denied secret, and a program of the tests' own under several rules.
host_test_policy() {
	host_accept
	install -m 0755 "$HOST_TOP/build/tests/probe" /usr/local/bin/probe
	cat >/etc/pam_diag/policy.d/50-test.conf <<-'END'
		[paths]
		deny = /srv/secret
		allow = /srv
		[command wait]
		summary = Wait
		program = /usr/bin/sleep
		operand = 1 : integer 0..1000
		[command short]
		summary = Is ended by its time limit
		program = /usr/bin/sleep
		operand = 1 : integer 0..1000
		timeout = 1s
		[command probe]
		summary = Try something
		operand = 1..8 : text
		output-limit = 1M
		[command probe-inet]
		summary = Try something with internet sockets
		program = /usr/local/bin/probe
		network = inet
		operand = 1..8 : text
		[command probe-loopback]
		summary = Try something with connections to this host
		program = /usr/local/bin/probe
		network = loopback
		operand = 1..8 : text
		[command probe-unix]
		summary = Try something with unix sockets
		program = /usr/local/bin/probe
		network = unix
		operand = 1..8 : text
		[command probe-helper]
		summary = May start one other program
		program = /usr/local/bin/probe
		helpers = /usr/bin/id
		network = unix
		operand = 1..8 : text
	END
	chmod 0644 /etc/pam_diag/policy.d/50-test.conf
}

# A host that is ready: everything installed, the test policy, sshd running with the shipped snippet.
host_ready() {
	host_make
	host_install
	host_users
	host_test_policy
	host_pam
	host_sshd
}

diag() {
	host_ssh diag@127.0.0.1 "$@"
}
