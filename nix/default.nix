# Without flakes: `nix-build nix`, or `imports = [ (import ./pam_diag/nix).module ]`.
{ pkgs ? import <nixpkgs> { } }:

{
  pam_diag = pkgs.callPackage ./package.nix { };
}
