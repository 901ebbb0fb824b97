# A stand-in for NixOS: what nix/ reads of it, with NixOS' defaults, and how NixOS renders what nix/ writes. The numbers of the PAM rules
# are nixpkgs' way of counting.
{ persistence ? false, sops ? false, microvm ? false }:

{ config, lib, pkgs, ... }:

let
  inherit (builtins) attrNames attrValues concatMap concatStringsSep filter isBool isList map sort toString;
  inherit (lib) mkOption types;
  value = default: mkOption { inherit default; type = types.unspecified; };
  set = inner: mkOption { type = types.attrsOf inner; default = { }; };
  anySet = set (types.submodule { options = { }; });

  rule = number: module: { enable = true; order = 10000 + 100 * number; control = "required"; modulePath = module; settings = { }; };
  argument = settings: name:
    let one = settings.${name}; in
    if one == true then [ name ] else if one == false || one == null then [ ] else [ "${name}=${toString one}" ];
  line = one: concatStringsSep " " ([ "session" one.control one.modulePath ] ++ concatMap (argument one.settings) (attrNames one.settings));
  rules = sort (a: b: a.order < b.order) (filter (one: one.enable or true) (attrValues config.security.pam.services.sshd.rules.session));

  shown = one: if isBool one then (if one then "true" else "false") else toString one;
  assignments = set: concatMap
    (name: map (one: "${name}=${shown one}") (if isList set.${name} then set.${name} else [ set.${name} ]))
    (attrNames set);
  unit = one: kind: concatStringsSep "\n" (
    [ "[Unit]" ] ++ assignments { Description = one.description or ""; After = concatStringsSep " " (one.after or [ ]); Wants = concatStringsSep " " (one.wants or [ ]); }
    ++ assignments (one.unitConfig or { })
    ++ [ "" "[${kind}]" ] ++ assignments (one.serviceConfig or { } // one.timerConfig or { })
    ++ (if one ? wantedBy then [ "" "[Install]" ] ++ assignments { WantedBy = one.wantedBy; } else [ ])
  ) + "\n";
  units = kind: suffix: all: builtins.listToAttrs (concatMap
    (name: if all.${name} == { } then [ ] else [{ name = "${name}.${suffix}"; value.text = unit all.${name} kind; }])
    (attrNames all));
in
{
  options = {
    assertions = mkOption { type = types.listOf types.unspecified; default = [ ]; };
    warnings = mkOption { type = types.listOf types.str; default = [ ]; };
    boot.kernelPackages = value pkgs.linuxPackages;
    boot.isContainer = value false;
    boot.specialFileSystems = anySet;
    fileSystems = anySet;
    environment.etc = anySet;
    environment.systemPackages = mkOption { type = types.listOf types.package; default = [ ]; };
    networking.domain = value null;
    networking.hostName = value "nixos";
    networking.wireguard.interfaces = anySet;
    security.polkit.enable = value false;
    security.pam.services = anySet;
    system.activationScripts = set types.str;
    systemd.services = anySet;
    systemd.timers = anySet;
    services.dbus.packages = mkOption { type = types.listOf types.package; default = [ ]; };
    services.invidious.hmacKeyFile = value null;
    services.invidious.extraSettingsFile = value null;
    # Without a default, as nixpkgs has it.
    services.nextcloud.config.adminpassFile = mkOption { type = types.str; };
    services.openssh = {
      enable = value false;
      extraConfig = mkOption { type = types.lines; default = ""; };
      hostKeys = value [{ path = "/etc/ssh/ssh_host_rsa_key"; type = "rsa"; } { path = "/etc/ssh/ssh_host_ed25519_key"; type = "ed25519"; }];
      settings.UsePAM = value true;
      settings.AllowUsers = value null;
      settings.DenyUsers = value null;
      settings.AllowGroups = value null;
      settings.DenyGroups = value null;
    };
    users.users = set (types.submodule {
      options = {
        isNormalUser = value false;
        hashedPasswordFile = value null;
        openssh.authorizedKeys.keys = mkOption { type = types.listOf types.str; default = [ ]; };
      };
    });
  }
  // lib.optionalAttrs sops {
    sops = {
      defaultSopsFile = value null;
      validateSopsFiles = value true;
      age.sshKeyPaths = value [ ];
      secrets = set (types.submodule ({ name, ... }: { options.path = value "/run/secrets/${name}"; }));
    };
  }
  // lib.optionalAttrs microvm { microvm = value { }; };

  imports = lib.optional persistence { options.environment.persistence = anySet; };

  config = {
    security.pam.services.sshd = {
      rules.session = {
        env = rule 1 "pam_env.so";
        unix = rule 2 "pam_unix.so";
        loginuid = rule 3 "pam_loginuid.so";
        systemd = rule 11 "pam_systemd.so" // { control = "optional"; };
        limits = rule 13 "pam_limits.so";
      };
      text = lib.mkDefault (concatStringsSep "\n" (map line rules) + "\n");
    };
    services.openssh.extraConfig = lib.mkOrder 0 "Port 22\nAuthorizedKeysFile /etc/ssh/authorized_keys.d/%u\n";
    systemd.units = units "Service" "service" config.systemd.services // units "Timer" "timer" config.systemd.timers;
  };
}
