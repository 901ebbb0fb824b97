#!/usr/bin/env bash
# The expressions of nix/: each is parsed, the module is evaluated with stubs of nixpkgs (nix/tests/stub), its assertions are made to fail,
# and the programs judge what it renders: diagctl the policies, ssh the client's entry.
# shellcheck disable=SC2034 # check_true reads what is set here
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/nix/nix.sh
source tests/nix/nix.sh
# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh
top=$PWD

if ! nix_here; then
	echo 'skip nix-check: nix-instantiate is not here (Debian: nix-bin)'
	echo '0 passed, 0 failed'
	exit 0
fi

while read -r file; do
	if nix-instantiate --parse "$file" >/dev/null 2>"$work/parse.err"; then check_ok "parses: $file"; else check_not_ok "parses: $file" "$(cat "$work/parse.err")"; fi
done < <(git ls-files --cached --others --exclude-standard '*.nix')

# --- Texts, by the stubs ------------------------------------------------------------------------------------------------------------------

results=$(nix_text "import $top/nix/tests/checks.nix")
while IFS= read -r line; do
	case $line in
	'ok '*) check_ok "${line#ok }" ;;
	*) check_not_ok "${line#not ok }" ;;
	esac
done <<<"$results"

# --- The policies, by diagctl ----------------------------------------------------------------------------------------------------------

# judge CASE: fills the template as a build does and lets diagctl read it, with the profiles of this tree.
judge() {
	local name=$1
	mkdir -p "$work/$name/keys"
	nix_text "(import $top/nix/tests/cases.nix { }).$name.policy" >"$work/$name/template"
	sed -i "s,^\[session\]\$,&\nprofiles = $top/pam_diag/commands," "$work/$name/template"
	while IFS=$'\t' read -r key line; do
		if [ -n "$key" ]; then printf '%s\n' "$line" >"$work/$name/keys/$key"; fi
	done < <(nix_text "with builtins; let keys = (import $top/nix/tests/cases.nix { }).$name.namedKeys; in
		concatStringsSep \"\" (map (name: \"\${name}\\t\${keys.\${name}}\\n\") (attrNames keys))")
	bash nix/module/policy.sh "$work/$name/template" "$work/$name/keys" "$top/build/bin/diagctl" "$work/$name/out" 2>"$work/$name/err"
}

for name in web bare full; do
	if judge "$name"; then check_ok "diagctl accepts the policy: $name"; else check_not_ok "diagctl accepts the policy: $name" "$(cat "$work/$name/err")"; fi
done
check_has 'a key by name has its fingerprint' "$(cat "$work/full/out/policy.conf")" \
	"fingerprint = $(ssh-keygen -lf "$work/full/keys/vendor" | cut -d' ' -f2)"
check_lacks 'no fingerprint is left out' "$(cat "$work/full/out/policy.conf")" '@fingerprint'
sed -i 's/^timeout = .*/timeout = soon/' "$work/web/template"
if bash nix/module/policy.sh "$work/web/template" "$work/web/keys" "$top/build/bin/diagctl" "$work/web/out" 2>"$work/web/err"; then
	check_not_ok 'a policy that diagctl refuses builds nothing'
else
	check_has 'a policy that diagctl refuses builds nothing' "$(cat "$work/web/err")" 'timeout'
fi

# Who asks for what is denied by the policy is told so, by diagctl and by every name; a search path of this machine, since its programs are.
sed -i 's/^timeout = .*/timeout = 60s/; s,^search-path = .*,search-path = /usr/bin:/bin,' "$work/web/template"
bash nix/module/policy.sh "$work/web/template" "$work/web/keys" "$top/build/bin/diagctl" "$work/web/out"
explain() { "$top/build/bin/diagctl" policy explain --policy "$work/web/out/policy.conf" -- "$1" 2>&1 || true; }
for path in /var/lib/matrix-synapse/homeserver.signing.key /var/lib/mautrix-telegram/session /var/lib/private/mautrix-signal/db \
	/etc/matrix-authentication-service/config.yaml /run/secrets/matrix-authentication-service /var/lib/n8n/.n8n/config \
	/var/lib/zammad/secrets /persist/var/lib/zammad/secrets /persist/etc/ssh/ssh_host_ed25519_key /persist/etc/ssh/ssh_host_rsa_key \
	/persist/etc/../etc/ssh/ssh_host_ed25519_key /persist/lab/environment /run/secrets/invidious-companion; do
	answer=$(explain "cat $path")
	check_true "diagctl denies: $path" '[[ $answer == "verdict:  deny"* && $answer == *"is denied"* ]]'
done
answer=$(explain 'systemctl restart invidious')
check_true 'diagctl denies: systemctl restart invidious' '[[ $answer == "verdict:  deny"* && $answer == *restart* ]]'
answer=$(explain 'systemctl status invidious')
check_true 'diagctl allows: systemctl status invidious' '[[ $answer == "verdict:  allow"* ]]'
answer=$(explain 'cat /etc/hostname')
check_true 'diagctl allows: cat /etc/hostname' '[[ $answer == "verdict:  allow"* ]]'

# --- The client's entry, by ssh -------------------------------------------------------------------------------------------------------

entry() { # old | new
	nix_text "import $top/nix/tests/client.nix \"$1\""
}
for form in old new; do entry "$form" >"$work/$form.ssh_config"; done
cp nix/client.ssh_config "$work/plain.ssh_config"
for form in plain old new; do
	ssh -F "$work/$form.ssh_config" -T -G web-02 >"$work/$form.seen"
	for line in 'user diag' 'hostname web-02.cloonar.com' 'identitiesonly yes' 'forwardagent no' 'forwardx11 no' 'clearallforwardings yes'; do
		check_true "ssh -G web-02, $form: $line" 'grep -qx "$line" "$work/$form.seen"'
	done
	check_is "ssh -G web-02, $form: that identity only" "$(grep '^identityfile ' "$work/$form.seen")" 'identityfile /run/secrets/diag-ssh-key'
	ssh -F "$work/$form.ssh_config" -T -G other >"$work/other.seen"
	check_true "ssh -G other, $form: not touched" '! grep -qx "user diag" "$work/other.seen"'
done

check_done
