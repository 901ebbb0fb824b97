# home-manager: `ssh web-02` is the diagnostic account with the agent's key and nothing else of the caller's. nix/client.ssh_config is the
# same as plain text. Releases from 2026-05 on name the options as OpenSSH does (programs.ssh.settings), older ones in a way of their own.
{ lib, options, ... }:

let
  entry = {
    HostName = "web-02.cloonar.com";
    User = "diag";
    IdentityFile = "/run/secrets/diag-ssh-key";
    IdentitiesOnly = true;
    ForwardAgent = false;
    # What the other end refuses anyway is not asked for.
    ClearAllForwardings = true;
    ForwardX11 = false;
  };
  ours = {
    hostname = entry.HostName;
    user = entry.User;
    identityFile = entry.IdentityFile;
    identitiesOnly = entry.IdentitiesOnly;
    forwardAgent = entry.ForwardAgent;
    forwardX11 = entry.ForwardX11;
    extraOptions.ClearAllForwardings = "yes";
  };
in
{
  programs.ssh = {
    enable = true;
  } // lib.optionalAttrs (options.programs.ssh ? enableDefaultConfig) {
    enableDefaultConfig = lib.mkDefault false;
  } // (
    if options.programs.ssh ? settings then { settings."web-02" = entry; }
    else { matchBlocks."web-02" = ours; }
  );
}
