# A stand-in for the keys of nixpkgs' own tests: a public one, whose private one nobody has.
pkgs: {
  snakeOilEd25519PrivateKey = pkgs.writeText "privkey.snakeoil" "";
  snakeOilEd25519PublicKey = builtins.head (import ../../../../hosts/operator.nix).keys;
}
