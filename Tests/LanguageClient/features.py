"""Every feature of `nbx lsp`, asked for by pygls's client."""

import random
import signal

from lsprotocol import types

from client import Editor, apply, main

LIBRARY = """# Says hello to somebody.
task greet(name, times = 1) {
  print "hello $name", times
}
let shared = 7
"""

MAIN = """recipe "The main one"
clusters c1 c2
param replicas = 3 "servers of each kind"
use "lib.nbx"

let password = secret("hush-hush")
let count = replicas + shared

# Makes a stream.
task make(stream) {
  nats stream add $stream --replicas $replicas --subjects "$stream.>"
}

foreach cluster in clusters parallel {
  step "on $cluster" {
    make("S-$cluster")
    greet("x", times: count)
  }
}
run "other.nbx" size=4
wait-for count > 0 within 5s
print [s.name for s in (nats server list)].count, count
"""

OTHER = """recipe "The other one"
param size = 2 "how large"
print size, "$size and ${size + 1}"
"""


async def opened(editor, text=MAIN):
    editor.write("lib.nbx", LIBRARY)
    editor.write("other.nbx", OTHER)
    result = await editor.start()
    editor.open("main.nbx", text)
    return result


async def initialize(editor):
    result = await opened(editor)
    assert result.server_info.name == "nbx"
    assert result.capabilities.position_encoding == "utf-16"
    assert result.capabilities.text_document_sync.change == types.TextDocumentSyncKind.Incremental
    assert await editor.stop() == 0


async def diagnostics(editor):
    await opened(editor)
    assert [d for d in await editor.found("main.nbx") if d.severity == 1] == []
    editor.open("bad.nbx", 'print nmae\nnats sever list\n')
    found = await editor.found("bad.nbx")
    assert all(d.source == "nbx" and d.code for d in found), found
    assert any("did you mean `nats server`?" in d.message and d.range.start == types.Position(1, 5) for d in found), found
    editor.open("wide.nbx", 'print "\U0001f600\U0001f600", nix\n')
    [wide] = await editor.found("wide.nbx")
    assert (wide.range.start.character, wide.range.end.character) == (14, 17), wide
    text = editor.texts["wide.nbx"]
    editor.replace("wide.nbx", text.index("nix"), text.index("nix") + 3, "1")
    assert await editor.found("wide.nbx") == []
    # What a lint finds is a warning, with its code.
    editor.open("lint.nbx", "let unused = 1\nprint 2\n")
    [lint] = await editor.found("lint.nbx")
    assert lint.severity == 2 and lint.code, lint
    # A closed file has none.
    editor.close("lint.nbx")
    while editor.diagnostics[editor.uri("lint.nbx")].diagnostics:
        await editor.wait(editor.published.get())
    await editor.stop()


async def unsaved(editor):
    """What is open but not saved is what others bring in."""
    await opened(editor)
    await editor.found("main.nbx")
    editor.open("lib.nbx", LIBRARY.replace("greet(", "salute("))
    await editor.until("main.nbx", lambda messages: any("greet" in message for message in messages))
    editor.replace("lib.nbx", 0, len(editor.texts["lib.nbx"]), LIBRARY)
    await editor.until("main.nbx", lambda messages: not any("greet" in message for message in messages))
    # An error in a library is told where it is named.
    editor.replace("lib.nbx", 0, 0, "let x = (\n")
    await editor.until("main.nbx", lambda messages: any(message.startswith("lib.nbx: ") for message in messages))
    # Once it is closed, what has been saved counts.
    editor.close("lib.nbx")
    await editor.until("main.nbx", lambda messages: not any(message.startswith("lib.nbx: ") for message in messages))
    await editor.stop()


async def burst(editor):
    """A burst of keystrokes costs few checks."""
    await opened(editor)
    await editor.found("main.nbx")
    before = editor.checks
    # All of them have come before the server reads the first, however slow the machine is.
    editor.client._server.send_signal(signal.SIGSTOP)
    for letter in "print 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10\n":
        end = len(editor.texts["main.nbx"])
        editor.replace("main.nbx", end, end, letter)
    editor.client._server.send_signal(signal.SIGCONT)
    await editor.found("main.nbx")
    assert editor.checks - before < 20, editor.checks - before
    await editor.stop()


async def hover(editor):
    await opened(editor)
    for mark, shift, after, said in [
        ("nats stream", 0, "", "Asks NATS servers"), ("stream add", 0, "", "stream add"),
        ("--replicas", 3, "", "replicas"), ("foreach", 2, "", "One by one"), ("count >", 1, "", "let count = replicas"),
        ("replicas +", 1, "", "servers of each kind"), ("greet(", 1, "", "Says hello to somebody."),
        ("greet(", 1, "", "greet(name, times = 1)"), ("make(", 1, "foreach", "Makes a stream."),
        ("times:", 1, "", "an argument of the task, 1 if not given"), ("lib.nbx", 2, "", "a library"),
        ("other.nbx", 2, "", "The other one"), ("size=4", 1, "", "how large"), ("secret(", 1, "", "•••"),
        ("clusters par", 1, "", "the run's clusters"), (".count", 2, "", "how many elements"),
        ("shared", 1, "", "let shared = 7"), ("$cluster", 2, "", "each element in turn"),
    ]:
        text = await editor.hover("main.nbx", mark, shift, after)
        assert said in text, (mark, text)
    text = await editor.hover("main.nbx", "password", 1)
    assert "hush" not in text and "•••" in text, text
    assert await editor.hover("main.nbx", "\n\n", 1) == ""
    programs = MAIN + "helm upgrade c1 nats/nats --wait\nlet s = nats stream purge X\n"
    editor.change("main.nbx", [(None, programs)], programs)
    for mark, shift, said in [
        ("upgrade c1", 2, "Makes a release"), ("--wait", 3, "until every server listens"), ("purge X", 1, "`purged` int"),
    ]:
        text = await editor.hover("main.nbx", mark, shift)
        assert said in text, (mark, text)
    await editor.stop()


async def completion(editor):
    await opened(editor, MAIN + "nats stream in")
    assert await editor.labels("main.nbx") == ["info"]
    for text, label in [
        ("gre", "greet"), ("print sha", "shared"), ("run \"other.nbx\" si", "size="), ("foreach c in clusters { print c.na", "name"),
        ("nats stream add X --rep", "--replicas"), ("nats pub $cou", "count"), ('use "ot', "other.nbx"), ("wait-", "wait-for"),
        ("greet(ti", "times:"), ("helm upg", "upgrade"), ("helm -n nats list --sh", "--short"),
        ("print (nats stream info X).sta", "state"), ("nats stream add X --storage f", "file"),
    ]:
        editor.change("main.nbx", [(None, MAIN + text)], MAIN + text)
        labels = await editor.labels("main.nbx")
        assert label in labels, (text, labels)
    # What is inserted takes the place of what has been typed.
    found = await editor.client.text_document_completion_async(
        types.CompletionParams(text_document=editor.document("main.nbx"), position=editor.position(editor.texts["main.nbx"], len(editor.texts["main.nbx"])))
    )
    whole = apply(editor.texts["main.nbx"], [found.items[0].text_edit])
    assert whole.endswith("--storage file"), whole[-30:]
    assert not found.is_incomplete
    # Of too many some are offered, and the client is to ask again once more is typed.
    many = "".join(f"let image_{i} = {i}\n" for i in range(1000))
    for typed, count in [("print ima", 200), ("print image_99", 11)]:
        editor.change("main.nbx", [(None, many + typed)], many + typed)
        found = await editor.client.text_document_completion_async(
            types.CompletionParams(text_document=editor.document("main.nbx"), position=editor.position(many + typed, len(many + typed)))
        )
        assert len(found.items) == count and found.is_incomplete == (count == 200), (typed, len(found.items))
    await editor.stop()


async def definition(editor):
    await opened(editor)
    for mark, shift, after, expected in [
        ("count >", 1, "", "main.nbx:7:count"), ("greet(", 1, "", "lib.nbx:2:greet"), ("shared", 1, "", "lib.nbx:5:shared"),
        ("make(", 1, "foreach", "main.nbx:10:make"), ("times:", 1, "", "lib.nbx:2:times"), ("size=4", 1, "", "other.nbx:2:size"),
        ("$stream.>", 2, "", "main.nbx:10:stream"), ("s.name", 0, "", "main.nbx:22:s"), ("lib.nbx", 1, "", "lib.nbx:1:"),
        ("other.nbx", 1, "", "other.nbx:1:"), ("$cluster\"", 2, "", "main.nbx:14:cluster"),
    ]:
        found = await editor.client.text_document_definition_async(
            types.DefinitionParams(**editor.at("main.nbx", mark, shift, after))
        )
        assert editor.words([found]) == [expected], (mark, editor.words([found]))
    nothing = await editor.client.text_document_definition_async(types.DefinitionParams(**editor.at("main.nbx", "foreach")))
    assert nothing is None
    await editor.stop()


async def references(editor):
    await opened(editor)

    async def found(mark, **options):
        return await editor.references("main.nbx", mark, **options)

    assert await found("count =") == [
        "main.nbx:17:count", "main.nbx:21:count", "main.nbx:22:count", "main.nbx:7:count"]
    assert await found("greet(") == ["lib.nbx:2:greet", "main.nbx:17:greet"]
    assert await found("greet(", declaration=False) == ["main.nbx:17:greet"]
    assert await found("size=4") == [
        "main.nbx:20:size", "other.nbx:2:size", "other.nbx:3:size", "other.nbx:3:size", "other.nbx:3:size"]
    assert await found("times:") == ["lib.nbx:2:times", "lib.nbx:3:times", "main.nbx:17:times"]
    await editor.stop()


async def rename(editor):
    await opened(editor)

    async def renamed(mark, new, shift=1):
        return await editor.renamed("main.nbx", mark, new, shift)

    async def refused(mark, new, why):
        await editor.refused("main.nbx", mark, new, why)

    text = (await renamed("$stream.>", "subject_root"))["main.nbx"]
    assert 'nats stream add $subject_root --replicas $replicas --subjects "$subject_root.>"' in text, text
    assert "task make(subject_root)" in text
    texts = await renamed("greet(", "salute")
    assert set(texts) == {"main.nbx", "lib.nbx"}
    assert "salute(\"x\", times: count)" in texts["main.nbx"]
    assert "task salute(name" in texts["lib.nbx"]
    texts = await renamed("size=4", "room")
    assert 'run "other.nbx" room=4' in texts["main.nbx"]
    assert 'print room, "$room and ${room + 1}"' in texts["other.nbx"]
    assert "[server.name for server in" in (await renamed("s.name", "server", 0))["main.nbx"]
    await refused("count =", "foreach", "a keyword")
    await refused("count =", "nats", "a command")
    await refused("count =", "secret", "a function")
    await refused("count =", "two words", "no name")
    await refused("count =", "", "no name")
    await refused("count =", "password", "bound already")
    await refused("count =", "stream", "bound already")
    await refused("count =", "shared", "brought in")
    await refused("foreach", "loop", "is a keyword")
    await refused("nats stream", "x", "is a command")
    await refused("clusters par", "x", "known to every recipe")
    # A task knows what is bound below it; the names of its own are free elsewhere.
    editor.open("order.nbx", "task t(a) {\n  return a\n}\nforeach b in [1] { print b }\nvar z = t(1)\nz = 2\n")
    await editor.refused("order.nbx", "a)", "z", "bound already", 0)
    await editor.refused("order.nbx", "z =", "a", "bound already", 0)
    assert "foreach a in" in (await editor.renamed("order.nbx", "b in", "a", 0))["order.nbx"]
    assert "foreach z in [1] { print z }" in (await editor.renamed("order.nbx", "b in", "z", 0))["order.nbx"]
    place = await editor.client.text_document_prepare_rename_async(
        types.PrepareRenameParams(**editor.at("main.nbx", "count >", 1))
    )
    assert place.placeholder == "count", place
    await editor.stop()


async def spaces(editor):
    """How much white space stands between two words, and of what kind, is nobody's concern."""
    await opened(editor)
    for place, space in enumerate([" ", "\t", " " * 17, "\n"]):
        file = f"spaces{place}.nbx"
        text = "task salute(name) { print name }\nforeach name in [1] { salute(name" + space + ": name) }\n"
        editor.open(file, text)
        changed = (await editor.renamed(file, "name in", "other", 0))[file]
        assert changed == text.replace("foreach name", "foreach other").replace(": name)", ": other)"), changed
        lanes = "parallel" + space + '{ step "one" { print 1 } }\n'
        editor.change(file, [(None, lanes)], lanes)
        found = await editor.client.text_document_document_symbol_async(
            types.DocumentSymbolParams(text_document=editor.document(file))
        )
        assert [symbol.name for symbol in found] == ["one"], found
        tried = "let name_of_it = 1\ntry" + space + "{ na"
        editor.change(file, [(None, tried)], tried)
        assert "name_of_it" in await editor.labels(file), tried
    # What a task uses may be bound below it.
    later = "task f() { return later }\nlet later = 1\nprint f()\n"
    editor.open("later.nbx", later)
    assert (await editor.renamed("later.nbx", "later =", "x", 0))["later.nbx"] == later.replace("later", "x")
    await editor.stop()


async def symbols(editor):
    await opened(editor)
    found = await editor.client.text_document_document_symbol_async(
        types.DocumentSymbolParams(text_document=editor.document("main.nbx"))
    )
    names = [symbol.name for symbol in found]
    assert names == ["The main one", "replicas", "password", "count", "make", "on $cluster"], names
    editor.open("nested.nbx", 'step "a" {\n  step "b" { }\n  step "c" {\n    step "d" { }\n')
    found = await editor.client.text_document_document_symbol_async(
        types.DocumentSymbolParams(text_document=editor.document("nested.nbx"))
    )

    def tree(symbols):
        return [(symbol.name, tree(symbol.children or [])) for symbol in symbols]

    assert tree(found) == [("a", [("b", []), ("c", [("d", [])])])], tree(found)
    await editor.stop()


async def formatting(editor):
    await opened(editor, 'let  a=1 # \U0001f600\nif a==1 {\nprint   "é", a\n}\n')
    options = types.FormattingOptions(tab_size=2, insert_spaces=True)
    edits = await editor.client.text_document_formatting_async(
        types.DocumentFormattingParams(text_document=editor.document("main.nbx"), options=options)
    )
    text = apply(editor.texts["main.nbx"], edits)
    assert "let a = 1" in text and '  print "é", a\n' in text, text
    editor.change("main.nbx", [(None, text)], text)
    edits = await editor.client.text_document_formatting_async(
        types.DocumentFormattingParams(text_document=editor.document("main.nbx"), options=options)
    )
    assert not edits, edits
    await editor.stop()


async def tokens(editor):
    result = await opened(editor, 'let x = "a $x" # end\nnats stream add S --replicas 3 "\U0001f600" $x\n"""\nb\n"""\n')
    legend = result.capabilities.semantic_tokens_provider.legend.token_types
    found = await editor.client.text_document_semantic_tokens_full_async(
        types.SemanticTokensParams(text_document=editor.document("main.nbx"))
    )
    lines = editor.texts["main.nbx"].split("\n")
    line = character = 0
    seen = []
    for place in range(0, len(found.data), 5):
        down, right, length, kind, _ = found.data[place : place + 5]
        character = right if down else character + right
        line += down
        word = lines[line].encode("utf-16-le")[character * 2 : (character + length) * 2].decode("utf-16-le")
        seen.append((word, legend[kind]))
    assert seen == [
        ("let", "keyword"), ("x", "variable"), ('"a ', "string"), ("x", "variable"), ('"', "string"), ("# end", "comment"),
        ("nats", "function"), ("stream", "enumMember"), ("add", "enumMember"), ("S", "string"), ("--replicas", "decorator"),
        ("3", "string"), ('"\U0001f600"', "string"), ("x", "variable"), ('"""', "string"), ("b", "string"), ('"""', "string"),
    ], seen
    await editor.stop()


async def utf8(editor):
    result = await editor.start([types.PositionEncodingKind.Utf8])
    assert result.capabilities.position_encoding == "utf-8"
    editor.open("wide.nbx", 'print "\U0001f600é", nix\n')
    [found] = await editor.found("wide.nbx")
    assert (found.range.start.character, found.range.end.character) == (16, 19), found
    await editor.stop()


async def edits(editor):
    """Random edits end in the same text as the whole text does."""
    await editor.start()
    dice = random.Random(1)
    pieces = ["let a = 1\n", "é", "\U0001f600", "\r\n", "\n", "print nix\n", '"', "}", "{", "", "$x ", "\t", "# c\n"]
    text = ""
    editor.open("edited.nbx", text)
    for round in range(400):
        changes = []
        for _ in range(dice.randrange(1, 4)):
            start = dice.randrange(len(text) + 1)
            end = min(len(text), start + dice.choice([0, 0, 1, 3, 20]))
            # Positions between a carriage return and its line feed are no places.
            if "\r" in (text[start - 1 : start], text[end - 1 : end]):
                continue
            new = "".join(dice.choice(pieces) for _ in range(dice.randrange(3)))
            changes.append((editor.range(text, start, end), new))
            text = text[:start] + new + text[end:]
        if changes:
            editor.change("edited.nbx", changes, text)
        if round % 40 == 39:
            editor.open("whole.nbx", text)
            first, second = await editor.found("edited.nbx"), await editor.found("whole.nbx")
            assert first == second, text
            for name in ["edited.nbx", "whole.nbx"]:
                tokens = await editor.client.text_document_semantic_tokens_full_async(
                    types.SemanticTokensParams(text_document=editor.document(name))
                )
                editor.known = getattr(editor, "known", {}) | {name: tokens.data}
            assert editor.known["edited.nbx"] == editor.known["whole.nbx"], text
            editor.close("whole.nbx")
            editor.diagnostics.pop(editor.uri("whole.nbx"), None)
    await editor.stop()


async def prefixes(editor):
    """A real recipe typed letter by letter: everything is answered at every letter."""
    await opened(editor)
    editor.open("typed.nbx", "")
    whole = MAIN + LIBRARY
    for length in range(1, len(whole) + 1):
        editor.replace("typed.nbx", length - 1, length - 1, whole[length - 1])
        at = {"text_document": editor.document("typed.nbx"), "position": editor.position(whole[:length], length)}
        await editor.wait(editor.client.text_document_completion_async(types.CompletionParams(**at)))
        await editor.wait(editor.client.text_document_hover_async(types.HoverParams(**at)))
        await editor.wait(editor.client.text_document_definition_async(types.DefinitionParams(**at)))
        await editor.wait(
            editor.client.text_document_references_async(
                types.ReferenceParams(**at, context=types.ReferenceContext(include_declaration=True))
            )
        )
        document = {"text_document": editor.document("typed.nbx")}
        await editor.wait(editor.client.text_document_document_symbol_async(types.DocumentSymbolParams(**document)))
        await editor.wait(editor.client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(**document)))
    await editor.found("typed.nbx")
    assert await editor.stop() == 0


if __name__ == "__main__":
    main(
        [
            initialize, diagnostics, unsaved, burst, hover, completion, definition, references, rename, spaces, symbols, formatting,
            tokens, utf8, edits, prefixes,
        ]
    )
