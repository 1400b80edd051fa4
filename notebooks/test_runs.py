"""Tests of runs.py: python3 -m unittest discover notebooks"""

import json
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import runs


class Runs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()

    def run_of(self, name, began, finished=True, file="sweep.json"):
        run = self.folder / name / began
        run.mkdir(parents=True)
        (run / "run.json").write_text(json.dumps({"finished": finished}))
        (run / file).write_text("{}")
        return run

    def missing(self, text, call, *args):
        with self.assertRaises(runs.Missing) as caught:
            call(*args)
        self.assertEqual(str(caught.exception), text)
        self.assertEqual(caught.exception._render_traceback_(), [text])

    def test_newest(self):
        self.run_of("a", "20260101-000000.000")
        newest = self.run_of("a", "20260102-000000.000")
        self.run_of("a", "20260103-000000.000", finished=False)
        other = self.run_of("b", "20250101-000000.000")
        self.run_of("c", "20260101-000000.000", file="table.txt")
        found = runs.newest(self.folder, "sweep.json", "just reproduce")
        self.assertEqual(found, {"a": newest, "b": other})
        self.assertEqual(runs.pick(found, "", ""), ("a", newest))
        self.assertEqual(runs.pick(found, "b", ""), ("b", other))
        self.missing("there is no finished run of x, only of a, b; run: y", runs.pick, found, "x", "y")

    def test_without_runs(self):
        self.run_of("a", "20260103-000000.000", finished=False)
        text = f"there is no finished run with sweep.json in {self.folder}; run: just reproduce"
        self.missing(text, runs.newest, self.folder, "sweep.json", "just reproduce")
        (self.folder / "a" / "20260103-000000.000" / "run.json").write_text("damaged")
        self.missing(text, runs.newest, self.folder, "sweep.json", "just reproduce")

    def test_results(self):
        with mock.patch.dict(os.environ, {"EDGEPRUNE_RESULTS": str(self.folder)}):
            self.assertEqual(runs.results(), self.folder)
        no = str(self.folder / "no")
        with mock.patch.dict(os.environ, {"EDGEPRUNE_RESULTS": no}):
            self.missing(f"EDGEPRUNE_RESULTS names {no}, which is no folder; run: just notebooks", runs.results)
        deep = self.folder / "notebooks" / "deep"
        deep.mkdir(parents=True)
        with mock.patch.dict(os.environ, {"EDGEPRUNE_RESULTS": ""}), mock.patch("pathlib.Path.cwd", return_value=deep):
            self.missing("there is no results folder here or above; run: just notebooks", runs.results)
            (self.folder / "results").mkdir()
            self.assertEqual(runs.results(), self.folder / "results")


if __name__ == "__main__":
    unittest.main()
