# What runs beside sshd: the directory of the records, the shipper and the pruner.
{ config, lib, ... }:

let
  inherit (builtins) attrNames concatMap;
  cfg = config.services.pam-diag;
  render = import ./render.nix { inherit lib; };

  # As shipper/systemd has it (nix/tests compares them): nothing but the records and what the sinks need.
  hardened = {
    Type = "oneshot";
    User = "diag-audit";
    Group = "diag-audit";
    Nice = 10;
    IOSchedulingClass = "idle";
    UMask = "0077";
    ProtectSystem = "strict";
    ProtectHome = true;
    PrivateTmp = true;
    PrivateDevices = true;
    PrivateUsers = true;
    PrivateIPC = true;
    ProtectHostname = true;
    ProtectClock = true;
    ProtectKernelTunables = true;
    ProtectKernelModules = true;
    ProtectKernelLogs = true;
    ProtectControlGroups = true;
    ProtectProc = "invisible";
    ProcSubset = "pid";
    NoNewPrivileges = true;
    CapabilityBoundingSet = "";
    AmbientCapabilities = "";
    RestrictNamespaces = true;
    RestrictRealtime = true;
    RestrictSUIDSGID = true;
    LockPersonality = true;
    MemoryDenyWriteExecute = true;
    RemoveIPC = true;
    SystemCallArchitectures = "native";
    SystemCallFilter = [ "@system-service" "~@privileged @resources" ];
    SystemCallErrorNumber = "EPERM";
  };
  records = "-/var/lib/pam_diag";
  # Until the first session there is nothing to do.
  hasRecords.ConditionPathExists = "/var/lib/pam_diag/audit.db";

  prunes = cfg.retention.keep != null || cfg.retention.size != null;
  pruneOptions =
    lib.optional (cfg.retention.keep != null) "--keep ${cfg.retention.keep}"
    ++ lib.optional (cfg.retention.size != null) "--size ${cfg.retention.size}"
    ++ lib.optional (cfg.sinks == { }) "--no-sinks";

  isJournal = sink: sink.type == "journald";

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
    };

    systemd.services.diag-ship = lib.mkIf (cfg.sinks != { }) {
      description = "Export of pam_diag's audit records";
      documentation = [ "man:diag-ship(8)" "man:ship.conf(5)" ];
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ];
      unitConfig = hasRecords;
      serviceConfig = hardened // {
        ExecStart = "${cfg.package}/bin/diag-ship";
        # A backlog may be long. What is cut off is not lost.
        TimeoutStartSec = "30min";
        LoadCredential = credentials;
        # To read back from the journal what was written to it.
        SupplementaryGroups = lib.optional (builtins.any isJournal (builtins.attrValues cfg.sinks)) "systemd-journal";
        ReadWritePaths = [ records ] ++ written;
        RestrictAddressFamilies = "AF_UNIX AF_INET AF_INET6";
      };
    };
    systemd.timers.diag-ship = lib.mkIf (cfg.sinks != { }) {
      description = "Export of pam_diag's audit records in time";
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnBootSec = cfg.shipping.interval;
        OnUnitInactiveSec = cfg.shipping.interval;
        RandomizedDelaySec = cfg.shipping.randomizedDelay;
        FixedRandomDelay = true;
        AccuracySec = "1s";
      };
    };

    systemd.services.diag-prune = lib.mkIf prunes {
      description = "Removal of old, exported audit records of pam_diag";
      documentation = [ "man:diagctl(8)" ];
      unitConfig = hasRecords;
      serviceConfig = hardened // {
        ExecStart = "${cfg.package}/bin/diagctl prune ${builtins.concatStringsSep " " pruneOptions}";
        TimeoutStartSec = "2h";
        ReadWritePaths = records;
        PrivateNetwork = true;
        IPAddressDeny = "any";
        RestrictAddressFamilies = "AF_UNIX";
      };
    };
    systemd.timers.diag-prune = lib.mkIf prunes {
      description = "Removal of old, exported audit records of pam_diag in time";
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnCalendar = cfg.retention.calendar;
        RandomizedDelaySec = "1h";
        Persistent = true;
      };
    };
  };
}
