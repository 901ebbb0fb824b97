#!/usr/bin/env bash
# Whatever is missing or wrong: the session is refused with one clear line, nothing runs, and other users log in as ever.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready

# refuses NAME PART…: the diag user is refused with a message that has every PART, the other user is not.
refuses() {
	local name=$1 part
	shift
	run diag 'cat /etc/hostname'
	check_true "$name: the session is refused" '[ "$RUN_STATUS" = 254 ]'
	check_lacks "$name: nothing runs" "$RUN_OUT" "$(cat /etc/hostname)"
	for part in "$@"; do
		check_has "$name: the message says $part" "$RUN_OUT$RUN_ERR" "$part"
	done
	check_is "$name: the message is one line" "$(grep -c pam_diag /tmp/run.out)" 1
	run host_ssh plain@127.0.0.1 'echo as ever'
	check_is "$name: another user's login works" "$RUN_OUT $RUN_STATUS" 'as ever 0'
}

works() {
	run diag 'cat /etc/hostname'
	check_is "$1" "$RUN_OUT $RUN_STATUS" "$(cat /etc/hostname) 0"
}

works 'all is well at first'

# --- The records -----------------------------------------------------------------------------------------------------

data=/var/lib/pam_diag
mount --bind "$data" "$data"
mount -o remount,bind,ro "$data"
refuses 'read-only database' "$data"
host_wait_for 'umount "$data" 2>/dev/null' # the last supervisor may still be there
works 'read-only database: well again'

mount -t tmpfs -o size=256k,mode=0700,uid="$(id -u diag-audit)" full "$data"
head -c 1M /dev/zero >"$data/fill" 2>/dev/null || true
refuses 'full filesystem' "$data" 'full'
rm "$data/fill"
works 'full filesystem: well again by itself'
host_wait_for 'umount "$data" 2>/dev/null' # the last supervisor may still be there

cp -a "$data" /tmp/saved
dd if=/dev/urandom of="$HOST_DB" bs=4096 count=4 conv=notrunc status=none
rm -f "$HOST_DB"-wal "$HOST_DB"-shm
refuses 'corrupt database' "$HOST_DB"
rm -rf "$data" && cp -a /tmp/saved "$data"
works 'corrupt database: well again'

mv "$data" /tmp/away
refuses 'missing directory' "$data"
mv /tmp/away "$data"
chmod 0000 "$HOST_DB"
refuses 'database without rights' "$HOST_DB"
chmod 0600 "$HOST_DB"

# The disk fills up within a session: commands are refused, the session goes on when there is room.
mount -t tmpfs -o size=512k,mode=0700,uid="$(id -u diag-audit)" full "$data"
host_ssh -fNM -S /tmp/client/master diag@127.0.0.1
mux() { ssh -F /dev/null -S /tmp/client/master diag@127.0.0.1 "$1"; }
run mux 'cat /etc/hostname'
check_is 'before the disk is full: a command runs' "$RUN_STATUS" 0
head -c 1M /dev/zero >"$data/fill" 2>/dev/null || true
run mux "cat /etc/hostname $(printf '/etc/hosts%.0s ' {1..40})"
check_is 'full in mid-session: the command is refused' "$RUN_STATUS" 126
check_has 'full in mid-session: the reason' "$RUN_ERR" 'full'
check_is 'full in mid-session: nothing ran' "$RUN_OUT" ''
rm "$data/fill"
run mux 'cat /etc/hostname'
check_is 'room again in mid-session: a command runs' "$RUN_STATUS" 0

# It is full when the session ends. A reader keeps the log from being begun anew, so that every record needs room.
count() { host_sql "select count(*) from event where kind = '$1'"; }
python3 - "$HOST_DB" <<-'END' &
	import os, sqlite3, sys, time
	reader = sqlite3.connect(sys.argv[1], isolation_level=None)
	reader.execute("begin")
	reader.execute("select count(*) from event").fetchone()
	open("/tmp/reading", "w").close()
	while os.path.exists("/tmp/reading"):
	    time.sleep(0.1)
END
reader=$!
host_wait_for '[ -e /tmp/reading ]'
head -c 1M /dev/zero >"$data/fill" 2>/dev/null || true
ssh -F /dev/null -S /tmp/client/master -O exit diag@127.0.0.1 2>/dev/null
host_wait_for "! pgrep -f '^sshd(-session)?: diag \\[priv\\]' >/dev/null"
check_is 'full at the end of a session: sshd is let go, its end is not on record yet' "$(count open) $(count close)" '1 0'
rm "$data/fill"
host_wait_for '[ "$(count close)" = 1 ]'
check_is 'full at the end of a session: it is on record once there is room' "$(count close)" 1
rm /tmp/reading
wait "$reader"
host_wait_for '! pgrep -x diag-supervisor >/dev/null'
host_wait_for 'umount "$data" 2>/dev/null' # the last supervisor may still be there

# --- The policy ------------------------------------------------------------------------------------------------------

policy=/etc/pam_diag/policy.conf
mv "$policy" /tmp/policy
refuses 'missing policy' "$policy"
printf '[session]\ncommands = cat\n[paths]\nallow = /etc\nfrobnicate = yes\n' >"$policy"
refuses 'wrong policy' "$policy:5:1" 'frobnicate'
cp /tmp/policy "$policy"
chmod 0666 "$policy"
refuses 'world-writable policy' "$policy"
chmod 0644 "$policy"
chown plain "$policy"
refuses "somebody else's policy" "$policy"
chown root "$policy"
chmod 0777 /etc/pam_diag
refuses 'policy in a world-writable directory' '/etc/pam_diag'
chmod 0755 /etc/pam_diag
works 'policy: well again'

# --- The parts -------------------------------------------------------------------------------------------------------

mv /usr/local/libexec/pam_diag/diag-supervisor /tmp/supervisor
refuses 'missing supervisor' 'diag-supervisor'
cp /usr/bin/false /usr/local/libexec/pam_diag/diag-supervisor
refuses 'a supervisor that does not start' 'diag-supervisor'
mv /tmp/supervisor /usr/local/libexec/pam_diag/diag-supervisor
sed -i 's/^diag-audit:/diag-other:/' /etc/passwd
refuses 'missing system user' 'diag-audit'
sed -i 's/^diag-other:/diag-audit:/' /etc/passwd
works 'parts: well again'

# --- A layer that is not there -----------------------------------------------------------------------------------------

mount -t tmpfs none /sys/fs/cgroup
refuses 'no control groups' 'cgroup-kill' 'accept-missing'
host_wait_for '! pgrep -x diag-supervisor >/dev/null'
check_is 'no control groups: the refused session has it on record' \
	"$(host_sql "select rec->'$.missing', (select rec->>'$.how' from event where kind = 'close' and session = e.session) from event e where kind = 'open' order by seq desc limit 1")" \
	"$(host_missing cgroup-kill)|refused"
printf '[session]\naccept-missing = cgroup-kill\n' >/etc/pam_diag/policy.d/90-accept.conf
works 'no control groups, and that is accepted'
check_is 'and on record' "$(sqlite3 -readonly "$HOST_DB" "select rec->'$.missing' from event where kind = 'open' order by seq desc limit 1")" "$(host_missing cgroup-kill)"
run /usr/local/bin/diagctl status
check_is 'and status warns of it' "$RUN_STATUS" 1
check_has 'and status warns of it: the layers' "$RUN_OUT" "layers    all but $(host_missing cgroup-kill), in the newest session"
check_has 'and status warns of it: the warning' "$RUN_OUT" "did without layers of confinement: $(host_missing cgroup-kill)"
rm /etc/pam_diag/policy.d/90-accept.conf
umount /sys/fs/cgroup
works 'control groups again'

# --- A login shell that lies: the supervisor believes the kernel alone ---------------------------------------------------

cp -a /usr/local/bin/diag-shell /tmp/diag-shell
install -m 0711 "$HOST_TOP/build/tests/evil_shell" /usr/local/bin/diag-shell
host_sshd '# no ForceCommand'
run diag planned
check_is 'a lying shell: what is planned runs' "$RUN_OUT" "$(cat /etc/hostname)"
for trick in argv more program unannounced child unasked; do
	run diag "$trick"
	check_is "a lying shell: $trick" "$RUN_OUT" "$trick: EACCES"
done
run diag twice
check_lacks 'a lying shell: twice' "$RUN_OUT" 'twice: ok'
check_is 'a lying shell: twice runs once' "$(grep -c "^$(cat /etc/hostname)\$" /tmp/run.out)" 1
cp -a /tmp/diag-shell /usr/local/bin/diag-shell
host_sshd
works 'an honest shell again'

# --- The PAM service -------------------------------------------------------------------------------------------------

host_pam required 'user=diag frobnicate=1'
refuses 'unknown argument' 'argument'
host_pam required 'user=diag policy=relative'
refuses 'a path that is not absolute' 'argument'
host_pam required 'user=nobody group=diag'
works 'a diag user by group='
host_pam required 'debug'
works 'the user diag is the default'

host_pam optional 'user=diag supervisor=/nonexistent'
run diag 'cat /etc/hostname'
check_is 'optional rule and no supervisor: diag-shell refuses' "$RUN_STATUS" 126
check_has 'optional rule and no supervisor: the reason' "$RUN_ERR" 'session required'
sed -i '/pam_diag/d' /etc/pam.d/sshd
run diag 'cat /etc/hostname'
check_is 'no rule at all: diag-shell refuses' "$RUN_STATUS" 126
run setpriv --reuid diag --regid diag --clear-groups /usr/local/bin/diag-shell -c 'cat /etc/hostname'
check_is 'diag-shell by hand refuses' "$RUN_STATUS" 126
run setpriv --reuid diag --regid diag --clear-groups /usr/local/libexec/pam_diag/diag-supervisor
check_is 'diag-supervisor by hand refuses' "$RUN_STATUS" 2

check_done
