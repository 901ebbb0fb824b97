# A stand-in for nixpkgs' lib: the few functions that nix/ uses, and types that check values. It is not nixpkgs' lib, and what passes with
# it need not pass with that: `make nix-eval NIXPKGS=…` evaluates with the real one and compares the texts.
let
  inherit (builtins) all any attrNames concatLists concatStringsSep elem elemAt filter foldl' genList hasAttr isAttrs isBool isInt isList isString length listToAttrs map match stringLength substring;

  type = name: check: { _type = "option-type"; kind = "leaf"; description = name; inherit name check; };
  property = kind: attributes: { _type = kind; } // attributes;
in
rec {
  # --- Properties -----------------------------------------------------------------------------------------------------------------------
  mkIf = condition: content: property "if" { inherit condition content; };
  mkMerge = contents: property "merge" { inherit contents; };
  mkOverride = priority: content: property "override" { inherit priority content; };
  mkDefault = mkOverride 1000;
  mkForce = mkOverride 50;
  mkOrder = priority: content: property "order" { inherit priority content; };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;

  # --- Options and types ------------------------------------------------------------------------------------------------------------------
  mkOption = attributes: { _type = "option"; } // attributes;
  mkEnableOption = what: mkOption { type = types.bool; default = false; example = true; description = "Whether to enable ${what}."; };
  literalExpression = text: { _type = "literalExpression"; inherit text; };

  types = rec {
    bool = type "bool" isBool;
    int = type "int" isInt;
    str = type "str" isString;
    lines = type "lines" isString // { merges = concatStringsSep "\n"; };
    unspecified = type "unspecified" (_: true);
    package = type "package" (value: isAttrs value && value ? outPath);
    enum = values: type "one of ${concatStringsSep " " (map toString values)}" (value: elem value values);
    strMatching = expression: type "string matching ${expression}" (value: isString value && match expression value != null);
    ints.between = low: high: type "integer between" (value: isInt value && value >= low && value <= high);
    nullOr = inner: type "null or ${inner.name}" (value: value == null || inner.check value);
    either = a: b: type "either" (value: a.check value || b.check value);
    oneOf = alternatives: type "one of several" (value: any (one: one.check value) alternatives);
    listOf = inner: type "list of ${inner.name}" (value: isList value && all inner.check value) // { kind = "list"; inherit inner; merges = concatLists; };
    nonEmptyListOf = inner: (listOf inner) // { check = value: isList value && value != [ ] && all inner.check value; };
    attrsOf = inner: type "attribute set of ${inner.name}" isAttrs // { kind = "attrs"; inherit inner; };
    submodule = module: type "submodule" isAttrs // { kind = "submodule"; optionsOf = name: (if builtins.isFunction module then module { inherit name; } else module).options; };
  };

  # --- Lists, sets, strings -----------------------------------------------------------------------------------------------------------------
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then values else [ ];
  optionalAttrs = condition: set: if condition then set else { };
  optionalString = condition: text: if condition then text else "";
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  genAttrs = names: f: listToAttrs (map (name: { inherit name; value = f name; }) names);
  unique = foldl' (known: value: if elem value known then known else known ++ [ value ]) [ ];
  range = first: last: if first > last then [ ] else genList (i: first + i) (last - first + 1);
  last = list: elemAt list (length list - 1);
  concatStrings = concatStringsSep "";
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  getName = package: package.pname or (builtins.parseDrvName package.name).name;
  getLib = package: package.lib or package.out or package;
  removePrefix = prefix: text: if hasPrefix prefix text then substring (stringLength prefix) (-1) text else text;
  escapeRegex = builtins.replaceStrings
    [ "\\" "[" "{" "(" ")" "." "^" "$" "|" "*" "+" "?" ]
    [ "\\\\" "\\[" "\\{" "\\(" "\\)" "\\." "\\^" "\\$" "\\|" "\\*" "\\+" "\\?" ];
  escapeShellArg = text: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString text)}'";
  versionAtLeast = version: least: builtins.compareVersions version least >= 0;
  recursiveUpdate = a: b:
    if isAttrs a && isAttrs b
    then a // b // listToAttrs (map (name: { inherit name; value = recursiveUpdate a.${name} b.${name}; }) (filter (name: hasAttr name a) (attrNames b)))
    else b;
}
