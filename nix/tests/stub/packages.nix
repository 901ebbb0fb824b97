# A stand-in for nixpkgs' package set: each name is a package that has paths and no content. What is rendered into texts is kept beside it,
# so that a test reads it without building. For an evaluation without nixpkgs' pkgs/, with its real lib and modules or without these.
{ lib, names, system ? "x86_64-linux", platform ? { inherit system; isLinux = true; canExecute = _: true; } }:

let
  package = name: {
    type = "derivation";
    inherit name system;
    pname = name;
    version = "9.9";
    # Of a derivation that nobody builds: a path of nixpkgs knows what it comes of, and some functions refuse such a string.
    inherit (derivation { name = builtins.unsafeDiscardStringContext name; inherit system; builder = "/none"; }) outPath drvPath;
    outputName = "out";
    outputs = [ "out" ];
    meta.mainProgram = name;
    passthru = { };
    # What modules ask a package for besides paths.
    psqlSchema = "17";
    withPackages = _: package name;
    withPlugins = _: package name;
    withJIT = package name;
    withoutJIT = package name;
    override = _: package name;
    overrideAttrs = _: package name;
  } // builtins.listToAttrs (map
    (output: { name = output; value = package "${name}-${output}"; })
    [ "bin" "debug" "dev" "doc" "info" "lib" "login" "man" "nixos" "out" "static" "su" "terminfo" ]);

  texts = name: text: package name // { inherit text; };
  call = file: arguments:
    let
      f = if builtins.isFunction file then file else import file;
      wanted = builtins.functionArgs f;
      # What the function asks for and no list names.
      missing = builtins.filter (name: !wanted.${name} && !(pkgs ? ${name})) (builtins.attrNames wanted);
    in
    f (builtins.listToAttrs (map (name: { inherit name; value = package name; }) missing)
      // builtins.intersectAttrs wanted pkgs // arguments);

  kernel = package "linux" // {
    version = "6.12.30";
    features.efiBootStub = true;
    kernelOlder = _: false;
    kernelAtLeast = _: true;
    isZen = false;
    isHardened = false;
    override = _: kernel;
    config = { isYes = _: true; isNo = _: false; isEnabled = _: true; isDisabled = _: false; isSet = _: true; isModule = _: false; };
  };
  kernelPackages = {
    inherit kernel;
    extend = _: kernelPackages;
    override = _: kernelPackages;
    zfs = package "zfs";
  };

  # Real ones are in nixpkgs' pkgs/pkgs-lib.
  formats = builtins.listToAttrs (map
    (name: {
      inherit name;
      value = _: {
        type = lib.types.attrsOf lib.types.anything;
        generate = file: value: package file // { inherit value; };
        lib = { };
      };
    })
    [ "elixirConf" "gitIni" "hocon" "ini" "iniWithGlobalSection" "javaProperties" "json" "keyValue" "libconfig" "lua" "php" "systemd" "toml" "xml" "yaml" ]);

  # "set.member" is a member of a package, "name" a package.
  add = set: name:
    let
      parts = builtins.filter builtins.isString (builtins.split "\\." name);
      first = builtins.head parts;
      known = set.${first} or (package first);
    in
    set // {
      ${first} =
        if builtins.length parts == 1 then known
        else { ${builtins.elemAt parts 1} = package (builtins.elemAt parts 1); } // known;
    };

  pkgs = builtins.foldl' add { } names // {
    _type = "pkgs";
    inherit lib formats;
    __splicedPackages = pkgs;
    buildPackages = pkgs;
    pkgsBuildBuild = pkgs;
    pkgsStatic = pkgs;
    pkgsi686Linux = pkgs;
    config = { };
    overlays = [ ];
    appendOverlays = builtins.foldl' (set: overlay: set // overlay pkgs set) pkgs;
    extend = overlay: pkgs // overlay pkgs pkgs;
    path = ./.;
    inherit system;

    callPackage = call;
    runCommand = name: env: script: package name // env // { inherit name; buildCommand = script; };
    runCommandLocal = pkgs.runCommand;
    runCommandCC = pkgs.runCommand;
    writeText = texts;
    writeScript = texts;
    writeScriptBin = texts;
    writeShellScript = texts;
    writeShellScriptBin = texts;
    writeTextDir = path: text: texts (baseNameOf path) text // { inherit path; };
    writeTextFile = arguments: texts arguments.name arguments.text;
    writeShellApplication = arguments: texts arguments.name arguments.text;
    symlinkJoin = arguments: package arguments.name // { inherit (arguments) paths; };
    linkFarm = name: entries: package name // { inherit entries; };
    buildEnv = arguments: package arguments.name // { inherit (arguments) paths; };
    substituteAll = arguments: package "substituted" // arguments;
    replaceVars = _: _: package "substituted";
    replaceVarsWith = _: package "substituted";
    linuxPackages = kernelPackages;
    linuxPackages_latest = kernelPackages;

    stdenv = platform // {
      hostPlatform = platform;
      buildPlatform = platform;
      targetPlatform = platform;
      cc = package "gcc" // { targetPrefix = ""; libc = package "glibc"; };
      isLinux = true;
      inherit system;
      # What it was called with is what a test looks at.
      mkDerivation = arguments: package "${arguments.pname or arguments.name}-${arguments.version or "0"}" // { inherit arguments; } // (arguments.passthru or { });
    };
    inherit (pkgs.stdenv) hostPlatform buildPlatform;
  };
in
pkgs
