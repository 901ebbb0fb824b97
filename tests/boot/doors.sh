# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # variables pass between the scripts that inside.sh sources
# Daemons that would run something outside of the session, asked by programs that a bad policy lets run with any words
# (doors.conf). Sourced by inside.sh.

marker=/var/tmp/ran
uid=$(id -u diag)
manager='org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager'
logind='org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager'
transient="$manager StartTransientUnit 'ssa(sv)a(sa(sv))' evil.service replace 1 ExecStart 'a(sasb)' 1 /usr/bin/touch 2 /usr/bin/touch $marker false 0"
door_lines=()

# Everything that one of the doors could leave, as one text.
traces() {
	ls -d "$marker" /var/lib/systemd/linger/* /var/spool/cron/atjobs/a* /var/spool/cron/crontabs/* 2>/dev/null || true
	systemctl list-units --all --plain --no-legend 'run-*.service' 'run-*.timer' 'run-*.scope' 'evil*'
	systemctl show -P MainPID cron ssh
	systemctl show-environment
	hostname
	loginctl show-user diag -p Linger 2>/dev/null || echo Linger=no
	journalctl -q --no-pager -o cat -g '6\.6\.6\.6' || true
	systemd-inhibit --list --no-legend --no-pager
}

# door NAME ANSWER LINE: the line runs, is answered so, and leaves nothing. A job or timer would run at once.
door() {
	run diag "$3"
	door_lines+=("$3")
	check_has "$1: the answer" "$RUN_OUT$RUN_ERR" "$2"
	sleep 0.2
	check_is "$1: nothing is left" "$(traces)" "$before"
	if [ -e /var/lib/systemd/linger/diag ]; then loginctl disable-linger diag; fi
}

# --- Each of them does open for somebody: without this the checks below could not fail --------------------------------------

before=$(traces)
check_is 'nothing is there at first' "$(head -n 3 <<<"$before")" "$(systemctl show -P MainPID cron ssh)"
run plain "XDG_RUNTIME_DIR=/run/user/\$(id -u) systemd-run --user --wait -q touch /home/plain/ran; ls /home/plain/ran"
check_has 'another user: systemd-run --user runs' "$RUN_OUT" /home/plain/ran
run plain 'logger -t sshd "Accepted publickey of 6.6.6.6 by plain"; echo true | at now 2>/dev/null; echo "@yearly true" | crontab -; loginctl enable-linger'
host_wait_for 'journalctl -q --no-pager -g "6\.6\.6\.6 by plain" >/dev/null'
check_has 'another user: a line under the name of sshd is logged' "$(traces)" '6.6.6.6 by plain'
check_has 'another user: crontab works' "$(traces)" /var/spool/cron/crontabs/plain
check_has 'another user: enable-linger works' "$(traces)" /var/lib/systemd/linger/plain
loginctl disable-linger plain
crontab -u plain -r
bash -c "busctl call $transient" >/dev/null
host_wait_for '[ -e "$marker" ]'
check_ok 'root: StartTransientUnit runs'
rm "$marker"
run diagctl doctor
check_lacks 'doctor: the rules of D-Bus and polkit are in force' "$RUN_OUT" FAIL
check_has 'doctor: it asked the bus' "$RUN_OUT" 'ok   the system bus takes questions alone from user diag'
check_has 'doctor: it asked polkit' "$RUN_OUT" 'ok   polkit authorises user diag for nothing'
bus_rules off
run diagctl doctor
check_has 'doctor: the rules of D-Bus are missing' "$RUN_OUT" 'FAIL the system bus takes everything from user diag'
check_has 'doctor: the rules of polkit are missing' "$RUN_OUT" 'FAIL polkit lets user diag keep processes after logout'
run runuser -u plain -- diagctl doctor
check_has 'doctor: only root can tell' "$RUN_OUT" 'skip rules of the system bus and polkit: only root'
run diag 'loginctl-any enable-linger'
check_has 'without the rules of D-Bus and polkit: logind keeps processes of diag' "$(traces)" /var/lib/systemd/linger/diag
loginctl disable-linger diag
: >/tmp/wait.out
"${HOST_SSH[@]}" diag@127.0.0.1 'probe-unix wait' >/tmp/wait.out 2>/dev/null &
waiting=$!
host_wait_for 'grep -q waiting /tmp/wait.out'
run diag "busctl-any call $logind KillUser ui $uid 9"
status=0
wait "$waiting" || status=$?
check_true 'without the rules: logind kills the sessions of diag' '[ "$status" -ge 128 ] && [ "$RUN_STATUS" -ge 128 ]'
bus_rules on
host_wait_for '! pgrep -x diag-supervisor >/dev/null && ! pgrep -x probe >/dev/null'
sleep 1

# --- The system's manager and logind -----------------------------------------------------------------------------------

before=$(traces)
denied='Access denied'
door 'StartTransientUnit' "$denied" "busctl-any call $transient"
door 'StartUnit' "$denied" "busctl-any call $manager StartUnit ss cron.service replace"
door 'KillUnit' "$denied" "busctl-any call $manager KillUnit ssi cron.service all 9"
door 'SetEnvironment' "$denied" "busctl-any call $manager SetEnvironment as 1 A=B"
door 'Properties.Set' "$denied" "busctl-any set-property $manager LogLevel s debug"
door 'SetUserLinger' "$denied" "busctl-any call $logind SetUserLinger ubb $uid true false"
door 'Inhibit' "$denied" "busctl-any call $logind Inhibit ssss shutdown me why delay"
door 'PowerOff' "$denied" "busctl-any call $logind PowerOff b false"
door 'SetHostname' "$denied" \
	'busctl-any call org.freedesktop.hostname1 /org/freedesktop/hostname1 org.freedesktop.hostname1 SetHostname sb evil false'
door 'StartServiceByName' "$denied" \
	'busctl-any call org.freedesktop.DBus / org.freedesktop.DBus StartServiceByName su org.freedesktop.timedate1 0'
# An ordinary client that hears signals: dbus-monitor of a user who may not be a monitor.
timeout 60 runuser -u plain -- dbus-monitor --system "type='signal',interface='org.example.Forged'" >/tmp/signals 2>/dev/null &
host_wait_for 'busctl emit /by/root org.example.Forged Forged && grep -q path=/by/root /tmp/signals'
door 'a signal to everybody' '' 'busctl-any emit /by/diag org.example.Forged Forged'
check_lacks 'a signal to everybody reaches nobody' "$(cat /tmp/signals)" path=/by/diag
door 'systemctl restart' 'Access denied' 'systemctl-any restart cron'
door 'systemctl start' 'Access denied' 'systemctl-any start systemd-tmpfiles-clean.service'
door 'systemctl --user' 'Failed to connect to ' 'systemctl-any --user start evil.service'
door 'loginctl enable-linger' "$denied" 'loginctl-any enable-linger'
door 'systemd-run' "$denied" "systemd-run /usr/bin/touch $marker"
door 'systemd-run with a timer' "$denied" "systemd-run --on-active=0 /usr/bin/touch $marker"
door 'systemd-run --user' 'Failed to connect to ' "systemd-run --user /usr/bin/touch $marker"
for socket in "/run/user/$uid/bus" "/run/user/$uid/systemd/private" /run/systemd/private; do
	door "$socket" 'unix: EACCES' "probe-unix unix $socket"
done

# The sessions of the user, this one and others.
: >/tmp/wait.out
"${HOST_SSH[@]}" diag@127.0.0.1 'probe-unix wait' >/tmp/wait.out 2>/dev/null &
waiting=$!
host_wait_for 'grep -q waiting /tmp/wait.out'
session=$(loginctl list-sessions --no-legend | awk '$3 == "diag" { print $1 }' | head -1)
supervisor=$(pgrep -xo diag-supervisor)
for call in "KillUser ui $uid 9" "TerminateUser u $uid" "KillSession ssi $session all 9" "TerminateSession s $session"; do
	door "${call%% *}" "$denied" "busctl-any call $logind $call"
done
check_true 'the other session of the user goes on' 'kill -0 "$supervisor" && kill -0 "$waiting" && pgrep -x probe >/dev/null'
# polkit is asked over other ways than D-Bus, too.
check_true 'polkit authorises diag for nothing' \
	'asker=$(pgrep -xo probe) && ! pkcheck --action-id org.freedesktop.login1.set-self-linger --process "$asker" 2>/dev/null'
check_true 'polkit does answer' 'pkcheck --action-id org.freedesktop.login1.set-self-linger --process "$$"'
kill "$waiting" || true

# --- Jobs --------------------------------------------------------------------------------------------------------------

door 'at' '/usr/bin/at does not belong to root' 'at -f /etc/hostname now'
door 'crontab' 'Permission denied' 'crontab /etc/hostname'

# --- Lines in the log under other names ----------------------------------------------------------------------------------

forged='Accepted publickey for root from 6.6.6.6'
door 'logger' '' "logger -t sshd '$forged'"
door 'logger to the journal' '' "logger -u /run/systemd/journal/socket -t sshd '$forged'"
door '/dev/log' 'datagram: EOPNOTSUPP' "probe-unix datagram /dev/log '<38>sshd: $forged'"
door 'the socket of the journal' 'datagram: EOPNOTSUPP' "probe-unix datagram /run/systemd/journal/socket 'MESSAGE=$forged'"
door 'the same by a stream' 'unix: EPROTOTYPE' 'probe-unix unix /run/systemd/journal/socket'
door 'the stream of the journal' 'journal-stream: EACCES' \
	"probe-unix journal-stream /run/systemd/journal/stdout sshd '$forged'"
