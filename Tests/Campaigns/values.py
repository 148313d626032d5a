"""The campaigns that compare what nbx makes of values with what Python makes of them: JSON and regular expressions."""

import json
import os
import re
import signal
import warnings

from campaign import Campaign
from findings import Finding

COUNT = 300
LETTERS = "aAbB_-zZ09 .:;,\n\t\r\"'\\/$^()[]{}|*+?é\u00dfü\u0130\u2028\U0001f600\u0000\u007f"


class ComparingCampaign(Campaign):
    """Gives nbx a list of cases in a file, and looks at the outcome of each."""

    recipe = b""

    def outcomes(self, cases):
        self.write("cases.json", json.dumps(cases).encode())
        self.write("cases.nbx", self.recipe)
        ended = self.programs.run(["run", "cases.nbx"], self.folder)
        problem = ended.problem or (f"exit status {ended.status}" if ended.status else None)
        if problem is None:
            with open(os.path.join(self.folder, "outcomes.json"), encoding="utf-8") as file:
                return json.load(file)
        if len(cases) > 1:
            # Whichever half of them does it.
            middle = len(cases) // 2
            return self.outcomes(cases[:middle]) + self.outcomes(cases[middle:])
        raise self.finding(problem, cases[0], ended.said)

    def finding(self, what, case, said=""):
        files = {"cases.json": json.dumps([case]).encode(), "cases.nbx": self.recipe}
        return Finding(what, "nbx run cases.nbx", files, said)

    def round(self, numbers):
        cases = self.cases_of(numbers)
        for case, outcome in zip(cases, self.outcomes(cases)):
            what = self.difference(case, outcome)
            if what is not None:
                raise self.smallest(case, what)
        return len(cases)

    def cases_of(self, numbers):
        raise NotImplementedError

    def difference(self, case, outcome):
        """In what nbx and Python differ; none if they agree."""
        raise NotImplementedError

    def smaller(self, case):
        """Cases with a little less in them."""
        raise NotImplementedError

    def smallest(self, case, what):
        """The finding, with as little in its case as still shows one."""
        has_changed = True
        while has_changed:
            has_changed = False
            cases = self.smaller(case)
            for other, outcome in zip(cases, self.outcomes(cases)):
                difference = self.difference(other, outcome)
                if difference is not None:
                    case, what, has_changed = other, difference, True
                    break
        return self.finding(what, case)


class JSONCampaign(ComparingCampaign):
    """nbx reads of a text what Python reads, refuses what Python refuses, and writes what Python reads again."""

    name = "json"
    cases = "texts"
    recipe = b'let cases = read("cases.json").json\nwrite outcomes.json with [try (c.json) for c in cases]\n'

    def cases_of(self, numbers):
        texts = [text_of(numbers, 0) for _ in range(COUNT)]
        return [changed(numbers, text, '{}[]",:\\0123456789+-.eEtfn u\n\ufeffé') if numbers.random() < 0.5 else text
                for text in texts]

    def smaller(self, text):
        return [text[:place] + text[place + 1:] for place in range(len(text))]

    def difference(self, text, outcome):
        try:
            expected = json.loads(text.removeprefix("\ufeff"), parse_constant=refuse, parse_float=finite)
        except (ValueError, RecursionError) as problem:
            return f"nbx reads it as {outcome['value']!r}, and Python says: {problem}" if outcome["ok"] else None
        if not outcome["ok"]:
            return f"nbx says: {outcome['error']}, and Python reads {expected!r}"
        if not is_same(outcome["value"], expected):
            return f"nbx reads it as {outcome['value']!r}, and Python as {expected!r}"
        return None


def refuse(word):
    raise ValueError(f"{word} is no JSON")


def finite(text):
    """What no float holds is an error to nbx."""
    value = float(text)
    return refuse(text) if value in (float("inf"), float("-inf")) else value


def is_same(ours, theirs):
    """But for what docs/language.md says: larger whole numbers come as text, and half a letter as U+FFFD."""
    if isinstance(theirs, str):
        theirs = re.sub("[\ud800-\udfff]", "\ufffd", theirs)
    if type(theirs) is int and not -2**63 <= theirs < 2**63:
        theirs = str(theirs)
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(is_same, ours, theirs))
    if isinstance(ours, dict):
        names = [re.sub("[\ud800-\udfff]", "\ufffd", name) for name in theirs]
        if len(set(names)) < len(names):
            # Names that only half letters told apart have become one.
            return set(ours) == set(names)
        return list(ours) == names and all(map(is_same, ours.values(), theirs.values()))
    return repr(ours) == repr(theirs)


def text_of(numbers, depth):
    """A JSON text, with white space and escapes wherever they may stand."""
    choice, chance = numbers.choice, numbers.random

    def space():
        return choice(["", "", "", " ", "\n", "\t ", "\r\n"])

    kind = numbers.randrange(8 if depth < 4 else 5)
    if kind == 0:
        return space() + choice(["null", "true", "false"]) + space()
    if kind in (1, 2):
        whole = choice(["0", str(numbers.randrange(1, 1000)), str(numbers.randrange(2**62, 2**65))])
        fraction = "." + str(numbers.randrange(10**6)).zfill(numbers.randrange(1, 7)) if chance() < 0.3 else ""
        exponent = choice("eE") + choice(["", "+", "-"]) + str(numbers.randrange(330)) if chance() < 0.3 else ""
        return space() + choice(["", "-"]) + whole + fraction + exponent + space()
    if kind in (3, 4):
        return space() + string_of(numbers) + space()
    if kind in (5, 6):
        return space() + "[" + ",".join(text_of(numbers, depth + 1) for _ in range(numbers.randrange(4))) + space() + "]"
    entries = [space() + string_of(numbers) + space() + ":" + text_of(numbers, depth + 1)
               for _ in range(numbers.randrange(4))]
    return "{" + ",".join(entries) + space() + "}"


def string_of(numbers):
    def letter():
        kind = numbers.randrange(5)
        if kind == 0:
            return "\\" + numbers.choice('"\\/bfnrt')
        if kind == 1:
            digits = f"{numbers.choice([numbers.randrange(0x80), numbers.randrange(0x10000), 0xd83d, 0xde00]):04x}"
            return "\\u" + numbers.choice([digits, digits.upper()])
        found = numbers.choice(LETTERS)
        return found if found >= " " and found not in '"\\' else "k"

    return '"' + "".join(letter() for _ in range(numbers.randrange(6))) + '"'


def changed(numbers, text, letters):
    """The text with a few letters more, less or other than before."""
    for _ in range(numbers.randrange(1, 4)):
        place = numbers.randrange(len(text) + 1)
        text = text[:place] + numbers.choice(["", *letters]) + text[place + numbers.randrange(2):]
    return text


class PatternCampaign(ComparingCampaign):
    """`matches` finds what Python's `re` finds, of every pattern that nbx takes; and it takes what it says it knows."""

    name = "matches"
    cases = "patterns"
    recipe = b'let cases = read("cases.json").json\nwrite outcomes.json with [try (c.text matches c.pattern) for c in cases]\n'

    def cases_of(self, numbers):
        cases = []
        for _ in range(COUNT):
            pattern, is_known = pattern_of(numbers, 0), True
            if numbers.random() < 0.3:
                pattern, is_known = changed(numbers, pattern, "ab-[]()^$|*+?{},1\\dwsb.&:"), False
            text = "".join(numbers.choice("aab-_1 9\né]") for _ in range(numbers.randrange(9)))
            cases.append({"text": text, "pattern": pattern, "known": is_known})
        return cases

    def smaller(self, case):
        found = [{**case, "text": case["text"][:place] + case["text"][place + 1:]} for place in range(len(case["text"]))]
        # A pattern with less in it may be none.
        return found + [{**case, "pattern": case["pattern"][:place] + case["pattern"][place + 1:], "known": False}
                        for place in range(len(case["pattern"]))]

    def difference(self, case, outcome):
        if not outcome["ok"]:
            if case["known"] and "more than 2000 steps" not in outcome["error"]:
                return f"nbx says: {outcome['error']}"
            return None
        try:
            expected = searched(for_python(case["pattern"]), case["text"])
        except re.error as problem:
            return f"nbx says {outcome['value']}, and to Python it is no pattern: {problem}"
        if expected is not None and expected != outcome["value"]:
            return f"nbx says {outcome['value']}, and Python {expected}"
        return None


def pattern_of(numbers, depth):
    """A pattern of what docs/language.md says that there is."""
    def item():
        kind = numbers.randrange(9 if depth < 3 else 7)
        if kind < 3:
            return numbers.choice(["a", "b", "1", "-", "_", " ", "é", r"\.", r"\-", r"\n", r"\t", r"\\", r"\]", ":", "]"])
        if kind == 3:
            return numbers.choice([r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", "."])
        if kind == 4:
            return numbers.choice(["^", "$", r"\b"])
        if kind < 7:
            members = numbers.choices(
                ["a", "b", "a-b", "0-9", "_", r"\-", r"\d", r"\w", r"\s", r"\]", ".", "$", "+--", r"\+-a", "é", "x"],
                k=numbers.randrange(1, 4))
            return "[" + numbers.choice(["", "", "^", "]", "^]"]) + "".join(members) + numbers.choice(["", "", "-"]) + "]"
        return numbers.choice(["(", "(?:"]) + pattern_of(numbers, depth + 1) + ")"

    def repeated():
        found = item()
        if numbers.random() < 0.3:
            return found + numbers.choice(["*", "+", "?", "{2}", "{1,}", "{0,2}", "{3,5}", "{0}", "*?", "+?", "??", "{1,2}?"])
        return found

    parts = ["".join(repeated() for _ in range(numbers.randrange(4))) for _ in range(numbers.choice([1, 1, 1, 2, 3]))]
    return "|".join(parts)


def for_python(pattern):
    """The same to Python: `$` is the end alone, and what stands at a place may be repeated."""
    def other(match):
        return {"^": "(?:^)", "$": r"(?:\Z)", r"\b": r"(?:\b)"}.get(match[0], match[0])

    return re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[$^]", other, pattern, flags=re.DOTALL)


class _Late(Exception):
    pass


def searched(pattern, text):
    """Whether Python finds it; none if that takes long, since Python goes back and tries again."""
    def stop(*_):
        raise _Late

    with warnings.catch_warnings():
        # Of signs that may mean something else in a later Python.
        warnings.simplefilter("ignore", FutureWarning)
        compiled = re.compile(pattern, re.ASCII)
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        return compiled.search(text) is not None
    except _Late:
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
