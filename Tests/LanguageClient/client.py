"""`nbx lsp` as an editor sees it: pygls's client, some files, and the diagnostics that have come."""

import asyncio
import os
import pathlib
import sys
import tempfile

from lsprotocol import types
from outcomes import run_all
from pygls.lsp.client import BaseLanguageClient

PATIENCE = 240


class Editor:
    """A client with files open in a folder of its own."""

    def __init__(self, command):
        self.command = command
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="nbx-lsp-")).resolve()
        self.texts = {}
        self.versions = {}
        self.client = BaseLanguageClient("nbx-tests", "1")
        self.published = asyncio.Queue()
        self.diagnostics = {}
        self.checks = 0
        self.registered = []

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def publish(params):
            self.checks += 1
            self.diagnostics[params.uri] = params
            self.published.put_nowait(params)

        @self.client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def register(params):
            self.registered += params.registrations

        @self.client.feature(types.WINDOW_LOG_MESSAGE)
        def log(params):
            pass

    async def start(self, encodings=None, **told):
        """Begins to talk; `told` is what else the first request says, such as the folders."""
        await self.client.start_io(*self.command)
        general = types.GeneralClientCapabilities(position_encodings=encodings) if encodings else None
        told = {"root_uri": None, "capabilities": types.ClientCapabilities(general=general)} | told
        result = await self.wait(
            self.client.initialize_async(types.InitializeParams(process_id=os.getpid(), **told))
        )
        self.client.initialized(types.InitializedParams())
        return result

    async def stop(self):
        await self.wait(self.client.shutdown_async(None))
        self.client.exit(None)
        await self.wait(self.client._server.wait())
        return self.client._server.returncode

    async def wait(self, what):
        return await asyncio.wait_for(what, PATIENCE)

    # Files

    def uri(self, name):
        return (self.folder / name).as_uri()

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def open(self, name, text):
        self.texts[name] = text
        self.versions[name] = 1
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(
                text_document=types.TextDocumentItem(uri=self.uri(name), language_id="nbx", version=1, text=text)
            )
        )

    def close(self, name):
        del self.texts[name]
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(text_document=self.document(name)))

    def replace(self, name, start, end, text):
        """Changes a stretch of the file, given in characters."""
        old = self.texts[name]
        self.change(name, [(self.range(old, start, end), text)], old[:start] + text + old[end:])

    def change(self, name, changes, whole):
        self.versions[name] += 1
        events = [
            types.TextDocumentContentChangeEvent_Type1(range=range, text=text)
            if range
            else types.TextDocumentContentChangeEvent_Type2(text=text)
            for range, text in changes
        ]
        self.texts[name] = whole
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                text_document=types.VersionedTextDocumentIdentifier(uri=self.uri(name), version=self.versions[name]),
                content_changes=events,
            )
        )

    async def found(self, name):
        """The diagnostics of the file as it is now."""
        while True:
            known = self.diagnostics.get(self.uri(name))
            if known and known.version == self.versions[name]:
                return known.diagnostics
            await self.wait(self.published.get())

    async def until(self, name, holds):
        """Waits for diagnostics of the file whose messages satisfy a condition."""
        while not holds([found.message for found in self.diagnostics[self.uri(name)].diagnostics]):
            await self.wait(self.published.get())

    # Places

    def document(self, name):
        return types.TextDocumentIdentifier(uri=self.uri(name))

    @staticmethod
    def position(text, offset, encoding="utf-16"):
        before = text[:offset]
        line = before.count("\n")
        rest = before[before.rfind("\n") + 1 :]
        units = len(rest.encode("utf-16-le")) // 2 if encoding == "utf-16" else len(rest.encode())
        return types.Position(line=line, character=units)

    def range(self, text, start, end):
        return types.Range(start=self.position(text, start), end=self.position(text, end))

    def at(self, name, mark, shift=0, after=""):
        """The place where a text occurs first, behind another."""
        text = self.texts[name]
        offset = text.index(mark, text.index(after)) + shift
        return {"text_document": self.document(name), "position": self.position(text, offset)}

    # Questions

    async def hover(self, name, mark, shift=0, after=""):
        found = await self.wait(
            self.client.text_document_hover_async(types.HoverParams(**self.at(name, mark, shift, after)))
        )
        return found.contents.value if found else ""

    async def labels(self, name, offset=None):
        text = self.texts[name]
        offset = len(text) if offset is None else offset
        found = await self.wait(
            self.client.text_document_completion_async(
                types.CompletionParams(text_document=self.document(name), position=self.position(text, offset))
            )
        )
        return [item.label for item in found.items]

    async def references(self, name, mark, shift=1, after="", declaration=True):
        places = await self.wait(
            self.client.text_document_references_async(
                types.ReferenceParams(
                    **self.at(name, mark, shift, after), context=types.ReferenceContext(include_declaration=declaration)
                )
            )
        )
        return self.words(places)

    async def renamed(self, name, mark, new, shift=1, after=""):
        """The texts of the files that a new name changes."""
        edit = await self.wait(
            self.client.text_document_rename_async(
                types.RenameParams(**self.at(name, mark, shift, after), new_name=new)
            )
        )
        return {self.name(uri): apply(self.text(uri), edits) for uri, edits in edit.changes.items()}

    async def refused(self, name, mark, new, why, shift=1, after=""):
        try:
            await self.renamed(name, mark, new, shift, after)
        except Exception as problem:
            assert why in str(problem), problem
        else:
            raise AssertionError(f"{mark} became {new}")

    def name(self, uri):
        return uri.removeprefix(self.folder.as_uri() + "/")

    def text(self, uri):
        """What a file holds, saved or not."""
        name = self.name(uri)
        return self.texts[name] if name in self.texts else (self.folder / name).read_text()

    def words(self, places):
        """What stands at locations, with the name of the file and the line."""
        words = []
        for place in places:
            line = self.text(place.uri).split("\n")[place.range.start.line]
            word = line.encode("utf-16-le")[place.range.start.character * 2 : place.range.end.character * 2]
            words.append(f"{self.name(place.uri)}:{place.range.start.line + 1}:{word.decode('utf-16-le')}")
        return sorted(words)


def apply(text, edits):
    """The text with edits of the protocol applied."""
    lines = [0]
    for index, letter in enumerate(text):
        if letter == "\n":
            lines.append(index + 1)

    def offset(position):
        start = lines[position.line] if position.line < len(lines) else len(text)
        units = 0
        while units < position.character:
            units += len(text[start].encode("utf-16-le")) // 2
            start += 1
        return start

    for edit in sorted(edits, key=lambda edit: (edit.range.start.line, edit.range.start.character), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


def main(tests):
    """Runs the tests, each with an editor of its own for the server that the command line names."""

    async def run(test):
        await test(Editor([sys.argv[1], "lsp"]))

    run_all(tests, lambda test: asyncio.run(asyncio.wait_for(run(test), 900)))
