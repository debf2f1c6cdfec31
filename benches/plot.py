"""The plot that the README shows: CPU time of one warm lookup, per client, as bars."""

NAMES = {"diyalog": "diyalog", "floor": "raw socket, no client"}

# Greys in the middle: readable on white and on black.
STYLE = """\
text { font: 13px sans-serif; fill: #808080 }
.title { font-weight: bold }
.ours { font-weight: bold; fill: #d2691e }
rect { fill: #909090 }
rect.ours { fill: #d2691e }"""

WIDTH, LEFT, RIGHT, ROW, BAR = 720, 160, 90, 26, 16


def bars(title, values, top):
    """One panel: the bars of one language, against the dearest of them."""
    longest = max(values.values())
    yield f'<text class="title" x="0" y="{top + 14}">{title}</text>'
    for row, (name, value) in enumerate(sorted(values.items(), key=lambda item: item[1])):
        y = top + 24 + row * ROW
        width = max(2, round((WIDTH - LEFT - RIGHT) * value / longest))
        mark = ' class="ours"' if name == "diyalog" else ""
        label = NAMES.get(name, name)
        yield f'<text{mark} x="{LEFT - 10}" y="{y + 13}" text-anchor="end">{label}</text>'
        yield f'<rect{mark} x="{LEFT}" y="{y}" width="{width}" height="{BAR}"/>'
        yield f'<text{mark} x="{LEFT + width + 8}" y="{y + 13}">{value:.1f} µs</text>'


def svg(microseconds):
    elements, top = [], 0
    for language, values in microseconds.items():
        elements += bars(f"{language}: CPU time of one warm lookup", values, top)
        top += 24 + len(values) * ROW + 14
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" '
        f'width="{WIDTH}" height="{top}" role="img" '
        'aria-label="CPU time of one warm lookup, by client">\n'
        f"<style>\n{STYLE}\n</style>\n" + "\n".join(elements) + "\n</svg>\n"
    )
