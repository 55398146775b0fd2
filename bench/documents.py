"""Rendering a signed note: milliseconds, warm and in a process that has rendered nothing yet, and kilobytes.

Beside the PDF, call by call, what Typst takes for an empty page with the same fonts and the same standard (PDF/A-2a):
the price of the tool, whatever a note says.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable

import typst

from adapters.render import KINDS, render_all
from adapters.render_pdf import own_fonts
from bench.figures import Report, percentile, spread, table, verdict
from bench.typical_note import typical

AIM_MS, AIM_KB = 60.0, 60.0
EMPTY = (
    b'#set document(title: "Empty")\n#set text(font: "Libertinus Serif", lang: "en")\n#set page("us-letter")\nEmpty.\n'
)
COLD = (
    "import time; "
    "from bench.typical_note import typical; from adapters.render import render_all; doc = typical(); "
    "built = time.perf_counter(); render_all(doc, ('{kind}',)); "
    "print((time.perf_counter() - built) * 1000)"
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """`--notes`, `--cold`."""
    parser.add_argument("--notes", type=int, default=200, help="different notes to render, each in every kind")
    parser.add_argument("--cold", type=int, default=10, help="processes that render one note and end")


def run(options: argparse.Namespace) -> Report:
    """Warm and cold, with the empty page in turns."""
    documents = [typical(number) for number in range(options.notes)]
    sizes = {kind: len(data) / 1000 for kind, data in render_all(documents[0]).items()}
    ours: dict[str, list[float]] = {kind: [] for kind in KINDS}
    empty: list[float] = []
    _empty_page(0)
    for number, doc in enumerate(documents):
        for kind in KINDS:
            ours[kind].append(_timed(lambda doc=doc, kind=kind: render_all(doc, (kind,))))
        empty.append(_timed(lambda number=number: _empty_page(number)))
    together = [sum(taken) for taken in zip(*ours.values(), strict=True)]
    cold = {kind: [_cold(kind) for _ in range(options.cold)] for kind in ("pdf", "docx")}
    return _report(sizes, {**ours, "all together": together}, empty, cold, options)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _empty_page(number: int) -> None:
    """Another page each time, else Typst remembers it."""
    source = EMPTY + str(number).encode()
    typst.compile(source, format="pdf", font_paths=own_fonts(), pdf_standards=["a-2a"], timestamp=0)


def _cold(kind: str) -> float:
    """From a finished document to its bytes, in a process that has loaded no renderer."""
    child = subprocess.run([sys.executable, "-c", COLD.format(kind=kind)], capture_output=True, check=True, text=True)
    return float(child.stdout)


def _report(
    sizes: dict[str, float],
    ours: dict[str, list[float]],
    empty: list[float],
    cold: dict[str, list[float]],
    options: argparse.Namespace,
) -> Report:
    ratio = round(percentile(ours["pdf"], 50) / percentile(empty, 50), 2)
    figures = {
        "benchmark": "documents",
        "warm": {kind: spread(taken) for kind, taken in ours.items()},
        "empty_page": spread(empty),
        "pdf_ratio": ratio,
        "cold": {kind: spread(taken) for kind, taken in cold.items()},
        "kilobytes": {kind: round(size, 1) for kind, size in sizes.items()},
    }
    shown = table(f"A typical note, {options.notes} times (ms)", "", "p50", "p99", "max", "KB")
    for kind, taken in ours.items():
        size = f"{sizes[kind]:.1f}" if kind in sizes else f"{sum(sizes.values()):.1f}"
        shown.add_row(kind, *(f"{value:.2f}" for value in spread(taken).values()), size)
    shown.add_row("an empty page by Typst", *(f"{value:.2f}" for value in spread(empty).values()), "")
    for kind, taken in cold.items():
        shown.add_row(f"{kind}, first of its process", *(f"{value:.0f}" for value in spread(taken).values()), "")
    p99, size = percentile(ours["pdf"], 99), sizes["pdf"]
    remarks = [
        f"PDF warm at p99: {p99:.1f} ms (aim: {AIM_MS:g}): {verdict(p99 < AIM_MS)}; {ratio:.2f} times an empty page",
        f"PDF: {size:.1f} KB (aim: {AIM_KB:g}): {verdict(size < AIM_KB)}",
    ]
    return Report(figures, [shown], remarks)
