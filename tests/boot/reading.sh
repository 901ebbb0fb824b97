# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # variables pass between the scripts that inside.sh sources
# What a diag user is there for, in a booted system. Sourced by inside.sh.

# reads PART LINE: it runs, shows PART, and is on record.
reads() {
	run diag "$2"
	check_is "$2: its status" "$RUN_STATUS" 0
	check_has "$2: what it shows" "$RUN_OUT" "$1"
	check_is "$2: on record" "$(last_of exec '$.verdict') $(last_of exec '$.line') $(last_of exit '$.status')" "allow $2 0"
}
reads 'Active: active (running)' 'systemctl status ssh'
reads 'systemd-tmpfiles-clean.timer' 'systemctl list-timers'
reads 'sshd[' 'journalctl -n 5'
reads ' diag ' 'loginctl list-sessions'
reads 'org.freedesktop.login1' 'busctl list'
reads '/usr/sbin/cron -f' 'ps aux'

# The bus lets a diag user ask what these ask (etc/dbus.conf).
reads 'cron.service' 'systemctl list-units cron.service'
reads 'cron.service' 'systemctl list-unit-files cron.service'
reads 'dbus.socket' 'systemctl list-sockets'
reads 'sysinit.target' 'systemctl list-dependencies cron.service'
reads 'MainPID=' 'systemctl show -p MainPID cron'
reads 'cron.service' "systemctl status $(systemctl show -P MainPID cron)"
reads 'active' 'systemctl is-active cron'
reads 'enabled' 'systemctl is-enabled cron'
reads '.target' 'systemctl get-default'
reads 'pam-diag-check.service' 'systemctl list-jobs'
reads 'Comm=systemd-logind' 'busctl status org.freedesktop.login1'
reads 'diag' 'loginctl list-users'
reads 'Name=diag' 'loginctl show-user diag -p Name'
reads 'user-' 'loginctl user-status diag'
reads 'cron.service' 'systemd-analyze security'
reads 'cron.service' 'systemd-cgls'
reads 'Operating System' 'hostnamectl'
reads 'Time zone' 'timedatectl'
reads 'UTC' 'timedatectl list-timezones'
reads 'System Locale' 'localectl'

# refused REASON LINE
refused() {
	run diag "$2"
	check_is "$2: refused" "$RUN_STATUS" 126
	check_has "$2: the reason" "$RUN_ERR" "$1"
	check_is "$2: on record" "$(last_of exec '$.verdict') $(last_of exec '$.line')" "deny $2"
}
ssh_pid=$(systemctl show -P MainPID ssh)
refused 'it changes the state of units' 'systemctl restart ssh'
refused 'it changes the state of units' 'systemctl stop cron'
check_is 'ssh was not restarted' "$(systemctl show -P MainPID ssh)" "$ssh_pid"
check_is 'cron was not stopped' "$(systemctl is-active cron)" active

run plain 'id -un && loginctl list-sessions --no-legend | grep -c plain'
check_is 'another user logs in as ever' "$RUN_OUT $RUN_STATUS" $'plain\n1 0'
run plain 'grep -E "NoNewPrivs|Seccomp:" /proc/self/status'
check_is 'and is not confined' "$RUN_OUT" "$(grep -E 'NoNewPrivs|Seccomp:' /proc/self/status)"
