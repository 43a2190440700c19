# SPDX-License-Identifier: GPL-2.0-or-later
"""plot.py - lines through points, as SVG"""
import math

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 440, 70, 120, 40, 60
COLOURS = ("#1f5fa8", "#b5531c", "#3d7a3d")


def step_of(most):
    """1, 2 or 5 times a power of ten, so that a few ticks reach `most`."""
    power = 10 ** math.floor(math.log10(most / 5))
    return next(f * power for f in (1, 2, 5, 10) if f * power * 6 >= most)


def text(x, y, words, anchor="middle", more=""):
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{words}</text>'


def axes(x_of, y_of, most_x, most_y):
    step = step_of(most_x)
    for i in range(int(most_x / step) + 1):
        x = x_of(i * step)
        yield f'<line x1="{x:.1f}" y1="{y_of(0):.1f}" x2="{x:.1f}" y2="{y_of(0) + 5:.1f}" stroke="black"/>'
        yield text(x, y_of(0) + 20, f"{i * step:g}")
    step = step_of(most_y)
    for i in range(int(most_y / step) + 1):
        y = y_of(i * step)
        yield f'<line x1="{x_of(0):.1f}" y1="{y:.1f}" x2="{x_of(most_x):.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        yield text(x_of(0) - 8, y + 4, f"{i * step:g}", "end")


def curve(x_of, y_of, name, points, colour):
    places = [(x_of(x), y_of(y)) for x, y in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for (x, y), (size, value) in zip(places, points):
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"><title>{name}: {size:.1f}, {value:.3f}</title></circle>'
    yield text(places[-1][0] + 8, places[-1][1] + 4, name, "start", f' fill="{colour}"')


def draw(path, title, x_label, y_label, lines):
    """lines: [(name, [(x, y)])], from zero on"""
    most_x = max(x for _, points in lines for x, _ in points) * 1.02
    most_y = max(y for _, points in lines for _, y in points) * 1.1

    def x_of(x):
        return LEFT + x / most_x * (WIDTH - LEFT - RIGHT)

    def y_of(y):
        return HEIGHT - BOTTOM - y / most_y * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', text(WIDTH / 2, 22, title, more=' font-size="15"')]
    out += axes(x_of, y_of, most_x, most_y)
    for (name, points), colour in zip(lines, COLOURS):
        out += curve(x_of, y_of, name, points, colour)
    out += [text((WIDTH + LEFT - RIGHT) / 2, HEIGHT - 18, x_label), text(LEFT, TOP - 4, y_label, "end"), "</svg>"]
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(out) + "\n")
