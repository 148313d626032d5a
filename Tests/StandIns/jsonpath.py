"""kubectl's JSONPath templates, as far as recipes use them: `{.items[*].metadata.name}`, `{.data.tls\\.crt}`."""

import json_text


def render(template, value):
    text, place = "", 0
    while place < len(template):
        if template[place] != "{":
            text, place = text + template[place], place + 1
            continue
        end = _closing(template, place)
        inside = template[place + 1:end].strip()
        place = end + 1
        if inside.startswith("range "):
            stop = template.index("{end}", place)
            text += "".join(render(template[place:stop], item) for item in find(inside[6:].strip(), value))
            place = stop + len("{end}")
        elif inside[:1] in "\"'":
            text += inside[1:-1].replace("\\n", "\n").replace("\\t", "\t")
        else:
            text += " ".join(plain(found) for found in find(inside, value))
    return text


def _closing(template, place):
    depth, quote = 0, None
    for index in range(place, len(template)):
        letter = template[index]
        if quote:
            quote = None if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "{":
            depth += 1
        elif letter == "}":
            depth -= 1
            if depth == 0:
                return index
    raise ValueError("unclosed action")


def plain(value):
    return value if isinstance(value, str) else json_text.write(value)


def find(path, value):
    """What a path leads to: a list, empty where nothing is there."""
    found, place = [value], 1 if path.startswith(("$", "@")) else 0
    while place < len(path):
        if path[place] == ".":
            name, place = _name(path, place + 1)
            if name == "*":
                found = [item for each in found for item in _items(each)]
            elif name:
                found = [each[name] for each in found if isinstance(each, dict) and name in each]
        elif path[place] == "[":
            end = path.index("]", place)
            found, place = _index(path[place + 1:end], found), end + 1
        else:
            raise ValueError("unrecognized character in action: %r" % path[place])
    return found


def _name(path, place):
    name = ""
    while place < len(path) and path[place] not in ".[":
        if path[place] == "\\" and place + 1 < len(path):
            place += 1
        name, place = name + path[place], place + 1
    return name, place


def _items(value):
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _index(inside, found):
    if inside == "*":
        return [item for each in found for item in _items(each)]
    if inside[:1] in "\"'":
        return [each[inside[1:-1]] for each in found if isinstance(each, dict) and inside[1:-1] in each]
    if inside.startswith("?("):
        path, _, wanted = inside[2:-1].partition("==")
        wanted = wanted.strip().strip("\"'")
        return [item for each in found for item in _items(each)
                if any(plain(v) == wanted for v in find(path.strip(), item))]
    number = int(inside)
    return [each[number] for each in found if isinstance(each, list) and -len(each) <= number < len(each)]
