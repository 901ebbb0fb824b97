#!/usr/bin/env bash
# What people do every day, with the policy as it is shipped: each command that is installed here runs in a real session, to its end and
# without a word of complaint.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready
rm /etc/pam_diag/policy.d/50-test.conf
printf 'one error\ntwo\n' | gzip >/var/log/old.log.gz
printf 'one error\ntwo\n' >/var/log/app.log
echo '{"a":1}' >/var/log/app.json
# As systemd's sysctl.d sets it: who may send echo requests without a capability.
echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range

# works LINE: status 0, some output, nothing on stderr. Whatever command of it is not on this machine is skipped.
works() {
	local word
	for word in $(tr '|;&' '\n\n\n' <<<"$1" | awk '{print $1}'); do
		if ! PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin command -v "$word" >/dev/null; then
			echo "skip everyday: $word is not installed here"
			return
		fi
	done
	run diag "$1"
	if [ "$RUN_STATUS" = 0 ] && [ -n "$RUN_OUT" ] && [ -z "$RUN_ERR" ]; then
		check_ok "$1"
	else
		check_not_ok "$1" "status $RUN_STATUS, $(wc -c </tmp/run.out) bytes" "$(head -3 /tmp/run.err)"
	fi
}

while read -r line; do
	if [ -n "$line" ]; then works "$line"; fi
done <<'END'
ls -la /var/log
ls /
ls -d /etc/*.conf
cat /etc/os-release
cat /proc/meminfo
cat /proc/loadavg /proc/uptime
head -n 5 /etc/passwd
tail -n 5 /etc/passwd
stat /etc/hosts
stat -c '%a %U %n' /etc/hosts
file /usr/bin/ls
find /etc -maxdepth 1 -name '*.conf'
find /usr/share/doc -maxdepth 1 -newer /etc/hostname | wc -l
du -sh /usr/share/doc
du -s /usr /etc 2>/dev/null | sort -n
df -h /
df -hT
df -i
wc -l /etc/passwd
grep -c root /etc/passwd
grep -rl root /etc/pam.d
zcat /var/log/old.log.gz
zgrep -n error /var/log/old.log.gz
zgrep -c error /var/log/old.log.gz /var/log/app.log
zgrep error /var/log/*.log | head -3
sha256sum /usr/bin/ls
md5sum /etc/hosts
readlink -f /etc/localtime
realpath /etc/localtime
tree -L 1 /etc/ssh
strings /usr/bin/true | head -n 3
od -c /etc/hostname
xxd /etc/hostname
diff /etc/passwd /etc/passwd && echo same
cat /var/log/app.json | jq .a
jq -r .a /var/log/app.json
sort /etc/passwd | uniq | head -n 3
cut -d: -f1 /etc/passwd | tr a-z A-Z | rev | nl
tac /etc/passwd
column -t /etc/fstab || echo none
ps aux
ps -ef
ps -eo pid,ppid,user,%cpu,%mem,etime,comm --sort=-%mem | head
pgrep -a sshd
pstree
top -b -n 1
free -h
vmstat
vmstat 1 2
iostat
mpstat
pidstat 1 1
uptime
w
id
groups
whoami
lsblk
findmnt /
mount
lscpu
lsof -p 1 2>/dev/null || echo none
uname -a
nproc
date
date -u +%FT%TZ
hostname
getconf PAGESIZE
locale
arch
getent passwd root
getent group root
getent hosts localhost
ip addr
ip -br link
ip route show table all
ip -s link show lo
ss -tln
ss -s
netstat -tln
ping -c 1 127.0.0.1
dpkg -l
dpkg -S coreutils
dpkg-query -W bash
sysctl kernel.hostname
systemd-detect-virt || echo none
systemctl --version
journalctl --version
openssl version
getfacl -p /etc/hosts
lsns
lslogins
echo "--- end ---"
printf '%s\n' x
END
check_true 'most of it is here' '[ "$CHECK_PASSED" -ge 60 ]'
check_is 'every record of a command has its end' "$(host_sql "select count(*) from event where kind = 'exec' and verdict = 'allow'")" \
	"$(host_sql "select count(*) from event where kind = 'exit'")"

check_done
