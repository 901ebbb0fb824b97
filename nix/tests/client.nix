# nix/client.nix in home-manager's two forms, written out as home-manager does.
form:

let
  inherit (builtins) attrNames concatMap concatStringsSep isAttrs isBool map;
  lib = import ./stub/lib.nix;
  options.programs.ssh = { enableDefaultConfig = { }; matchBlocks = { }; } // (if form == "new" then { settings = { }; } else { });
  ssh = (import ../client.nix { inherit lib options; }).programs.ssh;

  shown = value: if isBool value then (if value then "yes" else "no") else toString value;
  # The older form's own names are OpenSSH's in another case.
  lines = block: concatMap
    (name: if isAttrs block.${name} then lines block.${name} else [ "  ${name} ${shown block.${name}}" ])
    (attrNames block);
  blocks = if form == "new" then ssh.settings else ssh.matchBlocks;
in
concatStringsSep "\n" (concatMap (host: [ "Host ${host}" ] ++ lines blocks.${host}) (attrNames blocks)) + "\n"
