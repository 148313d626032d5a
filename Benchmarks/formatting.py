"""The row `fmt`: a large recipe with odd white space is brought into form, beside the same recipe checked."""

import os

from measuring import Failed, in_pairs
from rows import times_as_long


def measure(tools, files, launcher, environment, folder, progress, count):
    with open(files["large.nbx"], encoding="utf-8") as file:
        form = file.read()
    messy = os.path.join(folder, "messy.nbx")
    with open(messy, "w", encoding="utf-8") as file:
        file.write(form.replace("\n  ", "\n\t    ").replace(" = ", "=").replace("\n\n", "\n\n\n").replace(" {", "\t{"))

    def formatted():
        result = launcher.run([tools.bash, "-c", '"$0" fmt - < "$1"', tools.nbx, messy], environment)
        if result.output != form:
            raise Failed("nbx fmt gave another form than the generator's own")
        return result.seconds

    def checked():
        return launcher.run([tools.nbx, "check", messy], environment).seconds

    pairs = in_pairs(count, formatted, checked, progress)
    return [times_as_long("fmt", "100,000 lines brought into form", "nbx check", pairs, 2)]
