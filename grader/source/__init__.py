"""What a submission's code says, read from its syntax trees and never from its text."""

from grader.source.code import (
    PROCESS,
    Call,
    Code,
    CodeFile,
    Mention,
    code_of,
)

__all__ = [
    "PROCESS",
    "Call",
    "Code",
    "CodeFile",
    "Mention",
    "code_of",
]
