# Every option tells what it is: description, type and example, those of submodules too.
{ lib }:

let
  inherit (builtins) attrNames concatMap concatStringsSep isAttrs;
  options = (import ./stub { modules = [ ../module.nix ]; }).options.services.pam-diag;
  isOption = value: isAttrs value && (value._type or "") == "option";

  inner = type:
    if type.kind or "" == "submodule" then type.optionsOf "name"
    else if type ? inner then inner type.inner
    else { };

  lacks = option: builtins.filter (part: !(option ? ${part}) || option.${part} == "") [ "description" "type" "example" ];
  walk = path: value:
    if isOption value then
      [{ name = path; lacks = if value.internal or false then [ ] else lacks value; }]
      ++ walk path (inner (value.type or { }))
    else concatMap (name: walk "${path}.${name}" value.${name}) (attrNames value);

  found = walk "services.pam-diag" options;
  wrong = builtins.filter (one: one.lacks != [ ]) found;
in
[
  (if builtins.length found < 100 then "not ok documentation: only ${toString (builtins.length found)} options were found"
  else if wrong == [ ] then "ok documentation: ${toString (builtins.length found)} options have description, type and example"
  else "not ok documentation: ${concatStringsSep "; " (map (one: "${one.name} lacks ${concatStringsSep " " one.lacks}") wrong)}")
]
