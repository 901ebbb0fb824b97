# Two virtual machines: a login by key, an allowed and a refused command, a secret, the records and their export. Needs KVM to be quick:
# nix build .#checks.x86_64-linux.login
{ pkgs, ... }:

let
  # The key of nixpkgs' own tests: one that a build makes could not be read by the evaluation without that build.
  keys = import (pkgs.path + "/nixos/tests/ssh-keys.nix") pkgs;
in
{
  name = "pam_diag-login";

  nodes.server = {
    imports = [ ../module.nix ];
    services.openssh.enable = true;
    services.pam-diag = {
      enable = true;
      authorizedKeys = [ keys.snakeOilEd25519PublicKey ];
      paths.extraAllow = [ "/srv" ];
      paths.deny = [ "/srv/secret" ];
      sinks.file = { type = "jsonl"; settings.path = "/var/lib/pam_diag/exported.jsonl"; };
    };
    # Everybody may read it: only the policy stands in the way.
    systemd.tmpfiles.settings.test."/srv/secret/token".f = { mode = "0644"; argument = "xq7secretq7"; };
    systemd.services.invidious = {
      wantedBy = [ "multi-user.target" ];
      serviceConfig.ExecStart = "${pkgs.coreutils}/bin/sleep infinity";
    };
    virtualisation.memorySize = 1024;
  };

  nodes.client = {
    environment.systemPackages = [ pkgs.openssh ];
  };

  testScript = ''
    ssh = "ssh -i /root/key -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=accept-new diag@server "
    events = "sqlite3 -readonly /var/lib/pam_diag/audit.db "

    start_all()
    server.wait_for_unit("sshd.service")
    server.wait_for_open_port(22)
    # Nothing else on it wants that one.
    client.systemctl("start network-online.target")
    client.wait_for_unit("network-online.target")
    client.succeed("install -m 0600 ${keys.snakeOilEd25519PrivateKey} /root/key")

    with subtest("the installation is as it should be"):
        server.succeed("diagctl policy check")
        print(server.succeed("diagctl doctor"))

    with subtest("an allowed command runs"):
        assert "active (running)" in client.succeed(ssh + "'systemctl status invidious'")

    with subtest("what changes the host is refused"):
        status, output = client.execute(ssh + "'systemctl restart invidious' 2>&1")
        assert status == 126 and "restart" in output, (status, output)

    with subtest("a secret is refused, by every name"):
        for path in ["/srv/secret/token", "/srv/../srv/secret/token", "/proc/self/root/srv/secret/token"]:
            status, output = client.execute(ssh + f"'cat {path}' 2>&1")
            assert status != 0 and "xq7secretq7" not in output, (path, status, output)

    with subtest("no shell, no forwarding"):
        client.fail(ssh + "'bash -c id'")
        client.fail("ssh -i /root/key -o BatchMode=yes -o ExitOnForwardFailure=yes -N -L 9999:localhost:22 diag@server")

    with subtest("every invocation is on record, and exported"):
        rows = server.succeed("${pkgs.sqlite}/bin/" + events + "\"select verdict, line from command order by seq\"")
        assert "allow|systemctl status invidious" in rows, rows
        assert "deny|systemctl restart invidious" in rows, rows
        server.succeed("systemctl start diag-ship.service")
        server.succeed("grep -q 'systemctl restart invidious' /var/lib/pam_diag/exported.jsonl")

    with subtest("others are not touched"):
        server.succeed("su -s /bin/sh nobody -c true")
  '';
}
