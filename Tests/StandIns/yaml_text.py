"""YAML as manifests are written in, and JSON, which is YAML too: blocks, quotes, comments, `|` and `>` texts."""

import json_text


def write(value, indent=""):
    if isinstance(value, dict) and value:
        return "".join(indent + _scalar(k) + ":" + _after_key(v, indent) for k, v in value.items())
    if isinstance(value, list) and value:
        lines = ""
        for item in value:
            inner = write(item, indent + "  ")
            lines += indent + "- " + inner[len(indent) + 2:] if isinstance(item, (dict, list)) and item else (
                indent + "- " + _scalar(item) + "\n")
        return lines
    return indent + _scalar(value) + "\n"


def _after_key(value, indent):
    if isinstance(value, dict) and value:
        return "\n" + write(value, indent + "  ")
    if isinstance(value, list) and value:
        return "\n" + write(value, indent)
    return " " + _scalar(value) + "\n"


def _scalar(value):
    if isinstance(value, str) and value and value[0].isalpha() and value not in (
            "true", "false", "null", "yes", "no", "on", "off", "True", "False", "Null") and all(
            c.isalnum() or c in "-_./=+" for c in value):
        return value
    return json_text.write(value)


def read_all(text):
    """Every document."""
    stripped = text.lstrip()
    if stripped[:1] in ("{", "["):
        try:
            return json_text.read_all(text)
        except ValueError:
            pass
    documents, lines = [], []
    for line in text.split("\n") + ["---"]:
        if line.rstrip() in ("---", "...") or line.startswith("--- "):
            if any(l.strip() and not l.lstrip().startswith("#") for l in lines):
                documents.append(_Reader(lines).document())
            lines = [line[4:]] if line.startswith("--- ") else []
        else:
            lines.append(line.rstrip("\r"))
    return documents


class _Reader:
    def __init__(self, lines):
        self.lines, self.place = lines, 0

    def document(self):
        value = self.block(0)
        if self.peek() is not None:
            raise ValueError("line %d: did not find what was expected" % (self.place + 1))
        return value

    def peek(self):
        """The next line with something on it, and its indentation."""
        while self.place < len(self.lines):
            line = self.lines[self.place]
            bare = line.lstrip(" ")
            if bare and not bare.startswith("#"):
                if bare.startswith("\t"):
                    raise ValueError("line %d: found a tab character that violates indentation" % (self.place + 1))
                return len(line) - len(bare), _without_comment(bare)
            self.place += 1
        return None

    def block(self, least):
        found = self.peek()
        if found is None or found[0] < least:
            return None
        indent, text = found
        if text == "-" or text.startswith("- "):
            return self.sequence(indent)
        if _key(text) is not None:
            return self.mapping(indent)
        self.place += 1
        return self.flow(text)

    def sequence(self, indent):
        items = []
        while (found := self.peek()) and found[0] == indent and (found[1] == "-" or found[1].startswith("- ")):
            rest = found[1][1:].lstrip()
            if not rest:
                self.place += 1
                items.append(self.block(indent + 1))
            elif rest[0] in "|>":
                self.place += 1
                items.append(self.literal(rest, indent))
            elif _key(rest) is not None or rest.startswith("- "):
                # What stands behind the dash is a block of its own.
                line = self.lines[self.place]
                self.lines[self.place] = line[:indent] + " " + line[indent + 1:]
                items.append(self.block(indent + 1))
            else:
                self.place += 1
                items.append(self.flow(rest))
        return items

    def mapping(self, indent):
        made = {}
        while (found := self.peek()) and found[0] == indent:
            split = _key(found[1])
            if split is None:
                raise ValueError("line %d: could not find expected ':'" % (self.place + 1))
            key, rest = split
            if key in made:
                raise ValueError('line %d: key "%s" already set in map' % (self.place + 1, key))
            self.place += 1
            if rest[:1] in ("|", ">"):
                made[key] = self.literal(rest, indent)
            elif rest:
                made[key] = self.flow(rest)
            else:
                after = self.peek()
                dash = after and after[0] == indent and (after[1] == "-" or after[1].startswith("- "))
                made[key] = self.sequence(indent) if dash else self.block(indent + 1)
        return made

    def literal(self, mark, indent):
        lines, depth = [], None
        while self.place < len(self.lines):
            line = self.lines[self.place]
            bare = line.lstrip(" ")
            if bare:
                depth = depth if depth is not None else len(line) - len(bare)
                if len(line) - len(bare) <= indent:
                    break
            lines.append(line[depth or 0:])
            self.place += 1
        while lines and not lines[-1]:
            lines.pop()
        text = ("\n" if mark[0] == "|" else " ").join(lines)
        return text if "-" in mark else text + "\n"

    def flow(self, text):
        """A scalar, or a list or map in brackets, which may go on over lines."""
        while text[0] in "[{" and not _balanced(text) and self.place < len(self.lines):
            text += " " + _without_comment(self.lines[self.place].strip())
            self.place += 1
        value, place = _flow(text, 0)
        if text[place:].strip():
            raise ValueError("line %d: did not find expected end of value" % self.place)
        return value


def _balanced(text):
    quote, depth = None, 0
    for letter in text:
        if quote:
            quote = None if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        else:
            depth += (letter in "[{") - (letter in "]}")
    return depth <= 0


def _without_comment(text):
    quote = None
    for place, letter in enumerate(text):
        if quote:
            quote = None if letter == quote else quote
        elif letter in "\"'" and (place == 0 or text[place - 1] in " [{,:"):
            quote = letter
        elif letter == "#" and place and text[place - 1] == " ":
            return text[:place].rstrip()
    return text.rstrip()


def _key(text):
    """The key at the start of a line and what follows its colon."""
    if text[:1] in "\"'":
        end = text.find(text[0], 1)
        if end < 0 or not text[end + 1:].lstrip().startswith(":"):
            return None
        return text[1:end], text[end + 1:].lstrip()[1:].strip()
    if text[:1] in "[{":
        return None
    name, colon, rest = text.partition(": ")
    if not colon:
        if not text.endswith(":"):
            return None
        name, rest = text[:-1], ""
    return name.strip(), rest.strip()


def _flow(text, place):
    while place < len(text) and text[place] == " ":
        place += 1
    if place < len(text) and text[place] in "[{":
        return _flow_collection(text, place)
    if place < len(text) and text[place] == '"':
        end = place + 1
        while end < len(text) and text[end] != '"':
            end += 2 if text[end] == "\\" else 1
        return json_text.read(text[place:end + 1]), end + 1
    if place < len(text) and text[place] == "'":
        end = place + 1
        while end < len(text) and (text[end] != "'" or text[end:end + 2] == "''"):
            end += 2 if text[end] == "'" else 1
        return text[place + 1:end].replace("''", "'"), end + 1
    return _plain(text[place:].strip()), len(text)


def _flow_collection(text, place):
    closing = "]" if text[place] == "[" else "}"
    made = [] if closing == "]" else {}
    place += 1
    while True:
        while place < len(text) and text[place] in " ,":
            place += 1
        if place >= len(text):
            raise ValueError("did not find expected ',' or '%s'" % closing)
        if text[place] == closing:
            return made, place + 1
        if text[place] in "[{\"'":
            value, place = _flow(text, place)
        else:
            end = place
            while end < len(text) and text[end] not in ",]}" and text[end:end + 2] != ": ":
                end += 1
            value, place = _plain(text[place:end].strip()), end
        if closing == "]":
            made.append(value)
            continue
        while place < len(text) and text[place] in " :":
            place += 1
        if text[place:place + 1] in ("[", "{", '"', "'"):
            made[value], place = _flow(text, place)
        else:
            end = place
            while end < len(text) and text[end] not in ",}":
                end += 1
            made[value], place = _plain(text[place:end].strip()), end


def _plain(text):
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    for read in (int, float):
        try:
            if text[0] in "-+.0123456789":
                return read(text)
        except ValueError:
            pass
    return text
