"""Flags as the real programs read them (all five use the same library).

A table is a text: `n|namespace=` takes a value, `A|all` does not, `wait?` may have one after `=` only.
"""


class Unknown(Exception):
    """A flag or a use of one that the program does not know."""


def table(text):
    known = {}
    for word in text.split():
        kind = word[-1] if word[-1] in "=?" else "!"
        names = word.rstrip("=?").split("|")
        for name in names:
            known[name] = (names[-1], kind)
    return known


def find(known, name, written):
    # One letter has one dash; kubectl's `--v` alone has both.
    if name in known and (len(name) == 1) == (not written.startswith("--")) or name == "v" in known:
        return known[name]
    if written.startswith("--"):
        raise Unknown("unknown flag: --%s" % name)
    raise Unknown("unknown shorthand flag: '%s' in %s" % (name, written))


def parse(words, known):
    """The flags given, each a list of its values, and the words that are none. What follows `--` is under `--`."""
    given, plain, place = {}, [], 0
    while place < len(words):
        word = words[place]
        place += 1
        if word == "--":
            given["--"] = words[place:]
            break
        if len(word) < 2 or word[0] != "-":
            plain.append(word)
        elif word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            name, kind = find(known, name, "--" + name)
            if not equals and kind == "=":
                if place == len(words):
                    raise Unknown("flag needs an argument: %s" % word)
                value, place = words[place], place + 1
            elif not equals:
                value = "true"
            given.setdefault(name, []).append(value)
        else:
            letters = word[1:]
            while letters:
                name, kind = find(known, letters[0], word)
                letters = letters[1:]
                value = "true"
                if kind == "=":
                    value = letters[1:] if letters.startswith("=") else letters
                    if not letters:
                        if place == len(words):
                            raise Unknown("flag needs an argument: '%s' in %s" % (word[-1], word))
                        value, place = words[place], place + 1
                    letters = ""
                elif letters.startswith("="):
                    value, letters = letters[1:], ""
                given.setdefault(name, []).append(value)
    return given, plain


def command(words, known):
    """The words before the first that is no flag, that word, and what follows: flags may stand before a subcommand."""
    place = 0
    while place < len(words):
        word = words[place]
        if word == "--":
            break
        if len(word) < 2 or word[0] != "-":
            return words[:place], word, words[place + 1:]
        name = word[2:].partition("=")[0] if word.startswith("--") else word[1]
        takes = known.get(name, (name, "!"))[1] == "="
        separate = "=" not in word and (word.startswith("--") or len(word) == 2)
        place += 2 if takes and separate else 1
    return words[:place], None, []


class Flags:
    """What was given, by name."""

    def __init__(self, given):
        self.given = given

    def last(self, name, otherwise=None):
        return self.given[name][-1] if name in self.given else otherwise

    def all(self, name):
        return self.given.get(name, [])

    def on(self, name, otherwise=False):
        return self.given[name][-1] not in ("false", "0", "f", "F", "False") if name in self.given else otherwise

    def split(self, name):
        return [part for value in self.all(name) for part in value.split(",") if part]


def seconds(text, otherwise):
    """A duration such as `1m30s`; a bare number is seconds."""
    if text is None:
        return otherwise
    total, number = 0.0, ""
    units = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
    place = 0
    while place < len(text):
        if text[place].isdigit() or text[place] in ".-+":
            number += text[place]
            place += 1
            continue
        unit = "ms" if text[place:place + 2] == "ms" else text[place]
        if unit not in units or not number:
            raise Unknown('invalid argument "%s" for "--timeout" flag: time: invalid duration "%s"' % (text, text))
        total += float(number) * units[unit]
        number, place = "", place + len(unit)
    return total + (float(number) if number else 0)
