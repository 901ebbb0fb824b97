# The facts of a host as a tree of files, for what reads texts: a string as it is, a list with a line each, a set as a directory.
facts:

let
  inherit (builtins) concatStringsSep isAttrs isList isString mapAttrs toJSON;

  text = value:
    if isString value then value
    else if isList value then concatStringsSep "\n" value
    else if isAttrs value then mapAttrs (_name: text) value
    else toJSON value;
in
text facts
