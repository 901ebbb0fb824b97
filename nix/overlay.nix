final: _prev: {
  pam_diag = final.callPackage ./package.nix { };
}
