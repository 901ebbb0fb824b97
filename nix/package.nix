# Builds what `make install` installs, with the paths that NixOS has. `callPackage`, or the overlay of nix/overlay.nix.
#
# The store keeps no mode but 0444 and 0555, so diag-shell is readable here, and a readable program's process can be looked into by
# others of the same user: the NixOS module runs a copy of it with mode 0711 (nix/module/access.nix). `shellPath` is for hosts that do
# without.
{ lib
, stdenv
, buildPackages
, pkg-config
, linux-pam
, audit
, check
, curl
, libcap
, libseccomp
, openssl
, sqlite
, systemdLibs
, zlib
}:

let
  makefile = builtins.readFile ../Makefile;

  # What the build and its tests read: a change of the documentation, or of this directory, builds nothing again.
  rooms = [ "Makefile" "pam_diag" "shipper" "sql" "etc" "tests" ];
  root = toString ../.;
  isOfRooms = path: _type:
    builtins.any
      (room: path == "${root}/${room}" || lib.hasPrefix "${root}/${room}/" path)
      rooms;
in
stdenv.mkDerivation {
  pname = "pam_diag";
  version = builtins.head (builtins.match ".*\nVERSION := ([0-9.]+)\n.*" makefile);

  src = builtins.path {
    path = ../.;
    name = "pam_diag-source";
    filter = isOfRooms;
  };

  strictDeps = true;
  enableParallelBuilding = true;
  nativeBuildInputs = [ pkg-config ];
  # The seccomp programs are made by a tool that is compiled for the machine that builds.
  depsBuildBuild = [ buildPackages.stdenv.cc buildPackages.libseccomp ];
  # diag-shell is linked static, so that no LD_* variable reaches it: hence the libc's archive.
  buildInputs = [ linux-pam audit curl libcap libseccomp openssl sqlite systemdLibs zlib ]
    ++ lib.optional (stdenv.cc.libc ? static) stdenv.cc.libc.static;

  # SYSCONFDIR and LOCALSTATEDIR are compiled in: they are the host's. MULTIARCH is Debian's; here it only names the processor.
  makeFlags = [
    "PREFIX=${placeholder "out"}"
    "SECUREDIR=${placeholder "out"}/lib/security"
    "SYSCONFDIR=/etc"
    "LOCALSTATEDIR=/var"
    # Loaded at run time, so nothing else would name them: by their paths.
    "LIBSYSTEMD=${systemdLibs}/lib/libsystemd.so.0"
    "LIBCURL=${lib.getLib curl}/lib/libcurl.so.4"
    "MULTIARCH=${stdenv.hostPlatform.system}"
    "CC=${stdenv.cc.targetPrefix}cc"
    "HOSTCC=${buildPackages.stdenv.cc.targetPrefix}cc"
    "AR=${stdenv.cc.targetPrefix}ar"
    "PKG_CONFIG=${stdenv.cc.targetPrefix}pkg-config"
  ];

  # The unit tests that need neither root nor sshd; the others are run by `make check` and by nix/tests.
  doCheck = stdenv.buildPlatform.canExecute stdenv.hostPlatform;
  checkInputs = [ check ];
  nativeCheckInputs = [ sqlite ];
  preCheck = "patchShebangs tests";
  checkTarget = "check-unprivileged";

  # /etc and /var of the host are not a package's to write: they are installed aside, and the examples are kept as documentation.
  installPhase = ''
    runHook preInstall
    aside=$NIX_BUILD_TOP/aside
    make $makeFlags install DESTDIR="$aside"
    mkdir -p "$out/share/doc/pam_diag"
    cp -r "$aside$out/." "$out/"
    cp -r "$aside/etc" "$out/share/doc/pam_diag/examples"
    runHook postInstall
  '';

  passthru.shellPath = "/bin/diag-shell";

  meta = {
    description = "A read-only, recorded ssh account for on-call engineers, vendors and agents";
    longDescription = ''
      A PAM session module confines the sessions of one account in the kernel, a supervisor decides and records every command line in an
      SQLite database before it may run, and a shipper exports the records to the fleet's logs.
    '';
    mainProgram = "diagctl";
    platforms = [ "x86_64-linux" "aarch64-linux" ];
  };
}
