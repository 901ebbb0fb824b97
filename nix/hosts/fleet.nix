# What every host of the fleet has of pam_diag: bare metal and guests import this file and add nothing to it. The agent's public key is
# known; no secret belongs to it on any host.
{
  imports = [ ../module.nix ];

  services.pam-diag = {
    enable = true;
    authorizedKeys = [ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINd8BHUssrX7CLZjFpoSHvzs7ZBAJIRsD47hUI20FG2i agent@dev" ];
  };
}
