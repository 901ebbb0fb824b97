# The policy and ship.conf: rendered, judged by the programs that read them when the system is built, placed in /etc.
{ config, lib, options, pkgs, ... }:

let
  inherit (builtins) concatMap elem filter match;
  cfg = config.services.pam-diag;
  defaults = import ../defaults.nix;
  render = import ./render.nix { inherit lib; };
  secrets = import ./secrets.nix {
    inherit config options lib;
    presets = import ../presets.nix;
  };

  found = filter (pattern: !elem pattern cfg.secrets.except) (concatMap (source: secrets.${source}) cfg.secrets.find);

  # Where records of an impermanent host are kept is denied there too: the program denies /var/lib/pam_diag by itself.
  everywhere = defaults.deny
    ++ [ "/var/lib/pam_diag" "/var/lib/microvms" "/root" "/home/*/.ssh" "/etc/shadow*" "/etc/gshadow*" "/etc/ssh/ssh_host_*_key" ]
    ++ secrets.services cfg.denyServices
    ++ found
    ++ cfg.paths.deny;
  # These are made anew at boot.
  isKept = pattern: match "/(run|proc|sys|dev|tmp|nix)(/.*)?" pattern == null;
  below = root: concatMap
    (pattern: if isKept pattern && !lib.hasPrefix "${root}/" pattern then [ "${root}${pattern}" ] else [ ])
    everywhere;
  deny = lib.unique (everywhere ++ concatMap below cfg.persistenceRoots);

  # diagctl of the machine that builds, when it is another one than the machine that is built for.
  tools =
    if pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform then cfg.package
    else pkgs.buildPackages.callPackage ../package.nix { };

  keys = pkgs.runCommand "pam_diag-keys" { } (''
    mkdir -p $out
  '' + lib.concatStrings (lib.mapAttrsToList
    (name: key: ''
      cp ${pkgs.writeText "key-${name}" "${key.key}\n"} $out/${lib.escapeShellArg name}
    '')
    cfg.keys));

  policyText = render.policy cfg deny;
  shipText = render.ship cfg.sinks;

  policy = pkgs.runCommand "pam_diag-policy" { nativeBuildInputs = [ pkgs.buildPackages.openssh ]; } ''
    bash ${./policy.sh} ${pkgs.writeText "policy.conf" policyText} ${keys} ${tools}/bin/diagctl $out
  '';
in
{
  config = lib.mkIf cfg.enable {
    environment.etc."pam_diag/policy.conf".source = "${policy}/policy.conf";
    environment.etc."pam_diag/ship.conf".text = shipText;

    services.pam-diag.rendered = {
      policy = policyText;
      ship = shipText;
      inherit deny;
      policyFile = policy;
    };
  };
}
