"""ordering_test.py SOURCE_DIR

Comments say which atomic operation pairs with which, by labels (`publish:B`), and tables tell what each label is for. This checks that what
they say is there:
  - a label in a table stands in a comment at an atomic operation, in each file that the table's column `in` names, or in any if it has none
  - a label in any other comment stands in a table
  - in those files, each fence and each operation with an order of its own (not relaxed) bears a label
  - what a label pairs with is a label of a table, and pairs with it in turn
  - a file that a comment cites exists
A table is a comment that begins with the line `label  [in]  operation  pairs with  so that`, whose columns are where those words are.
"""
import pathlib
import re
import sys

LABEL = re.compile(r"(?<![\w:/.])([a-z]+):([A-Z])\b((?:(?:,| and| or) [A-Z]\b(?!:))*)")
HEAD = re.compile(r"//\s+label\s+.*\bpairs with\b")
COLUMNS = ("label", "in", "operation", "pairs with", "so that")
CITED = re.compile(r"(?<![\w./<*-])([\w/-][\w./-]*\.(?:hpp|cpp|h|c|py|sh|md|txt|def|cmake|rs|go|js|rb|lua|in|supp))(?![\w>(*]|\.\w)")
OPERATION = re.compile(r"\b(?:load|store|exchange|fetch_\w+|compare_exchange_\w+|cas16|store16|\w+_fence|copy_out|copy_in)\(|memory_order_\w+")
ORDERED = re.compile(r"memory_order_(?:acquire|release|acq_rel|seq_cst)(?! \w)|\w+_fence\(\)")
# Not ours: the system's, and other projects'.
FOREIGN = re.compile(r"^(?:bsd/kern/)?posix_shm\.c$|^(?:cpuid|windows)\.h$")
SOURCES = (".hpp", ".cpp", ".h", ".c")


def labels_in(text):
    """`claim:A, B` is claim:A and claim:B."""
    return [f"{name}:{letter}" for name, first, more in LABEL.findall(text) for letter in (first, *re.findall(r"[A-Z]", more))]


def comment_of(line):
    """(code, comment) of a line; a `//` in a string literal begins none."""
    at = re.match(r'(?:[^"/\']|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|/(?!/))*', line).end()
    return (line[:at], line[at:]) if line.startswith("//", at) else (line, "")


class Source:
    def __init__(self, path, name):
        self.name = name
        self.lines = path.read_text(encoding="utf-8").split("\n")
        self.code, self.comments = zip(*(comment_of(line) for line in self.lines))
        self.rows = []  # (line number, cells by column) of the tables
        self.in_table = set()
        for number, line in enumerate(self.lines):
            if HEAD.search(line):
                self.read_table(number)

    def read_table(self, head):
        starts = {name: re.search(rf"(?<!\w){name}(?!\w)", self.lines[head]).start() for name in COLUMNS
                  if re.search(rf"(?<!\w){name}(?!\w)", self.lines[head])}
        ends = dict(zip(starts, [*list(starts.values())[1:], None]))
        self.in_table.add(head)
        number = head + 1
        while re.match(r"\s*//   +\S", self.lines[number]):
            cells = {name: self.lines[number][starts[name]:ends[name]].strip() for name in starts}
            if cells["label"]:
                self.rows.append((number, cells))
            else:
                for name, text in cells.items():
                    self.rows[-1][1][name] = f"{self.rows[-1][1][name]} {text}".strip()
            self.in_table.add(number)
            number += 1

    def mentions(self):
        for number, comment in enumerate(self.comments):
            if number not in self.in_table:
                for label in labels_in(comment):
                    yield number, label

    def statement(self, number):
        """The code that the comment of that line stands at: before it, as far as that is one statement, or else behind it."""
        first = last = number
        if not self.code[number].strip():
            while last + 1 < len(self.lines) and not self.code[last].strip():
                last += 1
        while first > 0 and self.code[number].strip() and not re.search(r"[;{}]\s*$|^\s*$", self.code[first - 1]):
            first -= 1
        while last + 1 < len(self.lines) and not re.search(r"[;{}]\s*$|^\s*$", self.code[last]):
            last += 1
        return " ".join(self.code[first:last + 1])


    def comment_at(self, number):
        """The comments of the statement that this line is of, and those that stand before it."""
        first = last = number
        while first > 0 and not re.search(r"[;{}]\s*$|^\s*$", self.code[first - 1]):
            first -= 1
        while last + 1 < len(self.lines) and not re.search(r"[;{}]\s*$|^\s*$", self.code[last]):
            last += 1
        while first > 0 and self.lines[first - 1].strip().startswith("//"):
            first -= 1
        return " ".join(self.comments[first:last + 1])


def read(root):
    folders = ("include", "src", "capi", "tests", "bench")
    paths = sorted(path for folder in folders for path in (root / folder).rglob("*") if path.suffix in SOURCES)
    return [Source(path, path.relative_to(root).as_posix()) for path in paths]


def check_labels(sources):
    partners, places, at_operation = {}, {}, {}  # by label: what it pairs with; the files that its tables name; where it stands
    for source in sources:
        for number, cells in source.rows:
            label, where = cells["label"], f"{source.name}:{number + 1}"
            if labels_in(label) != [label]:
                yield f"{where}: '{label}' is no label"
                continue
            partners.setdefault(label, {})[where] = cells["pairs with"]
            for name in re.findall(r"\w+", cells.get("in", "")):
                places.setdefault(label, {})[name] = where
    for source in sources:
        for number, label in source.mentions():
            if label not in partners and source.name.startswith(("include/", "src/", "capi/")):
                yield f"{source.name}:{number + 1}: {label} stands in no table"
            if OPERATION.search(source.statement(number)):
                at_operation.setdefault(label, set()).add(pathlib.PurePath(source.name).stem)
    for label, tables in sorted(partners.items()):
        where = next(iter(tables))
        if label not in at_operation:
            yield f"{where}: {label} stands at no atomic operation"
        for name, table in places.get(label, {}).items():
            if name not in at_operation.get(label, ()):
                yield f"{table}: {label} stands at no atomic operation in {name}"
        for table, text in tables.items():
            told = [label] if re.search(r"\bitself\b", text) else []
            for other in told + labels_in(text):
                if other not in partners:
                    yield f"{table}: {label} pairs with {other}, which stands in no table"
                elif other != label and not any(label in labels_in(back) for back in partners[other].values()):
                    yield f"{table}: {label} pairs with {other}, which does not say so in {next(iter(partners[other]))}"
            if not told and not labels_in(text) and text not in ("-",) and not CITED.search(text):
                yield f"{table}: {label} pairs with nothing"


def check_operations(sources):
    named = {name for source in sources for _, cells in source.rows for name in re.findall(r"\w+", cells.get("in", ""))}
    for source in sources:
        if not source.name.startswith("include/slickq/detail/") or pathlib.PurePath(source.name).stem not in named:
            continue
        for number, code in enumerate(source.code):
            if ORDERED.search(code) and "memory_order order" not in code and not labels_in(source.comment_at(number)):
                yield f"{source.name}:{number + 1}: an operation without a label: {code.strip()}"


def check_files(root, sources):
    known = [path.relative_to(root).as_posix() for path in root.rglob("*")
             if path.is_file() and not re.match(r"build|\.", path.relative_to(root).parts[0])]
    ends = {"/".join(parts[k:]) for parts in (name.split("/") for name in known) for k in range(len(parts))}
    for source in sources:
        for number, comment in enumerate(source.comments):
            for name in CITED.findall(comment):
                if name not in ends and not FOREIGN.match(name):
                    yield f"{source.name}:{number + 1}: there is no file {name}"


def main():
    root = pathlib.Path(sys.argv[1])
    sources = read(root)
    complaints = [*check_labels(sources), *check_operations(sources), *check_files(root, sources)]
    print("\n".join(complaints))
    labels = {cells["label"] for source in sources for _, cells in source.rows}
    print(f"{len(labels)} labels, {len(complaints)} complaints")
    sys.exit(0 if labels and not complaints else 1)


if __name__ == "__main__":
    main()
