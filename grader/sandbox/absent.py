"""What a submission finds that imports the grader: no such module, as if it were not installed.

Not for the grader itself: bubblewrap mounts it as the ``__init__.py`` of a package that a
submission is not to see. An empty folder in its place could be imported (PEP 420).
"""

raise ModuleNotFoundError("No module named 'grader'", name="grader")
