# The example hosts, the package and the test of a login with a real nixpkgs. Where the directory has no pkgs/ (only lib/, nixos/ and
# maintainers/), real modules are evaluated with the stub's packages, whose names are then given; a system cannot be built of those.
# `key`: a public key for the hosts whose texts are asked for, in place of the agent's.
{ nixpkgs, names ? null, microvm ? null, impermanence ? null, sopsNix ? null, homeManager ? null, key ? null }:

let
  lib = import (nixpkgs + "/lib");
  native = "x86_64-linux";
  isWhole = builtins.pathExists (nixpkgs + "/pkgs/top-level/default.nix");

  lines = file: builtins.filter (line: builtins.isString line && line != "") (builtins.split "\n" (builtins.readFile file));
  pkgsOf = system: import nixpkgs { inherit system; config = { }; overlays = [ ]; };
  pkgs =
    if isWhole then pkgsOf native
    else import ./stub/packages.nix { inherit lib; system = native; names = lines names; platform = lib.systems.elaborate native; } // { path = nixpkgs; };

  evaluate = host: modules: import (nixpkgs + "/nixos/lib/eval-config.nix") ({
    inherit lib;
    system = null;
    modules = [ host ] ++ modules ++ lib.optional isWhole { nixpkgs.hostPlatform = lib.mkDefault native; };
  } // lib.optionalAttrs (!isWhole) { inherit pkgs; });

  guest = lib.optional (microvm != null) (microvm + "/nixos-modules/microvm")
    ++ lib.optional (impermanence != null) (impermanence + "/nixos.nix")
    ++ lib.optional (sopsNix != null) (sopsNix + "/modules/sops");
  bare = evaluate ../hosts/bare-metal.nix;
  web = evaluate ../hosts/web-02.nix;

  agent = lib.optional (key != null) { services.pam-diag.authorizedKeys = lib.mkForce [ key ]; };
  hosts = { bare = (bare agent).config; web = (web (guest ++ agent)).config; };

  # An assertion of nixpkgs' own about a package set that is handed in.
  isOurs = message: builtins.match ".*externally created instance.*" (builtins.head (builtins.filter builtins.isString (builtins.split "\n" message))) == null;
  facts = config: let found = import ./facts.nix config; in
    found // { failed = builtins.filter isOurs found.failed; };

  system = evaluated: evaluated.config.system.build.toplevel;
  package = packages: packages.callPackage ../package.nix { };
  arm = { nixpkgs.hostPlatform = "aarch64-linux"; };

  # The options as their documentation has them, those of submodules too; what the module system adds by itself is internal.
  documented = builtins.filter (one: !one.internal) (lib.optionAttrSetToDocList (bare [ ]).options.services.pam-diag);
  lacks = one: builtins.filter (part: (one.${part} or null) == null || one.${part} == "") [ "description" "type" "example" ];

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
  texts = builtins.mapAttrs (_name: config: import ./texts.nix (facts config)) hosts;

  # What would be built: the path of each .drv.
  drvs = builtins.mapAttrs (_name: one: one.drvPath) {
    package = package pkgs;
    package-aarch64 = package (pkgsOf "aarch64-linux");
    package-cross = package pkgs.pkgsCross.aarch64-multiplatform;
    bare = system (bare [ ]);
    bare-aarch64 = system (bare [ arm ]);
    bare-cross = system (bare [ arm { nixpkgs.buildPlatform = native; } ]);
    web = system (web guest);
    web-plain = system (web [ ]);
    web-runner = (web guest).config.microvm.declaredRunner;
    web-sshd = (web guest).config.environment.etc."ssh/sshd_config".source;
    login = pkgs.testers.runNixOSTest ./login.nix;
    documentation = (pkgs.nixosOptionsDoc { options.services = { inherit ((bare [ ]).options.services) pam-diag; }; }).optionsCommonMark;
  };

  source = toString (package pkgs).src;
  inherit (package pkgs) shellPath;

  options = builtins.length documented;
  undocumented = map (one: "${one.name} lacks ${lib.concatStringsSep " " (lacks one)}") (builtins.filter (one: lacks one != [ ]) documented);

  client = home.home.file.".ssh/config".text;
}
