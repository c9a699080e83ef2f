"""Every public name is documented, and the first example of the README runs."""
import inspect
import os
import re
import unittest

import slickq
from support import Case

README = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "README.md")
DATA = ("default_queue_traits", "__version__")


def undocumented(name, thing):
    """The names of public classes, functions, methods and properties without a sentence of their own."""
    if not inspect.getdoc(thing):
        yield name
    if inspect.isclass(thing):
        for member, value in vars(thing).items():
            function = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
            if not member.startswith("_") and inspect.isfunction(function) and not function.__doc__:
                yield f"{name}.{member}"


class Docs(Case):
    def test_every_public_name_has_a_docstring(self):
        missing = []
        for name in slickq.__all__:
            thing = getattr(slickq, name)
            if name in DATA:
                continue
            for kind in inspect.getmro(thing) if inspect.isclass(thing) else [thing]:
                if getattr(kind, "__module__", "").startswith("slickq"):
                    missing += undocumented(f"{name}", kind)
        self.assertEqual(missing, [])

    def test_all_is_what_there_is(self):
        public = {name for name, value in vars(slickq).items()
                  if not name.startswith("_") and not inspect.ismodule(value)}
        self.assertEqual(public | {"__version__"}, set(slickq.__all__))
        self.assertEqual(len(slickq.__all__), len(set(slickq.__all__)))

    def test_the_readme_names_everything(self):
        with open(README, encoding="utf-8") as file:
            text = file.read()
        missing = [name for name in slickq.__all__ if not re.search(rf"\b{name}\b", text)]
        self.assertEqual(missing, [])

    def test_the_examples_of_the_readme_run(self):
        with open(README, encoding="utf-8") as file:
            examples = re.findall(r"^```python\n(.*?)^```", file.read(), re.DOTALL | re.MULTILINE)
        self.assertGreater(len(examples), 1)
        for number, example in enumerate(examples):
            name = self.name()
            with self.subTest(number=number):
                if "numpy" in example and not has_numpy():
                    continue
                self.run_code(example.replace('"ticks"', repr(name)))


def has_numpy():
    try:
        import numpy  # noqa: F401
    except ImportError:
        return False
    return True


if __name__ == "__main__":
    unittest.main()
