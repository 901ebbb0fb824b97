# A host as fw, mail or nas are: disks of its own, nothing impermanent.
{ lib, ... }:

{
  imports = [ ./fleet.nix ];

  networking.hostName = lib.mkDefault "fw";
  networking.domain = "cloonar.com";
  system.stateVersion = "25.05";

  boot.loader.systemd-boot.enable = true;
  fileSystems."/" = { device = "/dev/disk/by-label/nixos"; fsType = "ext4"; };
  fileSystems."/boot" = { device = "/dev/disk/by-label/boot"; fsType = "vfat"; };

  services.openssh.enable = true;
  users.users.root.openssh.authorizedKeys.keys = (import ./operator.nix).keys;
}
