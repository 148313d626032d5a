"""Which scopes a TextMate grammar gives the letters of a file: textmate.py GRAMMAR FILE.

Writes one JSON list for each letter that begins a token: [line, column, scopes], counted from 0.
"""

import json
import logging
import sys

from textmate_grammar.parsers.base import LanguageParser

logging.disable(logging.CRITICAL)

with open(sys.argv[1], encoding="utf-8") as file:
    grammar = json.load(file)
parser = LanguageParser(grammar)
element = parser.parse_file(sys.argv[2])
for (line, column), text, scopes in element.flatten():
    print(json.dumps([line, column, text, scopes], ensure_ascii=False))
