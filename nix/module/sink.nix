# One sink: section [sink NAME] of ship.conf, and the credentials of the unit.
{ lib, t }:

let
  inherit (lib) mkOption types;
  value = types.oneOf [ types.bool types.int t.line ];
in
{
  options = {
    type = mkOption {
      type = t.word;
      example = "loki";
      description = "Its type, one of {manpage}`ship.conf(5)`.";
    };
    settings = mkOption {
      type = types.attrsOf (types.either value (types.listOf value));
      default = { };
      example = { url = "https://logs.example.net/loki/api/v1/push"; label = [ "job=pam_diag" ]; gzip = true; };
      description = "Its keys. A list stands for a key that is written several times.";
    };
    credentials = mkOption {
      type = types.attrsOf t.pattern;
      default = { };
      example = { token = "/run/secrets/loki-token"; };
      description = ''
        Files with secrets, by the key that names them. systemd hands them to diag-ship alone, whoever owns them; they are never copied to
        the store.
      '';
    };
  };
}
