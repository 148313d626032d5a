import Interpreter
import SandboxSystem

/// `nbx completions SHELL`
enum CompletionsSubcommand: Subcommand {
  static let form = CommandForm.subcommand(
    "completions",
    "Prints the script that makes a shell complete nbx's command line with Tab: subcommands and flags, recipes, their "
      + "clusters, parameters and steps, codes, contexts",
    [Positional("SHELL", as: .choice(ShellScripts.shells), help: "\(ShellScripts.shells.joined(separator: ", "))")],
    example: "source <(nbx completions bash)")

  static let notes = """
    The one line that installs it:
      bash   echo 'source <(nbx completions bash)' >> ~/.bashrc
      zsh    echo 'source <(nbx completions zsh)' >> ~/.zshrc
      fish   nbx completions fish > ~/.config/fish/completions/nbx.fish

    The script asks nbx itself, each time: it need not be installed anew when nbx is.
    """

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    Terminal.standardOutput.write(ShellScripts.script(for: words.strings()[0]) ?? "")
    return .done
  }
}

/// The scripts that shells read. They only hand the words on to `nbx __complete` and show what it answers: a line for
/// each word that fits, and behind a tab what it means.
enum ShellScripts {
  static let shells = scripts.map(\.shell)

  static func script(for shell: String) -> String? { scripts.first { $0.shell == shell }?.text }

  private static let scripts = [(shell: "bash", text: bash), (shell: "zsh", text: zsh), (shell: "fish", text: fish)]

  /// bash hands out words as they are typed, quotes and all, and cuts them at `=` and `:`. So the line is read here as a
  /// shell reads it. Of what fits, the part is left out that bash keeps in its place, and the rest is quoted as what is
  /// typed is. Also for the bash 3.2 of macOS.
  private static let bash = #"""
    # Tab for nbx: source <(nbx completions bash)
    _nbx() {
      # The word that is read, how much of it bash keeps, the same before an open quote, that quote, and whether a word
      # has begun.
      local value="" kept="" outer="" quote="" begun=""
      local line="${COMP_LINE:0:COMP_POINT}" letter candidate open="" i
      local -a words
      words=()
      for ((i = 0; i < ${#line}; i++)); do
        letter="${line:i:1}"
        if [[ "$letter" == \\ && "$quote" != "'" ]]; then
          i=$((i + 1)) begun=1
          letter="${line:i:1}"
          if [[ "$quote" == '"' && "$letter" != [\"\\\$\`] ]]; then value+=\\; fi
          value+="$letter"
        elif [[ -n "$quote" ]]; then
          if [[ "$letter" == "$quote" ]]; then quote="" kept="$outer"; else value+="$letter"; fi
        elif [[ "$letter" == [\"\'] ]]; then
          quote="$letter" outer="$kept" kept="$value" begun=1
        elif [[ "$letter" == [[:space:]] ]]; then
          if [[ -n "$begun" ]]; then words+=("$value"); fi
          value="" kept="" begun=""
        else
          value+="$letter" begun=1
          if [[ "$COMP_WORDBREAKS" == *"$letter"* ]]; then kept="$value"; fi
        fi
      done
      COMPREPLY=()
      while IFS=$'\t' read -r candidate _; do
        case "$candidate" in *[=/]) open=1 ;; esac
        candidate="${candidate#"$kept"}"
        case "$quote" in
          \') letter="'\\''" && candidate="${candidate//\'/$letter}" ;;
          \")
            for letter in \\ \" \$ \`; do candidate="${candidate//"$letter"/\\$letter}"; done ;;
          *) case "$candidate" in *[!A-Za-z0-9_./:=@%+,-]*) printf -v candidate %q "$candidate" ;; esac ;;
        esac
        COMPREPLY+=("$candidate")
      done < <("${words[0]/#\~/$HOME}" __complete "${words[@]:1}" "$value" 2> /dev/null)
      if [[ ${#COMPREPLY[@]} -eq 1 ]]; then
        if [[ -n "$open" ]]; then
          compopt -o nospace 2> /dev/null
          # A single answer would close the quote, and there is more to come.
          if [[ -n "$quote" ]]; then COMPREPLY+=("${COMPREPLY[0]} "); fi
        elif [[ -n "$quote" && "${COMPREPLY[0]}" == *"$quote" ]]; then
          # bash takes a quote at the end for the closing one.
          COMPREPLY[0]+="$quote"
        fi
      fi
    }
    complete -F _nbx nbx

    """#

  private static let zsh = #"""
    #compdef nbx
    # Tab for nbx: source <(nbx completions zsh)
    _nbx() {
      local line value
      local program=${~words[1]}
      local -a whole wholetexts open opentexts
      for line in "${(@f)$($program __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2> /dev/null)}"; do
        value=${line%%$'\t'*}
        [[ -n $value ]] || continue
        if [[ $value == *[=/] ]]; then
          open+=("$value") opentexts+=("${line/$'\t'/  -- }")
        else
          whole+=("$value") wholetexts+=("${line/$'\t'/  -- }")
        fi
      done
      (( $#open )) && compadd -S '' -d opentexts -a open
      (( $#whole )) && compadd -d wholetexts -a whole
      (( $#open + $#whole ))
    }
    if [[ ${funcstack[1]} == _nbx ]]; then
      _nbx "$@"
    else
      (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
      compdef _nbx nbx
    fi

    """#

  private static let fish = #"""
    # Tab for nbx: nbx completions fish > ~/.config/fish/completions/nbx.fish
    function __nbx_complete
        set -l words (commandline -opc)
        set -l program $words[1]
        set -e words[1]
        set -l typed (commandline -ct)
        # Without its quotes, the last of which may not be closed yet.
        set -l word (string unescape -- "$typed"; or string unescape -- "$typed'"; or string unescape -- "$typed\""; or echo -- "$typed")
        $program __complete $words "$word" 2> /dev/null
    end
    complete -c nbx -f -a '(__nbx_complete)'

    """#
}
