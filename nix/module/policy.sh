# Writes the policy that the module has rendered: policy.sh TEMPLATE KEYS-DIRECTORY DIAGCTL OUT
# KEYS-DIRECTORY has one file a named key. Run when the system is built: a policy that the program would not accept builds no system,
# since with it no session would open.
# shellcheck shell=bash
set -euo pipefail

template=$1
keys=$2
diagctl=$3
out=$4

text=$(cat "$template")
for file in "$keys"/*; do
	if [ ! -e "$file" ]; then continue; fi
	name=${file##*/}
	line=$(ssh-keygen -lf "$file")
	fingerprint=$(cut -d' ' -f2 <<<"$line")
	text=${text//"@fingerprint $name@"/$fingerprint}
done
mkdir -p "$out"
printf '%s\n' "$text" >"$out/policy.conf"

# --any-owner: while it is built it is the builder's; in force, it lies in the store, which is root's. What the programs are is not known
# here: they are the running system's, and a rule without one refuses by itself. So warnings do not fail the build.
"$diagctl" policy check --any-owner --policy "$out/policy.conf" 2>"$out/check.log" >&2 || {
	cat "$out/check.log" >&2
	echo "services.pam-diag: the policy above is not accepted; correct the option that says so." >&2
	exit 1
}
