# The hosts that are evaluated with the stubs, for the checks here and for the programs that judge the texts: `facts` of each.
{ key ? null }:

let
  lib = import ./stub/lib.nix;
  facts = arguments: import ./facts.nix (import ./stub arguments).config;
  guest = { persistence = true; sops = true; microvm = true; };
  agent = lib.optional (key != null) { services.pam-diag.authorizedKeys = lib.mkForce [ key ]; };
  public = builtins.head (import ../hosts/operator.nix).keys;
in
{
  web = facts (guest // { modules = [ ../hosts/web-02.nix ] ++ agent; });
  bare = facts { modules = [ ../hosts/bare-metal.nix ] ++ agent; };

  # Every option that has a text of its own.
  full = facts {
    modules = [
      ../hosts/bare-metal.nix
      {
        security.polkit.enable = true;
        services.openssh.extraConfig = "LogLevel VERBOSE";
        services.pam-diag = {
          user = "looker";
          permitTTY = false;
          authorizedKeys = lib.mkForce [ ];
          keys.vendor = {
            key = ''from="10.0.0.0/8" ${public}'';
            commands = [ "cat" ];
            subcommands = [ "systemctl status" ];
            expires = "2027-01-01";
            rate = 30;
            concurrency = 2;
            engine = "podman";
          };
          commands = [ "cat" "systemctl" ];
          kernelAudit = "required";
          acceptMissing = [ "landlock-scope" ];
          paths.extraAllow = [ "/srv/www" ];
          paths.deny = [ "/srv/www/*/private" ];
          limits.timeout = "10s";
          persistenceRoots = [ "/nix/persist" ];
          extraPolicy = "[types]\nqueue = match [a-z]+\n";
          extraCommands.queuectl = {
            summary = "Look at the queue";
            source = [ "queuectl(1), 2.1" ];
            leaks = [ "addresses of senders" ];
            omitted = [ "the interactive mode" ];
            hint = "ask for one queue by name";
            style = "getopt";
            dispatch = "stop";
            program = "/run/current-system/sw/bin/queuectl";
            flags = [ [ "-q" "--quiet" ] ];
            refuse = [{ names = [ "purge" "push" ]; reason = "it changes the queue"; }];
            subcommands."list|ls" = {
              flags = [ [ "-l" "--long" ] [ "-a" ] ];
              options = [
                { names = [ "--lines" "-n" ]; type = "integer 1..1000"; once = true; }
                { names = [ "--format[=STYLE]" ]; type = "one-of table json"; }
              ];
              exclusive = [ [ "-l" "-a" ] ];
              append = [ "--lines=100" ];
              operands = [{ count = "0..5"; type = "match [a-z]+"; unless = [ "-l" ]; }];
              number = "--lines";
              imply = [{ option = "--format"; values = [ "json" ]; words = [ "--lines=1000" ]; }];
              timeout = "10s";
              outputLimit = "1M";
              memoryLimit = "1G";
              cpuLimit = "5s";
              processLimit = "64";
              network = [ "unix" ];
              reads = [ "/var/lib/queue/index" ];
              helpers = [ "/run/current-system/sw/bin/gzip" ];
            };
            subcommands.show = { operands = [{ count = "1"; type = "path read"; }]; implicit = [ "/var/log/queue" ]; };
          };
          sinks.file = { type = "jsonl"; settings.path = "/var/lib/pam_diag/exported.jsonl"; };
          sinks.loki = {
            type = "loki";
            settings = { url = "https://logs.example.net/loki/api/v1/push"; gzip = true; label = [ "job=pam_diag" "site=a" ]; batch-rows = 500; };
            credentials.token = "/run/secrets/loki";
          };
          retention = { keep = "30d"; size = "2G"; };
          shipping.interval = "5m";
        };
      }
    ];
  };
}
