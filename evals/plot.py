"""The contributions of an ablation as a plot, written as SVG by hand: bars with their 95 % intervals."""

from html import escape

from evals.ablation import CONTRIBUTION
from evals.report import Report

ROW, LEFT, WIDTH, MARGIN = 28, 190, 460, 40
"""Pixels: height of a row, room for the names, of the bars, about them."""


def svg(report: Report) -> str:
    """One bar a part, in the order of the report."""
    bars = [
        (name.removeprefix("without "), part.metrics[CONTRIBUTION])
        for name, part in report.slices.items()
        if CONTRIBUTION in part.metrics
    ]
    ends = [end or 0.0 for _, its in bars for end in (its["value"], its["low"], its["high"])]
    least, most = min(0.0, *ends), max(0.001, *ends)

    def x(value: float) -> float:
        return round(LEFT + (value - least) / (most - least) * WIDTH, 1)

    rows = []
    for row, (name, its) in enumerate(bars):
        middle = MARGIN + row * ROW + ROW / 2
        value, low, high = (its[end] or 0.0 for end in ("value", "low", "high"))
        rows.append(
            f'<text x="{LEFT - 10}" y="{middle + 4}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{min(x(0), x(value))}" y="{middle - 8}" width="{abs(x(value) - x(0)):.1f}" height="16"/>'
            f'<path d="M{x(low)} {middle}H{x(high)}M{x(low)} {middle - 4}v8M{x(high)} {middle - 4}v8"/>'
            f'<text x="{LEFT + WIDTH + 12}" y="{middle + 4}">{value:+.4f}</text>'
        )
    height = 2 * MARGIN + ROW * len(bars)
    title = f"nDCG@10 that each part adds ({report.data}, {report.n} queries, 95 % intervals)"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 90}" height="{height}">',
            "<style>text{font:13px sans-serif}rect{fill:#7aa6c2}path{stroke:#333;fill:none}</style>",
            '<rect width="100%" height="100%" style="fill:#fff"/>',
            f'<text x="{MARGIN}" y="22">{escape(title)}</text>',
            *rows,
            f'<path d="M{x(0)} {MARGIN - 4}V{height - MARGIN + 4}"/>',
            "</svg>\n",
        ]
    )
