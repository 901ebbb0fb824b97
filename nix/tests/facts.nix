# What the checks look at of an evaluated host, whether it was evaluated by nixpkgs or by the stub: texts and values that JSON can hold.
config:

let
  inherit (builtins) attrNames concatMap filter isString listToAttrs map match replaceStrings split toString;
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
  policyBuild = cfg.rendered.policyFile.buildCommand;
  records = { inherit (config.systemd.tmpfiles.settings."10-pam_diag"."/var/lib/pam_diag".d) user group mode; };
  package = toString cfg.package;
  # What the package is built with, by nixpkgs or by the stub.
  build =
    let
      made = cfg.package.arguments or cfg.package;
      placed = replaceStrings [ (placeholder "out") ] [ (toString cfg.package) ];
    in
    { makeFlags = map placed made.makeFlags; inherit (made) installPhase preCheck checkTarget; };
  units = listToAttrs (map unit (filter (name: match "diag-.*" name != null) (attrNames config.systemd.units)));
  secretsFiles = attrNames (config.sops.secrets or { });
}
