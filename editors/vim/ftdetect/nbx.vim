autocmd BufNewFile,BufRead *.nbx setfiletype nbx
