/// What `nbx --help` says.
enum Help {
  static let version = "0.1.0"

  static let overview = """
    nbx runs recipes that stand up NATS superclusters, wait for what must come true, and check it.

    Usage: nbx SUBCOMMAND …

      run RECIPE [CLUSTER…] [NAME=VALUE…]   run a recipe
      plan RECIPE [CLUSTER…] [NAME=VALUE…]  show what it would do; nothing is done
      check PATH…                           look for mistakes without running anything
      explain [CODE]                        what a finding of check means, and how to mend it
      fmt PATH…                             give recipes their one form
      new NAME                              write a recipe to begin with
      repl [CLUSTER…]                       run statements as you type them
      lsp                                   serve an editor: diagnostics, completion, rename …
      list [FOLDER]                         the recipes and what they do
      recipes copy FOLDER                   write the recipes that are in nbx into a folder
      status [--json|--watch|--html|--serve] what runs now, in text, as data, or as a picture
      doctor                                what this machine has and lacks
      completions bash|zsh|fish             make the shell complete all this with Tab
      help COMMAND                          a command of recipes: nats, region, link, helm, http …

    Examples:
      nbx run install c1 c2 c3              a supercluster of three regions, 36 servers
      nbx status                            its servers, where they listen, how they are
      nbx run cleanup c1 c2 c3              nothing of it is left

    `nbx SUBCOMMAND --help` tells more. What persists lies under $NBX_HOME (default: ~/.local/state/nbx).

    """
}
