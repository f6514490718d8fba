"""The results of a folder of submissions, kept beside them in SQLite.

A result is written when it comes, and is there when the grader is started again, however it was
ended. Only one grading at a time may have the store.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from grader.classroom.batch.job import Graded, Judged
from grader.exit_status import ExitStatus, UserError
from grader.messages import Localized, say
from grader.sandbox.removal import remove_folder

_VERSION = 1
_SETTINGS = ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL")
"""A write costs no wait for the disk, and needs no memory shared with others, which network drives
do not have. Whatever kills the grader loses nothing; if the power fails, the last results may be
made again."""
_TABLES = """
CREATE TABLE results (
    exercise TEXT NOT NULL, student TEXT NOT NULL, file TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    graded_at TEXT NOT NULL,
    result TEXT NOT NULL,
    report BLOB NOT NULL,
    PRIMARY KEY (exercise, student, file)
);
CREATE INDEX by_fingerprint ON results (fingerprint);
CREATE TABLE marks (
    exercise TEXT NOT NULL, student TEXT NOT NULL,
    mark REAL, exercise_hash TEXT NOT NULL, submission_hash TEXT NOT NULL, override TEXT,
    PRIMARY KEY (exercise, student)
);
CREATE TABLE reports (path TEXT PRIMARY KEY, stamp TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """A result as it was kept, and when it was made. One without a score never is kept."""

    judged: Judged
    graded_at: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """What a student had for an exercise when the class was last graded to the end, and what for.

    ``override`` is the reason that the teacher gave, None where the grader's score stood.
    """

    mark: float | None
    exercise_hash: str
    submission_hash: str
    override: str | None


_JUDGED = TypeAdapter(Judged)
"""A result as JSON: all of it but its page."""


class Store:
    """The results of one folder. ``scratch`` is a folder for what is needed only meanwhile."""

    def __init__(self, connection: sqlite3.Connection, path: Path, scratch: Path) -> None:
        self._connection = connection
        self._path = path
        self.scratch = scratch
        self._claims: dict[str, Localized] = {}
        """What a check expects is the same for all students: one object each saves memory."""

    @property
    def is_empty(self) -> bool:
        """There is nothing in it that would be missed."""
        query = "SELECT EXISTS (SELECT * FROM results) + EXISTS (SELECT * FROM marks)"
        (any_rows,) = self._connection.execute(query).fetchone()
        return not any_rows

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction.

        Raises:
            UserError: it cannot be written: there is no room, or the disk is damaged.
        """
        try:
            with self._connection as transaction:
                yield transaction
        except sqlite3.DatabaseError as error:
            raise UserError(
                say(
                    "{path} cannot be written: {reason}. Everything that was graded is kept.",
                    path=str(self._path),
                    reason=str(error),
                ),
                ExitStatus.CANNOT_WORK,
            ) from error

    def forget_results(self) -> None:
        """Everything is graded again. The marks that stood are kept to be compared.

        Raises:
            UserError: it cannot be written. So do the other methods that write.
        """
        with self._writing() as transaction:
            transaction.execute("DELETE FROM results")

    def put(
        self, exercise: str, student: str, file: str, fingerprint: str, graded: Graded
    ) -> datetime:
        """Keep a result; one that has no score is not kept, so it is graded again.

        Returns when it was.
        """
        now = datetime.now().astimezone()
        if graded.score is None:
            return now
        row = (exercise, student, file, fingerprint, now.isoformat())
        with self._writing() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*row, _JUDGED.dump_json(graded).decode(), graded.report),
            )
        return now

    def has(self, fingerprint: str) -> bool:
        """Whether there is a result with that fingerprint."""
        query = "SELECT 1 FROM results WHERE fingerprint = ? LIMIT 1"
        return self._connection.execute(query, (fingerprint,)).fetchone() is not None

    def get(self, fingerprint: str) -> Stored | None:
        """The result with that fingerprint, whosever it is."""
        row = self._connection.execute(
            "SELECT result, graded_at FROM results WHERE fingerprint = ? LIMIT 1", (fingerprint,)
        ).fetchone()
        if row is None:
            return None
        judged = _JUDGED.validate_json(row[0])
        checks = tuple(
            replace(check, expected=self._claims.setdefault(repr(check.expected), check.expected))
            for check in judged.checks
        )
        return Stored(replace(judged, checks=checks), datetime.fromisoformat(row[1]))

    def report(self, fingerprint: str) -> bytes | None:
        """The compressed report of a result."""
        row = self._connection.execute(
            "SELECT report FROM results WHERE fingerprint = ? LIMIT 1", (fingerprint,)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def written(self) -> dict[str, str]:
        """The report files that were written, each with a stamp of what is in it."""
        return dict(self._connection.execute("SELECT path, stamp FROM reports"))

    def note_written(self, path: str, stamp: str) -> None:
        """Remember that a report file was written, and the stamp of what is in it."""
        with self._writing() as transaction:
            transaction.execute("INSERT OR REPLACE INTO reports VALUES (?, ?)", (path, stamp))

    def marks(self) -> dict[tuple[str, str], Mark]:
        """The marks when the class was last graded to the end, by exercise and student."""
        rows = self._connection.execute(
            "SELECT exercise, student, mark, exercise_hash, submission_hash, override FROM marks"
        )
        return {(exercise, student): Mark(*rest) for exercise, student, *rest in rows}

    def set_marks(self, marks: dict[tuple[str, str], Mark]) -> None:
        """Keep the marks to be compared with those of the next time."""
        rows = [
            (*key, mark.mark, mark.exercise_hash, mark.submission_hash, mark.override)
            for key, mark in marks.items()
        ]
        with self._writing() as transaction:
            transaction.executemany("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?, ?)", rows)


@contextmanager
def open_store(folder: Path) -> Iterator[Store]:
    """The store in a folder, made if there is none, and removed if nothing comes into it.

    Raises:
        UserError: another grading has it, it was made by another version, it is damaged, or
            nothing can be written there.
    """
    with ExitStack() as held:
        try:
            folder.mkdir(exist_ok=True)
            scratch = held.enter_context(_locked(folder / "lock"))
            path = folder / "results.sqlite"
            connection = held.enter_context(closing(sqlite3.connect(path)))
            _prepare(connection, path)
        except OSError as error:
            raise UserError(
                say(
                    "The results cannot be kept in {folder}: {reason}. Copy the submissions to a "
                    "folder that you may write to.",
                    folder=str(folder),
                    reason=str(error.strerror),
                ),
                ExitStatus.CANNOT_WORK,
            ) from error
        except sqlite3.Error as error:
            raise UserError(
                say(
                    "The kept results in {folder} cannot be read ({reason}). Delete that folder, "
                    "and everything is graded again.",
                    folder=str(folder),
                    reason=str(error),
                ),
                ExitStatus.CANNOT_WORK,
            ) from error
        store = Store(connection, path, scratch)
        try:
            yield store
        finally:
            if store.is_empty:
                _remove(folder)


@contextmanager
def _locked(path: Path) -> Iterator[Path]:
    """Hold the lock, which the system frees when this process ends in whatever way.

    A folder for temporary files comes with it; one that an ended grading left is removed.

    Raises:
        UserError: another process holds it.
        OSError: it cannot be made.
    """
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                say(
                    "These submissions are being graded already, by process {pid}. Wait until it "
                    "has ended.",
                    pid=str(_said_in(path).get("pid", "?")),
                ),
                ExitStatus.CANNOT_WORK,
            ) from None
        left = Path(str(_said_in(path).get("scratch", "")))
        if left.name.startswith("grader-class-") and left.parent == Path(tempfile.gettempdir()):
            _remove(left)
        scratch = Path(tempfile.gettempdir()) / f"grader-class-{secrets.token_hex(8)}"
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), "scratch": str(scratch)}))
        lock.flush()
        scratch.mkdir(mode=0o700)  # only now: killed in between, none is left
        try:
            yield scratch
        finally:
            _remove(scratch)


def _remove(folder: Path) -> None:
    """Remove it, however deep it is; what cannot be removed is left."""
    with suppress(OSError):
        remove_folder(folder)


def _said_in(path: Path) -> dict[str, object]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """
    Raises:
        UserError: it was made by another version of the grader.
        sqlite3.Error: it is damaged.
    """
    for setting in _SETTINGS:
        connection.execute(f"PRAGMA {setting}")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;")
    elif version != _VERSION:
        raise UserError(
            say(
                "{path} was made by another version of the grader. Delete it, and everything is "
                "graded again.",
                path=str(path),
            ),
            ExitStatus.CANNOT_WORK,
        )
