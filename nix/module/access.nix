# Who comes in and how: users, keys, sshd's block, the PAM rule, the buses' rules.
{ config, lib, pkgs, ... }:

let
  inherit (builtins) concatStringsSep filter isString match readFile replaceStrings split;
  cfg = config.services.pam-diag;

  # Where the login shell is run from. In the store it is readable for everybody, and the process of a readable program can be looked into
  # and traced by every other one of its user (ptrace(2)); a copy with mode 0711 cannot. Only root writes there. Not /run/pam_diag: there
  # the supervisors listen for the operator, and a session sees none of it.
  shell = "/run/diag-shell/diag-shell";

  # `restrict` takes everything away, also what a later OpenSSH adds. The terminal is given back where one is wanted.
  isBare = key: match "(ssh-|ecdsa-|sk-).*" key != null;
  authorizedKey = key:
    "restrict" + lib.optionalString cfg.permitTTY ",pty" + (if isBare key then " " else ",") + key;

  # The packaged block without its comments: NixOS puts the file together in a shell's here-document, where their backquotes would run.
  sshdLines = filter
    (line: isString line && match " *#.*" line == null && line != "")
    (split "\n" (readFile ../../etc/sshd_config.in));
  sshdBlock = replaceStrings
    [ "@SHELL@" "Match User diag" "PermitTTY yes" "\t" ]
    [ shell "Match User ${cfg.user}" "PermitTTY ${if cfg.permitTTY then "yes" else "no"}" "  " ]
    (concatStringsSep "\n" sshdLines);

  forUser = quote: file: replaceStrings [ "${quote}diag${quote}" ] [ "${quote}${cfg.user}${quote}" ] (readFile file);

  # Behind all others, whatever they are and wherever the next nixpkgs puts them.
  otherRules = removeAttrs config.security.pam.services.sshd.rules.session [ "pam_diag" ];
  lastOrder = builtins.foldl' (most: rule: if rule.order > most then rule.order else most) 0 (builtins.attrValues otherRules);
in
{
  config = lib.mkIf cfg.enable {
    users.users.${cfg.user} = {
      isSystemUser = true;
      group = cfg.user;
      description = "Read-only diagnosis";
      home = "/var/empty";
      createHome = false;
      inherit shell;
      hashedPassword = "!";
      inherit (cfg) extraGroups;
      openssh.authorizedKeys.keys = map authorizedKey (cfg.authorizedKeys ++ lib.mapAttrsToList (_name: key: key.key) cfg.keys);
    };
    users.groups.${cfg.user} = { };

    # It owns the records and nothing else; the name is compiled in.
    users.users.diag-audit = {
      isSystemUser = true;
      group = "diag-audit";
      description = "Records of diagnostic sessions";
      home = "/var/lib/pam_diag";
      createHome = false;
    };
    users.groups.diag-audit = { };

    environment.systemPackages = [ cfg.package ] ++ cfg.extraPackages;

    # Before the units of a switch, and at boot before any unit. Moved into place: a login meets the old one or the new one.
    system.activationScripts.pam-diag-shell = ''
      mkdir -p -m 0755 /run/diag-shell
      install -m 0711 -o root -g root ${cfg.package}/bin/diag-shell ${shell}.new
      mv -fT ${shell}.new ${shell}
    '';

    # Last in the file, where it ends with `Match all`: what another module appends behind it is not caught by the block.
    services.openssh.extraConfig = lib.mkAfter "${sshdBlock}\n";

    # `required` and nothing else: an optional rule would let a session go on that could not be confined. For other users the module
    # returns PAM_IGNORE before it opens, forks or allocates anything.
    security.pam.services.sshd.rules.session.pam_diag = {
      order = lastOrder + 100;
      control = "required";
      modulePath = "${cfg.package}/lib/security/pam_diag.so";
      settings = { inherit (cfg) user; inherit shell; };
    };

    services.dbus.packages = [
      (pkgs.writeTextDir "share/dbus-1/system.d/pam_diag.conf" (forUser "\"" ../../etc/dbus.conf))
    ];
    # Not by security.polkit.extraConfig, which comes after other rules: the first that answers wins.
    environment.etc."polkit-1/rules.d/00-pam_diag.rules" = lib.mkIf config.security.polkit.enable {
      text = forUser "\"" ../../etc/polkit.rules;
    };

    services.pam-diag.rendered = {
      inherit shell;
      sshd = sshdBlock;
      dbus = forUser "\"" ../../etc/dbus.conf;
    };
  };
}
