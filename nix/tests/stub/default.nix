# Evaluates a host with the stubs alone: no nixpkgs is needed.
{ modules, persistence ? false, sops ? false, microvm ? false }:

let
  lib = import ./lib.nix;
  pkgs = import ./packages.nix { inherit lib; names = [ "hello" "openssh" ]; };
  nixos = import ./nixos.nix { inherit persistence sops microvm; };
in
(import ./modules.nix { inherit lib; }).evaluate {
  modules = [ nixos ] ++ modules;
  args = { inherit pkgs; };
}
