# A command of one's own: the grammar of pam_diag.conf(5), with a type for each key. `render.nix` writes it down.
{ lib, t }:

let
  inherit (lib) mkOption types;

  many = type: example: description: mkOption {
    inherit example description;
    type = types.listOf type;
    default = [ ];
  };
  maybe = type: example: description: mkOption {
    inherit example description;
    type = types.nullOr type;
    default = null;
  };

  option = {
    options = {
      names = mkOption {
        type = types.nonEmptyListOf t.word;
        example = [ "-n" "--lines" ];
        description = "Spellings that mean the same; the first one runs. `[=]`, `[+]` or `[?]` behind a name say where its value may stand.";
      };
      type = mkOption {
        type = t.line;
        example = "integer 0..1000";
        description = "Type of the value; alternatives are separated by `|`.";
      };
      once = mkOption {
        type = types.bool;
        default = false;
        example = true;
        description = "Whether it may be given only once.";
      };
    };
  };

  operand = {
    options = {
      count = mkOption {
        type = (types.strMatching "[0-9]+(\\.\\.[0-9]+)?") // { description = "count (1) or range of counts (0..8)"; };
        example = "0..8";
        description = "How many of them.";
      };
      type = mkOption {
        type = t.line;
        example = "path read";
        description = "Type of each.";
      };
      unless = many t.word [ "-l" ] "Options with which these operands are not expected.";
    };
  };

  refusal = {
    options = {
      names = mkOption {
        type = types.nonEmptyListOf t.word;
        example = [ "purge" "push" ];
        description = "Options, sub-commands and words.";
      };
      reason = mkOption {
        type = t.line;
        example = "it changes the queue";
        description = "What the other end is told.";
      };
    };
  };

  implication = {
    options = {
      option = mkOption { type = t.word; example = "-o"; description = "The option that brings them."; };
      values = mkOption { type = types.nonEmptyListOf t.word; example = [ "json" ]; description = "With which of its values."; };
      words = mkOption { type = types.nonEmptyListOf t.word; example = [ "--no-pager" ]; description = "The words that run."; };
    };
  };

  # What a rule and a sub-command share.
  rule = {
    summary = maybe t.line "Look at the queue" "One line, for `help`.";
    hint = maybe t.line "ask for one queue by name" "What to write instead, added to a refusal that has nothing better to say.";
    flags = many (types.nonEmptyListOf t.word) [ [ "-l" "--long" ] ] "Options without a value, each a list of names; the first one runs.";
    options = many (types.submodule option) [{ names = [ "-n" "--lines" ]; type = "integer 1..1000"; }] "Options with a value.";
    words = many t.line [ "dev : interface" ] "Keywords without a dash, as `word` of {manpage}`pam_diag.conf(5)`.";
    bare = many (types.nonEmptyListOf t.word) [ [ "dev" ] ] "Which option or keyword a word stands for that none announces.";
    operators = many (types.nonEmptyListOf t.word) [ [ "and" "or" ] ] "Words that may stand between all others.";
    operands = many (types.submodule operand) [{ count = "0..5"; type = "path read"; }] "Operands, in this order.";
    implicit = many t.pattern [ "/var/log/queue" ] "What the program reads when no operand is given; it is judged too.";
    verb = maybe t.word "list" "The sub-command when none is given.";
    number = maybe t.word "-n" "The option that `-50` stands for.";
    bsd = many t.line [ "aux" ] "Letters without a dash, as `bsd` of {manpage}`pam_diag.conf(5)`.";
    exclusive = many (types.nonEmptyListOf t.word) [ [ "-a" "-b" ] ] "Of each list at most one.";
    require = many (types.nonEmptyListOf t.word) [ [ "-a" "-b" ] ] "Of each list at least one.";
    refuse = many (types.submodule refusal) [{ names = [ "purge" ]; reason = "it changes the queue"; }] "What is refused for a reason of its own.";
    prepend = many t.word [ "--no-pager" ] "Words that always run, right behind the program's name.";
    append = many t.word [ "-n" "100" ] "Words that always run, behind the sub-command.";
    imply = many (types.submodule implication) [{ option = "-o"; values = [ "json" ]; words = [ "--all" ]; }] "Words that run with an option's value.";
    timeout = maybe t.span "10s" "How long it may run.";
    outputLimit = maybe t.bytes "1M" "How many bytes it may print.";
    memoryLimit = maybe t.bytes "1G" "How many bytes of address space each of its processes may have.";
    cpuLimit = maybe t.seconds "30s" "How much processor time each of its processes may use.";
    processLimit = maybe t.number "256" "How many processes the user may have for it to start another one.";
    network = many (types.enum [ "unix" "inet" "netlink" "loopback" "engine" ]) [ "unix" ] "Sockets that it may create; none without it.";
    helpers = many t.pattern [ "/run/current-system/sw/bin/gzip" ] "Programs that it may start.";
    reads = many t.pattern [ "/var/lib/queue/index" ] "Trees that the program reads for itself; no operands by that.";
  };
in
types.submodule {
  options = rule // {
    source = many t.line [ "queuectl(1), 2.1" ] "Manual page and version from which the grammar was read.";
    leaks = many t.line [ "addresses of senders" ] "What the output may show that is better known.";
    omitted = many t.line [ "the interactive mode" ] "What was left out, and why.";
    style = maybe (types.enum [ "getopt" "getopt-stop" "dashword" "find" "lsof" "dig" "echo" ]) "dashword" "How words are read.";
    dispatch = maybe (types.enum [ "permute" "stop" ]) "stop" "Where the sub-command stands.";
    lex = maybe t.line "joined ;" "For programs that join their words and split them again.";
    program = maybe t.pattern "/run/current-system/sw/bin/queuectl" "The program, instead of the search.";
    subcommands = mkOption {
      type = types.attrsOf (types.submodule { options = rule; });
      default = { };
      example = { "list|ls" = { operands = [{ count = "0..5"; type = "match [a-z]+"; }]; }; };
      description = "Its sub-commands; `a|b` gives a word an alias, and the first one is what runs.";
    };
  };
}
