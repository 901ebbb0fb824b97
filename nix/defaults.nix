# The packaged policy (etc/policy.conf) as values, so that the module's defaults cannot drift from it. Reads the plain subset of the
# language that this file is written in: sections, `key = words`, comments. A list key may stand many times; of others the last counts.
let
  lines = builtins.filter builtins.isString (builtins.split "\n" (builtins.readFile ../etc/policy.conf));

  words = text: builtins.filter (word: builtins.isString word && word != "") (builtins.split "[ \t]+" text);

  take = state: line:
    let
      section = builtins.match "\\[([a-z ]+)] *" line;
      pair = builtins.match "([a-z-]+) *= *(.*[^ ]) *" line;
    in
    if section != null then state // { section = builtins.head section; }
    else if pair == null then state
    else state // { items = state.items ++ [{ inherit (state) section; key = builtins.elemAt pair 0; value = builtins.elemAt pair 1; }]; };

  items = (builtins.foldl' take { section = ""; items = [ ]; } lines).items;

  values = section: key: map (item: item.value) (builtins.filter (item: item.section == section && item.key == key) items);
  list = section: key: builtins.concatMap words (values section key);
  last = section: key:
    let found = values section key; in
    if found == [ ] then null else builtins.elemAt found (builtins.length found - 1);

  # Programs of other distributions' package managers: no profile of theirs can work on NixOS.
  foreign = [ "apt" "apt-cache" "apt-mark" "dpkg" "dpkg-query" "rpm" ];
in
{
  commands = builtins.filter (name: !builtins.elem name foreign) (list "session" "commands");
  limits = {
    timeout = last "session" "timeout";
    output = last "session" "output-limit";
    memory = last "session" "memory-limit";
    cpu = last "session" "cpu-limit";
    processes = last "session" "process-limit";
  };
  allow = list "paths" "allow";
  list = list "paths" "list";
  deny = list "paths" "deny";
  runtime = list "paths" "runtime";
  hosts = list "hosts" "allow";
  hostsReason = last "hosts" "reason";

  # Names of all packaged profiles.
  profiles = builtins.concatMap
    (file:
      let name = builtins.match "(.*)\\.conf" file; in
      if name == null then [ ] else name)
    (builtins.attrNames (builtins.readDir ../pam_diag/commands));
}
