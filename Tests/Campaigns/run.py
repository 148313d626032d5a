"""Throws random and hostile input at nbx for a given time. README.md beside this file tells more."""

import argparse
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time

from findings import Finding
from forms import CheckCampaign, FormatCampaign
from hostile import ServerCampaign
from kills import KillCampaign
from programs import Programs
from values import JSONCampaign, PatternCampaign

CAMPAIGNS = {
    campaign.name: campaign
    for campaign in (CheckCampaign, FormatCampaign, JSONCampaign, PatternCampaign, ServerCampaign, KillCampaign)}
REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def seconds(text):
    match = re.fullmatch(r"(\d+)(s|m|h|)", text)
    if match is None:
        raise argparse.ArgumentTypeError("a time such as 30s, 10m or 2h")
    return int(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def arguments():
    parser = argparse.ArgumentParser(description="Throws random and hostile input at nbx for a given time.")
    parser.add_argument("--for", dest="limit", type=seconds, default=30, metavar="TIME",
                        help="how long each campaign goes on: 30s, 10m, 2h; 30s if not given")
    parser.add_argument("--only", metavar="NAME", choices=CAMPAIGNS, action="append",
                        help=f"this campaign alone, repeatable: {', '.join(CAMPAIGNS)}")
    parser.add_argument("--seed", type=int, help="a number that was printed: the same input once more")
    parser.add_argument("--nbx", metavar="PATH", default=os.path.join(REPOSITORY, ".build", "release", "nbx"),
                        help="the program; that of `swift build -c release` if not given")
    return parser.parse_args()


def go_on(campaign, seed, limit):
    """Runs a campaign for its time. Tells whether it found nothing."""
    numbers = random.Random(f"{seed} {campaign.name}")
    begun = time.monotonic()
    cases = 0
    while time.monotonic() - begun < limit or cases == 0:
        try:
            cases += campaign.round(numbers)
        except Finding as finding:
            print(f"{campaign.name}: --seed {seed}, after {cases} {campaign.cases}\n{finding.report()}", flush=True)
            return False
    print(f"{campaign.name}: {cases} {campaign.cases} in {time.monotonic() - begun:.0f} s, nothing found"
          f"{campaign.remark()}", flush=True)
    return True


def hear(handler):
    """What becomes of a signal that ends programs."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def main():
    options = arguments()
    if not os.access(options.nbx, os.X_OK):
        sys.exit(f"there is no program {options.nbx}: swift build -c release makes it, or name one with --nbx")
    hear(signal.default_int_handler)
    seed = random.SystemRandom().randrange(1 << 32) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    folder = os.path.realpath(tempfile.mkdtemp(prefix="nbx-campaign-"))
    programs = Programs(os.path.abspath(options.nbx), folder)
    campaign, is_good = None, True
    try:
        for name in options.only or CAMPAIGNS:
            campaign = CAMPAIGNS[name](programs, os.path.join(folder, name), REPOSITORY)
            is_good = go_on(campaign, seed, options.limit) and is_good
            campaign.end()
    except KeyboardInterrupt:
        return 130
    finally:
        # A further Ctrl-C changes nothing.
        hear(signal.SIG_IGN)
        programs.end_all()
        if campaign is not None:
            campaign.end()
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
