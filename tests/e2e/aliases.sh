#!/usr/bin/env bash
# Every way to name a denied file: what the argv check says of it, and what the kernel lets a program read that no check stands before.
# The secret lies in places of its own below /srv/a, one for each way; all of it is readable for everybody, so that only pam_diag stands in
# the way, and each row first shows that its name does lead to the secret where nobody is confined.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready
a=/srv/a
cat >/etc/pam_diag/policy.d/60-aliases.conf <<-'END'
	[paths]
	allow = /mnt/second
	deny = /srv/a/denied-link /srv/a/linked /srv/a/late/*.key
	deny = /srv/a/odd?name /srv/a/line?break /srv/a/sécret
	deny = /srv/a/disk/secret /srv/a/memory/secret
	deny = /srv/a/o/lower1/secret /srv/a/o/upper2/secret /srv/a/o/merged3/secret /srv/a/o/merged4/secret /srv/a/o/lower5
END

as_diag() { setpriv --reuid diag --regid diag --clear-groups "$@"; }
last_of() { host_sql "select rec->>'$2' from event where rec->>'$.kind' = '$1' order by seq desc limit 1"; }
mux() { ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 "$1"; }
connect() { host_ssh -fNM -S /tmp/client/master diag@127.0.0.1; }
disconnect() {
	ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null || true
	host_wait_for '! pgrep -x diag-supervisor >/dev/null'
}

# secret PLACE: a directory with the token and a file whose name nobody may see.
secret() {
	mkdir -p "$1"
	echo "TOKEN=$HOST_SECRET" >"$1/token"
	touch "$1/inner-name"
	chmod 0755 "$1"
	chmod 0644 "$1/token"
}

# The check of the content, without ever printing it.
hidden() {
	if grep -qaE "$HOST_SECRET|inner-name" /tmp/run.out /tmp/run.err; then
		check_not_ok "$1" 'it shows the secret, or a name in its directory'
	else
		check_ok "$1"
	fi
}

leads() {
	if as_diag grep -qa "$HOST_SECRET" "$2"; then
		check_ok "$1: leads to the secret where nobody confines"
	else
		check_not_ok "$1: leads to the secret where nobody confines" "$2"
	fi
}

# row NAME PATH ARGV [TREE]: ARGV is `refused` where the argv check must know, `kernel` where it cannot.
row() {
	local name=$1 path=$2 argv=$3 tree=${4:-} command
	leads "$name" "$path"
	for command in cat 'head -n 1' 'zcat -f' 'grep TOKEN'; do
		run mux "$command '$path'"
		hidden "$name: $command"
		if [ "$argv" = refused ]; then
			check_is "$name: $command: refused" "$RUN_STATUS $(last_of exec '$.verdict')" '126 deny'
		else
			check_is "$name: $command: the kernel says no" \
				"$(last_of exec '$.verdict') $(grep -c 'Permission denied' /tmp/run.err)" 'allow 1'
		fi
	done
	for command in ${tree:+'grep -R TOKEN' 'ls -LR' 'find'}; do
		run mux "$command '$tree'"
		hidden "$name: $command of the tree"
	done
	run mux "probe read '$path'"
	hidden "$name: a program that just opens it"
	check_has "$name: a program that just opens it gets an error" "$RUN_OUT" 'read: E'
}

# limit NAME PATH TREE: what is known not to hold, so that a change is noticed: a program that comes upon it by itself reads it.
limit() {
	leads "$1" "$2"
	run mux "probe read '$2' | grep -ac TOKEN"
	check_is "$1: LIMIT: a program that just opens it reads it" "$RUN_OUT" 1
	run mux "grep -rlaF TOKEN '$3'"
	check_has "$1: LIMIT: so does grep -r of the tree" "$RUN_OUT" "$2"
}

# --- The places ------------------------------------------------------------------------------------------------------

mkdir -p $a/{symlink,chain,dotdot/deep,mount,hard,late,plain}
secret /srv/secret
echo plain >$a/plain/file

ln -s /srv/secret/token $a/symlink/token
ln -s ../../secret $a/symlink/directory
ln -s / $a/symlink/root
ln -s /srv/secret/token "$a/symlink/with a space"
ln -s /srv/secret/token "$a/symlink/with a"$'\n'"line break"
ln -s /srv/secret/token $a/symlink/packed.gz
ln -s second $a/chain/first
ln -s third/token $a/chain/second
ln -s ../dotdot/../../secret $a/chain/third
ln -s /proc/self/root $a/chain/magic
ln -s magic/srv/secret/token $a/chain/through

secret $a/real-place
ln -s real-place $a/denied-link
secret "$a/odd name"
secret "$a/line"$'\n'"break"
secret "$a/s"$'\xc3\xa9'"cret" # e with acute as one character; below, e and an accent
look_alikes=("$a/se"$'\xcc\x81'"cret" "$a/S"$'\xc3\x89'"CRET" "$a/"$'\xd1\x95\xc3\xa9'"cret" "$a/s"$'\xc3\xa9'"cret ")
for place in "${look_alikes[@]}"; do
	mkdir "$place"
	echo harmless >"$place/token"
done

# A file with two names is known by the argv check wherever it is seen: no other row may profit from that.
secret $a/linked
secret $a/linked/below
ln $a/linked/token $a/hard/link
ln $a/linked/below/token $a/hard/below

mkdir $a/mount/{bind,readonly,parent,recursive,late} "$a/mount/with a space"
touch $a/mount/file
mount --bind /srv/secret $a/mount/bind
mount --bind /srv/secret/token $a/mount/file
mount --bind /srv/secret $a/mount/readonly
mount -o remount,bind,ro $a/mount/readonly
mount --bind /srv/secret "$a/mount/with a space"
ln -s ../mount/bind/token $a/symlink/into-a-mount

# The same filesystem twice: on a disk by the device, in memory by a bind of its root.
mkdir -p $a/{disk,memory} /mnt/second/{disk,memory}
mount -t tmpfs -o mode=0755 memory $a/memory
secret $a/memory/secret
mount --bind $a/memory /mnt/second/memory
truncate -s 8M /mnt/image
mkfs.ext4 -q /mnt/image
mount -o loop /mnt/image $a/disk
device=$(findmnt -no SOURCE $a/disk)
secret $a/disk/secret
sync -f $a/disk
mount "$device" /mnt/second/disk

# 1: denied in the lower layer, 2: in the upper one, 3 and 4: where they are merged, from either, 5: a whole layer.
mkdir $a/o
mount -t tmpfs -o mode=0755 layers $a/o
mkdir -p $a/o/{lower,upper,work,merged}{1,2,3,4,5}
for place in lower1/secret upper2/secret lower3/secret upper4/secret lower5; do secret "$a/o/$place"; done
for n in 1 2 3 4 5; do
	mount -t overlay overlay -o "lowerdir=$a/o/lower$n,upperdir=$a/o/upper$n,workdir=$a/o/work$n" "$a/o/merged$n"
done
# Last: it repeats all that stands above.
mount --bind /srv $a/mount/parent
mount --rbind /srv $a/mount/recursive

# Another process of the same user, outside of every session.
setpriv --reuid diag --regid diag --clear-groups env "TOKEN=$HOST_SECRET" sh -c 'cd /srv/secret && exec 3<token 4<. && exec sleep 1000' &
other=$!
host_wait_for '[ "$(cat /proc/$other/comm)" = sleep ]'

connect
run mux "cat $a/plain/file"
check_is 'what is not denied is read' "$RUN_OUT" plain

# --- One row for each ------------------------------------------------------------------------------------------------

row 'direct' /srv/secret/token refused /srv/secret
row 'symlink to the file' $a/symlink/token refused $a/symlink
row 'symlink to the directory' $a/symlink/directory/token refused $a/symlink/directory
row 'symlink to the root' $a/symlink/root/srv/secret/token refused
row 'symlink with a space in its name' "$a/symlink/with a space" refused
row 'symlink with a line break in its name' "$a/symlink/with a"$'\n'"line break" refused
row 'symlink whose name looks packed' $a/symlink/packed.gz refused
row 'symlink into a mount' $a/symlink/into-a-mount kernel
row 'chain of three symlinks' $a/chain/first refused $a/chain
row 'chain through /proc/self/root' $a/chain/through refused
row 'dotdot' $a/dotdot/deep/../../../secret/token refused
row 'dotdot from another tree' /usr/../srv/secret/token refused
row 'dotdot through the denied directory' /srv/secret/../secret/token refused
row 'slashes' ///srv////secret//token refused
row 'single dots' /srv/./secret/./token refused
row 'proc: own root' /proc/self/root/srv/secret/token refused
row "proc: another process' root" "/proc/$other/root/srv/secret/token" refused
row "proc: another process' directory" "/proc/$other/cwd/token" refused
row "proc: another process' descriptor of the file" "/proc/$other/fd/3" kernel
row "proc: another process' descriptor of the directory" "/proc/$other/fd/4/token" kernel
row "proc: another process' environment" "/proc/$other/environ" refused
row 'mount: bind of the directory' $a/mount/bind/token kernel $a/mount/bind
row 'mount: bind of the file' $a/mount/file kernel
row 'mount: read-only bind' $a/mount/readonly/token kernel $a/mount/readonly
row 'mount: a space in its name' "$a/mount/with a space/token" kernel
row 'mount: bind of the parent' $a/mount/parent/secret/token kernel $a/mount/parent/secret
row 'mount: recursive bind of the parent' $a/mount/recursive/secret/token kernel $a/mount/recursive/secret
row 'mount: a mount within the recursive bind' $a/mount/recursive/a/mount/bind/token kernel
row 'mount: what is denied on a disk' $a/disk/secret/token refused $a/disk
row 'mount: the same disk a second time' /mnt/second/disk/secret/token kernel /mnt/second/disk
row 'mount: what is denied in memory' $a/memory/secret/token refused $a/memory
row 'mount: the same memory a second time' /mnt/second/memory/secret/token kernel /mnt/second/memory
row 'overlay: denied in the lower layer' $a/o/lower1/secret/token refused $a/o/lower1
row 'overlay: merged over that' $a/o/merged1/secret/token kernel $a/o/merged1
row 'overlay: denied in the upper layer' $a/o/upper2/secret/token refused $a/o/upper2
row 'overlay: merged under that' $a/o/merged2/secret/token kernel $a/o/merged2
row 'overlay: denied where it is merged' $a/o/merged3/secret/token refused $a/o/merged3
row 'overlay: the lower layer of that' $a/o/lower3/secret/token kernel $a/o/lower3
row 'overlay: denied where it is merged, from above' $a/o/merged4/secret/token refused $a/o/merged4
row 'overlay: the upper layer of that' $a/o/upper4/secret/token kernel $a/o/upper4
row 'overlay: merged over a layer that is denied' $a/o/merged5/token kernel $a/o/merged5
row 'a denied name that is a symlink' $a/denied-link/token refused
row 'the place that it leads to' $a/real-place/token refused $a/real-place
row 'a space in the denied name' "$a/odd name/token" refused
row 'a line break in the denied name' "$a/line"$'\n'"break/token" refused
row 'a denied name that is not ASCII' "$a/s"$'\xc3\xa9'"cret/token" refused

# Memory is opened by whoever may trace a process: here nobody may, elsewhere the same user.
for file in mem maps auxv; do
	run mux "probe read /proc/$other/$file"
	check_has "proc: another process' $file" "$RUN_OUT" 'read: E'
done
check_true "proc: another process' auxv: opened where nobody confines" 'as_diag cat /proc/$other/auxv | grep -qa .'

# Names that only look like a denied one are other files' names.
for place in "${look_alikes[@]}"; do
	run mux "cat '$place/token'"
	check_is "look-alike: ${place##*/}" "$RUN_OUT" harmless
done

# --- The device ------------------------------------------------------------------------------------------------------

run mux "probe read $device"
check_has 'the device of the filesystem' "$RUN_OUT" 'read: E'
run mux "cat $device"
check_is 'the device of the filesystem: cat: refused' "$RUN_STATUS $(last_of exec '$.verdict')" '126 deny'
# A copy of the filesystem in a readable file is another file, as any copy is.
mkfs.ext4 -q -d /srv/secret /mnt/copy 1M >/dev/null 2>&1
cp /mnt/copy $a/plain/image
as_diag grep -qa "$HOST_SECRET" $a/plain/image
run mux "grep -rlaF TOKEN $a/plain"
check_is 'an image of the filesystem in a readable tree: LIMIT: it is read' "$RUN_OUT" $a/plain/image
rm $a/plain/image

# --- Hard links ------------------------------------------------------------------------------------------------------

for command in cat 'head -n 1' 'zcat -f' 'grep TOKEN' stat; do
	run mux "$command $a/hard/link"
	hidden "hard link: $command"
	check_is "hard link: $command: refused" "$RUN_STATUS $(last_of exec '$.verdict')" '126 deny'
done
check_has 'hard link: the reason' "$RUN_ERR" "$a/hard/link is denied: it is a hard link to a denied file"
ln -s link $a/hard/symlink
run mux "cat $a/hard/symlink"
check_is 'hard link by a symlink: refused' "$RUN_STATUS" 126
run mux "cat $a/hard/li*"
hidden 'hard link by a pattern'
check_has 'hard link by a pattern: left out' "$RUN_ERR" 'matches nothing that may be seen'
limit 'hard link' $a/hard/link $a/hard
limit 'hard link to a file deeper in the denied directory' $a/hard/below $a/hard
run mux "cat $a/hard/below | grep -c TOKEN"
check_is 'hard link to a file deeper in the denied directory: LIMIT: the argv check does not know it' "$RUN_OUT" 1
chmod 0700 $a/linked
run mux "cat $a/hard/link | grep -c TOKEN"
check_is 'hard link into a directory that diag-audit cannot list: LIMIT: the argv check does not know it' "$RUN_OUT" 1
chmod 0755 $a/linked

# --- What comes after the session was opened -------------------------------------------------------------------------

mount --bind /srv/secret $a/mount/late
leads 'mount: made after the session was opened' $a/mount/late/token
for command in 'probe read' cat; do
	run mux "$command $a/mount/late/token"
	hidden "mount: made after the session was opened: $command"
	check_true "mount: made after the session was opened: $command: it is not there" \
		'grep -qE "read: ENOENT|No such file" /tmp/run.out /tmp/run.err'
done
mux "probe read-later $a/late/new.key | grep -c TOKEN" >/tmp/later.out 2>&1 &
later=$!
host_wait_for 'pgrep -x probe >/dev/null'
echo "TOKEN=$HOST_SECRET" >$a/late/.new
chmod 0644 $a/late/.new
mv $a/late/.new $a/late/new.key
wait "$later" || true
check_is 'a glob matches later: LIMIT: a command that runs already reads it' "$(cat /tmp/later.out)" 1
run mux "cat $a/late/new.key"
hidden 'a glob matches later: cat'
check_is 'a glob matches later: cat: refused' "$RUN_STATUS $(last_of exec '$.verdict')" '126 deny'
for command in "probe read $a/late/new.key" "grep -r TOKEN $a/late" "cat $a/plain/file"; do
	run mux "$command"
	hidden "a glob matches later: $command"
	check_has "a glob matches later: $command: nothing runs in this session" "$RUN_ERR" 'connect again'
done
disconnect

connect
row 'a glob that matches: the next session' $a/late/new.key refused $a/late
row 'mount: made before this session' $a/mount/late/token kernel $a/mount/late
disconnect

kill "$other"
check_done
