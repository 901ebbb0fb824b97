# What services keep that a diagnostic session must not read, by the name that `services.pam-diag.denyServices` takes.
#
# `paths` are patterns of pam_diag.conf(5). State of DynamicUser units lies in /var/lib/private, which is denied as a whole; its name below
# /var/lib is a link to there and is listed so that a refusal names what was asked for. `options` are NixOS options whose values are
# paths of secrets; those that the host's NixOS does not have, or that are not set, add nothing.
let
  state = name: [ "/var/lib/${name}" "/var/lib/private/${name}" ];
  bridge = name: { paths = state name ++ [ "/run/${name}" ]; options = [ [ name "environmentFile" ] ]; };
in
{
  acme = { paths = [ "/var/lib/acme" ]; options = [ ]; };

  synapse = {
    paths = state "matrix-synapse" ++ [ "/run/matrix-synapse" "/etc/matrix-synapse" ];
    options = [ [ "matrix-synapse" "extraConfigFiles" ] ];
  };

  # It has no state directory of its own: the secrets are in the files that are added to its configuration.
  matrix-authentication-service = {
    paths = state "matrix-authentication-service" ++ [ "/etc/matrix-authentication-service" "/run/matrix-authentication-service" ];
    options = [
      [ "matrix-authentication-service" "extraConfigFiles" ]
      [ "matrix-authentication-service" "configFile" ]
    ];
  };

  mautrix-discord = bridge "mautrix-discord";
  mautrix-facebook = bridge "mautrix-facebook";
  mautrix-googlechat = bridge "mautrix-googlechat";
  mautrix-meta = { paths = [ "/var/lib/mautrix-meta*" "/var/lib/private/mautrix-meta*" "/run/mautrix-meta*" ]; options = [ ]; };
  mautrix-signal = bridge "mautrix-signal";
  mautrix-slack = bridge "mautrix-slack";
  mautrix-telegram = bridge "mautrix-telegram";
  mautrix-whatsapp = bridge "mautrix-whatsapp";
  # Every other one, and instances of any name. Some of these directories are 0755, with the bridge's tokens inside.
  mautrix = { paths = [ "/var/lib/mautrix-*" "/var/lib/private/mautrix-*" "/etc/mautrix-*" ]; options = [ ]; };

  n8n = { paths = state "n8n" ++ [ "/etc/n8n" ]; options = [ ]; };

  zammad = {
    paths = state "zammad" ++ [ "/run/zammad" ];
    options = [ [ "zammad" "secretKeyBaseFile" ] [ "zammad" "database" "passwordFile" ] ];
  };

  invidious = {
    paths = state "invidious" ++ state "invidious-companion" ++ [ "/run/invidious" ];
    options = [
      [ "invidious" "extraSettingsFile" ]
      [ "invidious" "hmacKeyFile" ]
      [ "invidious" "database" "passwordFile" ]
    ];
  };

  openldap = { paths = state "openldap" ++ [ "/etc/openldap/slapd.d" "/etc/ldap.secret" ]; options = [ ]; };
  phpldapadmin = { paths = state "phpldapadmin" ++ [ "/etc/phpldapadmin" ]; options = [ ]; };

  postgresql = { paths = [ "/var/lib/postgresql" "/run/postgresql" "/var/backup/postgresql" ]; options = [ ]; };
  mysql = { paths = [ "/var/lib/mysql" "/run/mysqld" "/var/backup/mysql" ]; options = [ ]; };
  redis = { paths = [ "/var/lib/redis*" "/run/redis*" ]; options = [ ]; };

  forgejo = {
    paths = state "forgejo" ++ state "mcp-forgejo" ++ [ "/run/forgejo" ];
    options = [ [ "forgejo" "database" "passwordFile" ] ];
  };
  gitea = { paths = state "gitea" ++ [ "/run/gitea" ]; options = [ [ "gitea" "database" "passwordFile" ] ]; };

  grafana = { paths = state "grafana"; options = [ ]; };
  nextcloud = {
    paths = state "nextcloud";
    options = [ [ "nextcloud" "config" "adminpassFile" ] [ "nextcloud" "config" "dbpassFile" ] [ "nextcloud" "secretFile" ] ];
  };
  vaultwarden = {
    paths = state "vaultwarden" ++ state "bitwarden_rs";
    options = [ [ "vaultwarden" "environmentFile" ] ];
  };
  mail = {
    paths = [ "/var/vmail" "/var/mail" "/var/spool/mail" "/var/lib/dovecot" "/var/lib/rspamd" "/var/lib/dkim" "/var/dkim" "/var/lib/postfix" ];
    options = [ ];
  };
  samba = { paths = [ "/var/lib/samba/private" "/var/lib/samba/*.tdb" ]; options = [ ]; };
  tailscale = { paths = [ "/var/lib/tailscale" ]; options = [ [ "tailscale" "authKeyFile" ] ]; };
  containers = {
    paths = [ "/var/lib/docker" "/var/lib/containers" "/var/lib/nixos-containers" "/var/lib/machines" "/var/lib/libvirt" "/var/lib/microvms" ];
    options = [ ];
  };
}
