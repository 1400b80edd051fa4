"""Finds the runs of edgeprune that the notebooks beside this file read. It changes nothing."""

import json
import os
from pathlib import Path


class Missing(Exception):
    """What a notebook needs is not there. The text names the command that makes it."""

    def _render_traceback_(self):
        """Notebooks show the text alone: where it was raised says nothing to who reads it."""
        return [f"{self}"]


def results():
    """Return the results folder: $EDGEPRUNE_RESULTS, else the first `results` here or above."""
    given = os.environ.get("EDGEPRUNE_RESULTS")
    if given:
        if not Path(given).is_dir():
            raise Missing(f"EDGEPRUNE_RESULTS names {given}, which is no folder; run: just notebooks")
        return Path(given)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "results").is_dir():
            return folder / "results"
    raise Missing("there is no results folder here or above; run: just notebooks")


def newest(folder, file, command):
    """Return the newest finished run below `folder` that has `file`, by name: {name: folder of the run}.

    Runs lie in NAME/RUN, and RUN is the time at which the run began. `command` makes one where there is none.
    """
    found = {}
    for path in sorted(Path(folder).glob(f"*/*/{file}")):
        if finished(path.parent):
            found[path.parent.parent.name] = path.parent
    if not found:
        raise Missing(f"there is no finished run with {file} in {folder}; run: {command}")
    return found


def finished(run):
    """Say whether a run has come to its end."""
    try:
        return bool(json.loads((run / "run.json").read_text()).get("finished"))
    except (OSError, ValueError):
        return False


def pick(found, name, command):
    """Return one of `newest`: that of a name, or where none is given the one that began last."""
    if not name:
        return max(found.items(), key=lambda item: item[1].name)
    if name not in found:
        raise Missing(f"there is no finished run of {name}, only of {', '.join(sorted(found))}; run: {command}")
    return name, found[name]
