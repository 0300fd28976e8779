"""A bar chart as SVG: for each workload, how many times firmnet's time each peer takes, on a logarithmic axis."""

import math
from xml.sax.saxutils import escape

LABELS, WIDTH, BAR, GAP, TOP = 300, 420, 9, 12, 60
COLOURS = ["#d9480f", "#1971c2", "#74c0fc", "#2f9e44", "#9c36b5", "#f08c00", "#495057", "#c2255c"]


def chart(times, peers):
    largest = max(time / of["firmnet"] for of in times.values() for time in of.values())
    decades = max(1, math.ceil(math.log10(largest)))
    least = min(time / of["firmnet"] for of in times.values() for time in of.values())
    first = min(0, math.floor(math.log10(least) * 10) / 10)
    x = lambda ratio: LABELS + WIDTH * (math.log10(ratio) - first) / (decades - first)
    parts, y = [], TOP
    for title, of in times.items():
        height = BAR * len(of)
        parts.append(text(LABELS - 8, y + height / 2 + 4, title, "end"))
        for i, peer in enumerate(peer for peer in peers if peer in of):
            ratio = of[peer] / of["firmnet"]
            left, right = sorted((x(1), x(ratio)))
            top, colour = y + i * BAR, COLOURS[peers.index(peer)]
            # firmnet itself is the line at 1, made visible.
            parts.append(
                f'<rect x="{left - (ratio == 1) * 2:.1f}" y="{top}" width="{right - left + (ratio == 1) * 4:.1f}" '
                f'height="{BAR - 1}" fill="{colour}"/>'
            )
            if ratio != 1:
                parts.append(text(right + 3, top + BAR - 1.5, f"{ratio:.2g}" if ratio < 100 else f"{ratio:.0f}", "start", 8))
        y += height + GAP
    for decade in range(decades + 1):
        at = x(10**decade)
        parts.insert(0, f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP - 8}" y2="{y}" stroke="#ced4da"/>')
        parts.append(text(at, y + 12, f"{10**decade} ×", "middle"))
    for i, peer in enumerate(peers):
        left, top = 10 + i % 4 * 185, 12 + i // 4 * 18
        parts.append(f'<rect x="{left}" y="{top}" width="10" height="10" fill="{COLOURS[i]}"/>')
        parts.append(text(left + 15, top + 9, peer, "start"))
    parts.append(text(LABELS + WIDTH / 2, y + 30, "time, in times of firmnet's: right of the line at 1, slower than firmnet", "middle"))
    size = f"{LABELS + WIDTH + 40} {y + 40}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" font-family="sans-serif">'
    ground = f'<rect width="100%" height="100%" fill="white"/>'
    return "\n".join([head, ground, *parts, "</svg>"]) + "\n"


def text(x, y, what, anchor, size=11):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="#212529">{escape(what)}</text>'
