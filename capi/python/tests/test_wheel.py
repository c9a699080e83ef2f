"""The installed wheel, by the Python it is installed in: it carries its library and its types, and works by itself."""
import os
import subprocess
import sys
import tempfile
import unittest

import slickq
from slickq import _library

PACKAGE = os.path.dirname(os.path.abspath(slickq.__file__))


class Wheel(unittest.TestCase):
    def test_it_is_the_installed_one(self):
        self.assertIn("site-packages", PACKAGE)
        self.assertNotIn("SLICKQ_LIBRARY", os.environ)
        self.assertEqual(os.path.dirname(os.path.abspath(_library.quick._name)), PACKAGE)

    def test_it_carries_one_library_types_and_license(self):
        files = os.listdir(PACKAGE)
        self.assertEqual([file for file in files if "libslickq" in file], ["libslickq.so.1"])
        self.assertLessEqual({"py.typed", "LICENSE"}, set(files))

    def test_its_types(self):
        try:
            import mypy  # noqa: F401
            import numpy  # noqa: F401
        except ImportError:
            self.skipTest("needs mypy and NumPy")
        with tempfile.TemporaryDirectory() as cache:
            use = os.path.join(os.path.dirname(os.path.abspath(__file__)), "typed_use.py")
            for arguments in (("-p", "slickq"), (use,)):
                done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir", cache, *arguments],
                                      stdout=subprocess.PIPE, text=True, cwd=cache)
                self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
