#!/usr/bin/env bash
# Names of packages that NixOS' modules ask for, one a line, "set.member" where they ask so: names.sh NIXPKGS
# For an evaluation of real modules with the packages of nix/tests/stub.
set -euo pipefail

modules=$1/nixos
{
	grep -rhoE --include='*.nix' '\bpkgs\.[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)?' "$modules" | sed 's/^pkgs\.//'
	grep -rhoE --include='*.nix' 'mkPackageOption pkgs "[A-Za-z0-9_-]+"' "$modules" | cut -d'"' -f2
	# Taken by `with pkgs` or by a name that is put together.
	printf '%s\n' fish zsh xonsh hello matrix-authentication-service
} | sort -u
