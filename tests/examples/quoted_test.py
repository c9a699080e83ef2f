"""quoted_test.py SOURCE_DIR - every block of code in a README that follows `<!-- quoted from PATH -->` stands in that file, line by line.
In the README at the top, every block of C, C++ and Python must be such a quotation: the files are compiled and run by the tests."""
import pathlib
import re
import sys
import textwrap

root = pathlib.Path(sys.argv[1])
block = re.compile(r"(?:<!-- quoted from (?P<path>\S+) -->\n+)?```(?P<language>\w*)\n(?P<code>.*?)^```$", re.M | re.S)
faults, quotations = [], 0
for readme in [root / "README.md", *sorted(root.glob("[!.b]*/**/README.md"))]:
    where = readme.relative_to(root)
    for found in block.finditer(readme.read_text(encoding="utf-8")):
        if found["path"] is None:
            if where == pathlib.Path("README.md") and found["language"] in ("c", "cpp", "python"):
                faults.append(f"{where}: an example of {found['language']} is quoted from no file")
            continue
        quotations += 1
        code = textwrap.dedent(found["code"]).strip("\n").splitlines()
        file = (root / found["path"]).read_text(encoding="utf-8").splitlines()
        starts = range(len(file) - len(code) + 1)
        if not any(textwrap.dedent("\n".join(file[at:at + len(code)])).splitlines() == code for at in starts):
            faults.append(f"{where}: what is quoted from {found['path']} does not stand there")
print(*faults, f"{quotations} quotations", sep="\n")
sys.exit(1 if faults or quotations == 0 else 0)
