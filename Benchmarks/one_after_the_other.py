"""Runs the calls that a file lists, a line of JSON each, one after the other: what a script would do."""

import json
import os
import subprocess
import sys


def main():
    programs, path = sys.argv[1:]
    with open(path, encoding="utf-8") as calls:
        for line in calls:
            call = json.loads(line)
            words = [os.path.join(programs, call["words"][0]), *call["words"][1:]]
            given = call["input"].encode("utf-8", "surrogateescape")
            ended = subprocess.run(words, input=given, stdout=subprocess.DEVNULL)
            if ended.returncode != 0:
                sys.exit(f"{' '.join(call['words'])}: exit status {ended.returncode}")


main()
