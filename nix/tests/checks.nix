# What must hold of the rendered texts, evaluated with the stubs: a text with a line a check, "ok NAME" or "not ok NAME: what was seen".
# tests/nix/check.sh prints and counts them, and hands the texts to the real programs.
let
  inherit (builtins) all any attrNames concatLists concatMap concatStringsSep elem filter head isString length match split toJSON;
  lib = import ./stub/lib.nix;
  stub = arguments: (import ./stub arguments).config;
  facts = config: import ./facts.nix config;
  lines = text: filter isString (split "\n" text);
  has = part: text: match ".*${lib.escapeRegex (builtins.unsafeDiscardStringContext part)}.*" text != null;
  without = a: b: filter (one: !elem one b) a;

  all3 = { persistence = true; sops = true; microvm = true; };
  web = stub (all3 // { modules = [ ../hosts/web-02.nix ]; });
  webFacts = (import ./cases.nix { }).web;
  bareFacts = (import ./cases.nix { }).bare;
  hostWith = module: facts (stub { modules = [ ../hosts/bare-metal.nix module ]; });
  host = definitions: hostWith { services.pam-diag = definitions; };

  check = name: seen: wanted:
    if seen == wanted then "ok ${name}" else "not ok ${name}: ${toJSON seen}, wanted ${toJSON wanted}";
  holds = name: seen: check name seen true;

  # --- The seed case ------------------------------------------------------------------------------------------------------------------------
  withoutModule = facts' (stub (all3 // { modules = [ ../hosts/web-02.nix { services.pam-diag.enable = lib.mkForce false; } ]; }));
  facts' = config: { users = attrNames config.users.users; secrets = attrNames config.sops.secrets; };

  denied = path: any (pattern: (import ../module/hides.nix { inherit lib; }).covers pattern path) webFacts.deny;
  secrets = [
    "/var/lib/matrix-synapse/homeserver.signing.key"
    "/persist/var/lib/matrix-synapse/homeserver.signing.key"
    "/var/lib/mautrix-whatsapp/config.yaml"
    "/var/lib/mautrix-telegram/session"
    "/var/lib/private/mautrix-signal/db"
    "/persist/var/lib/private/n8n/.n8n/config"
    "/etc/matrix-authentication-service/config.yaml"
    "/run/secrets/matrix-authentication-service"
    "/var/lib/n8n/.n8n/config"
    "/var/lib/zammad/secrets"
    "/persist/var/lib/zammad/secrets"
    "/run/secrets/invidious-companion"
    "/persist/lab/environment"
    "/var/lib/phpldapadmin/config"
    "/persist/etc/ssh/ssh_host_ed25519_key"
    "/persist/etc/ssh/ssh_host_rsa_key"
    "/etc/ssh/ssh_host_ed25519_key"
    "/persist/root/.bash_history"
    "/var/lib/pam_diag/audit.db"
    "/persist/var/lib/pam_diag/audit.db"
    "/persist/var/lib/postgresql/17"
    "/etc/shadow"
    "/persist/etc/shadow"
  ];
  open = [ "/var/log/journal" "/persist/var/log/journal" "/etc/hostname" "/nix/store" "/proc/meminfo" "/run/current-system/sw/bin/ls" ];

  numbered = prefix: text:
    let all' = lines text; in
    filter (i: lib.hasPrefix prefix (builtins.elemAt all' i)) (lib.range 0 (length all' - 1));

  seed = [
    (check "web-02: evaluates, and no assertion fails" webFacts.failed [ ])
    (check "bare-metal: evaluates, and no assertion fails" bareFacts.failed [ ])
    (check "web-02: the users are there by the shared module alone" (without (attrNames web.users.users) withoutModule.users) [ "diag" "diag-audit" ])
    (check "web-02: no secret is added" webFacts.secretsFiles withoutModule.secrets)
    (check "web-02: the account" webFacts.user {
      isSystemUser = true;
      group = "diag";
      shell = "/run/diag-shell/diag-shell";
      hashedPassword = "!";
      extraGroups = [ "systemd-journal" ];
      home = "/var/empty";
    })
    (check "web-02: the one package that is not free, and no other" (map (pname: web.nixpkgs.config.allowUnfreePredicate { inherit pname; }) [ "n8n" "vault" ]) [ true false ])
    (holds "web-02: each key is restricted" (webFacts.keys != [ ] && all (lib.hasPrefix "restrict,pty ssh-ed25519 ") webFacts.keys))
    (check "web-02: its secrets are denied" (filter (path: !denied path) secrets) [ ])
    (check "web-02: what is no secret is not" (filter denied open) [ ])
    (holds "web-02: deny stands before allow" (
      let
        paths = builtins.elemAt (split "\\[paths]" webFacts.policy) 2;
        denies = numbered "deny = " paths;
        allows = numbered "allow = " paths;
      in
      denies != [ ] && lib.last denies < head allows
    ))
    (check "both hosts: the policies differ in denies alone"
      (filter (line: !lib.hasPrefix "deny = " line)
        (without (lines webFacts.policy) (lines bareFacts.policy) ++ without (lines bareFacts.policy) (lines webFacts.policy))) [ ])
    (check "both hosts: the same key, stack, block and units"
      { inherit (webFacts) keys pam sshd units shell ship; }
      { inherit (bareFacts) keys pam sshd units shell ship; })
    (holds "the PAM rule is required and last" (match "session required /nix/store/[^ ]*/lib/security/pam_diag.so shell=/run/diag-shell/diag-shell user=diag" (lib.last webFacts.pam) != null))
    (check "the stack is otherwise as it was" (length webFacts.pam) 6)
    (holds "sshd: the block ends the file, and itself" (lib.last (filter (line: line != "") (lines webFacts.extraConfig)) == "Match all"))
    (holds "sshd: the block stands behind what others add" (
      match ".*\nLogLevel VERBOSE\n.*Match all\n+" (import ./cases.nix { }).full.extraConfig != null
    ))
    (check "no package manager of others" (filter (name: elem name web.services.pam-diag.commands) [ "apt" "dpkg" "rpm" ]) [ ])
    (holds "sshd: nothing that a shell would expand" (match ".*[$`\\].*" webFacts.sshd == null))
    (check "sshd: the block" (filter (line: line != "") (lines webFacts.sshd)) [
      "Match User diag"
      "  ForceCommand /run/diag-shell/diag-shell"
      "  DisableForwarding yes"
      "  PermitTunnel no"
      "  PermitUserRC no"
      "  AcceptEnv none"
      "  PermitTTY yes"
      "  AuthenticationMethods publickey"
      "  AuthorizedKeysFile /etc/ssh/authorized_keys.d/%u"
      "Match all"
    ])
  ];

  # --- Options and what they render ------------------------------------------------------------------------------------------------------
  key = head webFacts.keys;
  bare = lib.removePrefix "restrict,pty " key;
  rendered = (import ./cases.nix { }).full;
  public = head (import ../hosts/operator.nix).keys;
  line = text: elem text (lines rendered.policy);
  service = name: lines rendered.units.${name};

  options = [
    (check "rendered: no assertion fails" rendered.failed [ ])
    (holds "a key by name: its section" (has "[key vendor]\nfingerprint = @fingerprint vendor@\ncommands = cat\ncommand = systemctl status\nexpires = 2027-01-01\nrate = 30\nconcurrency = 2\nengine = podman\n" rendered.policy))
    (check "a key by name: its line, with options of its own" rendered.keys [ ''restrict,from="10.0.0.0/8" ${public}'' ])
    (holds "keys by name alone: others have nothing" (line "unknown-key = refuse"))
    (holds "the user: sshd, PAM, D-Bus and polkit" (
      has "Match User looker" rendered.sshd && has "user=looker" (lib.last rendered.pam)
      && has ''<policy user="looker">'' rendered.dbus && !has ''user="diag"'' rendered.dbus
      && has ''subject.user == "looker"'' rendered.polkit
    ))
    (check "no polkit: no rules for it" bareFacts.polkit "")
    (holds "no terminal" (has "PermitTTY no" rendered.sshd))
    (holds "session: commands, audit, layers, limits" (all line [ "commands = cat systemctl" "audit = required" "accept-missing = landlock-scope" "timeout = 10s" ]))
    (holds "paths: added" (all line [ "allow = /srv/www" "deny = /srv/www/*/private" "deny = /nix/persist/srv/www/*/private" "deny = /nix/persist/var/lib/n8n" ]))
    (holds "paths: what is made anew at boot has no persistent place" (!any (lib.hasPrefix "deny = /nix/persist/run") (lines rendered.policy)))
    (holds "a command of one's own" (has (concatStringsSep "\n" [
      "dispatch = stop"
      "program = /run/current-system/sw/bin/queuectl"
      "summary = Look at the queue"
      "hint = ask for one queue by name"
      "flag = -q --quiet"
      "refuse = purge push : it changes the queue"
      ""
      "[command queuectl list|ls]"
      "flag = -l --long"
      "flag = -a"
      "option = --lines -n once : integer 1..1000"
      "option = --format[=STYLE] : one-of table json"
      "operand = 0..5 unless -l : match [a-z]+"
      "number = --lines"
      "exclusive = -l -a"
      "append = --lines=100"
      "imply = --format json : --lines=1000"
      "timeout = 10s"
    ])
      rendered.policy))
    (holds "a sink: settings, a list, a credential by name" (has "[sink loki]\ntype = loki\nbatch-rows = 500\ngzip = yes\nlabel = job=pam_diag\nlabel = site=a\nurl = https://logs.example.net/loki/api/v1/push\ntoken = loki-token\n" rendered.ship))
    (holds "a sink: its credential is the unit's" (elem "LoadCredential=loki-token:/run/secrets/loki" (service "diag-ship.service")))
    (holds "a sink: the file's directory is the unit's to write" (elem "ReadWritePaths=-/var/lib/pam_diag" (service "diag-ship.service")))
    (holds "a sink: its credential is denied" (elem "/run/secrets/loki" rendered.deny))
    (holds "timers" (elem "OnUnitInactiveSec=5m" (service "diag-ship.timer") && elem "OnCalendar=daily" (service "diag-prune.timer")))
    (holds "retention" (any (has "diagctl prune --keep 30d --size 2G") (service "diag-prune.service")))
    (holds "no retention, no sink: no unit" (
      let none = (host { retention.keep = null; sinks = lib.mkForce { }; }).units; in none == { }
    ))
    (holds "the shell: a copy that nobody reads, moved into place" (
      has "install -m 0711 -o root -g root ${rendered.package}/bin/diag-shell /run/diag-shell/diag-shell.new" rendered.activation
      && has "mv -fT" rendered.activation
    ))
    (holds "nothing of it when it is off" (
      let off = stub { modules = [ ../module.nix ]; }; in
      off.users.users == { } && !has "Match" off.services.openssh.extraConfig && off.environment.etc == { } && off.assertions == [ ]
    ))
  ];

  # --- Secrets that the configuration names ---------------------------------------------------------------------------------------------
  found = facts (stub (all3 // {
    modules = [
      ../hosts/bare-metal.nix
      {
        services.pam-diag.secrets.except = [ "/var/lib/readable" ];
        environment.persistence."/keep".directories = [ "/var/lib" ];
        sops.secrets.odd.path = "/srv/app/to ken";
        systemd.services.a.serviceConfig = { EnvironmentFile = [ "-/etc/a/env" "/srv/*.env" ]; StateDirectory = "a b:c readable"; };
        systemd.services.b.serviceConfig = { LoadCredential = [ "x:/srv/x" "y" ]; LoadCredentialEncrypted = "z:/srv/z"; EnvironmentFile = "/nix/store/x-env"; StateDirectory = "%i"; };
        users.users.root.hashedPasswordFile = "/keep/passwords/root";
        services.invidious.hmacKeyFile = "/srv/hmac";
        services.openssh.hostKeys = [{ path = "/srv/keys/host"; type = "ed25519"; }];
      }
    ];
  }));
  is = pattern: elem pattern found.deny;
  secretsFound = [
    (check "secrets: no assertion fails" found.failed [ ])
    (check "secrets: found" (filter (pattern: !is pattern) [
      "/etc/a/env"
      "/srv/*.env"
      "/var/lib/a"
      "/var/lib/b"
      "/var/lib/c"
      "/srv/x"
      "/srv/z"
      "/keep/passwords/root"
      "/srv/hmac"
      "/srv/keys/host"
      "/srv/app/to?ken"
      "/keep/var/lib/a"
      "/keep/srv/x"
      "/keep/root"
    ]) [ ])
    (check "secrets: not found" (filter is [ "/nix/store/x-env" "/var/lib/%i" "/var/lib/readable" "-/etc/a/env" "y" "/keep/keep/passwords/root" "/keep/run/secrets" ]) [ ])
  ];

  # --- Assertions: each with what makes it fail -----------------------------------------------------------------------------------------
  broken = name: part: module:
    let failed = (facts (stub { modules = [ ../hosts/bare-metal.nix module ]; persistence = true; })).failed; in
    if length failed == 1 && has part (head failed) then "ok assertion: ${name}" else "not ok assertion: ${name}: ${toJSON failed}";
  assertions = [
    (broken "sshd off" "services.openssh.enable = true" { services.openssh.enable = lib.mkForce false; })
    (broken "no PAM" "UsePAM is false" { services.openssh.settings.UsePAM = false; })
    (broken "no key" "no key can log in" { services.pam-diag.authorizedKeys = lib.mkForce [ ]; })
    (broken "a key that gives back" "remove these options" { services.pam-diag.authorizedKeys = [ "port-forwarding ${bare}" ]; })
    (broken "a key with a command" "remove these options" { services.pam-diag.authorizedKeys = [ ''command="sh" ${bare}'' ]; })
    (broken "a deny of the store" "/nix/store" { services.pam-diag.paths.deny = [ "/nix" ]; })
    (broken "a deny of the store by a pattern" "/n*/store (hides /nix/store)" { services.pam-diag.paths.deny = [ "/n*/store" ]; })
    (broken "a deny of the package" "hides /nix/store/" { services.pam-diag.paths.deny = [ "/nix/store/*-pam_diag-[0-9]*" ]; })
    (broken "a deny of everything" "hides /proc/self" { services.pam-diag.paths.deny = [ "/" ]; })
    (broken "a deny of the login shell" "hides /run/diag-shell/diag-shell" { services.pam-diag.paths.deny = [ "/run/diag-*" ]; })
    (broken "another user's name" "another purpose" { services.pam-diag.user = "root"; })
    (broken "a person's account" "another purpose" { users.users.diag.isNormalUser = true; })
    (broken "a powerful group" "give more than looking: docker" { services.pam-diag.extraGroups = [ "docker" ]; })
    (broken "AllowUsers without it" "AllowUsers" { services.openssh.settings.AllowUsers = [ "root" ]; })
    (broken "DenyUsers with it" "DenyUsers" { services.openssh.settings.DenyUsers = [ "diag" ]; })
    (broken "AllowGroups without it" "AllowGroups" { services.openssh.settings.AllowGroups = [ "wheel" ]; })
    (broken "a stack by hand" "does not stand last" { security.pam.services.sshd.text = "session required pam_unix.so\n"; })
    (broken "a later rule" "does not stand last" { security.pam.services.sshd.text = "session required pam_diag.so user=diag\nsession required pam_unix.so\n"; })
    (broken "an optional rule" "does not stand last" { security.pam.services.sshd.rules.session.pam_diag.control = lib.mkForce "optional"; })
    (broken "hidden processes" "hidepid" { boot.specialFileSystems."/proc".options = [ "hidepid=2" ]; })
    (broken "no exec in /run" "noexec" { boot.specialFileSystems."/run".options = [ "noexec" ]; })
    (broken "an old kernel" "6.1 is the oldest" { boot.kernelPackages.kernel.version = "5.15.1"; })
    (broken "a kernel without a layer" "landlock-scope" { boot.kernelPackages.kernel.version = "6.11.3"; })
    (broken "records that a reboot forgets" "gone at the next boot" { environment.persistence."/keep".directories = [ "/var/log" ]; })
    (broken "a credential in the store" "every user reads it" { services.pam-diag.sinks.loki = { type = "loki"; credentials.token = "/nix/store/x-token"; }; })
    (broken "a key for a command that is not there" "vendor: tcpdump" { services.pam-diag.keys.vendor = { key = bare; commands = [ "tcpdump" ]; }; })
    (broken "wrappers" "/run/wrappers/bin is no search path" { services.pam-diag.searchPath = [ "/run/wrappers/bin" ]; })
    (check "a layer that is accepted" (facts (stub {
      modules = [ ../hosts/bare-metal.nix { boot.kernelPackages.kernel.version = "6.11.3"; services.pam-diag.acceptMissing = [ "landlock-scope" ]; } ];
    })).failed [ ])
    (check "a package whose path reads as an expression" (hostWith (
      { pkgs, ... }: { services.pam-diag.package = pkgs.hello // { outPath = "/nix/store/x-pam_diag-1.0+git"; }; }
    )).failed [ ])
    (check "records that are kept" (facts (stub {
      persistence = true;
      modules = [ ../hosts/bare-metal.nix { environment.persistence."/keep".directories = [{ directory = "/var/lib/pam_diag"; }]; } ];
    })).failed [ ])
  ];

  # --- Values that no option takes ---------------------------------------------------------------------------------------------------------
  refused = name: definitions:
    let text = builtins.tryEval (builtins.deepSeq (host definitions).policy true); in
    if text.success then "not ok type: ${name}: taken" else "ok type: ${name}";
  types = [
    (refused "a profile that is not packaged" { commands = [ "rm" ]; })
    (refused "a path with a line break" { paths.deny = [ "/a\ndeny = /b" ]; })
    (refused "a path that is relative" { paths.allow = [ "var/log" ]; })
    (refused "a summary with a line break" { extraCommands.x.summary = "a\n[command rm]"; })
    (refused "a time span in words" { limits.timeout = "soon"; })
    (refused "a service without a preset" { denyServices = [ "nethack" ]; })
    (refused "a layer that is never missing" { acceptMissing = [ "landlock" ]; })
    (refused "a key's expiry that is no day" { keys.x = { key = bare; expires = "tomorrow"; }; })
    (refused "a key of two lines" { authorizedKeys = [ "${bare}\n${bare}" ]; })
    (refused "a rate of nothing" { keys.x = { key = bare; rate = 0; }; })
  ];

  results = concatLists [ seed options secretsFound assertions types (import ./documentation.nix { inherit lib; }) (import ./outputs.nix { inherit lib; }) ];
in
concatStringsSep "\n" results + "\n"
