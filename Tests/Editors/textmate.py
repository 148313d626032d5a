"""Which scopes a TextMate grammar gives the letters of files: textmate.py GRAMMAR FILE…

Writes a line of JSON for each token: [file, line, column, text, scopes], all counted from 0.
"""

import json
import logging
import sys

from textmate_grammar.parsers.base import LanguageParser

logging.disable(logging.CRITICAL)

with open(sys.argv[1], encoding="utf-8") as file:
    parser = LanguageParser(json.load(file))
for number, path in enumerate(sys.argv[2:]):
    for (line, column), text, scopes in parser.parse_file(path).flatten():
        print(json.dumps([number, line, column, text, scopes], ensure_ascii=False))
