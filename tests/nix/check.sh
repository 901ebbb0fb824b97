#!/usr/bin/env bash
# The expressions of nix/: each is parsed, the module is evaluated with stubs of nixpkgs (nix/tests/stub), its assertions are made to fail,
# and the programs judge what it renders: diagctl the policies, ssh the client's entry.
# shellcheck disable=SC2034 # check_true reads what is set here
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/nix/nix.sh
source tests/nix/nix.sh
# shellcheck source=tests/nix/judge.sh
source tests/nix/judge.sh
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

nix_tree "builtins.mapAttrs (_name: import $top/nix/tests/texts.nix) (import $top/nix/tests/cases.nix { })" "$work/texts"
for name in web bare full; do
	if judge "$work/texts/$name" "$work/$name"; then
		check_ok "diagctl accepts the policy: $name"
	else
		check_not_ok "diagctl accepts the policy: $name" "$(cat "$work/$name/err")"
	fi
done
check_has 'a key by name has its fingerprint' "$(cat "$work/full/out/policy.conf")" \
	"fingerprint = $(ssh-keygen -lf "$work/full/keys/vendor" | cut -d' ' -f2)"
check_lacks 'no fingerprint is left out' "$(cat "$work/full/out/policy.conf")" '@fingerprint'
judge_seed web-02 "$work/web"
sed -i 's/^timeout = .*/timeout = soon/' "$work/web/template"
if build_policy "$work/web"; then
	check_not_ok 'a policy that diagctl refuses builds nothing'
else
	check_has 'a policy that diagctl refuses builds nothing' "$(cat "$work/web/err")" 'timeout'
fi

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
