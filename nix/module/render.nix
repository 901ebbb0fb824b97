# Texts of the policy and of ship.conf from the options' values; pure. The fingerprint of a key by name is not known here (Nix strings hold
# no NUL, so a key cannot be hashed): `@fingerprint NAME@` stands for it until policy.sh fills it in.
{ lib }:

let
  inherit (builtins) attrNames concatMap concatStringsSep isBool isList map toString;

  section = title: lines: concatStringsSep "\n" ([ "[${title}]" ] ++ lines) + "\n";

  # A key with a value, none where there is no value, one for each of a list.
  one = key: value: if value == null || value == "" then [ ] else [ "${key} = ${toString value}" ];
  each = key: values: concatMap (one key) values;
  # A list in one line; several of them in several lines.
  words = key: values: if values == [ ] then [ ] else [ "${key} = ${concatStringsSep " " values}" ];
  eachWords = key: lists: concatMap (words key) lists;

  typed = names: type: "${concatStringsSep " " names} : ${type}";

  option = item: typed (item.names ++ lib.optional item.once "once") item.type;
  operand = item:
    typed ([ item.count ] ++ lib.optionals (item.unless != [ ]) ([ "unless" ] ++ item.unless)) item.type;
  refusal = item: typed item.names item.reason;
  implication = item: typed ([ item.option ] ++ item.values) (concatStringsSep " " item.words);

  # What a rule and a sub-command share; see grammar.nix.
  rule = item:
    one "summary" item.summary
    ++ one "hint" item.hint
    ++ eachWords "flag" item.flags
    ++ each "option" (map option item.options)
    ++ each "word" item.words
    ++ eachWords "bare" item.bare
    ++ eachWords "operators" item.operators
    ++ each "operand" (map operand item.operands)
    ++ words "implicit" item.implicit
    ++ one "verb" item.verb
    ++ one "number" item.number
    ++ each "bsd" item.bsd
    ++ eachWords "exclusive" item.exclusive
    ++ eachWords "require" item.require
    ++ each "refuse" (map refusal item.refuse)
    ++ words "prepend" item.prepend
    ++ words "append" item.append
    ++ each "imply" (map implication item.imply)
    ++ one "timeout" item.timeout
    ++ one "output-limit" item.outputLimit
    ++ one "memory-limit" item.memoryLimit
    ++ one "cpu-limit" item.cpuLimit
    ++ one "process-limit" item.processLimit
    ++ words "network" item.network
    ++ words "helpers" item.helpers
    ++ words "reads" item.reads;

  # Keys that say how words are read stand above the options.
  command = name: item:
    [
      (section "command ${name}" (
        each "source" item.source
        ++ each "leaks" item.leaks
        ++ each "omitted" item.omitted
        ++ one "style" item.style
        ++ one "dispatch" item.dispatch
        ++ one "lex" item.lex
        ++ one "program" item.program
        ++ rule item
      ))
    ]
    ++ lib.mapAttrsToList (sub: subitem: section "command ${name} ${sub}" (rule subitem)) item.subcommands;

  key = name: item: section "key ${name}" (
    [ "fingerprint = @fingerprint ${name}@" ]
    ++ words "commands" item.commands
    ++ each "command" item.subcommands
    ++ one "expires" item.expires
    ++ one "rate" item.rate
    ++ one "concurrency" item.concurrency
    ++ one "engine" item.engine
  );

  session = cfg: section "session" (
    words "commands" cfg.commands
    ++ [ "search-path = ${concatStringsSep ":" cfg.searchPath}" ]
    ++ one "timeout" cfg.limits.timeout
    ++ one "output-limit" cfg.limits.output
    ++ one "memory-limit" cfg.limits.memory
    ++ one "cpu-limit" cfg.limits.cpu
    ++ one "process-limit" cfg.limits.processes
    ++ one "concurrency" cfg.limits.concurrency
    ++ one "unknown-key" cfg.unknownKey
    ++ one "audit" cfg.kernelAudit
    ++ words "accept-missing" cfg.acceptMissing
  );

  # Deny wins wherever it stands; it stands first so that whoever reads the file sees it first.
  paths = cfg: deny: section "paths" (
    each "deny" deny
    ++ each "allow" (cfg.paths.allow ++ cfg.paths.extraAllow)
    ++ each "list" cfg.paths.list
    ++ each "runtime" (import ../defaults.nix).runtime
  );

  hosts = cfg: section "hosts" (
    one "reason" (import ../defaults.nix).hostsReason
    ++ each "allow" (lib.unique (cfg.hosts.allow ++ cfg.hosts.extraAllow))
  );

  scalar = value: if isBool value then (if value then "yes" else "no") else toString value;
  setting = name: value: each name (map scalar (if isList value then value else [ value ]));
in
rec {
  policy = cfg: deny: concatStringsSep "\n" (
    [
      "# Written by services.pam-diag: a change here is gone with the next switch."
      (session cfg)
      (paths cfg deny)
      (hosts cfg)
    ]
    ++ concatMap (name: command name cfg.extraCommands.${name}) (attrNames cfg.extraCommands)
    ++ lib.mapAttrsToList key cfg.keys
    ++ lib.optional (cfg.extraPolicy != "") cfg.extraPolicy
  );

  # A credential's name in the unit: one sink's token is not another's.
  credentialName = sink: name: "${sink}-${name}";

  ship = sinks: concatStringsSep "\n" (
    [ "# Written by services.pam-diag: a change here is gone with the next switch." ]
    ++ lib.mapAttrsToList
      (name: sink: section "sink ${name}" (
        one "type" sink.type
        ++ concatMap (item: setting item sink.settings.${item}) (attrNames sink.settings)
        ++ map (item: "${item} = ${credentialName name item}") (attrNames sink.credentials)
      ))
      sinks
  );
}
