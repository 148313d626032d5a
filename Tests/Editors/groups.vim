" Which syntax groups Vim gives the letters of files: NBX_FILES names them, one a line; NBX_FOUND is written:
" file, line, column and group, all counted from 0, of each letter at which another group begins.
set nocompatible
filetype plugin indent on
syntax on
let found = []
let files = split($NBX_FILES, "\n")
for index in range(len(files))
  execute 'edit' fnameescape(files[index])
  for number in range(1, line('$'))
    let last = ''
    for column in range(1, len(getline(number)))
      let group = synIDattr(synID(number, column, 1), 'name')
      if group !=# last
        call add(found, join([index, number - 1, column - 1, group], "\t"))
        let last = group
      endif
    endfor
  endfor
endfor
call writefile(found, $NBX_FOUND)
qa!
