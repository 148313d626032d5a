" Recipes of nbx.
if exists('b:current_syntax')
  finish
endif

syntax case match
" `wait-for` is one word.
syntax iskeyword @,48-57,_,-

syntax keyword nbxHeader recipe clusters param
syntax keyword nbxDefine let var task use
syntax keyword nbxConditional if then else
syntax keyword nbxRepeat foreach for parallel retry every during wait-for
syntax keyword nbxStatement step return run assert defer print fail skip
syntax keyword nbxException try
syntax keyword nbxEnding with on within
syntax keyword nbxOperatorWord and or not in matches
syntax keyword nbxConstant true false null

syntax match nbxNumber "\%(\k\|[.$]\)\@<!\d[0-9_]*\%(\.\d\+\)\=\%([eE][+-]\=\d\+\)\=\%(\a\+\d*\)*\>"
syntax match nbxOperator "=>\|==\|!=\|<=\|>=\|??\|\.\.<\|\.\.\|[=<>+*/%]"
syntax match nbxField "\.\h\w*"
syntax match nbxKey "\%(\k\|\.\)\@<!\h\w*\%(\.\h\w*\)*\ze:\%(\s\|$\)"
syntax match nbxTaskName "\%(\<task\s\+\)\@<=\h\w*"

syntax match nbxVariable "\$\h\w*"
syntax region nbxInterpolation matchgroup=nbxDelimiter start="\${" end="}" contains=@nbxExpression,nbxBraces
syntax region nbxBraces start="{" end="}" contained transparent contains=@nbxExpression,nbxBraces
syntax match nbxEscape "\\\%([ntr"'\\$]\|u{\x\+}\)" contained
syntax region nbxString start=+"+ skip=+\\.+ end=+"+ end=+$+ contains=nbxEscape,nbxVariable,nbxInterpolation
syntax region nbxRawString start=+'+ end=+'+ end=+$+
syntax region nbxString start=+"""+ end=+"""+ contains=nbxEscape,nbxVariable,nbxInterpolation
syntax region nbxRawString start=+'''+ end=+'''+
syntax match nbxComment "\%(^\|[[:space:](\[{,]\)\@<=#.*$" contains=@Spell

" The words of a command: up to its first ending, to a bracket that none of them opens, or to the line's end, unless the
" line below begins with a hyphen.
syntax region nbxCommand matchgroup=nbxCommandName
      \ start="\%(\k\|[.$]\)\@<!\%(docker\|exec\|fault\|helm\|http\|k3d\|kubectl\|link\|linkerd\|nats\|page\|region\|sleep\|write\)\>\ze\%(\s\+[^=[:space:]]\|\s*$\|[)}]\)"
      \ end="\ze\s\%(with\|on\|within\|every\)\%(\s\|$\)" end="\ze\s{" end="\ze[])}]" end="\_$\%(\n\s*\%(-\|#\|$\)\)\@!"
      \ contains=nbxFlag,nbxString,nbxRawString,nbxVariable,nbxInterpolation,nbxSpread,nbxComment,nbxWordBrackets
syntax match nbxFlag "\s\@<=--\=\a[0-9A-Za-z_.-]*" contained
syntax match nbxSpread "\s\@<=\.\.\.\ze\$" contained
syntax match nbxWordBrackets "[^[:space:]\"'$(){}\[\]]*[({\[][^[:space:]\"'$(){}\[\]]*[])}]" contained

syntax cluster nbxExpression contains=nbxCommand,nbxConditional,nbxRepeat,nbxOperatorWord,nbxConstant,nbxHeader,nbxEnding,nbxNumber,nbxOperator,nbxField,nbxKey,nbxVariable,nbxInterpolation,nbxString,nbxRawString,nbxComment

syntax sync minlines=200

highlight default link nbxHeader PreProc
highlight default link nbxDefine Keyword
highlight default link nbxConditional Conditional
highlight default link nbxRepeat Repeat
highlight default link nbxStatement Statement
highlight default link nbxException Exception
highlight default link nbxEnding Label
highlight default link nbxOperatorWord Operator
highlight default link nbxConstant Constant
highlight default link nbxNumber Number
highlight default link nbxOperator Operator
highlight default link nbxKey Identifier
highlight default link nbxTaskName Function
highlight default link nbxVariable Identifier
highlight default link nbxDelimiter Delimiter
highlight default link nbxEscape SpecialChar
highlight default link nbxString String
highlight default link nbxRawString String
highlight default link nbxComment Comment
highlight default link nbxCommandName Function
highlight default link nbxFlag Special
highlight default link nbxSpread Operator

let b:current_syntax = 'nbx'
