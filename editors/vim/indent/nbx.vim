" A line is indented below a bracket that opens, and back below one that closes.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=NbxIndent(v:lnum) indentkeys=0},0],0),!^F,o,O,e
let b:undo_indent = 'setlocal indentexpr< indentkeys<'

if exists('*NbxIndent')
  finish
endif

" How many more brackets open than close, of those outside of strings and comments.
function! s:Opened(number) abort
  let text = substitute(getline(a:number), '"\%(\\.\|[^"\\]\)*"\|''[^'']*''\|\%(^\|\s\)\zs#.*', '', 'g')
  return len(substitute(text, '[^[({]', '', 'g')) - len(substitute(text, '[^])}]', '', 'g'))
endfunction

" Whether the line goes on with the statement above it.
function! s:GoesOn(number) abort
  return getline(a:number) =~# '^\s*\%(-\|\%(with\|on\|within\)\%(\s\|$\)\)'
        \ || getline(prevnonblank(a:number - 1)) =~# '\%(^\s*#.*\)\@<!\%([-=+*/%<>?]\|\<and\|\<or\|\<not\)\s*$'
endfunction

" The line that a statement begins with which ends on this one.
function! s:Beginning(number) abort
  let number = a:number
  while number > 1
    if getline(number) =~# '^\s*[])}]'
      call cursor(number, 1)
      call search('[])}]', 'c', number)
      let opening = searchpair('[[({]', '', '[])}]', 'bnW', '', 1, 200)
      if opening == 0
        return number
      endif
      let number = opening
    endif
    if !s:GoesOn(number)
      return number
    endif
    let number = prevnonblank(number - 1)
  endwhile
  return number
endfunction

function! NbxIndent(number) abort
  let above = prevnonblank(a:number - 1)
  if above == 0
    return 0
  endif
  " A line that begins with a closing bracket stands with the line that opens it.
  let opened = s:Opened(above) + (getline(above) =~# '^\s*[])}]' ? 1 : 0)
  let closes = getline(a:number) =~# '^\s*[])}]'
  if opened > 0
    return indent(above) + (closes ? 0 : shiftwidth())
  endif
  let beginning = s:Beginning(above)
  if closes
    return max([0, indent(beginning) - shiftwidth()])
  endif
  return indent(beginning) + (s:GoesOn(a:number) ? shiftwidth() : 0)
endfunction
