# A guest: microVM, a root that is gone at every boot, /persist, and the services of the fleet's web host. Of pam_diag it has what fleet.nix
# gives to every host: that these services' state, the bridges', and the ssh host keys below /persist are denied follows from the
# configuration. The modules of microvm.nix, impermanence and sops-nix are the host's own; where one is not imported, what it would be told
# is left out (nix/tests evaluate with and without them).
{ lib, options, pkgs, ... }:

let
  # A service without a module of its own in nixpkgs: it runs as a user of its own and reads its secrets from a file.
  service = description: command: {
    inherit description;
    wantedBy = [ "multi-user.target" ];
    serviceConfig = { ExecStart = command; DynamicUser = true; };
  };
  secret = name: "/run/secrets/${name}";
  owned = user: directory: { inherit directory user; group = user; mode = "0700"; };
in
{
  imports = [ ./fleet.nix ];

  config = lib.mkMerge [
    {
      networking.hostName = "web-02";
      networking.domain = "cloonar.com";
      system.stateVersion = "25.05";

      fileSystems."/persist".neededForBoot = true;

      services.openssh = {
        enable = true;
        hostKeys = [
          { path = "/persist/etc/ssh/ssh_host_ed25519_key"; type = "ed25519"; }
          { path = "/persist/etc/ssh/ssh_host_rsa_key"; type = "rsa"; bits = 4096; }
        ];
      };
      users.users.root.openssh.authorizedKeys.keys = (import ./operator.nix).keys;

      services.postgresql.enable = true;
      services.matrix-synapse = {
        enable = true;
        settings.server_name = "cloonar.com";
        extraConfigFiles = [ (secret "synapse-registration") ];
      };
      services.mautrix-whatsapp.enable = true;
      services.mautrix-signal.enable = true;
      services.mautrix-telegram = {
        enable = true;
        environmentFile = secret "mautrix-telegram";
        settings.homeserver = { address = "http://localhost:8008"; domain = "cloonar.com"; };
      };
      # Its cryptography is olm, which nixpkgs marks.
      nixpkgs.config.permittedInsecurePackages = [ "olm-3.2.16" ];

      services.n8n.enable = true;
      # Its source is open and its license is not free: nixpkgs asks for each such package.
      nixpkgs.config.allowUnfreePredicate = package: builtins.elem (lib.getName package) [ "n8n" ];
      services.zammad = {
        enable = true;
        secretKeyBaseFile = secret "zammad-secret-key-base";
      };
      services.invidious = {
        enable = true;
        domain = "invidious.cloonar.com";
        hmacKeyFile = secret "invidious-hmac";
        extraSettingsFile = secret "invidious-settings";
      };

      systemd.services.matrix-authentication-service =
        service "Matrix authentication" "${pkgs.matrix-authentication-service or pkgs.hello}/bin/mas-cli server"
        // { environment.MAS_CONFIG = "/etc/matrix-authentication-service/config.yaml:${secret "matrix-authentication-service"}"; };
      systemd.services.invidious-companion = lib.recursiveUpdate
        (service "Companion of Invidious" "${pkgs.hello}/bin/invidious-companion")
        { serviceConfig.EnvironmentFile = secret "invidious-companion"; };
      systemd.services.mcp-forgejo = lib.recursiveUpdate
        (service "MCP server for Forgejo" "${pkgs.hello}/bin/mcp-forgejo")
        { serviceConfig.LoadCredential = "token:${secret "mcp-forgejo"}"; };
      systemd.services.phpldapadmin = lib.recursiveUpdate
        (service "phpLDAPadmin" "${pkgs.hello}/bin/phpldapadmin")
        { serviceConfig.StateDirectory = "phpldapadmin"; };
      systemd.services.lab = lib.recursiveUpdate
        (service "Lab" "${pkgs.hello}/bin/lab")
        { serviceConfig = { StateDirectory = "lab"; EnvironmentFile = "-/persist/lab/environment"; }; };
    }

    (lib.optionalAttrs (!(options ? microvm)) {
      boot.loader.grub.enable = false;
      fileSystems."/" = { device = "tmpfs"; fsType = "tmpfs"; options = [ "mode=0755" ]; };
      fileSystems."/persist" = { device = "/dev/disk/by-label/persist"; fsType = "ext4"; };
    })

    (lib.optionalAttrs (options ? microvm) {
      microvm = {
        hypervisor = "cloud-hypervisor";
        vcpu = 4;
        mem = 8192;
        shares = [{ source = "/nix/store"; mountPoint = "/nix/.ro-store"; tag = "store"; proto = "virtiofs"; }];
        volumes = [{ image = "persist.img"; mountPoint = "/persist"; size = 65536; }];
        interfaces = [{ type = "tap"; id = "web-02"; mac = "02:00:00:00:00:02"; }];
      };
    })

    (lib.optionalAttrs (options.environment ? persistence) {
      environment.persistence."/persist" = {
        hideMounts = true;
        files = [ "/etc/machine-id" ];
        directories = [
          "/var/log"
          "/var/lib/nixos"
          "/var/lib/systemd"
          "/var/lib/private"
          "/var/lib/postgresql"
          (owned "matrix-synapse" "/var/lib/matrix-synapse")
          (owned "mautrix-whatsapp" "/var/lib/mautrix-whatsapp")
          (owned "mautrix-signal" "/var/lib/mautrix-signal")
          (owned "zammad" "/var/lib/zammad")
          # The records, as every impermanent host keeps them: pam_diag's module asks for it.
          (owned "diag-audit" "/var/lib/pam_diag")
        ];
      };
    })

    # The services' secrets, as they were before: none is for pam_diag.
    (lib.optionalAttrs (options ? sops) {
      sops = {
        defaultSopsFile = "/persist/secrets/web-02.yaml";
        validateSopsFiles = false;
        age.sshKeyPaths = [ "/persist/etc/ssh/ssh_host_ed25519_key" ];
        secrets = lib.genAttrs [
          "synapse-registration"
          "mautrix-telegram"
          "zammad-secret-key-base"
          "invidious-hmac"
          "invidious-settings"
          "invidious-companion"
          "matrix-authentication-service"
          "mcp-forgejo"
        ]
          (_name: { });
      };
    })
  ];
}
