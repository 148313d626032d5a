"""What a campaign finds, and how a text that shows it is made as small as it can be."""

import time


class Finding(Exception):
    """nbx did what it must not do.

    `files` holds by their names what it takes to see it again, and `how` is the command."""

    def __init__(self, what, how="", files=None, said=""):
        super().__init__(what)
        self.what = what
        self.how = how
        self.files = files or {}
        self.said = said

    def report(self):
        lines = [f"FOUND: {self.what}"]
        if self.how:
            lines.append(f"  to see it again: {self.how}")
        for name, content in self.files.items():
            lines.append(f"  {name}, {len(content)} bytes:")
            lines += ["    | " + line for line in shown(content)]
        if self.said:
            lines += ["  it said:"] + ["    > " + line for line in self.said.splitlines()]
        return "\n".join(lines)


def shown(content):
    """The lines of a text, if nothing is in it that does not show; else what Python would read as the same bytes."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return [repr(content)]
    if text.replace("\n", "").isprintable() and not any(line.endswith(" ") for line in text.split("\n")):
        return text.split("\n")
    return [repr(content)]


def shrunk(content, is_bad, seconds=30):
    """The smallest text that is still bad, as far as leaving out finds one in the time: lines first, then letters."""
    end = time.monotonic() + seconds
    content = _without_parts(content.splitlines(keepends=True), is_bad, end)
    text = content.decode("utf-8", "surrogateescape")
    letters = [letter.encode("utf-8", "surrogateescape") for letter in text]
    return _without_parts(letters, is_bad, end)


def _without_parts(parts, is_bad, end):
    size = max(1, len(parts) // 2)
    while True:
        place, has_changed = 0, False
        while place < len(parts):
            if time.monotonic() > end:
                return b"".join(parts)
            fewer = parts[:place] + parts[place + size:]
            if is_bad(b"".join(fewer)):
                parts, has_changed = fewer, True
            else:
                place += size
        if size == 1 and not has_changed:
            return b"".join(parts)
        size = max(1, size // 2)
