" Recipes of nbx: comments, indentation, `nbx fmt` behind gq, `nbx check` behind :make.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal comments=:# commentstring=#\ %s
setlocal formatoptions-=t formatoptions+=croql
setlocal expandtab shiftwidth=2 softtabstop=2
setlocal suffixesadd=.nbx
setlocal formatprg=nbx\ fmt\ -
setlocal makeprg=nbx\ check\ %:S
" The heading of a finding, then the line that says where.
setlocal errorformat=%E%trror%m,%W%tarning%m,%Z\ %#-->\ %f:%l:%c,%-G%.%#

let b:undo_ftplugin = 'setlocal comments< commentstring< formatoptions< expandtab< shiftwidth< softtabstop<'
      \ . ' suffixesadd< formatprg< makeprg< errorformat<'
