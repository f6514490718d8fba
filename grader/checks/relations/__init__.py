"""The relations of the exercise language, a module a family.

Each module registers its judges with `grader.checks.registry`. They are found here, not listed: a
relation is added by its model in `grader.exercise.relations` and one module in this package.
"""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
