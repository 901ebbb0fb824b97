# What runs beside sshd: the directory of the records, the shipper and the pruner.
{ config, lib, ... }:

let
  inherit (builtins) attrNames concatMap;
  cfg = config.services.pam-diag;
  render = import ./render.nix { inherit lib; };

  # Nothing but the records and what the sinks need. ProtectSystem=strict leaves /var/lib/pam_diag alone writable, by StateDirectory.
  hardened = {
    Type = "oneshot";
    User = "diag-audit";
    Group = "diag-audit";
    StateDirectory = "pam_diag";
    StateDirectoryMode = "0700";
    UMask = "0077";
    CapabilityBoundingSet = "";
    AmbientCapabilities = "";
    NoNewPrivileges = true;
    LockPersonality = true;
    MemoryDenyWriteExecute = true;
    PrivateDevices = true;
    PrivateTmp = true;
    PrivateUsers = true;
    ProcSubset = "pid";
    ProtectClock = true;
    ProtectControlGroups = true;
    ProtectHome = true;
    ProtectHostname = true;
    ProtectKernelLogs = true;
    ProtectKernelModules = true;
    ProtectKernelTunables = true;
    ProtectProc = "invisible";
    ProtectSystem = "strict";
    RemoveIPC = true;
    RestrictNamespaces = true;
    RestrictRealtime = true;
    RestrictSUIDSGID = true;
    SystemCallArchitectures = "native";
    SystemCallFilter = [ "@system-service" "~@privileged @resources" ];
    SystemCallErrorNumber = "EPERM";
  };

  credentials = concatMap
    (sink: map
      (name: "${render.credentialName sink name}:${cfg.sinks.${sink}.credentials.${name}}")
      (attrNames cfg.sinks.${sink}.credentials))
    (attrNames cfg.sinks);

  # What a sink of the type jsonl writes to lies outside of the unit's own directory.
  directoryOf = path: builtins.head (builtins.match "(.*)/[^/]*" path);
  written = concatMap
    (sink:
      let path = cfg.sinks.${sink}.settings.path or null; in
      if cfg.sinks.${sink}.type == "jsonl" && path != null then [ "-${directoryOf path}" ] else [ ])
    (attrNames cfg.sinks);
in
{
  config = lib.mkIf cfg.enable {
    # Before the first session: whoever else could open a file in it could block every writer, and a blocked writer blocks logins.
    systemd.tmpfiles.settings."10-pam_diag" = {
      "/var/lib/pam_diag".d = { user = "diag-audit"; group = "diag-audit"; mode = "0700"; };
      "/run/pam_diag".d = { user = "root"; group = "root"; mode = "0755"; };
    };

    systemd.services.diag-ship = lib.mkIf (cfg.sinks != { }) {
      description = "Export the records of diagnostic sessions";
      documentation = [ "man:diag-ship(8)" ];
      wants = [ "network-online.target" ];
      after = [ "network-online.target" "systemd-tmpfiles-setup.service" ];
      serviceConfig = hardened // {
        ExecStart = "${cfg.package}/bin/diag-ship";
        LoadCredential = credentials;
        ReadWritePaths = written;
        RestrictAddressFamilies = [ "AF_UNIX" "AF_INET" "AF_INET6" ];
        # 75: the sink is away. The timer is the retry; the backlog is kept, and `diagctl status` tells of it.
        SuccessExitStatus = [ 75 ];
      };
    };
    systemd.timers.diag-ship = lib.mkIf (cfg.sinks != { }) {
      description = "Export the records of diagnostic sessions in time";
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnBootSec = cfg.shipping.interval;
        OnUnitInactiveSec = cfg.shipping.interval;
        RandomizedDelaySec = cfg.shipping.randomizedDelay;
        AccuracySec = "1s";
      };
    };

    systemd.services.diag-prune = lib.mkIf (cfg.retention.keep != null) {
      description = "Remove old and acknowledged records of diagnostic sessions";
      documentation = [ "man:diagctl(8)" ];
      after = [ "systemd-tmpfiles-setup.service" ];
      serviceConfig = hardened // {
        ExecStart = "${cfg.package}/bin/diagctl prune --keep ${cfg.retention.keep}"
          + lib.optionalString (cfg.sinks == { }) " --no-sinks";
        PrivateNetwork = true;
        RestrictAddressFamilies = "none";
      };
    };
    systemd.timers.diag-prune = lib.mkIf (cfg.retention.keep != null) {
      description = "Remove old and acknowledged records of diagnostic sessions in time";
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnCalendar = cfg.retention.calendar;
        RandomizedDelaySec = "1h";
        Persistent = true;
      };
    };
  };
}
