#!/usr/bin/env bash
# The first process of the machine that oldest.sh boots: oldest_init.sh TEST…. What it prints goes to the second serial port. When it ends, by
# whatever, the kernel panics and qemu ends (panic=-1).
set -uo pipefail
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TERM=dumb

mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t cgroup2 cgroup /sys/fs/cgroup
mkdir -p /dev/pts /dev/shm
mount -t devpts -o ptmxmode=0666,mode=0620,gid=5 devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t tmpfs -o mode=1777 tmp /tmp
mount -t tmpfs -o mode=0755 run /run
mount --bind /disk/modules /lib/modules
# Its control device is there only when it is.
modprobe loop
ln -sfn /proc/self/fd /dev/fd
ip link set lo up
stty -F /dev/ttyS1 -opost
exec >/dev/ttyS1 2>&1 </dev/null
cd /disk/src || exit 1
echo begun

# one NAME COMMAND…
one() {
	local name=$1 started=$SECONDS
	shift
	echo "=== $name"
	"$@"
	echo "=== status $? seconds $((SECONDS - started))"
}

echo "on Linux $(uname -r)"
for name in "$@"; do
	if [ -e "tests/e2e/$name.sh" ]; then
		one "e2e $name" bash "tests/e2e/$name.sh"
	else
		one "unit $name" "build/tests/t_$name"
	fi
done
echo 'done'
sync
