"""What helm is given: the chart's name and the values, from files, standard input and `--set`."""

import charts
import json_text
import objects
import yaml_text


def chart(world, reference, flags, refuse):
    """The chart's own name; refuses what no known repository has."""
    repository, slash, name = reference.partition("/")
    if "repo" in flags.given:
        address, name = flags.last("repo"), reference
    elif reference.startswith("oci://"):
        repository, _, name = reference.rpartition("/")
        if name not in charts.VERSIONS:
            refuse("failed to perform \"FetchReference\" on source: %s: not found" % reference)
        return name
    elif not slash or reference.startswith((".", "/")):
        refuse('non-absolute URLs should be in form of repo_name/path_to_chart, got: %s' % reference
               if not slash else 'path "%s" not found' % reference)
    else:
        address = world.host()["repositories"].get(repository)
        if address is None:
            refuse("repo %s not found" % repository)
    if name not in (charts.served(address) or []):
        refuse('chart "%s" matching %s not found in %s index. (try \'helm repo update\'): no chart name found'
               % (name, flags.last("version", ""), repository))
    if name not in charts.VERSIONS:
        refuse("the stand-in does not know what the chart %s makes" % name)
    asked = flags.last("version")
    if asked and not all(part.isdigit() for part in asked.lstrip("v~^>=< ").partition("-")[0].split(".")):
        refuse('chart "%s" matching %s not found in %s index. (try \'helm repo update\'): improper constraint: %s'
               % (name, asked, repository, asked))
    return name


def read(call, flags, refuse):
    """All values, laid over each other in helm's order."""
    values = {}
    for path in flags.split("values"):
        if path == "-":
            text = call.read_standard_input()
        else:
            try:
                with open(path) as file:
                    text = file.read()
            except OSError:
                refuse("open %s: no such file or directory" % path)
        try:
            documents = yaml_text.read_all(text)
        except ValueError as error:
            refuse("failed to parse %s: error converting YAML to JSON: yaml: %s" % (path, error))
        for document in documents[:1]:
            if not isinstance(document, (dict, type(None))):
                refuse("failed to parse %s: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal into Go "
                       "value of type map[string]interface {}" % path)
            # helm keeps `null`: it takes a default of the chart away. Here there are no defaults to lose.
            values = objects.merged(values, {}, document or {})
    for name, convert in (("set-json", json_text.read), ("set", _typed), ("set-string", str), ("set-literal", str),
                          ("set-file", lambda p: open(p).read())):
        for text in flags.all(name):
            for pair in _pairs(text) if name in ("set", "set-string", "set-file") else [text]:
                path, equals, value = pair.partition("=")
                if not equals:
                    refuse('failed parsing --%s data: key "%s" has no value' % (name, pair))
                try:
                    _put(values, _path(path), convert(value))
                except (ValueError, OSError, TypeError, AttributeError) as error:
                    refuse("failed parsing --%s data: %s" % (name, error))
    return values


def _pairs(text):
    pairs, now, depth, place = [], "", 0, 0
    while place < len(text):
        letter = text[place]
        if letter == "\\":
            now, place = now + text[place:place + 2], place + 2
            continue
        depth += (letter == "{") - (letter == "}")
        if letter == "," and depth == 0:
            pairs.append(now)
            now = ""
        else:
            now += letter
        place += 1
    return pairs + [now] if now else pairs


def _path(text):
    """`a.b\\.c[0]` as its steps."""
    steps, now, place = [], "", 0
    while place < len(text):
        letter = text[place]
        if letter == "\\":
            now, place = now + text[place + 1:place + 2], place + 2
            continue
        if letter in ".[":
            steps += [now] if now else []
            now = ""
            if letter == "[":
                end = text.index("]", place)
                steps.append(int(text[place + 1:end]))
                place = end
        else:
            now += letter
        place += 1
    return steps + [now] if now else steps


def _typed(text):
    if text.startswith("{") and text.endswith("}"):
        return [_typed(part) for part in text[1:-1].split(",")] if text != "{}" else []
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    return int(text) if text.lstrip("-").isdigit() and not (len(text) > 1 and text[0] == "0") else text.replace("\\,", ",")


def _put(values, steps, value):
    place = values
    for step, following in zip(steps, steps[1:]):
        fresh = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            place.extend([None] * (step + 1 - len(place)))
            place[step] = fresh if place[step] is None else place[step]
        elif not isinstance(place.get(step), (dict, list)):
            place[step] = fresh
        place = place[step]
    if isinstance(steps[-1], int):
        place.extend([None] * (steps[-1] + 1 - len(place)))
    place[steps[-1]] = value
