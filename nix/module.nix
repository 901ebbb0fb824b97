# services.pam-diag: the diagnostic account on NixOS. nix/README.md says what it changes on a host.
#
# This module adds a rule to sshd's PAM stack by `security.pam.services.<name>.rules`, of which nixpkgs says:
#
#   This option and its suboptions are experimental and subject to breaking changes without notice. If you use this option in your
#   system configuration, you will need to manually monitor this module for any changes. Otherwise, failure to adjust your configuration
#   properly could lead to you being locked out of your system, or worse, your system could be left wide open to attackers. If you share
#   configuration examples that use this option, you MUST include this warning so that users are informed.
#
# So: keep a root session open at the first switch, and roll back (nixos-rebuild switch --rollback) when a login fails. An assertion
# compares the rendered stack with what must stand in it: a nixpkgs that renders it otherwise fails the evaluation, not the login.
{
  imports = [
    ./module/options.nix
    ./module/access.nix
    ./module/policy.nix
    ./module/units.nix
    ./module/assertions.nix
  ];
}
