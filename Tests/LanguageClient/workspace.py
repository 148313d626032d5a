"""Files that nobody has open, as `nbx lsp` sees them."""

from lsprotocol import types

from client import Editor, main

LIBRARY = """task add(x, by = 1) {
  return x + by
}
let base = 7
"""
USER = 'use "lib.nbx"\nprint add(base, by: 2)\n'
CALLED = 'recipe "Called"\nparam z = 1\nprint z\n'
CALLER = 'recipe "Calls"\nrun "%s" z=4\n'


def folder(editor, name=""):
    return types.WorkspaceFolder(uri=editor.uri(name), name=name)


def scattered(editor):
    """A library and its users, all on disk."""
    editor.write("lib.nbx", LIBRARY)
    editor.write("main.nbx", USER)
    editor.write("deep/er/user.nbx", USER.replace("lib.nbx", "../../lib.nbx"))
    editor.write("called.nbx", CALLED)
    editor.write("deep/caller.nbx", CALLER % "../called.nbx")
    editor.write("deep/lib.nbx", LIBRARY)
    editor.write("deep/namesake.nbx", USER)
    editor.write("unrelated.nbx", "print 1\n")
    (editor.folder / "broken.nbx").write_bytes(b'use "lib.nbx"\nprint "\xff\xfe\n')
    (editor.folder / "sealed.nbx").mkdir()
    # None of these is a recipe of the workspace.
    for hidden in [".git", ".build", "node_modules"]:
        editor.write(f"{hidden}/user.nbx", USER.replace("lib.nbx", "../lib.nbx"))
    (editor.folder / "deep" / "round").symlink_to(editor.folder)
    (editor.folder / "deep" / "away").symlink_to("/")
    (editor.folder / "twin.nbx").symlink_to("main.nbx")


ALL_OF_ADD = ["deep/er/user.nbx:2:add", "lib.nbx:1:add", "main.nbx:2:add"]


async def unopened(editor):
    """Files that nobody has open take part in references and new names."""
    scattered(editor)
    await editor.start(workspace_folders=[folder(editor)])
    editor.open("lib.nbx", LIBRARY)
    assert await editor.references("lib.nbx", "add(") == ALL_OF_ADD
    texts = await editor.renamed("lib.nbx", "add(", "sum")
    assert set(texts) == {"lib.nbx", "main.nbx", "deep/er/user.nbx"}, texts
    assert texts["main.nbx"] == USER.replace("add", "sum"), texts
    assert "print sum(base, by: 2)" in texts["deep/er/user.nbx"], texts
    texts = await editor.renamed("lib.nbx", "by", "more")
    assert texts["main.nbx"] == USER.replace("by:", "more:") and "x + more" in texts["lib.nbx"], texts
    texts = await editor.renamed("lib.nbx", "base", "ground")
    assert "add(ground, " in texts["main.nbx"] and "add(ground, " in texts["deep/er/user.nbx"], texts
    # What a recipe is given by one that runs it.
    editor.open("called.nbx", CALLED)
    texts = await editor.renamed("called.nbx", "z", "zeal")
    assert texts["deep/caller.nbx"] == CALLER.replace("z=", "zeal=") % "../called.nbx", texts
    # What is not saved takes the place of what is on disk.
    editor.open("main.nbx", USER.replace("print", "\n\nprint"))
    editor.open("deep/er/user.nbx", "print 1\n")
    editor.open("unsaved.nbx", USER)
    assert await editor.references("lib.nbx", "add(") == ["lib.nbx:1:add", "main.nbx:4:add", "unsaved.nbx:2:add"]
    editor.close("deep/er/user.nbx")
    assert "deep/er/user.nbx:2:add" in await editor.references("lib.nbx", "add(")
    await editor.stop()


async def taken(editor):
    """A shared name can't become one that is taken in any file that gets it, though it isn't used there."""
    editor.write("lib.nbx", LIBRARY)
    editor.write("deep/main.nbx", 'use "../lib.nbx"\nparam z = 1\nprint add(z)\n')
    editor.write("second.nbx", "let y = 2\n")
    editor.write("both.nbx", 'use "lib.nbx"\nuse "second.nbx"\nprint add(y)\n')
    # What a library has got is not handed on, and who runs a recipe gets nothing of it.
    editor.write("between.nbx", 'use "lib.nbx"\nlet more = add(base)\n')
    editor.write("far.nbx", 'use "between.nbx"\nlet x2 = 1\nrun "lib.nbx"\nprint more, x2\n')
    await editor.start(workspace_folders=[folder(editor)])
    editor.open("lib.nbx", LIBRARY)
    await editor.refused("lib.nbx", "base", "z", f"`z` is bound already, in {editor.folder}/deep/main.nbx, line 2")
    await editor.refused("lib.nbx", "add(", "z", "deep/main.nbx")
    await editor.refused("lib.nbx", "base", "y", f"`y` is brought in by `use` already, in {editor.folder}/both.nbx")
    texts = await editor.renamed("lib.nbx", "base", "x2")
    assert set(texts) == {"lib.nbx", "between.nbx"}, texts
    # What a task calls its argument is nobody else's.
    assert "add(z, by = 1)" in (await editor.renamed("lib.nbx", "x", "z"))["lib.nbx"]
    # The other way round: one of the users takes a new name.
    editor.open("deep/main.nbx", (editor.folder / "deep/main.nbx").read_text())
    await editor.refused("deep/main.nbx", "z", "base", f"brought in by `use` already, in {editor.folder}/deep/main.nbx")
    # Closed again and mended on disk, it no longer objects.
    editor.close("deep/main.nbx")
    editor.write("deep/main.nbx", 'use "../lib.nbx"\nprint add(1)\n')
    assert "let z = 7" in (await editor.renamed("lib.nbx", "base", "z"))["lib.nbx"]
    await editor.stop()


async def folders(editor):
    """The ways to tell the folders, and what comes of none."""
    scattered(editor)
    near = [place for place in ALL_OF_ADD if not place.startswith("deep")]
    for words, expected in [
        ({"root_uri": editor.uri("")}, ALL_OF_ADD), ({"root_path": str(editor.folder) + "/"}, ALL_OF_ADD),
        ({"root_uri": editor.uri("deep/er"), "workspace_folders": []}, ALL_OF_ADD),
        ({"root_uri": editor.uri(""), "workspace_folders": [folder(editor, "no/such")]}, near),
        ({"workspace_folders": [folder(editor, "deep/er"), folder(editor), folder(editor, "deep")]}, ALL_OF_ADD),
        ({}, near),
    ]:
        other = Editor(editor.command)
        other.folder = editor.folder
        await other.start(**words)
        other.open("lib.nbx", LIBRARY)
        assert await other.references("lib.nbx", "add(") == expected, words
        await other.stop()
    # They may change.
    await editor.start()
    editor.open("lib.nbx", LIBRARY)

    def change(added, removed):
        event = types.WorkspaceFoldersChangeEvent(added=added, removed=removed)
        editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event=event))

    change([folder(editor, "deep")], [])
    assert await editor.references("lib.nbx", "add(") == ALL_OF_ADD
    change([], [folder(editor, "deep")])
    assert await editor.references("lib.nbx", "add(") == near
    # Alone, a file has the neighbours of all that is open.
    editor.write("deep/er/second.nbx", USER.replace("lib.nbx", "../../lib.nbx"))
    editor.open("deep/er/user.nbx", "print 1\n")
    assert "deep/er/second.nbx:2:add" in await editor.references("lib.nbx", "add(")
    await editor.stop()


async def disk(editor):
    """What changes on disk is taken up by the files that are open."""
    editor.write("lib.nbx", LIBRARY)
    editor.write("between.nbx", 'use "lib.nbx"\nlet more = add(base)\n')
    watching = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
    workspace = types.WorkspaceClientCapabilities(did_change_watched_files=watching)
    await editor.start(capabilities=types.ClientCapabilities(workspace=workspace))
    editor.open("main.nbx", USER)
    editor.open("far.nbx", 'use "between.nbx"\nprint more\n')
    assert await editor.found("main.nbx") == [] and await editor.found("far.nbx") == []
    [registration] = editor.registered
    assert registration.method == "workspace/didChangeWatchedFiles", registration
    assert registration.register_options == {"watchers": [{"globPattern": "**/*.nbx"}]}, registration

    def changed(kind):
        change = types.FileEvent(uri=editor.uri("lib.nbx"), type=kind)
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes=[change]))

    editor.write("lib.nbx", LIBRARY.replace("add", "sum"))
    changed(types.FileChangeType.Changed)
    await editor.until("main.nbx", lambda messages: any("`add`" in message for message in messages))
    await editor.until("far.nbx", lambda messages: messages != [])
    (editor.folder / "lib.nbx").unlink()
    changed(types.FileChangeType.Deleted)
    await editor.until("main.nbx", lambda messages: any("no such file" in message for message in messages))
    editor.write("lib.nbx", LIBRARY)
    changed(types.FileChangeType.Created)
    await editor.until("main.nbx", lambda messages: messages == [])
    await editor.until("far.nbx", lambda messages: messages == [])
    await editor.stop()
    # Who doesn't let itself be asked is not.
    other = Editor(editor.command)
    await other.start()
    other.open("one.nbx", "print 1\n")
    assert await other.found("one.nbx") == [] and other.registered == []
    await other.stop()


async def many(editor):
    """A search has an end. A name that may be used beyond it is not changed."""
    editor.write("lib.nbx", LIBRARY)
    for number in range(1999):
        text = USER.replace("lib.nbx", "../lib.nbx") if number % 50 == 0 else "print 1\n"
        editor.write(f"f{number % 30}/recipe{number}.nbx", text)
    await editor.start(workspace_folders=[folder(editor)])
    editor.open("lib.nbx", LIBRARY)
    assert len(await editor.renamed("lib.nbx", "add(", "sum")) == 41
    editor.write("one.nbx", "")
    await editor.refused("lib.nbx", "add(", "sum", "too large to be searched for all that uses `add`")
    # What only its own file can use is.
    editor.open("one.nbx", "var x = 1\nx = 2\n")
    assert await editor.renamed("one.nbx", "x", "y") == {"one.nbx": "var y = 1\ny = 2\n"}
    await editor.stop()


if __name__ == "__main__":
    main([unopened, taken, folders, disk, many])
