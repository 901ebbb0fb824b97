# What the checks look at of an evaluated host, whether it was evaluated by nixpkgs or by the stub: texts and values that JSON can hold.
config:

let
  inherit (builtins) attrNames concatMap filter isString listToAttrs map match split toString;
  cfg = config.services.pam-diag;
  unit = name: { inherit name; value = config.systemd.units.${name}.text; };
  lines = text: filter isString (split "\n" text);
  user = config.users.users.${cfg.user};
in
{
  inherit (cfg.rendered) policy ship deny sshd shell dbus;
  hostName = config.networking.hostName;
  failed = map (one: one.message) (filter (one: !one.assertion) config.assertions);
  warnings = config.warnings;
  extraConfig = config.services.openssh.extraConfig;
  pam = filter (line: match "session .*" line != null) (lines config.security.pam.services.sshd.text);
  keys = user.openssh.authorizedKeys.keys;
  user = { inherit (user) isSystemUser group shell hashedPassword extraGroups home; };
  namedKeys = builtins.mapAttrs (_name: key: key.key) cfg.keys;
  polkit = config.environment.etc."polkit-1/rules.d/00-pam_diag.rules".text or "";
  activation = toString (config.system.activationScripts.pam-diag-shell.text or config.system.activationScripts.pam-diag-shell);
  package = toString cfg.package;
  units = listToAttrs (map unit (filter (name: match "diag-.*" name != null) (attrNames config.systemd.units)));
  secretsFiles = attrNames (config.sops.secrets or { });
}
