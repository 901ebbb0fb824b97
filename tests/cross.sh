#!/usr/bin/env bash
# Builds everything for another architecture: cross.sh TRIPLET DEBIAN-ARCHITECTURE PACKAGE…
# The libraries come from Debian packages of that architecture which are unpacked into a directory, not installed: no foreign architecture
# is added to this machine, nothing of them is run, and the native -dev packages stay as they are.
set -euo pipefail
cd "$(dirname "$0")/.."
triplet=$1
architecture=$2
shift 2
tests/deps.sh "$@"

libraries=libc6-dev,linux-libc-dev,libpam0g-dev,libseccomp-dev,libcap-dev,libaudit-dev,libsqlite3-dev,libssl-dev,libsystemd-dev,libcurl4-openssl-dev,zlib1g-dev,check
sysroot=$PWD/build/sysroot-$architecture
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
stamp="$release $libraries"
if [ "$(cat "$sysroot/.stamp" 2>/dev/null)" != "$stamp" ]; then
	rm -rf "$sysroot"
	mkdir -p build
	# As this machine gets its own packages.
	sources=()
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
		if [ -s "$file" ]; then sources+=("$file"); fi
	done
	mmdebstrap --quiet --variant=extract --architectures="$architecture" --include="$libraries" "$release" "$sysroot" "${sources[@]}"
	# libpam.so is a link from the root of the filesystem: from there it would lead to this machine's own, and the static library be taken.
	find "$sysroot/usr/lib" -type l -lname '/*' | while read -r link; do
		ln -sfr "$sysroot$(readlink "$link")" "$link"
	done
	echo "$stamp" >"$sysroot/.stamp"
fi

make -j"$(nproc)" CROSS="$triplet" SYSROOT="$sysroot" all check-build san-fuzz-build

# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh
needed() { readelf -d "build/$triplet/$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\.so.*/\1/p' | sort | tr '\n' ' '; }
for program in bin/{diag-shell,diagctl,diag-ship} libexec/pam_diag/diag-{supervisor,probe,prober} lib/security/pam_diag.so; do
	check_is "$program is for that machine" "$(readelf -h "build/$triplet/$program" | sed -n 's/^ *Machine: *//p')" AArch64
done
# The guard of the stack protector is the loader's on this machine.
check_is 'pam_diag.so is linked with these alone' "$(needed lib/security/pam_diag.so)" 'ld-linux-aarch64 libc libpam '
# AUDIT_ARCH_AARCH64, which each program compares with first; this machine's own ones do not have it.
for program in session stage reader kaudit; do
	check_has "$program's seccomp program is for that machine" "$(<"build/$triplet/made/$program.c")" '\267\000\000\300'
done
check_is 'diag-shell is static' "$(needed bin/diag-shell)" ''
check_done
