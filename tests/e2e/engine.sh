#!/usr/bin/env bash
# A container engine's socket: masked, but for a key that names the engine, and then for rules that are made for it.
# shellcheck source=tests/e2e/host.sh
source "$(dirname "$0")/host.sh"
# shellcheck source=tests/e2e/check.sh
source "$(dirname "$0")/check.sh"
host_enter "$@"
host_ready

# Two engines that take whoever may connect, since what is looked at is who may.
mkdir /run/podman
nc -lkU /run/docker.sock >/tmp/docker.got &
nc -lkU /run/podman/podman.sock >/tmp/podman.got &
nc -lkU /run/service.sock >/tmp/service.got &
host_wait_for '[ -S /run/docker.sock ] && [ -S /run/podman/podman.sock ] && [ -S /run/service.sock ]'
chmod 0666 /run/docker.sock /run/podman/podman.sock /run/service.sock
chmod 0755 /run/podman

fingerprint() { ssh-keygen -lf "/tmp/client/$1.pub" | cut -d' ' -f2; }
for name in docker podman denied; do
	ssh-keygen -q -t ed25519 -N '' -C "$name" -f "/tmp/client/$name"
	cat "/tmp/client/$name.pub" >>/etc/ssh/authorized_keys.d/diag
done
cat >/etc/pam_diag/policy.d/60-engine.conf <<-END
	[command probe-engine]
	summary = Ask an engine
	program = /usr/local/bin/probe
	network = engine
	operand = 1..8 : text
	[key containers]
	fingerprint = $(fingerprint docker)
	engine = docker
	[key pods]
	fingerprint = $(fingerprint podman)
	engine = podman
END
as() { # as KEY LINE
	ssh -F /dev/null -i "/tmp/client/$1" -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR \
		-o UserKnownHostsFile=/tmp/client/known -o StrictHostKeyChecking=yes -o HostKeyAlgorithms=ssh-ed25519 \
		-p "$HOST_PORT" diag@127.0.0.1 "$2"
}
attempt() { # attempt NAME KEY LINE ANSWER
	run as "$2" "$3"
	check_has "$1" "$RUN_OUT" "$4"
}
attempt 'no engine in the key: masked' key 'probe-engine unix /run/docker.sock' 'unix: E'
attempt 'no engine in the key: such a rule reaches another socket' key 'probe-engine unix /run/service.sock' 'unix: ok'
attempt 'docker: its rule reaches it' docker 'probe-engine unix /run/docker.sock' 'unix: ok'
attempt 'docker: by its older name' docker 'probe-engine unix /var/run/docker.sock' 'unix: ok'
attempt 'docker: not the other engine' docker 'probe-engine unix /run/podman/podman.sock' 'unix: E'
attempt 'docker: a rule with unix sockets gets none' docker 'probe-unix unix /run/docker.sock' 'unix: EACCES'
attempt 'docker: not to a service either' docker 'probe-unix unix /run/service.sock' 'unix: EACCES'
attempt 'docker: no datagrams' docker 'probe-unix datagram /run/docker.sock x' 'datagram: EACCES'
attempt 'docker: a rule without' docker 'probe unix /run/docker.sock' 'unix: EACCES'
attempt 'podman: its rule reaches it' podman 'probe-engine unix /run/podman/podman.sock' 'unix: ok'
attempt 'podman: not the other engine' podman 'probe-engine unix /run/docker.sock' 'unix: E'
run as docker 'cat /run/docker.sock'
check_is 'the socket is no operand' "$RUN_STATUS" 126

printf '[paths]\ndeny = /run/docker.sock\n' >/etc/pam_diag/policy.d/70-deny.conf
attempt "the policy's own deny wins" docker 'probe-engine unix /run/docker.sock' 'unix: E'
rm /etc/pam_diag/policy.d/70-deny.conf
printf '[key x]\nfingerprint = %s\nengine = lxc\n' "$(fingerprint denied)" >/etc/pam_diag/policy.d/70-wrong.conf
run /usr/local/bin/diagctl policy check
check_has 'an engine that is none' "$RUN_OUT$RUN_ERR" '70-wrong.conf:3:10: engine: expected one of docker podman'
check_done
