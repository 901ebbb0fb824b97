#!/usr/bin/env bash
# The example hosts with a real nixpkgs, beside what the stubs say: NIXPKGS=DIR [MICROVM=DIR] [IMPERMANENCE=DIR] [SOPS_NIX=DIR]
# [HOME_MANAGER=DIR] eval.sh. Directories, not archives; a current nixpkgs wants nix 2.18.
# shellcheck disable=SC2034 # check_true reads what is set here
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/nix/nix.sh
source tests/nix/nix.sh
# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh
top=$PWD

if [ -z "${NIXPKGS:-}" ]; then
	echo 'SKIP nix-eval: no nixpkgs (make nix-eval NIXPKGS=DIR)'
	exit 0
fi
if ! nix_here; then
	echo 'SKIP nix-eval: nix-instantiate is not here (Debian: nix-bin)'
	exit 0
fi

tests/nix/names.sh "$NIXPKGS" >"$work/names"
arguments="nixpkgs = /. + \"$(realpath "$NIXPKGS")\"; names = /. + \"$work/names\";"
argument() { # NAME DIRECTORY
	if [ -n "$2" ]; then arguments+=" $1 = /. + \"$(realpath "$2")\";"; fi
}
argument microvm "${MICROVM:-}"
argument impermanence "${IMPERMANENCE:-}"
argument sopsNix "${SOPS_NIX:-}"
argument homeManager "${HOME_MANAGER:-}"
real="(import $top/nix/tests/eval.nix { $arguments })"
stub="(import $top/nix/tests/cases.nix { })"

# --- As a system is built -----------------------------------------------------------------------------------------------------------------

if [ "$(nix_json "$real.isWhole")" = true ]; then
	for host in bare web; do
		if path=$(nix_text "$real.systems.$host"); then check_ok "$host: evaluates to $path"; else check_not_ok "$host: evaluates to a system"; fi
	done
else
	echo 'SKIP systems: this nixpkgs has no pkgs/; real modules with packages of the stub'
fi

# --- Beside the stub's -----------------------------------------------------------------------------------------------------------------------

# A path of the store as its name: the stub's hashes are not the real ones.
no_hashes() { sed -E 's,/nix/store/[a-z0-9]{32}-,/nix/store/,g'; }
# What NixOS adds to each unit, and how it writes lists, is its own.
unit_lines() { no_hashes | grep -E '^[A-Za-z]+=' | grep -vE '^(Environment|Documentation|After|Wants|Description)=' | sort; }

same() { # NAME HOST EXPRESSION: a text of both
	check_is "$2: $1" "$(nix_text "$real.facts.$2.$3" | no_hashes)" "$(nix_text "$stub.$2.$3" | no_hashes)"
}

for host in bare web; do
	# The stub's guest has all of the modules.
	if [ "$host" = web ] && { [ -z "${MICROVM:-}" ] || [ -z "${IMPERMANENCE:-}" ] || [ -z "${SOPS_NIX:-}" ]; }; then
		echo 'SKIP web: MICROVM, IMPERMANENCE and SOPS_NIX are needed to compare it'
		check_is "$host: no assertion fails" "$(nix_json "$real.facts.$host.failed")" '[]'
		continue
	fi
	check_is "$host: no assertion fails" "$(nix_json "$real.facts.$host.failed")" '[]'
	check_is "$host: no warning" "$(nix_json "$real.facts.$host.warnings")" '[]'
	same "sshd's block" "$host" sshd
	same 'ship.conf' "$host" ship
	same 'the login shell' "$host" shell
	same 'activation' "$host" activation
	same 'D-Bus' "$host" dbus
	same 'polkit' "$host" polkit
	check_is "$host: the user" "$(nix_json "$real.facts.$host.user")" "$(nix_json "$stub.$host.user")"
	check_is "$host: keys" "$(nix_json "$real.facts.$host.keys")" "$(nix_json "$stub.$host.keys")"
	check_is "$host: secrets of sops-nix" "$(nix_json "$real.facts.$host.secretsFiles")" "$(nix_json "$stub.$host.secretsFiles")"

	# A real configuration has more units: more is denied, nothing less.
	nix_text "$real.facts.$host.policy" | sort -u >"$work/real.policy"
	nix_text "$stub.$host.policy" | sort -u >"$work/stub.policy"
	check_is "$host: the policy has every line of the stub's" "$(comm -13 "$work/real.policy" "$work/stub.policy")" ''
	check_is "$host: the policy has more denies and nothing else" "$(comm -23 "$work/real.policy" "$work/stub.policy" | grep -v '^deny = ' || true)" ''

	block=$(nix_text "$real.facts.$host.extraConfig" | grep -vE '^$' | tail -n 10)
	check_is "$host: sshd_config ends with the block" "$block" "$(nix_text "$stub.$host.sshd" | grep -vE '^$')"
	last=$(nix_text "builtins.concatStringsSep \"\n\" $real.facts.$host.pam")
	last=$(tail -1 <<<"$last" | no_hashes | sed 's/ #.*//')
	check_is "$host: the PAM rule is last" "$last" "$(nix_text "builtins.concatStringsSep \"\n\" $stub.$host.pam" | tail -1 | no_hashes)"
	for unit in diag-ship.service diag-prune.service diag-ship.timer diag-prune.timer; do
		check_is "$host: $unit" "$(nix_text "$real.facts.$host.units.\"$unit\"" | unit_lines)" \
			"$(nix_text "$stub.$host.units.\"$unit\"" | unit_lines)"
	done
done

# --- The client ---------------------------------------------------------------------------------------------------------------------------------

if [ -n "${HOME_MANAGER:-}" ]; then
	nix_text "$real.client" >"$work/ssh_config"
	for form in client home; do
		file=$work/ssh_config
		if [ "$form" = client ]; then file=nix/client.ssh_config; fi
		ssh -F "$file" -T -G web-02 | grep -E '^(user|hostname|identityfile|identitiesonly|forwardagent|forwardx11|clearallforwardings) ' | sort >"$work/$form.seen"
	done
	check_is 'home-manager: ssh -G web-02 is as with nix/client.ssh_config' "$(cat "$work/home.seen")" "$(cat "$work/client.seen")"
fi

check_done
