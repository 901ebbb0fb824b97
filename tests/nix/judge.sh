# shellcheck shell=bash
# For the tests of nix/: what the programs say of rendered texts (nix/tests/texts.nix), whoever has rendered them.
# shellcheck disable=SC2034 # check_true reads what is set here

# judge TEXTS OUT: fills the template as a build does and lets diagctl read it, with the profiles of this tree.
judge() {
	local texts=$1 out=$2 key
	rm -rf "$out"
	mkdir -p "$out/keys"
	sed "s,^\[session\]\$,&\nprofiles = $PWD/pam_diag/commands," "$texts/policy" >"$out/template"
	for key in "$texts"/namedKeys/*; do
		if [ -e "$key" ]; then printf '%s\n' "$(cat "$key")" >"$out/keys/${key##*/}"; fi
	done
	build_policy "$out"
}

# build_policy OUT: the template once more, as it is now.
build_policy() {
	rm -rf "$1/out"
	bash nix/module/policy.sh "$1/template" "$1/keys" "$PWD/build/bin/diagctl" "$1/out" 2>"$1/err"
}

# judge_seed NAME OUT: what the seed case wants of web-02, behind `judge`. The search path is one of this machine, since its programs are.
judge_seed() {
	local name=$1 out=$2 path answer
	explain() { build/bin/diagctl policy explain --policy "$out/out/policy.conf" -- "$1" 2>&1 || true; }
	sed -i 's,^search-path = .*,search-path = /usr/bin:/bin,' "$out/template"
	build_policy "$out"
	# Who asks for what is denied by the policy is told so, by every name.
	for path in /var/lib/matrix-synapse/homeserver.signing.key /var/lib/mautrix-telegram/session /var/lib/private/mautrix-signal/db \
		/etc/matrix-authentication-service/config.yaml /run/secrets/matrix-authentication-service /var/lib/n8n/.n8n/config \
		/var/lib/zammad/secrets /persist/var/lib/zammad/secrets /persist/etc/ssh/ssh_host_ed25519_key /persist/etc/ssh/ssh_host_rsa_key \
		/persist/etc/../etc/ssh/ssh_host_ed25519_key /persist/lab/environment /run/secrets/invidious-companion; do
		answer=$(explain "cat $path")
		check_true "$name: diagctl denies: $path" '[[ $answer == "verdict:  deny"* && $answer == *"is denied"* ]]'
	done
	answer=$(explain 'systemctl restart invidious')
	check_true "$name: diagctl denies: systemctl restart invidious" '[[ $answer == "verdict:  deny"* && $answer == *restart* ]]'
	answer=$(explain 'systemctl status invidious')
	check_true "$name: diagctl allows: systemctl status invidious" '[[ $answer == "verdict:  allow"* ]]'
	answer=$(explain 'cat /etc/hostname')
	check_true "$name: diagctl allows: cat /etc/hostname" '[[ $answer == "verdict:  allow"* ]]'
}
