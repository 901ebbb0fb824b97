#!/usr/bin/env bash
# The example hosts, the package, the flake and the test of a login with a real nixpkgs: each to the .drv that would be built, and the
# rendered texts beside what the stubs say and before the programs that read them. Nothing is built of nixpkgs and nothing is fetched.
#
#     NIXPKGS=DIR [MICROVM=DIR] [IMPERMANENCE=DIR] [SOPS_NIX=DIR] [HOME_MANAGER=DIR] [NIX_BIN=DIR] eval.sh
#
# Directories, not archives. NIX_BIN is where another nix than that of the PATH lies (nix, nix-instantiate, nix-store); a current nixpkgs
# wants 2.18. Lines with SKIP say what could not be seen, and why.
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

if [ -z "${NIXPKGS:-}" ]; then
	echo 'SKIP nix-eval: no nixpkgs (make nix-eval NIXPKGS=DIR)'
	exit 0
fi
if ! nix_here; then
	echo 'SKIP nix-eval: nix-instantiate is not here (Debian: nix-bin)'
	exit 0
fi
echo "# $(nix --version)"

NIXPKGS=$(realpath "$NIXPKGS")
ssh-keygen -q -t ed25519 -N '' -C agent@dev -f "$work/key"
public=$(cat "$work/key.pub")
tests/nix/names.sh "$NIXPKGS" >"$work/names"
arguments="nixpkgs = /. + \"$NIXPKGS\"; names = /. + \"$work/names\"; key = \"$public\";"
argument() { # NAME DIRECTORY
	if [ -n "$2" ]; then arguments+=" $1 = /. + \"$(realpath "$2")\";"; fi
}
argument microvm "${MICROVM:-}"
argument impermanence "${IMPERMANENCE:-}"
argument sopsNix "${SOPS_NIX:-}"
argument homeManager "${HOME_MANAGER:-}"
real="(import $top/nix/tests/eval.nix { $arguments })"
stub="(import $top/nix/tests/cases.nix { key = \"$public\"; })"
whole=$(nix_json "$real.isWhole")
has_guest=
if [ -n "${MICROVM:-}" ] && [ -n "${IMPERMANENCE:-}" ] && [ -n "${SOPS_NIX:-}" ]; then has_guest=1; fi

# --- What would be built ------------------------------------------------------------------------------------------------------------------

declare -A drv
evaluates() { # NAME WHAT
	if drv[$1]=$(nix_text "$real.drvs.$1"); then check_ok "$2: evaluates to ${drv[$1]}"; else check_not_ok "$2: evaluates"; fi
}

drvs() {
	evaluates package 'the package'
	evaluates package-aarch64 'the package, aarch64'
	evaluates package-cross 'the package, aarch64 built on x86_64'
	evaluates bare 'bare-metal, a system'
	evaluates bare-aarch64 'bare-metal, a system, aarch64'
	evaluates bare-cross 'bare-metal, a system, aarch64 built on x86_64'
	evaluates web-plain "web-02, a system without the guest's modules"
	if [ -n "$has_guest" ]; then
		evaluates web 'web-02, a system with microvm.nix, impermanence and sops-nix'
		evaluates web-runner 'web-02, what starts the microVM'
	else
		echo 'SKIP web-02 as a guest, and what starts it: MICROVM, IMPERMANENCE and SOPS_NIX are needed'
	fi
	evaluates documentation "the options' documentation"
	evaluates login 'the login between two machines'
	echo 'SKIP the login between two machines is not run: it wants a host with KVM and the built packages of this nixpkgs (nix build .#checks.x86_64-linux.login)'
}

if [ "$whole" = true ]; then drvs; else echo 'SKIP systems: this nixpkgs has no pkgs/; real modules with packages of the stub'; fi

options=$(nix_json "$real.options")
check_is "each of $options options has description, type and example" "$(nix_json "$real.undocumented")" '[]'
check_true 'all options were looked at' '[ "$options" -gt 100 ]'

# --- Beside the stub's -----------------------------------------------------------------------------------------------------------------------

# A path of the store as its name: the stub's hashes are not the real ones.
no_hashes() { sed -E 's,/nix/store/[a-z0-9]{32}-,/nix/store/,g'; }
# What NixOS adds to each unit, and how it writes lists, is its own.
unit_lines() { no_hashes | grep -E '^[A-Za-z]+=' | grep -vE '^(Environment|Documentation|After|Wants|Description)=' | sort; }
last_line() { tail -n 1 "$1" | no_hashes | sed 's/ #.*//'; }

same() { # HOST TEXT…: files, or directories of them
	local host=$1 text
	shift
	for text in "$@"; do
		if [ ! -e "$work/stub/$host/$text" ]; then
			check_not_ok "$host: $text" 'the stub has no such text'
		elif diff <(cd "$work/real/$host" && tree_lines "$text") <(cd "$work/stub/$host" && tree_lines "$text") >"$work/diff"; then
			check_ok "$host: $text, as the stub has it"
		else
			check_not_ok "$host: $text, as the stub has it" "$(cat "$work/diff")"
		fi
	done
}
tree_lines() { find "$1" -type f | sort | while read -r file; do echo "== $file" && cat "$file" && echo; done | no_hashes; }

compare() { # HOST
	local host=$1 unit
	local is=$work/real/$host wanted=$work/stub/$host
	same "$host" hostName user keys namedKeys sshd ship activation dbus polkit records policyBuild secretsFiles

	# A real configuration has more units: more is denied, nothing less.
	sort -u "$is/policy" >"$work/real.policy"
	sort -u "$wanted/policy" >"$work/stub.policy"
	check_is "$host: the policy has every line of the stub's" "$(comm -13 "$work/real.policy" "$work/stub.policy")" ''
	check_is "$host: the policy has more denies and nothing else" "$(comm -23 "$work/real.policy" "$work/stub.policy" | grep -v '^deny = ' || true)" ''

	check_is "$host: sshd_config ends with the block" "$(grep -vE '^$' "$is/extraConfig" | tail -n 10)" "$(grep -vE '^$' "$wanted/sshd")"
	check_is "$host: the PAM rule is last" "$(last_line "$is/pam")" "$(last_line "$wanted/pam")"
	check_is "$host: the same units" "$(ls "$is/units")" "$(ls "$wanted/units")"
	for unit in "$wanted"/units/*; do
		unit=${unit##*/}
		check_is "$host: $unit" "$(unit_lines <"$is/units/$unit")" "$(unit_lines <"$wanted/units/$unit")"
	done
}

nix_tree "builtins.mapAttrs (_name: import $top/nix/tests/texts.nix) $stub" "$work/stub"
mkdir "$work/real"
for host in bare web; do
	if ! nix_tree "$real.texts.$host" "$work/real/$host"; then
		check_not_ok "$host: its texts evaluate"
		continue
	fi
	check_is "$host: no assertion fails" "$(cat "$work/real/$host/failed")" ''
	# The stub's guest has all of the modules.
	if [ "$host" = web ] && [ -z "$has_guest" ]; then
		echo 'SKIP web: MICROVM, IMPERMANENCE and SOPS_NIX are needed to compare it, and to run it in an sshd'
		continue
	fi
	check_is "$host: no warning" "$(cat "$work/real/$host/warnings")" ''
	compare "$host"
	if judge "$work/real/$host" "$work/judged"; then
		check_ok "$host: diagctl accepts the policy"
	else
		check_not_ok "$host: diagctl accepts the policy" "$(cat "$work/judged/err")"
	fi
done

# --- The seed case, of real texts -----------------------------------------------------------------------------------------------------------

# NixOS keeps sshd's settings in a file of their own, which the derivation of the whole one names.
settings_of() { # DRV
	local drv
	drv=$(nix-store --query --references "$1" 2>/dev/null | grep -- '-sshd.conf-settings\.drv$') &&
		nix-store --query --binding text "$drv" 2>/dev/null
}

in_an_sshd() {
	if settings_of "${drv[web-sshd]}" >"$work/real/web/sshdSettings"; then check_ok "web: sshd's settings"; else check_not_ok "web: sshd's settings"; fi
	cp "$work/key" "$work/real/web/key"
	if NIX_SEED=$work/real/web bash tests/nix/seed.sh >"$work/seed.out" 2>&1; then
		check_ok "web: in a real sshd: $(tail -n 1 "$work/seed.out")"
	else
		check_not_ok 'web: in a real sshd' "$(grep -v '^ok ' "$work/seed.out")"
	fi
}

if [ -n "$has_guest" ]; then
	judge_seed web "$work/judged"
	if [ "$whole" != true ]; then
		echo "SKIP web in a real sshd: it takes the package that a whole nixpkgs would build"
	elif [ "$(id -u)" != 0 ]; then
		echo 'SKIP web in a real sshd: needs root'
	else
		evaluates web-sshd "web: sshd's configuration"
		in_an_sshd
	fi
fi

# --- The package, with the tools of this machine -------------------------------------------------------------------------------------------

# What a build of nixpkgs would run, in what it would see of the tree: build, unit tests, installation.
as_stdenv() (
	made=$work/real/bare/build
	cp -r "$work/store$(nix_text "$real.source")" "$work/package"
	chmod -R u+w "$work/package"
	cd "$work/package"
	mapfile -t flags < <(grep -vE '^(CC|HOSTCC|AR|PKG_CONFIG|LIBCURL|LIBSYSTEMD)=' "$made/makeFlags" | sed "s,$(cat "$work/real/bare/package"),$work/out,g")
	make -s -j "$(nproc)" "${flags[@]}"
	make -s "${flags[@]}" "$(cat "$made/checkTarget")"
	runHook() { :; }
	# shellcheck disable=SC2034 # read by the phase
	out=$work/out NIX_BUILD_TOP=$work makeFlags="${flags[*]}"
	eval "$(cat "$made/installPhase")"
)

package() {
	if as_stdenv >"$work/package.log" 2>&1; then
		check_ok "the package: builds, $(grep -c '^100%' "$work/package.log") suites of unit tests pass, installs"
	else
		check_not_ok 'the package: builds, its unit tests pass, installs' "$(tail -n 20 "$work/package.log")"
		return
	fi
	check_true 'the package: the login shell is where shellPath says' '[ -x "$work/out$(nix_text "$real.shellPath")" ]'
	check_true 'the package: the module, for its rule' '[ -e "$work/out/lib/security/pam_diag.so" ]'
	check_true 'the package: has nothing of /etc or /var' '[ ! -e "$work/out/etc" ] && [ ! -e "$work/out/var" ]'
}

if [ "$whole" = true ]; then package; fi

# --- The flake --------------------------------------------------------------------------------------------------------------------------------

flake_nix() { # ARGUMENT…
	nix --extra-experimental-features 'nix-command flakes' "$@" --offline --option flake-registry '' --no-write-lock-file \
		--override-input nixpkgs "path:$flake_nixpkgs" 2>"$work/nix.err" || nix_failed
}
outputs() { # OUTPUT
	flake_nix eval --json "path:$work/flake#$1" --apply \
		'builtins.mapAttrs (_: builtins.mapAttrs (_: one: assert one.type == "derivation"; one.drvPath))'
}

flake() {
	local output found flake_nixpkgs
	# The tree as git has it, so that nothing that was built is copied along; nixpkgs in the store, from where it is not copied each time.
	mkdir "$work/flake"
	git ls-files --cached --others --exclude-standard -z | xargs -0 cp --parents -t "$work/flake"
	flake_nixpkgs=$(nix --extra-experimental-features nix-command store add-path --name source "$NIXPKGS" 2>/dev/null)
	for output in packages checks devShells; do
		if found=$(outputs "$output"); then
			check_ok "flake: $output: $(sed 's/"//g; s/,/, /g' <<<"$found")"
			printf '%s\n' "$found" >"$work/flake.$output"
		else
			check_not_ok "flake: $output"
		fi
	done
	check_has 'flake: the package is the one of package.nix' "$(cat "$work/flake.packages" 2>/dev/null)" "\"default\":\"${drv[package]}\""
	if flake_nix flake check --no-build "path:$work/flake" >/dev/null; then check_ok 'nix flake check --no-build'; else check_not_ok 'nix flake check --no-build'; fi
}

if [ "$whole" != true ]; then
	echo 'SKIP flake: this nixpkgs has no pkgs/'
elif [ "$(nix --extra-experimental-features 'nix-command flakes' eval --expr 'builtins ? getFlake' 2>/dev/null)" != true ]; then
	echo 'SKIP flake: this nix knows no flakes'
else
	flake
fi

# --- The client ---------------------------------------------------------------------------------------------------------------------------------

if [ -n "${HOME_MANAGER:-}" ]; then
	nix_text "$real.client" >"$work/ssh_config"
	for form in client home; do
		file=$work/ssh_config
		if [ "$form" = client ]; then file=nix/client.ssh_config; fi
		ssh -F "$file" -T -G web-02 | grep -E '^(user|hostname|identityfile|identitiesonly|forwardagent|forwardx11|clearallforwardings) ' | sort >"$work/$form.seen"
	done
	check_is 'home-manager: ssh -G web-02 is as with nix/client.ssh_config' "$(cat "$work/home.seen")" "$(cat "$work/client.seen")"
else
	echo "SKIP the client's entry by home-manager: HOME_MANAGER is not given"
fi

check_done
