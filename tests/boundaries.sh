#!/usr/bin/env bash
# The rooms' walls, checked in what was built: boundaries.sh BUILD
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=$1
# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh

objects() { find "$build/obj" -name '*.o' -path "$build/obj/$1" ! -path "$build/obj/tests/*"; }

# uses_outside PATTERN ROOM-PATH…: objects outside of these rooms that need such a symbol.
uses_outside() {
	local object room pattern=$1
	shift
	while read -r object; do
		for room in "$@"; do
			case $object in "$build/obj/$room"*) continue 2 ;; esac
		done
		if nm -u "$object" | grep -qE " U $pattern"; then echo "$object"; fi
	done < <(objects '*')
}

# (On aarch64 the guard of the stack protector is the loader's.)
needed() { objdump -p "$1" | awk '$1 == "NEEDED" && $2 !~ /^ld-linux/ {print $2}' | sed 's/\.so.*//' | sort | tr '\n' ' '; }

check_is 'SQLite is touched by sql/ alone' "$(uses_outside 'sqlite3_' sql/)" ''
check_is 'TLS streams are made by shipper/stream_tls.c alone' "$(uses_outside 'SSL_' shipper/stream_tls.o)" ''
check_is 'libcurl is called by nobody directly' "$(uses_outside 'curl_' none)" ''
check_is 'libraries are loaded by shipper/library.c alone' "$(uses_outside 'dl(m?open|v?sym)(@|$)' shipper/library.o)" ''
check_is 'libseccomp is used when this is built, and by what makes its programs alone' \
	"$(uses_outside 'seccomp_' pam_diag/confine/bpf.o pam_diag/confine/make_filters.o)" ''
check_is 'libaudit is touched by supervisor/kaudit* alone' "$(uses_outside 'audit_(open|log|encode|request|get_reply|set)' pam_diag/supervisor/kaudit)" ''
check_is 'libpam is touched by module/ and prober/ alone' \
	"$(uses_outside 'pam_(get|set|put|start|open|close|end|syslog|vsyslog|prompt|modutil|strerror)' pam_diag/module/ pam_diag/prober/)" ''
check_is 'sessions are opened by prober/ alone' "$(uses_outside 'pam_(start|open_session|close_session)' pam_diag/prober/)" ''
check_is 'kernel confinement interfaces are named in confine/ alone' \
	"$(grep -rlE 'linux/(landlock|seccomp)\.h|<seccomp\.h>|SYS_(landlock|seccomp)|landlock_abi\.h' --include='*.[ch]' \
		pam_diag sql shipper | grep -v '^pam_diag/confine/')" ''
check_is 'pam_diag.so exports pam_sm_* alone' \
	"$(nm -D --defined-only "$build/lib/security/pam_diag.so" | awk '{print $3}' | grep -v '^pam_sm_' | tr '\n' ' ')" ''
check_is 'pam_diag.so exports what PAM looks for' \
	"$(nm -D --defined-only "$build/lib/security/pam_diag.so" | awk '{print $3}' | sort | tr '\n' ' ')" \
	'pam_sm_acct_mgmt pam_sm_authenticate pam_sm_close_session pam_sm_open_session pam_sm_setcred '
check_is 'pam_diag.so is linked with these alone' "$(needed "$build/lib/security/pam_diag.so")" 'libc libpam '
check_is 'diag-shell is static: no variable of the client can load code into it' "$(needed "$build/bin/diag-shell")" ''
check_is 'diag-supervisor is linked with these alone' "$(needed "$build/libexec/pam_diag/diag-supervisor")" 'libaudit libc libcap libcrypto libsqlite3 '
check_is 'diagctl is linked with these alone' "$(needed "$build/bin/diagctl")" 'libc libcrypto libsqlite3 libsystemd '
check_is 'diag-ship is linked with these alone' "$(needed "$build/bin/diag-ship")" 'libc libcrypto libsqlite3 libssl libz '
check_is 'diag-prober is linked with these alone' "$(needed "$build/libexec/pam_diag/diag-prober")" 'libc libpam '
check_is 'diag-probe is linked with this alone' "$(needed "$build/libexec/pam_diag/diag-probe")" 'libc '
check_is 'mounts are made by confine/ alone' "$(uses_outside '(mount|umount2|open_tree|move_mount|mount_setattr|unshare|setns)(@|$)' \
	pam_diag/confine/)" ''
check_is 'pam_diag.so can be loaded by libpam' "$(objdump -p "$build/lib/security/pam_diag.so" | grep -c NOOPEN)" 0
check_is 'nothing that sshd loads may exit or print' \
	"$(nm -uD "$build/lib/security/pam_diag.so" | grep -oE ' (exit|abort|printf|puts|perror|err|errx|system|popen)@' | tr '\n' ' ')" ''
for program in libexec/pam_diag/diag-supervisor libexec/pam_diag/diag-prober libexec/pam_diag/diag-probe bin/diag-shell bin/diagctl bin/diag-ship lib/security/pam_diag.so; do
	check_has "$program: read-only relocations, bound at once" "$(objdump -p "$build/$program")" 'RELRO'
done
check_done
