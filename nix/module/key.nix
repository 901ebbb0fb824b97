# One key by name: section [key NAME] of the policy, and a line of authorized_keys.
{ lib, t }:

let
  inherit (lib) mkOption types;
in
{
  options = {
    key = mkOption {
      type = t.publicKey;
      example = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleExa vendor";
      description = "The public key. Its fingerprint is written into the policy when that is built.";
    };
    commands = mkOption {
      type = types.listOf t.word;
      default = [ ];
      example = [ "journalctl" "cat" "tail" ];
      description = "The commands that it has, with all of their sub-commands. Together with `subcommands` empty: the whole policy.";
    };
    subcommands = mkOption {
      type = types.listOf t.line;
      default = [ ];
      example = [ "systemctl status" ];
      description = "Sub-commands that it has, each written as the command with its words.";
    };
    engine = mkOption {
      type = types.nullOr (types.enum [ "docker" "podman" ]);
      default = null;
      example = "podman";
      description = ''
        The container engine whose socket is not masked in the sessions of this key. It can make its caller root: only rules with
        `network = engine` reach it there.
      '';
    };
    expires = mkOption {
      type = types.nullOr t.day;
      default = null;
      example = "2027-01-01";
      description = "From then on it has nothing.";
    };
    rate = mkOption {
      type = types.nullOr (types.ints.between 1 6000);
      default = null;
      example = 30;
      description = "Command lines that it may send within a minute, over all of its connections.";
    };
    concurrency = mkOption {
      type = types.nullOr (types.ints.between 1 256);
      default = null;
      example = 2;
      description = "Commands that may run at once, over all of its connections.";
    };
  };
}
