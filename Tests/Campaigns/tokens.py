"""Reads the tokens of a recipe, knowing no more of the language than where strings and comments begin and end."""

import re

BARE = re.compile(rb"[\w\x80-\xff]+|[^\s]")


class Unclear(Exception):
    """Only a parser could tell where the tokens are."""


def tokens(text):
    """Strings and comments whole, all else in words and single signs; neither blanks nor commas, which form may change.

    Raises `Unclear` where a `#` stands directly behind something: it is a part of a word, and a comment in an expression."""
    return _Reader(text.removeprefix(b"\xef\xbb\xbf")).read()


class _Reader:
    def __init__(self, text):
        self.text = text
        self.place = 0
        self.found = []

    def read(self):
        while self.place < len(self.text):
            self._one()
        return self.found

    def _one(self):
        text, start = self.text, self.place
        letter = text[start:start + 1]
        if letter.isspace() or letter == b",":
            self.place += 1
        elif letter == b"#":
            before = text[start - 1:start]
            if start > 0 and not before.isspace():
                raise Unclear
            end = text.find(b"\n", start)
            self.place = len(text) if end < 0 else end
            self.found.append(text[start:self.place].rstrip(b" \t\r"))
        elif letter in (b'"', b"'"):
            self._string(letter)
            self.found.append(text[start:self.place].replace(b"\r\n", b"\n"))
        else:
            found = BARE.match(text, start)
            self.place = found.end()
            self.found.append(found[0])

    def _string(self, quote):
        text = self.text
        end = quote * 3 if text.startswith(quote * 3, self.place) else quote
        self.place += len(end)
        while not text.startswith(end, self.place):
            if self.place >= len(text):
                raise Unclear
            if quote == b'"' and text.startswith(b"\\", self.place):
                self.place += 2
            elif quote == b'"' and text.startswith(b"${", self.place):
                self.place += 2
                self._expression()
            else:
                self.place += 1
        self.place += len(end)

    def _expression(self):
        """Up to the brace that ends `${`."""
        kept, self.found, depth = self.found, [], 0
        while True:
            if self.place >= len(self.text):
                raise Unclear
            letter = self.text[self.place:self.place + 1]
            if letter == b"}" and depth == 0:
                break
            depth += (letter == b"{") - (letter == b"}")
            self._one()
        self.place += 1
        self.found = kept
