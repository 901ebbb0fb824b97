# What must hold for a session to open, or for the account to stay what it is. Each says what to do.
{ config, lib, options, pkgs, ... }:

let
  inherit (builtins) attrNames attrValues concatMap concatStringsSep elem filter match;
  cfg = config.services.pam-diag;
  ssh = config.services.openssh;
  hides = import ./hides.nix { inherit lib; };
  quote = concatStringsSep ", ";

  keys = cfg.authorizedKeys ++ map (key: key.key) (attrValues cfg.keys);
  # What an option of a key would give back that `restrict` takes, or run instead of the login shell.
  widened = filter
    (key: match "(.*,)?(agent-forwarding|port-forwarding|X11-forwarding|user-rc|command=|environment=|tunnel=|permit(open|listen)=).*" (head key) != null)
    keys;
  # Options end at the first blank outside of quotes; what stands there is looked at as a whole, up to the key's type.
  head = key: let parts = match "(.*[ ,\"])?(ssh-|ecdsa-|sk-)[^ ]* .*" key; in
    if parts == null || builtins.head parts == null then "" else builtins.head parts;

  # Its path alone: an expression of `match` may not know what a path comes of.
  package = builtins.unsafeDiscardStringContext (toString cfg.package);

  # Nothing runs without these.
  needed = [
    "/nix/store"
    package
    "/run/current-system/sw"
    cfg.rendered.shell
    "/etc/static"
    "/etc/passwd"
    "/proc/self"
  ];
  hiding = hides.found (lib.unique (cfg.rendered.deny ++ cfg.paths.deny)) needed;

  # From which kernel on a layer is there.
  layers = {
    landlock-truncate = "6.2";
    landlock-net = "6.7";
    landlock-ioctl = "6.10";
    landlock-scope = "6.12";
  };
  kernel = config.boot.kernelPackages.kernel.version;
  lacking = filter (layer: !lib.versionAtLeast kernel layers.${layer} && !elem layer cfg.acceptMissing) (attrNames layers);
  hasKernel = !(config.boot.isContainer or false);

  listed = setting: let names = ssh.settings.${setting} or null; in if names == null then [ ] else names;
  isShut =
    (listed "AllowUsers" != [ ] && !elem cfg.user (listed "AllowUsers"))
    || elem cfg.user (listed "DenyUsers")
    || (listed "AllowGroups" != [ ] && !builtins.any (group: elem group (listed "AllowGroups")) ([ cfg.user ] ++ cfg.extraGroups))
    || builtins.any (group: elem group (listed "DenyGroups")) ([ cfg.user ] ++ cfg.extraGroups);

  powerful = filter (group: elem group cfg.extraGroups)
    [ "wheel" "root" "docker" "podman" "incus-admin" "lxd" "libvirtd" "kvm" "disk" "kmem" "shadow" "nixbld" "input" "video" "uinput" "diag-audit" ];

  stack = config.security.pam.services.sshd.text;
  sessionLines = filter (line: builtins.isString line && match "session .*" line != null) (builtins.split "\n" (if stack == null then "" else stack));
  ours = "session required ${lib.escapeRegex package}/lib/security/pam_diag.so .*user=${cfg.user}( .*)?";
  isLast = sessionLines != [ ] && match ours (lib.last sessionLines) != null;

  mountOptions = where: (config.fileSystems.${where}.options or [ ]) ++ (config.boot.specialFileSystems.${where}.options or [ ]);
  hidden = filter (option: match "hidepid=(0|off)" option == null && lib.hasPrefix "hidepid=" option) (mountOptions "/proc");

  roots = config.environment.persistence or { };
  directoriesOf = root: map (item: item.directory or item) (root.directories or [ ]);
  isKept = builtins.any
    (root: builtins.any (directory: elem directory [ "/var" "/var/lib" "/var/lib/pam_diag" ]) (directoriesOf root))
    (attrValues roots);

  credentials = concatMap (sink: attrValues sink.credentials) (attrValues cfg.sinks);
  inStore = filter (lib.hasPrefix "/nix/store/") credentials;

  unknown = concatMap
    (name: map (command: "${name}: ${command}")
      (filter (command: !elem command (cfg.commands ++ attrNames cfg.extraCommands)) cfg.keys.${name}.commands))
    (attrNames cfg.keys);

  assertion = holds: message: { assertion = holds; message = "services.pam-diag: ${message}"; };
in
{
  config = lib.mkIf cfg.enable {
    assertions = [
      (assertion ssh.enable
        "sshd is off, and the account is reached by ssh alone: set services.openssh.enable = true.")
      (assertion (ssh.settings.UsePAM != false)
        "services.openssh.settings.UsePAM is false: the session module would never run, and nothing would be confined. Set it to true.")
      (assertion (keys != [ ])
        "no key can log in: put a public key into services.pam-diag.authorizedKeys, or one by name into services.pam-diag.keys.")
      (assertion (widened == [ ])
        "a key gives back what `restrict` takes, or runs a command of its own: remove these options: ${quote widened}")
      (assertion (hiding == [ ])
        "a deny hides what every program needs, and no session could run anything: narrow it: ${quote hiding}")
      (assertion (!elem cfg.user [ "root" "diag-audit" "sshd" "nobody" ] && !config.users.users.${cfg.user}.isNormalUser)
        "user ${cfg.user} has another purpose: choose a name of its own in services.pam-diag.user.")
      (assertion (powerful == [ ])
        "these groups give more than looking: ${quote powerful}. Remove them from services.pam-diag.extraGroups.")
      (assertion (!isShut)
        "sshd's AllowUsers, DenyUsers, AllowGroups or DenyGroups keeps ${cfg.user} out: add the user to services.openssh.settings.AllowUsers (or its group to AllowGroups), or take it out of the others.")
      (assertion (!ssh.enable || ssh.settings.UsePAM == false || isLast)
        "the PAM rule does not stand last in the session stack of sshd (or security.pam.services.sshd.text is set by hand): remove that definition, or give the other rule a smaller order.")
      (assertion (hidden == [ ])
        "/proc is mounted with ${quote hidden}: the supervisor could not see who makes a call, and every session would be refused. Mount it without.")
      (assertion (!elem "noexec" (mountOptions "/run"))
        "/run is mounted noexec, and the login shell is run from there: remove that option.")
      (assertion (!hasKernel || lib.versionAtLeast kernel "6.1")
        "the kernel is ${kernel}; 6.1 is the oldest that can confine a session: choose a newer boot.kernelPackages.")
      (assertion (!hasKernel || !lib.versionAtLeast kernel "6.1" || lacking == [ ])
        "kernel ${kernel} lacks ${quote lacking}, and every session would be refused: choose a newer boot.kernelPackages (6.12 has all), or accept that by services.pam-diag.acceptMissing.")
      (assertion (roots == { } || isKept)
        "this host is impermanent, and the records would be gone at the next boot: add { directory = \"/var/lib/pam_diag\"; user = \"diag-audit\"; group = \"diag-audit\"; mode = \"0700\"; } to the directories of an environment.persistence.")
      (assertion (inStore == [ ])
        "a credential of a sink lies in the store, where every user reads it: name a file outside of it (sops-nix, agenix): ${quote inStore}")
      (assertion (unknown == [ ])
        "a key names a command that the policy does not have: enable it in services.pam-diag.commands: ${quote unknown}")
      (assertion (!elem "/run/wrappers/bin" cfg.searchPath)
        "/run/wrappers/bin is no search path: its programs gain rights, which a session never has. Remove it.")
    ];

    warnings = lib.optional (config.security.pam.services.sshd.pamMount or false && (config.security.pam.mount.enable or false))
      "services.pam-diag: pam_mount runs in sshd's stack too, and its close hook cannot unmount in a confined monitor: diagnostic sessions leave its mounts behind.";
  };
}
