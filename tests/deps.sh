#!/usr/bin/env bash
# Installs the Debian packages that are named and missing: deps.sh PACKAGE…
# A machine that had no sshd must not get a listening one by this: services are kept from starting while packages are set up.
set -euo pipefail

missing=()
for package in "$@"; do
	if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
		missing+=("$package")
	fi
done
if [ ${#missing[@]} = 0 ]; then
	exit 0
fi
if [ "$(id -u)" != 0 ]; then
	echo "missing Debian packages (install them as root): ${missing[*]}" >&2
	exit 1
fi

guard=/usr/sbin/policy-rc.d
if [ ! -e "$guard" ]; then
	trap 'rm -f "$guard"' EXIT
	printf '#!/bin/sh\nexit 101\n' >"$guard"
	chmod 0755 "$guard"
fi
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"

# Their programs are wanted here, not their services: none of them is to run from the next boot on because of this.
services=()
for package in "${missing[@]}"; do
	case $package in
	openssh-server) services+=(ssh.service ssh.socket) ;;
	auditd) services+=(auditd.service) ;;
	rsyslog) services+=(rsyslog.service) ;;
	esac
done
if [ ${#services[@]} -gt 0 ]; then
	if [ -d /run/systemd/system ]; then systemctl disable --quiet "${services[@]}" 2>/dev/null || true; fi
	echo "Installed for their programs, neither running nor enabled: ${services[*]}"
fi
