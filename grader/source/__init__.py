"""What a submission's code says, read from its syntax trees and never from its text."""

from grader.source.code import (
    PROCESS,
    Call,
    Class,
    Code,
    CodeFile,
    Construction,
    Mention,
    code_of,
)

__all__ = [
    "PROCESS",
    "Call",
    "Class",
    "Code",
    "CodeFile",
    "Construction",
    "Mention",
    "code_of",
]
