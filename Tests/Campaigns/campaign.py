"""What all campaigns have in common."""

import os


class Campaign:
    """Throws input at nbx, a round after the other."""

    name = ""
    # What is counted.
    cases = "cases"

    def __init__(self, programs, folder, repository):
        self.programs = programs
        self.folder = folder
        self.repository = repository
        os.makedirs(folder)

    def round(self, numbers):
        """One round, whose input `numbers` decides: how many cases it tried. Raises `Finding`."""
        raise NotImplementedError

    def remark(self):
        """What else is to be told at the end."""
        return ""

    def end(self):
        """Ends and removes what the rounds have left; may be called again."""

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        return path
