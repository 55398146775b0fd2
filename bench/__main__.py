"""`python -m bench NAME [--json]`: a table for people, with `--json` one object of figures on the last line."""

import argparse
import importlib
import sys

BENCHMARKS = {
    "ack": "slash commands at a fixed rate, beside a bare Bolt app: latency, CPU, nothing lost",
    "arrange": "a switch of format, from the click to the card",
    "backlog": "the backlog, Home and the type-ahead, against how many notes a practice has",
    "teams": "Microsoft Teams: signed format switches a second; how long sends hold up the loop",
    "draft": "a draft by a model, without the model: from the kept summary to the card; the checker; the prompt",
    "filing": "signed notes to a target that fails and a worker that is killed: each there once, each hash right",
    "documents": "a typical note as PDF, DOCX and the rest: milliseconds warm and cold, kilobytes",
    "crash": "kill -9 at random moments while summaries and signatures arrive: nothing lost, nothing filed twice",
    "real_model": "optional: a few drafts by a small model behind llama.cpp's server on this machine",
}


def main() -> None:
    """Run one benchmark. Exit code 1 when something that must hold did not."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    for name, what in BENCHMARKS.items():
        names.add_parser(name, help=what, add_help=False)
    chosen, rest = parser.parse_known_args()
    module = importlib.import_module(f"bench.{chosen.name}")
    own = argparse.ArgumentParser(prog=f"python -m bench {chosen.name}", description=module.__doc__)
    own.add_argument("--json", action="store_true", help="print the figures as one JSON object on the last line")
    module.add_options(own)
    options = own.parse_args(rest)
    report = module.run(options)
    report.show(options.json)
    sys.exit(0 if report.held else 1)


if __name__ == "__main__":
    main()
