# A stand-in for nixpkgs' module system: options with defaults, checked types, definitions with conditions, priorities and an order. What no
# option declares is merged by what it looks like: sets by name, lists end to end, texts line by line.
{ lib }:

let
  inherit (builtins) all attrNames concatLists concatMap concatStringsSep elem elemAt filter foldl' head isAttrs isFunction isList isPath isString length map mapAttrs removeAttrs sort;

  isProperty = value: isAttrs value && elem (value._type or "") [ "if" "merge" "override" "order" ];
  isOption = value: isAttrs value && (value._type or "") == "option";
  isPlain = value: isAttrs value && !(value ? _type) && !(value ? outPath);

  # One set out of a property around a set: the property moves to each of its members, and no condition is looked at.
  push = definition:
    if !isProperty definition then [ definition ]
    else if definition._type == "merge" then concatMap push definition.contents
    else map (mapAttrs (_name: content: definition // { inherit content; })) (push definition.content);

  # What is inside of all properties, whatever their conditions.
  inner = definition:
    if !isProperty definition then [ definition ]
    else if definition._type == "merge" then concatMap inner definition.contents
    else inner definition.content;

  discharge = definition:
    if !isProperty definition then [{ priority = 100; order = 1000; value = definition; }]
    else if definition._type == "merge" then concatMap discharge definition.contents
    else if definition._type == "if" then (if definition.condition then discharge definition.content else [ ])
    else if definition._type == "override" then map (one: one // { inherit (definition) priority; }) (discharge definition.content)
    else map (one: one // { order = definition.priority; }) (discharge definition.content);

  # Those of the strongest priority, in their order.
  strongest = definitions:
    let
      found = concatMap discharge definitions;
      most = foldl' (least: one: if one.priority < least then one.priority else least) 100000 found;
    in
    map (one: one.value) (sort (a: b: a.order < b.order) (filter (one: one.priority == most) found));

  name = path: concatStringsSep "." path;

  leaf = path: option: definitions:
    let
      values = strongest definitions;
      checked = map (value: if option.type.check value then value else throw "${name path}: not of type ${option.type.description}") values;
    in
    if values == [ ] then option.default or (throw "${name path} has no value")
    else if option.type ? merges then option.type.merges checked
    else if all (value: value == head checked) checked then head checked
    else throw "${name path} is defined several times";

  anything = path: definitions:
    let
      shapes = concatMap inner definitions;
      values = strongest definitions;
    in
    if shapes != [ ] && all isPlain shapes then tree path { } definitions
    else if values == [ ] then null
    else if all isList values then concatLists values
    else if all isString values then concatStringsSep "\n" values
    else head values;

  ofType = path: type: definitions:
    if type.kind == "submodule" then tree path (type.optionsOf (elemAt path (length path - 1))) definitions
    else if type.kind == "attrs" then
      # A member whose conditions do not hold is not there.
      mapAttrs (key: ofType (path ++ [ key ]) type.inner) (present (members definitions))
    else if type.kind == "list" && type.inner.kind == "submodule" then
      map (value: ofType path type.inner [ value ]) (leaf path { inherit type; default = [ ]; } definitions)
    else leaf path { inherit type; } definitions;

  declared = path: option: definitions:
    if !(option ? type) then anything path definitions
    else if option ? default && (definitions == [ ] || (option.type.kind == "list" && strongest definitions == [ ]) || (option.type.kind == "leaf" && strongest definitions == [ ]))
    then (if option.type.kind == "leaf" then option.default else ofType path option.type [ option.default ])
    else ofType path option.type definitions;

  members = definitions:
    foldl'
      (set: one: set // mapAttrs (key: value: (set.${key} or [ ]) ++ [ value ]) one)
      { }
      (concatMap push definitions);

  present = given: builtins.listToAttrs (concatMap
    (key: if concatMap discharge given.${key} == [ ] then [ ] else [{ name = key; value = given.${key}; }])
    (attrNames given));

  tree = path: options: definitions:
    let
      given = members definitions;
      value = key: option:
        let here = given.${key} or [ ]; in
        if isOption option then declared (path ++ [ key ]) option here
        else tree (path ++ [ key ]) option here;
    in
    mapAttrs (key: anything (path ++ [ key ])) (removeAttrs given (attrNames options)) // mapAttrs value options;

  # The options as a module sees them.
  seen = path: options: definitions:
    let given = members definitions; in
    mapAttrs
      (key: option:
        let here = given.${key} or [ ]; in
        if isOption option then option // { isDefined = option ? default || strongest here != [ ]; }
        else seen (path ++ [ key ]) option here)
      options;

  mergeOptions = a: b: lib.recursiveUpdate a b;

  call = args: module:
    let
      content = if isPath module || isString module then import module else module;
      set = if isFunction content then content args else content;
    in
    set;

  # A module with `config` has its definitions there and nowhere else.
  definitionsOf = module:
    let beside = removeAttrs module [ "imports" "options" ]; in
    if !(module ? config) then beside
    else if attrNames beside == [ "config" ] then module.config
    else throw "a module has config, and beside it ${concatStringsSep " " (attrNames (removeAttrs beside [ "config" ]))}";

  collect = args: module:
    let set = call args module; in
    concatMap (collect args) (set.imports or [ ]) ++ [ set ];
in
{
  evaluate = { modules, args }:
    let
      all = { inherit lib config options; } // args;
      found = concatMap (collect all) modules;
      declaredOptions = foldl' mergeOptions { } (map (module: module.options or { }) found);
      definitions = map definitionsOf found;
      config = tree [ ] declaredOptions definitions;
      options = seen [ ] declaredOptions definitions;
    in
    { inherit config options; };
}
