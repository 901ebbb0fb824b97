# The package's arguments and the flake's outputs, called with the stubs.
{ lib }:

let
  inherit (builtins) attrNames concatMap elem filter head isString match split toJSON;
  check = name: seen: wanted:
    if seen == wanted then "ok ${name}" else "not ok ${name}: ${toJSON seen}, wanted ${toJSON wanted}";

  makefile = builtins.readFile ../../Makefile;
  words = text: filter (word: isString word && word != "") (split "[ \t]+" text);

  # What the Makefile links, and whose package brings it.
  providers = {
    sqlite3 = "sqlite";
    libcrypto = "openssl";
    crypto = "openssl";
    ssl = "openssl";
    libssl = "openssl";
    libseccomp = "libseccomp";
    seccomp = "libseccomp";
    libsystemd = "systemdLibs";
    systemd = "systemdLibs";
    cap = "libcap";
    pam = "linux-pam";
    audit = "audit";
    curl = "curl";
    libcurl = "curl";
    z = "zlib";
    zlib = "zlib";
  };
  packages = words (head (match ".*\nPKGS := ([^\n]*)\n.*" makefile));
  linked = concatMap (line: let found = match "LIB_[a-z]+ :=(.*)" line; in if found == null then [ ] else map (lib.removePrefix "-l") (words (head found)))
    (filter isString (split "\n" makefile));
  arguments = attrNames (builtins.functionArgs (import ../package.nix));
  missing = filter (name: !elem (providers.${name} or "no package known for ${name}") arguments) (packages ++ linked);

  # Units as they are installed elsewhere: what their [Service] says, the module's says too.
  directory = ../../shipper/systemd;
  units = (import ./cases.nix { }).bare.units;
  spelled = builtins.replaceStrings [ "=yes" "=no" "@LOCALSTATEDIR@" ] [ "=true" "=false" "/var" ];
  serviceLines = text:
    filter (line: match "[A-Za-z]+=.*" line != null && match "(ExecStart|Description|Documentation|ConditionPathExists|Wants|After)=.*" line == null)
      (filter isString (split "\n" text));
  differs = name:
    filter (line: !elem line (serviceLines units.${name}))
      (map spelled (serviceLines (builtins.readFile (directory + "/${name}.in"))));
  installed = if !builtins.pathExists directory then [ ] else filter (name: builtins.pathExists (directory + "/${name}.in")) [ "diag-ship.service" "diag-prune.service" ];

  pkgs = system: import ./stub/packages.nix {
    inherit lib system;
    names = [
      "check"
      "clang-tools"
      "coreutils"
      "cppcheck"
      "iproute2"
      "mandoc"
      "netcat-openbsd"
      "openssh"
      "procps"
      "shellcheck"
      "sqlite"
      "strace"
      "util-linux"
    ];
  };
  package = (pkgs "x86_64-linux").callPackage ../package.nix { };

  outputs = (import ../../flake.nix).outputs {
    self = outputs;
    nixpkgs = {
      lib = lib // { nixosSystem = { modules }: import ./stub { modules = modules ++ [{ options.nixpkgs.hostPlatform = lib.mkOption { }; }]; }; };
      legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (system: pkgs system // {
        mkShell = arguments: arguments;
        testers.runNixOSTest = file:
          let test = import file { pkgs = pkgs system; }; in
          derivation { inherit (test) name; inherit system; builder = "/none"; } // { inherit test; };
      });
    };
  };
  both = [ "aarch64-linux" "x86_64-linux" ];
in
[
  (check "package: has what the Makefile links" missing [ ])
  (check "package: the Makefile's version" (match "[0-9]+\\.[0-9]+\\.[0-9]+" package.arguments.version != null) true)
  (check "package: what is loaded at run time, by its path"
    (builtins.all (wanted: builtins.any (flag: match wanted flag != null) package.arguments.makeFlags) [
      "LIBSYSTEMD=/nix/store/[^/]*systemdLibs[^/]*/lib/libsystemd\\.so\\.0"
      "LIBCURL=/nix/store/[^/]*curl[^/]*/lib/libcurl\\.so\\.4"
    ])
    true)
  (check "package: is a login shell" package.shellPath "/bin/diag-shell")
  (check "units: all that shipper/systemd says" (concatMap differs installed) [ ])
  (check "flake: needs nixpkgs alone" (attrNames (import ../../flake.nix).inputs) [ "nixpkgs" ])
  (check "flake: packages" (attrNames outputs.packages) both)
  (check "flake: a package for each" (map (system: outputs.packages.${system}.default.system) both) both)
  (check "flake: checks" (attrNames outputs.checks.aarch64-linux) [ "login" "package" "policy-bare-metal" "policy-web-02" ])
  # `nix flake check` takes nothing else.
  (check "flake: each check is a derivation"
    (filter (name: (outputs.checks.x86_64-linux.${name}.type or "") != "derivation") (attrNames outputs.checks.x86_64-linux)) [ ])
  (check "flake: the login's server evaluates, and no assertion fails"
    (import ./facts.nix (import ./stub { modules = [ outputs.checks.x86_64-linux.login.test.nodes.server ]; }).config).failed [ ])
  # nix 2.8 takes no path of a file for a module.
  (check "flake: a module is what nix flake check takes for one" (map (name: builtins.isAttrs outputs.nixosModules.${name}) (attrNames outputs.nixosModules)) [ true true ])
  (check "flake: module, overlay, client" (map builtins.pathExists outputs.nixosModules.default.imports == [ true ] && builtins.isFunction outputs.overlays.default && builtins.pathExists outputs.homeManagerModules.default) true)
  (check "flake: dev shell" (attrNames outputs.devShells) both)
  (check "overlay" ((import ../overlay.nix) (pkgs "x86_64-linux") { }).pam_diag.shellPath "/bin/diag-shell")
]
