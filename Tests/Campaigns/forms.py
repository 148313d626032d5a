"""The campaigns that let nbx read recipes: `nbx check` and `nbx fmt`."""

import itertools
import json
import os
import re
import shutil

from campaign import Campaign
from findings import Finding, shrunk
from recipes import Recipes
from tokens import Unclear, tokens

COUNT = 40


class RecipeCampaign(Campaign):
    """Looks at many recipes at once, and where something is wrong at ever smaller ones."""

    cases = "recipes"
    how = ""

    def __init__(self, programs, folder, repository):
        super().__init__(programs, folder, repository)
        self.recipes = Recipes(repository)

    def round(self, numbers):
        texts = self.recipes.some(numbers, COUNT)
        problem = self._problem(texts)
        if problem is not None:
            self._explain(problem, texts)
        return len(texts)

    def _problem(self, texts):
        """What is wrong; none if all is well."""
        shutil.rmtree(self.folder)
        for place, text in enumerate(texts):
            self.write(f"r/{place}.nbx", text)
        try:
            self.look({f"r/{place}.nbx": text for place, text in enumerate(texts)})
        except Finding as finding:
            return finding
        return None

    def look(self, texts):
        """Looks at the files in the folder `r`, whose texts are known by their paths. Raises `Finding`."""
        raise NotImplementedError

    def _explain(self, problem, texts):
        """Raises the finding with the smallest recipe that shows it."""
        def is_bad(text):
            return self._problem([text]) is not None

        for text in texts:
            if is_bad(text):
                text = shrunk(text, is_bad)
                problem = self._problem([text]) or problem
                raise Finding(problem.what, self.how, {"r/0.nbx": text}, problem.said)
        raise Finding(f"{problem.what} (only with other recipes beside it)", self.how, said=problem.said)

    def nbx(self, *words):
        ended = self.programs.run(list(words), self.folder)
        if ended.problem:
            raise Finding(f"nbx {' '.join(words)}: {ended.problem}", said=ended.said)
        return ended

    def checked(self):
        """What `nbx check` finds, as data."""
        ended = self.nbx("check", "r", "--json")
        try:
            report = json.loads(ended.output)
        except ValueError as problem:
            raise Finding(f"nbx check r --json: its output is no JSON: {problem}", said=ended.said) from None
        if ended.status != (2 if report["errors"] else 0):
            raise Finding(f"nbx check r: exit status {ended.status} does not fit to what it found", said=ended.said)
        return report


class CheckCampaign(RecipeCampaign):
    """`nbx check` says where and what, in each of its ways the same, and its exit status is as documented."""

    name = "check"
    how = "nbx check r; nbx check r --strict; nbx check r --json; nbx check r --sarif"

    def __init__(self, programs, folder, repository):
        super().__init__(programs, folder, repository)
        self.codes = set()

    def look(self, texts):
        report = self.checked()
        counts = {"error": 0, "warning": 0}
        for finding in report["findings"]:
            counts[finding["severity"]] += 1
            self._look_at(finding, texts)
        if (counts["error"], counts["warning"]) != (report["errors"], report["warnings"]):
            raise Finding("nbx check r --json: it counts other findings than it lists")
        self._look_at_text(report)
        self._look_at_sarif(report)

    def _look_at(self, finding, texts):
        where = f"nbx check r --json: a finding {finding['code']}"
        if finding["path"] not in texts or not finding["message"] or not finding["code"]:
            raise Finding(f"{where} without a message, a code or a file", said=json.dumps(finding))
        if finding["code"] not in self.codes:
            self.codes.add(finding["code"])
            if self.nbx("explain", finding["code"]).status != 0:
                raise Finding(f"nbx explain {finding['code']} knows nothing of what nbx check has found")
        if finding["line"] is None:
            return
        lines = texts[finding["path"]].split(b"\n")
        start, end = (finding["line"], finding["column"]), (finding["endLine"], finding["endColumn"])
        if not (1, 1) <= start <= end or end[0] > len(lines) or end[1] > len(lines[end[0] - 1]) + 2:
            raise Finding(f"{where} is not in the file", said=json.dumps(finding))

    def _look_at_text(self, report):
        ended = self.nbx("check", "r", "--strict")
        if ended.status != (2 if report["errors"] else 1 if report["warnings"] else 0):
            raise Finding(f"nbx check r --strict: exit status {ended.status} does not fit to what it found",
                          said=ended.said)
        raw = re.search(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]", ended.errors + ended.output)
        if raw:
            raise Finding(f"nbx check r --strict: {raw[0]!r} of a recipe comes to the terminal as it is",
                          said=ended.said)
        last = (ended.errors or ended.output).decode().rstrip("\n").split("\n")[-1]
        counted = {"error": report["errors"], "warning": report["warnings"]}
        for severity, count in counted.items():
            told = re.search(rf"(\d+) {severity}", last)
            if count != (int(told[1]) if told else 0):
                raise Finding(f"nbx check r --strict: its last line counts other {severity}s than --json", said=last)

    def _look_at_sarif(self, report):
        ended = self.nbx("check", "r", "--sarif")
        try:
            results = json.loads(ended.output)["runs"][0]["results"]
        except (ValueError, LookupError) as problem:
            raise Finding(f"nbx check r --sarif: its output is no SARIF: {problem!r}", said=ended.said) from None
        if [result.get("ruleId") for result in results] != [finding["code"] for finding in report["findings"]]:
            raise Finding("nbx check r --sarif: it lists other findings than --json")


class FormatCampaign(RecipeCampaign):
    """`nbx fmt` keeps every token, is its own form, and changes what `--check` and `--diff` say; `nbx check` says the same
    before and after."""

    name = "fmt"
    how = "nbx fmt --check r; nbx fmt --diff r; nbx check r; nbx fmt r; nbx fmt --check r; nbx check r"

    def look(self, texts):
        before = self.checked()
        named, status = self._named()
        differences = self.nbx("fmt", "--diff", "r")
        if self._texts(texts) != texts:
            raise Finding("nbx fmt --check r or --diff r writes")
        ended = self.nbx("fmt", "r")
        if ended.status not in (0, 2):
            raise Finding(f"nbx fmt r: exit status {ended.status}", said=ended.said)
        if status != (2 if ended.status == 2 else 1 if named else 0):
            raise Finding(f"nbx fmt --check r: exit status {status}, and of nbx fmt r {ended.status}")
        after = self._texts(texts)
        changed = {path for path in texts if texts[path] != after[path]}
        if changed != named:
            raise Finding("nbx fmt r changes other files than --check names", said=" ".join(sorted(changed ^ named)))
        if patched(texts, differences.output) != after:
            raise Finding("nbx fmt --diff r shows other changes than nbx fmt r makes")
        for path in sorted(changed):
            look_at_tokens(texts[path], after[path])
        again, status = self._named()
        if again or status != ended.status:
            raise Finding("nbx fmt r: its form is not its own form",
                          said=self.nbx("fmt", "--diff", "r").output.decode("utf-8", "replace"))
        self._compare(before, self.checked())

    def _named(self):
        """The files that `--check` names, and its exit status."""
        ended = self.nbx("fmt", "--check", "r")
        paths = re.findall(r"^not in form: (.*)$", ended.output.decode(), re.MULTILINE)
        return set(paths), ended.status

    def _texts(self, texts):
        found = {}
        for path in texts:
            with open(os.path.join(self.folder, path), "rb") as file:
                found[path] = file.read()
        return found

    def _compare(self, before, after):
        said = [[told(finding) for finding in report["findings"]] for report in (before, after)]
        for one, other in itertools.zip_longest(*said):
            if one != other:
                raise Finding("nbx check r says something else of what nbx fmt r has formatted",
                              said=f"before: {one}\nafter:  {other}")


def told(finding):
    """What does not depend on where it stands."""
    message = re.sub(r"line \d+", "line N", finding["message"])
    return f"{finding['path']} {finding['severity']} {finding['code']}: {message}"


def look_at_tokens(old, new):
    try:
        before = tokens(old)
    except Unclear:
        # No blank is a token: without them all stays in any case.
        before, after = (re.sub(rb"[\s,]", b"", text.removeprefix(b"\xef\xbb\xbf")) for text in (old, new))
        if before != after:
            raise Finding("nbx fmt r changes more than blanks") from None
        return
    for one, other in itertools.zip_longest(before, tokens(new)):
        if one != other:
            raise Finding("nbx fmt r changes a token", said=f"before: {one!r}\nafter:  {other!r}")


def patched(texts, difference):
    """The texts with a unified diff applied."""
    result = dict(texts)
    for part in re.split(rb"^(?=--- r/\d+\.nbx\n\+\+\+ )", difference, flags=re.MULTILINE)[1:]:
        lines = part.split(b"\n")
        path = lines[0][4:].decode()
        old, new, place = texts[path].split(b"\n"), [], 0
        for line in lines[2:-1]:
            sign, text = line[:1], line[1:]
            if sign == b"@":
                start, count = re.match(rb"@@ -(\d+)(?:,(\d+))? ", line).groups()
                start = int(start) - (count != b"0")
                new += old[place:start]
                place = start
            elif sign == b"+":
                new.append(text)
            elif sign == b"\\":
                # The line before it, of one side or of both, ends without a line's end.
                continue
            else:
                if sign == b" ":
                    new.append(old[place])
                place += 1
        # A form ends with a line's end, if anything is in it.
        end = [b""] if new and place == len(old) else []
        result[path] = b"\n".join(new + old[place:] + end)
    return result
