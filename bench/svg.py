"""Line charts as SVG, with nothing but the standard library."""
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 860, 460
LEFT, RIGHT, TOP, BOTTOM = 70, 250, 50, 55
COLOURS = ["#d62728", "#ff7f0e", "#1f77b4", "#9467bd", "#2ca02c", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf", "#000000",
           "#aec7e8", "#ffbb78", "#98df8a"]


def line_chart(title, x_label, y_label, x_names, lines):
    """An SVG of several lines over the same named places of the x axis. lines: {name: [(low, middle, high) or None, ...]}; the
    middle is drawn, low to high as a bar. The y axis is logarithmic."""
    values = [each for points in lines.values() for point in points if point for each in point if each > 0]
    bottom, top = floor(log10(min(values))), ceil(log10(max(values)))
    top = max(top, bottom + 1)
    plot_width, plot_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x_of(place):
        return LEFT + plot_width * (place + 0.5) / len(x_names)

    def y_of(value):
        return TOP + plot_height * (top - log10(max(value, 10 ** bottom))) / (top - bottom)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           f'<text x="{LEFT}" y="24" font-size="16">{escape(title)}</text>']
    for exponent in range(bottom, top + 1):
        for step in (1, 2, 5):
            value = step * 10 ** exponent
            if value > 10 ** top:
                continue
            y = y_of(value)
            out.append(f'<line x1="{LEFT}" x2="{LEFT + plot_width}" y1="{y:.1f}" y2="{y:.1f}" stroke="{"#bbb" if step == 1 else "#eee"}"/>')
            out.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    for place, name in enumerate(x_names):
        out.append(f'<text x="{x_of(place):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{escape(str(name))}</text>')
    out.append(f'<text x="{LEFT + plot_width / 2:.0f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(x_label)}</text>')
    out.append(f'<text transform="translate(16 {TOP + plot_height / 2:.0f}) rotate(-90)" text-anchor="middle">{escape(y_label)}</text>')

    for number, (name, points) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        dash = ' stroke-dasharray="5 3"' if number >= len(COLOURS) else ""
        drawn = [(x_of(place), point) for place, point in enumerate(points) if point]
        path = " ".join(f"{x:.1f},{y_of(point[1]):.1f}" for x, point in drawn)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        for x, (low, middle, high) in drawn:
            out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y_of(low):.1f}" y2="{y_of(high):.1f}" stroke="{colour}" opacity="0.5"/>')
            out.append(f'<circle cx="{x:.1f}" cy="{y_of(middle):.1f}" r="3" fill="{colour}"/>')
        y = TOP + 8 + number * 19
        x = WIDTH - RIGHT + 14
        out.append(f'<line x1="{x}" x2="{x + 22}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2"{dash}/>')
        out.append(f'<text x="{x + 28}" y="{y + 4}">{escape(name)}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"
