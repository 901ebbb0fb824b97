# The options of `services.pam-diag`. What they do is in the files beside this one.
{ config, lib, pkgs, ... }:

let
  inherit (lib) literalExpression mkOption types;
  t = import ./types.nix { inherit lib; };
  defaults = import ../defaults.nix;
  presets = import ../presets.nix;
  keyOptions = import ./key.nix { inherit lib t; };
  sinkOptions = import ./sink.nix { inherit lib t; };

  limit = type: default: description: mkOption {
    inherit type default;
    example = default;
    description = "${description} `0` means no limit.";
  };
in
{
  options.services.pam-diag = {
    enable = lib.mkEnableOption "an ssh account for diagnosis that is read-only, confined and recorded";

    package = mkOption {
      type = types.package;
      default = pkgs.callPackage ../package.nix { };
      defaultText = literalExpression "pkgs.callPackage ../package.nix { }";
      example = literalExpression "pkgs.pam_diag";
      description = "The package of pam_diag.";
    };

    user = mkOption {
      type = (types.strMatching "[a-z_][a-z0-9_-]{0,30}") // { description = "name of a user"; };
      default = "diag";
      example = "diag";
      description = "Name of the account. It is made as a system user without a password and has no other purpose.";
    };

    extraGroups = mkOption {
      type = types.listOf types.str;
      default = [ "systemd-journal" ];
      example = [ "systemd-journal" "adm" ];
      description = "Groups of the account. They only widen what files' modes let it read; the policy still decides.";
    };

    authorizedKeys = mkOption {
      type = types.listOf t.publicKey;
      default = [ ];
      example = [ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleExa agent@dev" ];
      description = ''
        Public keys with all that the policy allows. Each is written with `restrict`. A key that is to have less, a name in the records or an
        end, is one of {option}`services.pam-diag.keys`.
      '';
    };

    keys = mkOption {
      type = types.attrsOf (types.submodule keyOptions);
      default = { };
      example = literalExpression ''
        { vendor = { key = "ssh-ed25519 AAAA… vendor"; commands = [ "journalctl" "cat" ]; expires = "2027-01-01"; rate = 30; }; }
      '';
      description = "Keys by the name that records show, each with its own bounds.";
    };

    unknownKey = mkOption {
      type = types.enum [ "allow" "refuse" ];
      default = if config.services.pam-diag.authorizedKeys == [ ] then "refuse" else "allow";
      defaultText = literalExpression ''if authorizedKeys == [ ] then "refuse" else "allow"'';
      example = "refuse";
      description = "What becomes of a login by a key that {option}`services.pam-diag.keys` does not name.";
    };

    permitTTY = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = "Whether a session may have a terminal. A command never has one, also with `ssh -t`.";
    };

    commands = mkOption {
      type = types.listOf (types.enum defaults.profiles);
      default = defaults.commands;
      defaultText = literalExpression "those of etc/policy.conf, without other distributions' package managers";
      example = [ "systemctl" "journalctl" "cat" "ls" ];
      description = "Packaged profiles that are in force, all of what may run besides {option}`services.pam-diag.extraCommands`.";
    };

    extraCommands = mkOption {
      type = types.attrsOf (import ./grammar.nix { inherit lib t; });
      default = { };
      example = literalExpression ''
        { nginx = { summary = "Check the configuration"; flags = [ [ "-t" ] [ "-T" ] ]; }; }
      '';
      description = "Commands of one's own, each a grammar of {manpage}`pam_diag.conf(5)`.";
    };

    extraPackages = mkOption {
      type = types.listOf types.package;
      default = [ ];
      example = literalExpression "[ pkgs.lsof pkgs.dnsutils pkgs.sysstat ]";
      description = "Packages added to the system whose programs the profiles name. A profile without its program says so and refuses.";
    };

    searchPath = mkOption {
      type = types.nonEmptyListOf t.pattern;
      default = [ "/run/current-system/sw/bin" ];
      example = [ "/run/current-system/sw/bin" ];
      description = "Directories in which programs are looked up. `/run/wrappers` has no place here: its programs gain rights.";
    };

    paths = {
      allow = mkOption {
        type = types.listOf t.pattern;
        default = defaults.allow;
        defaultText = literalExpression "those of etc/policy.conf";
        example = [ "/var/log" "/etc" "/proc/*" ];
        description = "Trees that commands may be pointed at. A definition takes the place of the packaged list; `extraAllow` adds to it.";
      };
      extraAllow = mkOption {
        type = types.listOf t.pattern;
        default = [ ];
        example = [ "/var/lib/prometheus2" ];
        description = "More such trees.";
      };
      list = mkOption {
        type = types.listOf t.pattern;
        default = defaults.list;
        defaultText = literalExpression "those of etc/policy.conf";
        example = [ "/" ];
        description = "Trees in which names, sizes and owners may be seen, but no contents.";
      };
      deny = mkOption {
        type = types.listOf t.pattern;
        default = [ ];
        example = [ "/srv/private" ];
        description = ''
          Paths that no command reads, besides those that are denied anyway, of {option}`services.pam-diag.denyServices` and of
          {option}`services.pam-diag.secrets`. Deny wins over allow, by every name, link and mount of a path, and holds below each
          persistence root too.
        '';
      };
    };

    denyServices = mkOption {
      type = types.listOf (types.enum (builtins.attrNames presets));
      default = builtins.attrNames presets;
      defaultText = literalExpression "all of them";
      example = [ "synapse" "mautrix" "postgresql" ];
      description = "Services whose state and secrets are denied, whether or not they run on this host.";
    };

    secrets = {
      find = mkOption {
        type = types.listOf (types.enum [ "sops" "agenix" "units" "host" ]);
        default = [ "sops" "agenix" "units" "host" ];
        example = [ "sops" "host" ];
        description = ''
          Where the configuration is searched for secrets, which are denied: sops-nix and agenix; each unit's `EnvironmentFile`,
          `LoadCredential` and `StateDirectory`; the host's own keys and files of password hashes.
        '';
      };
      except = mkOption {
        type = types.listOf t.pattern;
        default = [ ];
        example = [ "/var/lib/prometheus2" ];
        description = "Found ones that are not denied. What is always denied, and presets, stay so.";
      };
    };

    persistenceRoots = mkOption {
      type = types.listOf t.pattern;
      default = lib.mapAttrsToList (name: root: root.persistentStoragePath or name) (config.environment.persistence or { });
      defaultText = literalExpression "those of environment.persistence";
      example = [ "/persist" ];
      description = "Where an impermanent host keeps what it mounts elsewhere; each deny holds there too.";
    };

    hosts = {
      allow = mkOption {
        type = types.listOf t.word;
        default = defaults.hosts;
        defaultText = literalExpression "those of etc/policy.conf";
        example = [ "10.0.0.0/8" "undotted" ];
        description = "Hosts that may be named in a query. A query for a name carries data out; `extraAllow` adds to this list.";
      };
      extraAllow = mkOption {
        type = types.listOf t.word;
        default = lib.optionals ((config.networking.domain or null) != null) [ config.networking.domain "*.${config.networking.domain}" ];
        defaultText = literalExpression "the host's own domain";
        example = [ "*.example.net" ];
        description = "More such hosts.";
      };
    };

    limits = {
      timeout = limit t.span defaults.limits.timeout "How long a command may run.";
      output = limit t.bytes defaults.limits.output "How many bytes a command may print.";
      memory = limit t.bytes defaults.limits.memory "How many bytes of address space each process may have.";
      cpu = limit t.seconds defaults.limits.cpu "How much processor time each process may use.";
      processes = limit t.number defaults.limits.processes "How many processes the user may have for a command to start another one.";
      concurrency = limit t.number "16" "How many commands one connection may run at once.";
    };

    acceptMissing = mkOption {
      type = types.listOf (types.enum [ "landlock-truncate" "landlock-net" "landlock-scope" "landlock-ioctl" "cgroup-kill" ]);
      default = [ ];
      example = [ "landlock-scope" ];
      description = "Layers of the confinement that the kernel may lack. Without it their absence refuses every session.";
    };

    kernelAudit = mkOption {
      type = types.nullOr (types.enum [ "yes" "no" "required" ]);
      default = null;
      example = "required";
      description = ''
        The kernel's audit system as a second witness: `yes` where it is there, `required` refuses without it, `null` leaves it to the
        program.
      '';
    };

    extraPolicy = mkOption {
      type = types.lines;
      default = "";
      example = ''
        [types]
        queue = match [a-z]+
      '';
      description = "More of the policy in its own language, at its end. An assertion reads only what the options say.";
    };

    sinks = mkOption {
      type = types.attrsOf (types.submodule sinkOptions);
      default = { journal.type = "journald"; };
      example = literalExpression ''
        { loki = { type = "loki"; settings.url = "https://logs.example.net/loki/api/v1/push"; credentials.token = "/run/secrets/loki"; }; }
      '';
      description = "Where the records go, as {manpage}`ship.conf(5)` describes it. Without a sink they stay on the host.";
    };

    shipping = {
      interval = mkOption {
        type = t.span;
        default = "30s";
        example = "5m";
        description = "How long after a run of diag-ship the next one starts.";
      };
      randomizedDelay = mkOption {
        type = t.span;
        default = "10s";
        example = "1m";
        description = "By how much each run is put off at random, so that a fleet does not call at once.";
      };
    };

    retention = {
      keep = mkOption {
        type = types.nullOr t.age;
        default = "90d";
        example = "365d";
        description = "How old a record becomes before it is pruned, and only once every sink has acknowledged it. `null` prunes nothing.";
      };
      size = mkOption {
        type = types.nullOr t.bytes;
        default = null;
        example = "2G";
        description = "How large the records may become before the oldest acknowledged ones are pruned. `null` sets no bound.";
      };
      calendar = mkOption {
        type = types.str;
        default = "daily";
        example = "Sun 03:00";
        description = "When it is pruned, as {manpage}`systemd.time(7)` writes it.";
      };
    };

    rendered = mkOption {
      type = types.attrsOf types.unspecified;
      internal = true;
      example = { };
      description = "The texts that the module has written, and the policy as it is built, for its tests.";
    };
  };
}
