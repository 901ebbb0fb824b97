# Types that several options share. Whatever ends up in a line of an INI file has no line of its own in it.
{ lib }:

let
  inherit (lib) types;
  # `match` is for the whole text; the description is what an error shows.
  text = expression: description: (types.strMatching expression) // { inherit description; };
in
{
  word = text "[^[:space:]]+" "word without blanks";
  line = text "[^[:cntrl:]]+" "single line of text";
  pattern = text "/[^[:space:][:cntrl:]]*" "absolute path or pattern without blanks (* ? [...])";
  span = text "[0-9]+(ms|s|m|h)|0" "time span such as 500ms, 60s, 5m, 1h, or 0 for none";
  bytes = text "[0-9]+[kMG]?" "number of bytes such as 4096, 64k, 16M, 4G, or 0 for no limit";
  number = text "[0-9]+" "number";
  seconds = text "[0-9]+s|0" "whole seconds such as 60s, or 0 for no limit";
  day = text "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}Z)?" "day (2026-12-31) or minute in UTC (2026-12-31T18:30Z)";
  age = text "[0-9]+[dwh]" "age such as 90d";
  keyName = text "[A-Za-z0-9_@+-][A-Za-z0-9._@+-]{0,63}" "name of letters, digits and . _ @ + -, at most 64";
  publicKey = text "[^[:cntrl:]]*(ssh-|ecdsa-|sk-)[^[:cntrl:]]+" "public key of OpenSSH on a single line";
}
