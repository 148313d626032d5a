/// The scripts that shells read. They only hand the words on to `nbx __complete` and show what it answers: a line for
/// each word that fits, and behind a tab what it means.
enum ShellScripts {
  static func script(for shell: String) -> String? {
    switch shell {
    case "bash": bash
    case "zsh": zsh
    case "fish": fish
    default: nil
    }
  }

  /// bash takes `=` and `:` for the ends of words, so the line is cut at blanks here, and of what fits the part is left
  /// out that bash takes for a word before. Also for the bash 3.2 of macOS.
  private static let bash = #"""
    # Tab for nbx: source <(nbx completions bash)
    _nbx() {
      local line="${COMP_LINE:0:COMP_POINT}" candidate
      local -a words
      read -r -a words <<< "$line"
      case "$line" in *[[:space:]]) words+=("") ;; esac
      local current="${words[${#words[@]} - 1]}"
      local before="${current%"${current##*[=:]}"}"
      COMPREPLY=()
      while IFS=$'\t' read -r candidate _; do
        candidate="${candidate#"$before"}"
        case "$candidate" in *[[:space:]]*) printf -v candidate '%q' "$candidate" ;; esac
        COMPREPLY+=("$candidate")
      done < <("${words[0]/#\~/$HOME}" __complete "${words[@]:1}" 2> /dev/null)
      case "${COMPREPLY[0]}" in
        *[=/]) if [ ${#COMPREPLY[@]} -eq 1 ]; then compopt -o nospace 2> /dev/null; fi ;;
      esac
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
        $program __complete $words (commandline -ct) 2> /dev/null
    end
    complete -c nbx -f -a '(__nbx_complete)'

    """#
}
