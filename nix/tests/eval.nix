# The example hosts with a real nixpkgs. Where the directory has no pkgs/ (only lib/, nixos/ and maintainers/), real modules are evaluated
# with the stub's packages, whose names are then given; a system cannot be built of those.
{ nixpkgs, names ? null, microvm ? null, impermanence ? null, sopsNix ? null, homeManager ? null }:

let
  lib = import (nixpkgs + "/lib");
  system = "x86_64-linux";
  isWhole = builtins.pathExists (nixpkgs + "/pkgs/top-level/default.nix");

  lines = file: builtins.filter (line: builtins.isString line && line != "") (builtins.split "\n" (builtins.readFile file));
  pkgs =
    if isWhole then import nixpkgs { inherit system; config = { }; overlays = [ ]; }
    else import ./stub/packages.nix { inherit lib system; names = lines names; platform = lib.systems.elaborate system; } // { path = nixpkgs; };

  evaluate = host: modules: (import (nixpkgs + "/nixos/lib/eval-config.nix") ({
    inherit lib;
    modules = [ host ] ++ modules;
  } // (if isWhole then { inherit system; } else { system = null; inherit pkgs; }))).config;

  guest = lib.optional (microvm != null) (microvm + "/nixos-modules/microvm")
    ++ lib.optional (impermanence != null) (impermanence + "/nixos.nix")
    ++ lib.optional (sopsNix != null) (sopsNix + "/modules/sops");

  hosts = {
    bare = evaluate ../hosts/bare-metal.nix [ ];
    web = evaluate ../hosts/web-02.nix guest;
  };

  # An assertion of nixpkgs' own about a package set that is handed in.
  isOurs = message: builtins.match ".*externally created instance.*" (builtins.head (builtins.filter builtins.isString (builtins.split "\n" message))) == null;
  facts = config: let found = import ./facts.nix config; in
    found // { failed = builtins.filter isOurs found.failed; };

  homeLib = import (homeManager + "/modules/lib/stdlib-extended.nix") lib;
  home = (homeLib.evalModules {
    modules = import (homeManager + "/modules/modules.nix") { lib = homeLib; inherit pkgs; check = false; useNixpkgsModule = false; } ++ [
      ../client.nix
      { home = { username = "agent"; homeDirectory = "/home/agent"; stateVersion = "25.05"; }; }
    ];
    specialArgs = { lib = homeLib; modulesPath = toString (homeManager + "/modules"); };
  }).config;
in
{
  inherit isWhole;
  facts = builtins.mapAttrs (_name: facts) hosts;
  systems = builtins.mapAttrs (_name: config: builtins.unsafeDiscardStringContext config.system.build.toplevel.drvPath) hosts;
  client = home.home.file.".ssh/config".text;
}
