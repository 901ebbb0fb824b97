# shellcheck shell=bash
# For the tests of nix/, which source it: an evaluator with a store of its own, which goes away with $work. NIX_BIN=DIR is where another nix
# than that of the PATH lies (nix, nix-instantiate, nix-store).

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export NIX_REMOTE="local?root=$work/store"
if [ -n "${NIX_BIN:-}" ]; then PATH=$(realpath "$NIX_BIN"):$PATH; fi

nix_here() {
	command -v nix-instantiate >/dev/null 2>&1
}

# nix_text EXPRESSION: a string, as it is.
nix_text() {
	nix --extra-experimental-features nix-command eval --impure --raw --expr "$1" 2>"$work/nix.err" || nix_failed
}

# nix_tree EXPRESSION DIRECTORY: a set of strings, and of sets of strings, as files of a new directory.
nix_tree() {
	nix --extra-experimental-features nix-command eval --impure --write-to "$2" --expr "$1" 2>"$work/nix.err" || nix_failed
}

nix_json() {
	nix-instantiate --eval --strict --json --read-write-mode -E "$1" 2>"$work/nix.err" || nix_failed
}

nix_failed() {
	grep -v "^warning: the group 'nixbld'" "$work/nix.err" >&2
	return 1
}
