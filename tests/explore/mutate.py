"""mutate.py - makes a mutant of a header: one change, addressed by the function that it is in, or by the label of an atomic operation.

A change is "old => new". Both are read as C++ tokens, so that line breaks, blanks and comments do not matter, nor which header the function
stands in. In `old`, `...` stands for any tokens, as few as fit. "drop" as the whole change removes the statement that bears the label.

    where                  what may change
    publish_as             every function of that name, wherever it is
    ring::publish_as       the one in class ring or basic_ring
    publish_as, put        the functions of either name
    publish_as@publish:A   the line in it that bears the label `publish:A` in its comment
    @read:A                every line that bears the label
    *                      everything

Several changes that belong together are separated by `;;`, each with a blank around it.
"""
import pathlib
import re

TOKEN = re.compile(r"""
    (?P<comment>//[^\n]*|/\*.*?\*/) | (?P<space>\s+) | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*') |
    (?P<word>[A-Za-z_]\w*) | (?P<number>\d[\w'.]*) |
    (?P<sign>\.\.\.|<=>|->\*|::|->|\+\+|--|<<=|>>=|<<|==|!=|<=|>=|&&|\|\||\+=|-=|\*=|/=|%=|&=|\|=|\^=|.)
""", re.X | re.S)
LABEL = re.compile(r"\b[a-z]+:[A-Z]\b")


class Unfit(Exception):
    """The change fits nothing (any more)."""


def tokens(text):
    """(start, end, token) of all that is neither space nor comment."""
    return [(m.start(), m.end(), m.group()) for m in TOKEN.finditer(text) if m.lastgroup not in ("comment", "space")]


def end_of_block(found, at):
    """The number of the token behind the block whose `{` is token `at`."""
    depth = 0
    for n in range(at, len(found)):
        depth += {"{": 1, "}": -1}.get(found[n][2], 0)
        if depth == 0:
            return n + 1
    raise Unfit("a block without an end")


def functions(text, name):
    """(start, end) of each definition of a function of that name, perhaps `class::name`."""
    wanted_class, _, name = name.rpartition("::")
    found, classes, places = tokens(text), [], []
    n = 0
    while n < len(found):
        start, _, token = found[n]
        while classes and n >= classes[-1][1]:
            classes.pop()
        if token in ("class", "struct") and n + 1 < len(found):
            at = n + 1
            has_bases = False  # they may be templates; a `>` before them ends a template's parameters, of which this is one
            while at < len(found) and found[at][2] not in (("{", ";") if has_bases else ("{", ";", "(", ">", ",")):
                has_bases = has_bases or found[at][2] == ":"
                at += 1
            if at < len(found) and found[at][2] == "{":
                names = [found[k][2] for k in range(n + 1, at) if re.match(r"[A-Za-z_]\w*$", found[k][2])]
                own = next((each for each in names if each not in ("alignas",)), "")
                classes.append((own, end_of_block(found, at)))
                n = at + 1
                continue
        if token == name and n + 1 < len(found) and found[n + 1][2] == "(":
            close = n + 1
            depth = 0
            for close in range(n + 1, len(found)):
                depth += {"(": 1, ")": -1}.get(found[close][2], 0)
                if depth == 0:
                    break
            body = close + 1
            while body < len(found) and found[body][2] in ("const", "noexcept", "override", "->") or (
                    body < len(found) and found[body - 1][2] == "->"):
                body += 1
            if body < len(found) and found[body][2] == ":" and classes and classes[-1][0] == name:  # a constructor's initialisers
                while found[body][2] != "{" or found[body - 1][2] not in (")", "}"):
                    body += 1
            in_class = any(own in (wanted_class, "basic_" + wanted_class) for own, _ in classes) if wanted_class else True
            if body < len(found) and found[body][2] == "{" and in_class:
                last = end_of_block(found, body)
                places.append((start, found[last - 1][1]))
                n = last
                continue
        n += 1
    return places


def labelled(text, place, label):
    """The lines of a place that bear the label."""
    start, end = place
    at = text.rfind("\n", 0, start) + 1
    lines = []
    for line in text[at:end].splitlines(keepends=True):
        comment = line.partition("//")[2]
        if label in LABEL.findall(comment):
            lines.append((at, at + len(line.partition("//")[0])))
        at += len(line)
    return lines


def fit(found, at, old):
    """The number of the token behind `old` where it fits the tokens from `at` on, else None."""
    for k, token in enumerate(old):
        if token == "...":
            for begin in range(at, len(found) + 1):
                end = fit(found, begin, old[k + 1:])
                if end is not None:
                    return end
            return None
        if at >= len(found) or found[at][2] != token:
            return None
        at += 1
    return at


def change(text, place, old, new):
    """`text` with every `old` in a place replaced, and how often."""
    start, end = place
    found = [t for t in tokens(text) if start <= t[0] and t[1] <= end]
    pattern = [t[2] for t in tokens(old)]
    edits, n = [], 0
    while n < len(found):
        behind = fit(found, n, pattern)
        if behind is not None and behind > n:
            edits.append((found[n][0], found[behind - 1][1]))
            n = behind
        else:
            n += 1
    for begin, stop in reversed(edits):
        text = text[:begin] + new + text[stop:]
    return text, len(edits)


def places_of(text, where):
    names, _, label = where.partition("@")
    places = [(0, len(text))]
    if names not in ("", "*"):
        places = sorted(place for name in names.split(",") for place in functions(text, name.strip()))
    return [line for place in places for line in labelled(text, place, label)] if label else places


def mutate(headers, where, changes):
    """`headers` (path -> text) with the changes made, as {path: text} of those that they change."""
    changed = {}
    for what in changes.split(" ;; "):
        old, _, new = what.partition("=>")
        total = 0
        for path, text in {**headers, **changed}.items():
            count = 0
            for place in reversed(places_of(text, where)):
                if what.strip() == "drop":
                    text, made = text[:place[0]] + ";" + text[place[1]:], 1
                else:
                    text, made = change(text, place, old, new.strip())
                count += made
            if count != 0:
                changed[path] = text
            total += count
        if total == 0:
            raise Unfit(f"'{what}' fits nothing in {where}")
    return changed


def read_headers(folder):
    return {path: path.read_text(encoding="utf-8") for path in sorted(pathlib.Path(folder).rglob("*.hpp"))}
