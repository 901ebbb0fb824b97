# Without flakes: `nix-build nix -A pam_diag`; in a configuration `imports = [ (import ./pam_diag/nix { }).module ]`.
{ pkgs ? import <nixpkgs> { } }:

{
  pam_diag = pkgs.callPackage ./package.nix { };
  module = ./module.nix;
  overlay = import ./overlay.nix;
  client = ./client.nix;
}
