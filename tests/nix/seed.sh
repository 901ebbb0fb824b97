#!/usr/bin/env bash
# The host web-02 as the module renders it, in a real sshd: the package as its expression installs it, in the store's place and with the
# store's modes; users, login shell, keys, sshd_config, PAM stack and policy as rendered. Paths are mapped where a namespace of this machine
# cannot have them: /persist is /srv/persist. NIX_SEED=DIRECTORY takes the texts from there (nix-eval: of a real nixpkgs) instead of from the
# stubs: those of nix/tests/texts.nix, and `key`, with which the agent comes.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/../e2e/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/../e2e/check.sh"
facts=$HOST_TOP/build/nix-seed

# --- Before the namespaces: the texts, and a build with the store's paths ----------------------------------------------------------------

prepare() {
	# shellcheck source=tests/nix/nix.sh
	source "$HOST_TOP/tests/nix/nix.sh"
	if ! nix_here || [ ! -d /nix/store ]; then
		echo 'skip nix-seed: nix is not here (Debian: nix-bin)'
		echo '0 passed, 0 failed'
		exit 0
	fi
	rm -rf "$facts"
	mkdir -p "${facts%/*}"
	if [ -n "${NIX_SEED:-}" ]; then
		cp -r "$NIX_SEED" "$facts"
	else
		ssh-keygen -q -t ed25519 -N '' -C agent@dev -f "$work/key"
		nix_tree "import $HOST_TOP/nix/tests/texts.nix (import $HOST_TOP/nix/tests/cases.nix { key = \"$(cat "$work/key.pub")\"; }).web" "$facts"
		cp "$work/key" "$facts/key"
	fi
	nix_text "(import $HOST_TOP/nix/tests/cases.nix { }).full.ship" >"$facts/full.ship"
	sed -i 's,/persist,/srv/persist,g' "$facts/policy" "$facts/extraConfig" "$facts/deny"

	# A tree of its own: the paths are compiled in. pkg-config and the compilers are this machine's.
	grep -vE '^(CC|HOSTCC|AR|PKG_CONFIG)=' "$facts/build/makeFlags" >"$facts/flags"
	mapfile -t flags <"$facts/flags"
	make -s -C "$HOST_TOP" BUILD=build/nix "${flags[@]}" all
}

if [ "${HOST_INSIDE:-}" != 1 ] && [ "$(id -u)" = 0 ]; then prepare; fi
host_enter "$@"

package=$(cat "$facts/package")
shell=$(cat "$facts/user/shell")
mapfile -t flags <"$facts/flags"

# --- The host --------------------------------------------------------------------------------------------------------------------------

# What nixbld is on NixOS: the store is group-writable for builders, and sticky.
store() {
	mount -t tmpfs -o mode=0755 nix /nix
	mkdir /nix/store
	chgrp nogroup /nix/store
	chmod 1775 /nix/store
}

# The install phase of the package, as stdenv runs it.
install_package() {
	(
		cd "$HOST_TOP"
		# shellcheck disable=SC2034 # read by the phase
		out=$package NIX_BUILD_TOP=/tmp/build makeFlags="BUILD=build/nix ${flags[*]}"
		runHook() { :; }
		eval "$(cat "$facts/build/installPhase")"
	) >/tmp/install.log
	# The store keeps no mode but these.
	find "$package" -type f -perm /0111 -exec chmod 0555 {} +
	find "$package" -type f ! -perm /0111 -exec chmod 0444 {} +
	find "$package" -type d -exec chmod 0555 {} +
}

# /run/current-system/sw: a farm of links, as a system profile is.
system_path() {
	local path=/nix/store/11111111111111111111111111111111-system-path program
	mkdir -p "$path/bin" /run/current-system
	for program in /usr/sbin/* /usr/bin/*; do ln -sfn "$program" "$path/bin/${program##*/}"; done
	ln -s "$package/bin/diagctl" "$path/bin/diagctl"
	ln -s "$path" /run/current-system/sw
}

# As NixOS places a file of environment.etc: a link to /etc/static, that one to the store.
etc_file() { # NAME STORE-FILE
	mkdir -p "/etc/static/$(dirname "$1")" "/etc/$(dirname "$1")"
	ln -sfn "$2" "/etc/static/$1"
	ln -sfn "/etc/static/$1" "/etc/$1"
}

users() {
	groupadd --system diag-audit
	useradd --system --gid diag-audit --home-dir /var/lib/pam_diag --no-create-home --shell /usr/sbin/nologin diag-audit
	groupadd --system diag
	useradd --system --gid diag --home-dir /var/empty --no-create-home --shell "$shell" diag
	usermod -p '!' diag
	mkdir -p /var/empty
	install -d -m 0700 -o diag-audit -g diag-audit /var/lib/pam_diag
	mkdir -p /etc/ssh/authorized_keys.d
	install -m 0444 "$facts/keys" /etc/ssh/authorized_keys.d/diag
	mkdir -p /tmp/client
	install -m 0600 "$facts/key" /tmp/client/key
}

# Everything in these files can be read by everybody: only pam_diag stands in the way.
secret() {
	mkdir -p "$(dirname "$1")"
	echo "TOKEN=$HOST_SECRET" >"$1"
	chmod 0644 "$1"
}

# An impermanent root: state lies below the persistent place and is mounted where it is used; the host keys are used where they lie.
state() {
	local directory
	for directory in matrix-synapse zammad private; do
		mkdir -p "/srv/persist/var/lib/$directory" "/var/lib/$directory"
		mount --bind "/srv/persist/var/lib/$directory" "/var/lib/$directory"
	done
	secret /var/lib/matrix-synapse/homeserver.signing.key
	secret /var/lib/zammad/secrets
	secret /var/lib/private/n8n/config
	secret /var/lib/mautrix-telegram/config.yaml
	secret /etc/matrix-authentication-service/config.yaml
	secret /run/secrets/invidious-companion
	secret /srv/persist/lab/environment
	ln -s private/n8n /var/lib/n8n
	mkdir -p /srv/persist/etc/ssh
	ssh-keygen -q -t ed25519 -N '' -f /srv/persist/etc/ssh/ssh_host_ed25519_key
	ssh-keygen -q -t rsa -b 2048 -N '' -f /srv/persist/etc/ssh/ssh_host_rsa_key
}

policy() {
	mkdir -p /tmp/keys
	bash "$HOST_TOP/nix/module/policy.sh" "$facts/policy" /tmp/keys "$package/bin/diagctl" /nix/store/22222222222222222222222222222222-policy
	etc_file pam_diag/policy.conf /nix/store/22222222222222222222222222222222-policy/policy.conf
	install -m 0444 "$facts/ship" /nix/store/33333333333333333333333333333333-ship.conf
	etc_file pam_diag/ship.conf /nix/store/33333333333333333333333333333333-ship.conf
	# So that deny has an allow to win over.
	mkdir -p /etc/pam_diag/policy.d
	printf '[paths]\nallow = /var /srv /root\n' >/etc/pam_diag/policy.d/50-test.conf
	chmod 0644 /etc/pam_diag/policy.d/50-test.conf
}

# NixOS names its modules by their paths in the store; here they are this machine's. In a container it makes loginuid optional, too.
pam() {
	{
		echo 'auth required pam_deny.so'
		echo 'account required pam_unix.so'
		sed -E '/pam_diag\.so/!s, /nix/store/[^ ]*/(pam_[a-z0-9]+\.so), \1,; s, required (pam_loginuid), optional \1,; /pam_systemd/d' "$facts/pam"
	} >/etc/pam.d/sshd
	mkdir -p /etc/pam
	touch /etc/pam/environment
}

# NixOS puts the file together of the settings and an unquoted here-document, where a shell expands what it finds. The stub has no settings; of
# real ones the algorithms are left out, which an older sshd does not know.
sshd_config() {
	touch "$facts/sshdSettings"
	grep -vE '^(Ciphers|KexAlgorithms|Macs) ' "$facts/sshdSettings" >/tmp/settings || true
	bash -c "cat /tmp/settings - >/etc/ssh/sshd_config <<EOL
$(cat "$facts/extraConfig")
EOL"
	sed -i "s,^Port 22$,Port $HOST_PORT\nListenAddress 127.0.0.1\nPidFile /run/sshd.pid\nUsePAM yes\nKbdInteractiveAuthentication no\nPasswordAuthentication no\nHostKey /srv/persist/etc/ssh/ssh_host_ed25519_key\nHostKey /srv/persist/etc/ssh/ssh_host_rsa_key," /etc/ssh/sshd_config
}

host_make
facts=$HOST_TOP/build/nix-seed
store
install_package
system_path
bash -e "$facts/activation"
users
state
policy
pam
sshd_config

# --- What was rendered, judged by those who read it ------------------------------------------------------------------------------------

run /usr/sbin/sshd -t -f /etc/ssh/sshd_config
check_is 'sshd -t accepts the sshd_config' "$RUN_STATUS $RUN_ERR" '0 '
run "$package/bin/diagctl" policy check
check_is 'diagctl accepts the policy in its place' "$RUN_STATUS" 0
check_is 'the login shell is readable for nobody' "$(stat -c '%a %U' "$shell")" '711 root'
check_is 'the login shell is the package'"'"'s' "$(sha256sum <"$shell")" "$(sha256sum <"$package/bin/diag-shell")"
check_true 'the package has its man pages' '[ -e "$package/share/man/man8/diagctl.8" ] && [ -e "$package/share/man/man5/pam_diag.conf.5" ]'
check_true 'the package has nothing of /etc or /var' '[ ! -e "$package/etc" ] && [ ! -e "$package/var" ]'

mkdir -p /run/units
cp "$facts"/units/* /run/units/
for unit in /run/units/*; do
	run systemd-analyze verify --man=no "$unit"
	check_is "systemd-analyze verify: ${unit##*/}" "$RUN_STATUS $RUN_ERR" '0 '
done
for unit in /run/units/*.service; do
	run systemd-analyze security --offline=true --threshold=15 "$unit"
	check_is "systemd-analyze security: ${unit##*/}: 1.5 at most" "$RUN_STATUS" 0
done

explain() { "$package/bin/diagctl" policy explain -- "$1" 2>&1; }
for path in /var/lib/matrix-synapse/homeserver.signing.key /srv/persist/var/lib/matrix-synapse/homeserver.signing.key \
	/var/lib/zammad/secrets /srv/persist/var/lib/zammad/secrets /var/lib/n8n/config /var/lib/private/n8n/config \
	/var/lib/mautrix-telegram/config.yaml /etc/matrix-authentication-service/config.yaml /run/secrets/invidious-companion \
	/srv/persist/lab/environment /srv/persist/etc/ssh/ssh_host_ed25519_key /srv/persist/etc/ssh/ssh_host_rsa_key; do
	run explain "cat $path"
	check_has "diagctl policy explain: denied: $path" "$RUN_OUT" 'code:     path'
done

# --- A session ---------------------------------------------------------------------------------------------------------------------------

mkdir -p /run/sshd
/usr/sbin/sshd -f /etc/ssh/sshd_config -E /tmp/sshd.log
host_wait_for 'ssh-keyscan -t ed25519 -p "$HOST_PORT" 127.0.0.1 >/tmp/client/known 2>/dev/null && [ -s /tmp/client/known ]'

last_of() { host_sql "select rec->>'$2' from event where rec->>'$.kind' = '$1' order by seq desc limit 1"; }

run diag 'cat /etc/hostname'
check_is 'an allowed command' "$RUN_STATUS $RUN_OUT $RUN_ERR" "0 $(cat /etc/hostname) "
run diag 'systemctl status invidious'
check_true 'systemctl status invidious: allowed' '[ "$RUN_STATUS" != 126 ] && [ "$RUN_STATUS" != 127 ]'
check_is 'systemctl status invidious: on record' "$(last_of exec '$.verdict') $(last_of exec '$.stages[0].argv')" \
	'allow ["systemctl","--no-pager","status","invidious"]'
run diag 'systemctl restart invidious'
check_is 'systemctl restart invidious: refused' "$RUN_STATUS" 126
check_has 'systemctl restart invidious: why' "$RUN_ERR" 'it changes the state of units'
check_is 'systemctl restart invidious: on record' "$(last_of exec '$.verdict')" deny
for path in /var/lib/matrix-synapse/homeserver.signing.key /srv/persist/var/lib/matrix-synapse/homeserver.signing.key \
	/var/lib/zammad/secrets /var/lib/n8n/config /var/lib/mautrix-telegram/config.yaml /etc/matrix-authentication-service/config.yaml \
	/run/secrets/invidious-companion /srv/persist/lab/environment /proc/self/root/var/lib/zammad/secrets \
	/srv/persist/etc/ssh/ssh_host_ed25519_key; do
	run diag "cat $path"
	check_is "a secret is refused: $path" "$RUN_STATUS" 126
	check_lacks "a secret is not told: $path" "$RUN_OUT$RUN_ERR" "$HOST_SECRET"
done
# Past the check of the line: what the kernel says.
run diag "grep -rs TOKEN /var/lib /srv /etc/matrix-authentication-service /run"
check_lacks 'grep through all of it finds no secret' "$RUN_OUT$RUN_ERR" "$HOST_SECRET"
run diag 'bash -c id'
check_is 'no shell' "$RUN_STATUS" 127
run sftp -q -P "$HOST_PORT" -F /dev/null -i /tmp/client/key -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile=/tmp/client/known \
	-o StrictHostKeyChecking=yes diag@127.0.0.1:/etc/hostname /tmp/got
check_true 'no sftp' '[ "$RUN_STATUS" != 0 ] && [ ! -e /tmp/got ]'
run host_ssh -o ExitOnForwardFailure=yes -L 127.0.0.1:9999:127.0.0.1:22 diag@127.0.0.1 'sleep 1'
(exec 3<>/dev/tcp/127.0.0.1/9999) 2>/dev/null && forwarded=yes || forwarded=no
check_is 'no forwarding' "$forwarded" no

# --- The records, as the units run it -----------------------------------------------------------------------------------------------------

as_audit() { setpriv --reuid diag-audit --regid diag-audit --clear-groups "$@"; }
run as_audit "$package/bin/diag-ship" --check
check_is 'diag-ship accepts the ship.conf in its place' "$RUN_STATUS" 0
install -m 0444 "$facts/full.ship" /nix/store/44444444444444444444444444444444-ship.conf
install -d -m 0700 -o diag-audit /run/credentials-of-unit
install -m 0400 -o diag-audit /dev/stdin /run/credentials-of-unit/loki-token <<<secret
run as_audit env CREDENTIALS_DIRECTORY=/run/credentials-of-unit "$package/bin/diag-ship" --check \
	--config /nix/store/44444444444444444444444444444444-ship.conf
check_is 'diag-ship accepts one with settings, a list and a credential' "$RUN_STATUS" 0
run as_audit "$package/bin/diag-ship" --sink file --config /nix/store/44444444444444444444444444444444-ship.conf
check_is 'the export ends well' "$RUN_STATUS" 0
check_is 'every record is exported' "$(wc -l </var/lib/pam_diag/exported.jsonl)" "$(host_sql 'select count(*) from event')"
check_has 'the refused command is among them' "$(cat /var/lib/pam_diag/exported.jsonl)" 'systemctl restart invidious'
mapfile -t prune < <(sed -n 's/^ExecStart=//p' "$facts/units/diag-prune.service" | tr ' ' '\n')
run as_audit "${prune[@]}"
check_true 'the pruner knows its options' '[ "$RUN_STATUS" != 64 ] && [ "$RUN_STATUS" != 2 ]'
check_is 'nothing young is pruned' "$(host_sql 'select min(seq) from event')" 1

# --- What the installation says of itself -------------------------------------------------------------------------------------------

run "$package/bin/diagctl" doctor --sshd /usr/sbin/sshd --sshd-config /etc/ssh/sshd_config
check_is 'diagctl doctor: nothing of what the module places is wrong' \
	"$(grep -iE '^fail' <<<"$RUN_OUT" || true)" ''
check_has 'diagctl doctor: the login shell' "$RUN_OUT" "its login shell is $shell"
host_sshd_stop
check_done
