# Does a deny hide what a session cannot do without? A pattern covers what it matches and everything below.
{ lib }:

let
  inherit (builtins) any concatStringsSep filter isString length match split stringLength substring;

  components = path: filter (part: isString part && part != "") (split "/" path);
  characters = text: map (i: substring i 1 text) (lib.range 0 (stringLength text - 1));

  # One component of a pattern as an expression. A class is taken as any one character, which finds more than it should, never less.
  expression = part:
    let
      step = state: character:
        if state.inClass then state // { inClass = character != "]"; }
        else if character == "[" then { text = state.text + "."; inClass = true; }
        else if character == "*" then state // { text = state.text + ".*"; }
        else if character == "?" then state // { text = state.text + "."; }
        else state // { text = state.text + lib.escapeRegex character; };
    in
    (builtins.foldl' step { text = ""; inClass = false; } (characters part)).text;

  matches = pattern: name: match (expression pattern) name != null;

  covers = pattern: path:
    let
      wanted = components pattern;
      given = components path;
    in
    length wanted <= length given
    && builtins.all (i: matches (builtins.elemAt wanted i) (builtins.elemAt given i)) (lib.range 0 (length wanted - 1));
in
{
  inherit covers;

  # The patterns that hide one of the paths, as "PATTERN (hides PATH)".
  found = patterns: paths:
    builtins.concatMap
      (pattern: map (path: "${pattern} (hides ${path})")
        (filter (path: any (p: covers p path) [ pattern ]) paths))
      patterns;
}
