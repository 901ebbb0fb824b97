# shellcheck shell=bash
# Sourced by the tests of the packaged profiles, in the top directory: BUILD names what was built, $work is a directory of their own.
# shellcheck disable=SC2034 # for the scripts that source this one

build=${BUILD:-build}
work=$(mktemp -d /run/pam_diag-policy.XXXXXX)
trap 'rm -rf "$work"' EXIT

# all_profiles DIRECTORY: every profile, each with a program that is on each machine, whether its own is installed or not: the grammar
# is what is tried. Prints the lines of [session] that bring them into force.
all_profiles() {
	local profile name
	mkdir "$1"
	echo "profiles = $1"
	for profile in pam_diag/commands/*.conf; do
		name=$(basename "$profile" .conf)
		awk -v name="$name" '
			/^program[ \t]*=/ { next }
			{ print }
			$0 == "[command " name "]" { print "program = /usr/bin/true" }
		' "$profile" >"$1/$name.conf"
		echo "commands = $name"
	done
}
