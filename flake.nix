{
  description = "A read-only, recorded ssh account for on-call engineers, vendors and agents";

  # The modules of microvm.nix, impermanence and sops-nix are the hosts' own: nothing but nixpkgs is needed here.
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = f: nixpkgs.lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
      policy = pkgs: file: (nixpkgs.lib.nixosSystem {
        modules = [ file { nixpkgs.hostPlatform = pkgs.stdenv.hostPlatform.system; } ];
      }).config.services.pam-diag.rendered.policyFile;
    in
    {
      packages = each (pkgs: rec {
        pam_diag = pkgs.callPackage ./nix/package.nix { };
        default = pam_diag;
      });

      overlays.default = import ./nix/overlay.nix;

      nixosModules = rec {
        pam-diag = { imports = [ ./nix/module.nix ]; };
        default = pam-diag;
      };
      homeManagerModules.default = ./nix/client.nix;

      # `nix flake check`: the package with its unit tests, the policies of both example hosts as diagctl judges them, a login in two virtual
      # machines.
      checks = each (pkgs: {
        package = pkgs.callPackage ./nix/package.nix { };
        policy-bare-metal = policy pkgs ./nix/hosts/bare-metal.nix;
        policy-web-02 = policy pkgs ./nix/hosts/web-02.nix;
        login = pkgs.testers.runNixOSTest ./nix/tests/login.nix;
      });

      devShells = each (pkgs: {
        default = pkgs.mkShell {
          inputsFrom = [ self.packages.${pkgs.stdenv.hostPlatform.system}.pam_diag ];
          packages = with pkgs; [
            check
            clang-tools
            cppcheck
            iproute2
            mandoc
            netcat-openbsd
            openssh
            procps
            shellcheck
            sqlite
            strace
            util-linux
          ];
        };
      });
    };
}
