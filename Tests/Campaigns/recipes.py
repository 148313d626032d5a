"""Recipes made of a grammar, and recipes that exist, changed at random."""

import glob
import os
import re

# What a name in `<…>` may become. Alternatives that lead deeper are left alone once a recipe is deep enough.
GRAMMAR = {
    "recipe": ["<head><statements>", "<statements>", "<head><task><statements>", "<task><task><statements>"],
    "head": [
        'recipe "what it does"<nl>', 'recipe "t"<nl>clusters<sp>c1 c2<sp>c3<nl>', "clusters c1<nl><param>",
        'recipe "t"<nl><param><param>'],
    "param": ["param<sp>p<digit><gap>=<gap><literal><nl>", 'param p<digit> = <literal><sp>"its help"<nl>'],
    "task": ["task<sp>t<digit>(<gap>a<gap>,<gap>b<gap>=<gap><literal><gap>)<gap><taskblock><nl>",
             "task t<digit>()<gap><block><nl>"],
    "taskblock": ["{<nl>return<sp><expr><nl>}", "{<nl><statements>return <expr><nl>}", "{<gap>return<gap>}"],
    "statements": ["<statement><nl>", "<statement><nl><statements>", "<statement><nl><statement><nl><statement><nl>"],
    "block": ["{<gap>}", "{<gap>print 1<gap>}", "{<gap><statement><gap>}", "{<nl><statements>}", "{ <statement> }"],
    "statement": [
        "print<sp><expr>", "<command>", "let<sp><new><gap>=<gap><bound>", "var<sp><new> = <expr>", "<name> = <expr>",
        "print <expr><gap>,<gap><expr>", "assert<sp><expr>", "assert <expr><gap>,<gap><string>", "fail <string>",
        "skip <string>", "if<sp><expr><gap><block>", "if <expr> <block><gap>else<gap><block>",
        "if <expr> <block> else<sp>if <expr><gap><block>", "foreach<sp>x<sp>in<sp><expr><gap><block>",
        "foreach k<gap>,<gap>v in <map><gap><block>", "foreach c in clusters<sp>parallel<gap><block>",
        "foreach i in 1..<digit> parallel<sp>2 <block>", "parallel<gap><block>", "step<gap><string><gap><block>",
        'step "s"<sp>on<sp>c<sp>within<sp>5m<gap><block>', "retry<sp>3<gap><block>", "retry 2<sp>every<sp>1s <block>",
        "during<sp><command> <block>", "during<sp><new><gap>=<gap><command> <block>", "try<gap><block>", "try <block><gap>else<sp>err<gap><block>",
        "defer<gap><block>", "wait-for<sp><expr>", "wait-for<sp><expr><sp>within<sp>30s",
        'wait-for <expr> within 5s<sp>every<sp>100ms<sp>"it is so"', "wait-for<sp><command>", "t<digit>(<expr>)",
        "<name>.sort", 'run<sp>"other.nbx"<sp>a=1', "(<expr>)"],
    "bound": ["<expr>", "<expr>", "<command>", "try<sp><command>", "foreach x in <expr> <block>",
              "step <string> <block>", "parallel <block>", "retry 2 <block>"],
    "command": ["<words>", "<words>", "<words><sp>with<sp><map>", "<words> on<sp>c", "<words><sp>within<sp>5m",
                "<words><nl>  with <expr><nl>  within 1m", "<words><nl>    --flag<sp><word>"],
    "words": ["exec<sp><word>", "exec echo<sp><word><sp><word>", "nats server list", "nats<sp>stream<sp>info<sp>S",
              "nats pub a.b<sp><word>", "nats stream add S --subjects <word>", "kubectl get pods -n<sp><word>",
              "helm upgrade --install <word> <word>", "region<sp>stop<sp><word>", "sleep<sp>1ms", "sleep 10ms",
              "write out.txt", "http get http://<word>/", "nats kv put B k <word>"],
    "word": ["a", "x-$c-0", "'raw { word'", '"with $c and ${<expr>}"', "...$<name>", "...${<expr>}",
             "--set=a{b}(c)[d]", "${<expr>}y'z'\"$c\"", "''", "a#b,c;d\\e", "'with'", "-", "--", "a:b", "x,", "=",
             "1.5", "https://a.b/c?d=e&f", "on-it", '"""\n  a\n  """', "é", "$c", "[a", "a(b c)"],
    "expr": ["<literal>", "<name>", "<string>", "<list>", "<map>", "<expr><gap><op><gap><expr>", "not<sp><expr>",
             "(<gap><expr><gap>)", "(<gap><command><gap>)", "<expr>.<method>", "<name>[<gap><expr><gap>]",
             "if<sp><expr><sp>then<sp><expr><sp>else<sp><expr>", "[<gap><expr><sp>for<sp>y<sp>in<sp><expr><gap>]",
             "[<expr> for y in <expr><sp>if<sp><expr>]", "try<sp>(<expr>)", "-<gap><expr>", "t<digit>(<gap><expr><gap>)",
             "t1(<expr><gap>,<gap>b<gap>:<gap><expr>)", "secret(<string>)", "env(\"HOME\")", "<expr>..<expr>",
             "<expr>.map(<gap>e<gap>=><gap><expr><gap>)", "<map>.filter((k,<gap>v) =><gap><expr>)", "try <block>.ok"],
    "list": ["[<gap>]", "[<gap><expr><gap>]", "[<gap><expr><sep><expr><gap>]", "[<nl><expr><nl><expr><gap>,<nl>]"],
    "map": ["{<gap>}", "{<gap><key><gap>:<gap><expr><gap>}", "{ <key>: <expr><sep>m: <expr> }",
            "{<nl><key>:<gap><expr><nl>b.c: <expr><nl>}"],
    "key": ["k", "a.b", '"q k"', "'r'", '"$c"', "with", "if.x"],
    "sep": ["<gap>,<gap>", ",<nl>", "<nl>"],
    "op": ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in", "matches", "??", "..", "..<"],
    "method": ["count", "first", "name", "json", "sort", "keys", "lines", "join(\", \")", "take(<expr>)",
               "contains(<expr>)", "replace(\"a\", <expr>)", "in", "if"],
    "literal": ["1", "0", "1_000", "2.5", "1e3", "100m", "1h30m", "5s", "2Gi", "512Mi", "true", "false", "null",
                "'r'", '"s"', "[]", "{}", "9223372036854775807", "99999999999999999999", "1.5kB", "007"],
    "string": ['"text"', "'raw # text'", '"${<expr>} of $c-js"', '"\\n\\u{1F600}\\$"', '"""\n   two\n     $c\n   """',
               "'''\n raw\n'''", '"é\\"🎈"', '"#"'],
    "name": ["clusters", "c", "x", "a", "n1", "n2", "p1", "target", "err"],
    "new": ["n1", "n2", "n3", "_n", "x", "if"],
    "digit": list("0123456789"),
}
BLANKS = [" ", " ", " ", " ", "  ", "\t", "      "]
ENDS = ["\n", "\n", "\n", "\n", "\r\n", "\n\n", "\n\n\n", " \n", "\n \t\n"]
COMMENTS = ["#", "# one", "## two, { and (", "# '", "# \"three", "# ü 🎈", "#$x", "# end  "]
PART = re.compile(r"<(\w+)>")


class Writer:
    """Writes recipes by the grammar; some tidily, some with odd white space and comments wherever they may stand."""

    deepest = 7

    def __init__(self, numbers):
        self.numbers = numbers
        self.depths = depths()

    def recipe(self):
        self.is_wild = self.numbers.random() < 0.6
        self.length = 0
        return self._expand("recipe", 0).encode()

    def _expand(self, name, depth):
        if name in ("sp", "gap", "nl"):
            return self._space(name)
        alternatives = GRAMMAR[name]
        if depth >= self.deepest or self.length > 6000:
            least = min(self.depths[alternative] for alternative in alternatives)
            alternatives = [alternative for alternative in alternatives if self.depths[alternative] == least]
        chosen = self.numbers.choice(alternatives)
        # The recipe's statements are no depth.
        depth += 0 if name in ("recipe", "statements") and self.length < 1500 else 1
        text = PART.sub(lambda match: self._expand(match[1], depth), chosen)
        self.length += len(chosen)
        return text

    def _space(self, name):
        choice, chance = self.numbers.choice, self.numbers.random
        if name == "nl":
            if not self.is_wild:
                return "\n"
            comment = " " + choice(COMMENTS) if chance() < 0.2 else ""
            below = "".join(f" {choice(COMMENTS)}{choice(ENDS)}" for _ in range(2) if chance() < 0.1)
            return comment + choice(ENDS) + below + " " * self.numbers.randrange(5)
        if not self.is_wild:
            return " "
        if name == "gap" and chance() < 0.08:
            return self._space("nl")
        return choice(BLANKS) if name == "sp" or chance() < 0.6 else ""


def depths():
    """How many names an alternative leads through at least, down to one that leads nowhere."""
    known = {"sp": 0, "gap": 0, "nl": 0}
    known |= {name: 0 for name, alternatives in GRAMMAR.items() if not any(map(PART.search, alternatives))}
    while len(known) < len(GRAMMAR) + 3:
        for name, alternatives in GRAMMAR.items():
            found = [depth for depth in (depth_of(alternative, known) for alternative in alternatives) if depth is not None]
            if name not in known and found:
                known[name] = 1 + min(found)
    return {alternative: depth_of(alternative, known) for alternatives in GRAMMAR.values() for alternative in alternatives}


def depth_of(alternative, known):
    inner = [known.get(name) for name in PART.findall(alternative)]
    return None if None in inner else max(inner, default=0)


class Mutator:
    """Changes recipes that exist: what ships, and what the documentation shows."""

    def __init__(self, numbers, repository):
        self.numbers = numbers
        self.texts = []
        for path in sorted(glob.glob(os.path.join(repository, "recipes", "**", "*.nbx"), recursive=True)):
            with open(path, "rb") as file:
                self.texts.append(file.read())
        for path in sorted(glob.glob(os.path.join(repository, "docs", "*.md"))):
            with open(path, "rb") as file:
                self.texts += re.findall(rb"```nbx\n(.*?)```", file.read(), re.DOTALL)
        self.pieces = sorted({piece for text in self.texts for piece in pieces(text)})

    def recipe(self):
        text = self.numbers.choice(self.texts)
        lines = text.splitlines(keepends=True)
        if len(lines) > 60:
            # A part of a large one is read faster, and broken where it was cut.
            start = self.numbers.randrange(len(lines) - 30)
            text = b"".join(lines[start:start + self.numbers.randrange(5, 60)])
        for _ in range(self.numbers.randrange(1, 5)):
            text = self.numbers.choice(self.changes)(self, text)
        return text

    def _lines(self, text):
        lines = text.splitlines(keepends=True) or [b""]
        place = self.numbers.randrange(len(lines))
        other = self.numbers.choice(self.numbers.choice(self.texts).splitlines(keepends=True))
        kind = self.numbers.randrange(4)
        lines[place:place + 1] = [[], [lines[place], lines[place]], [other, lines[place]], [other]][kind]
        return b"".join(lines)

    def _piece(self, text):
        parts = pieces(text) or [b""]
        place = self.numbers.randrange(len(parts))
        other = self.numbers.choice(self.pieces)
        kind = self.numbers.randrange(4)
        parts[place:place + 1] = [[], [parts[place], parts[place]], [parts[place], other], [other]][kind]
        return b"".join(parts)

    def _byte(self, text):
        place = self.numbers.randrange(len(text) + 1)
        kind = self.numbers.randrange(3)
        new = bytes([self.numbers.choice([self.numbers.randrange(256), self.numbers.randrange(32, 127)])])
        return text[:place] + [b"", new, new][kind] + text[place + (kind != 2):]

    def _blanks(self, text):
        def other(match):
            if self.numbers.random() < 0.7:
                return match[0]
            return self.numbers.choice([b"", b" ", b"  ", b"\t", b"\n", b" \n  ", b"\r\n", b" # c\n", b",\n", b"\\\n"])
        return re.sub(rb"[ \t\n]+", other, text)

    def _ends(self, text):
        return text.replace(b"\n", self.numbers.choice([b"\r\n", b" \n", b"\n\n", b" # c\n", b"\n\t"]))

    def _cut(self, text):
        return text[:self.numbers.randrange(len(text) + 1)]

    def _mark(self, text):
        return b"\xef\xbb\xbf" + text

    changes = [_lines, _lines, _piece, _piece, _piece, _byte, _blanks, _blanks, _ends, _cut, _mark]


def pieces(text):
    """Names, numbers, white space, and signs one by one."""
    return re.findall(rb"\w+|\s+|[\x80-\xff]+|.", text, re.DOTALL)


class Recipes:
    """Half of them by the grammar, half changed ones."""

    def __init__(self, repository):
        self.repository = repository
        self.mutator = None

    def some(self, numbers, count):
        writer = Writer(numbers)
        self.mutator = self.mutator or Mutator(numbers, self.repository)
        self.mutator.numbers = numbers
        return [numbers.choice([writer, self.mutator]).recipe() for _ in range(count)]
