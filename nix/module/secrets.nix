# Where this host keeps secrets, read from its own configuration: patterns for `deny`. Evaluates to a list for each source.
{ config, options, lib, presets }:

let
  inherit (builtins) attrValues concatMap elem filter head isList isString match replaceStrings split toString;

  asList = value: if value == null then [ ] else if isList value then value else [ value ];
  has = path: set: path == [ ] || (set ? ${head path} && has (builtins.tail path) set.${head path});
  get = path: set: if path == [ ] then set else get (builtins.tail path) set.${head path};

  # A literal path as a pattern: what a pattern would read as a sign stands for itself as any one character would; a blank would end it.
  literal = replaceStrings [ " " "[" "*" "?" ] [ "?" "?" "?" "?" ];

  # Absolute, not in the store (which every user reads anyway: a file there is no secret any more), and nothing that systemd replaces.
  isPlace = path: match "/.+" path != null && !lib.hasPrefix "/nix/store/" path && match ".*%.*" path == null;
  places = values: filter isPlace (map (value: builtins.unsafeDiscardStringContext (toString value)) values);

  units = attrValues config.systemd.services;
  settings = key: concatMap (unit: asList (unit.serviceConfig.${key} or null)) units;

  # "-" before the name: it may be missing. systemd reads the name as a pattern, and so do we.
  environmentFile = value: let text = toString value; in if lib.hasPrefix "-" text then lib.removePrefix "-" text else text;

  # "name:path"; a name alone comes from the credential store, which is denied as a whole.
  credential = value:
    let parts = match "[^:]*:(.*)" (toString value); in
    if parts == null then "" else literal (head parts);

  # Several names in one string; "name:link" gives it a second one.
  states = value:
    let
      words = filter (word: isString word && word != "") (split "[ \t\n]+" (toString value));
      names = word: filter isString (split ":" word);
    in
    concatMap (word: map (name: "/var/lib/${name}") (names word)) words;

  # An option without a default that nobody sets has no value to ask for.
  ofOption = path:
    if has path options && (get path options).isDefined then map literal (places (asList (get path config))) else [ ];

  sops = lib.optionals (options ? sops) (
    map (secret: secret.path) (attrValues config.sops.secrets)
    ++ map (template: template.path) (attrValues (config.sops.templates or { }))
    ++ asList (config.sops.age.keyFile or null)
    ++ asList (config.sops.age.sshKeyPaths or [ ])
    ++ asList (config.sops.gnupg.home or null)
    ++ asList (config.sops.gnupg.sshKeyPaths or [ ])
  );

  agenix = lib.optionals (options ? age) (
    map (secret: secret.path) (attrValues config.age.secrets)
    ++ asList (config.age.identityPaths or [ ])
  );

  wireguard = interface:
    asList (interface.privateKeyFile or null)
    ++ map (peer: peer.presharedKeyFile or null) (interface.peers or [ ]);
in
{
  sops = map literal (places sops);
  agenix = map literal (places agenix);

  units = places (map environmentFile (settings "EnvironmentFile"))
    ++ places (map credential (settings "LoadCredential" ++ settings "LoadCredentialEncrypted"))
    ++ filter isPlace (concatMap states (settings "StateDirectory"));

  # The host's own: ssh keys wherever they are, the files of its users' password hashes, tunnels.
  host = map literal (places (
    concatMap (key: [ key.path ]) config.services.openssh.hostKeys
    ++ map (user: user.hashedPasswordFile or null) (attrValues config.users.users)
    ++ concatMap wireguard (attrValues (config.networking.wireguard.interfaces or { }))
    ++ concatMap wireguard (attrValues (config.networking.wg-quick.interfaces or { }))
  ));

  services = names:
    concatMap (name: presets.${name}.paths ++ concatMap (path: ofOption ([ "services" ] ++ path)) presets.${name}.options)
      (filter (name: elem name names) (builtins.attrNames presets));
}
