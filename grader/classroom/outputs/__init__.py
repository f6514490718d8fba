"""What a teacher takes away from a graded class: gradebook, pages, files for platforms."""

from grader.classroom.outputs.writing import Wishes, writers

__all__ = ["Wishes", "writers"]
