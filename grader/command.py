"""How the `grade` command is called: its arguments, its help, and what is said of a wrong call.

The language is decided before the command is made, so that its help is in it, too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from grader import __version__
from grader.exit_status import ExitStatus
from grader.messages import LANGUAGES, Language, Text, say


def language_of(arguments: Sequence[str]) -> Language:
    """The language asked for by ``--lang``, else that of the locale, else English."""
    for index, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--lang=") else None
        if argument == "--lang" and index + 1 < len(arguments):
            value = arguments[index + 1]
        for language in LANGUAGES:
            if value == language:
                return language
    wanted = next(
        (value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), ""
    )
    return "zh" if wanted.lower().startswith("zh") else "en"


class WholeNumber(click.ParamType):  # type: ignore[type-arg]  # click 8.1's is not generic
    """A whole number within bounds, both included."""

    name = "whole number"

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = int(value)
        except ValueError:
            self.fail(f"{value!r} is no whole number", param, ctx)
        if not self.least <= number <= self.most:
            self.fail(f"{number} is not from {self.least} to {self.most}", param, ctx)
        return number


class GradeCommand(click.Command):
    """A command whose help is in one language throughout, with examples and exit statuses."""

    def __init__(self, language: Language, callback: Callable[..., ExitStatus]) -> None:
        self._language = language
        super().__init__(
            "grade",
            callback=callback,
            help=self._told(
                say(
                    "Runs your script, watches what its processes really do, and says what is "
                    "right, what is not, and why."
                )
            ),
            options_metavar=self._told(say("[OPTIONS]")),
            context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 90},
            params=[
                click.Argument(["spec"], required=False, metavar="[EXERCISE]"),
                click.Argument(["scripts"], nargs=-1, type=click.Path(), metavar="[SCRIPT]"),
                *self._options(),
            ],
        )

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, self._told(say("Usage: ")))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self._format_arguments(formatter)
        self._format_examples(formatter)
        options = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        records = [record for each in options if (record := each.get_help_record(ctx))]
        with formatter.section(self._told(say("Options"))):
            formatter.write_dl(records)
        self._format_statuses(formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = self._told(say("This page."))
        return option

    def _format_arguments(self, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        formatter.write_dl(
            [
                (
                    "EXERCISE",
                    self._told(
                        say("A file such as join.yaml, or the name of an exercise in the list.")
                    ),
                ),
                ("SCRIPT", self._told(say("Your Python file. Modules beside it are used, too."))),
                (
                    "",
                    self._told(
                        say(
                            "Or a class: the folder or zip file of its submissions, for one "
                            "exercise or a folder of them."
                        )
                    ),
                ),
            ]
        )

    def _format_examples(self, formatter: click.HelpFormatter) -> None:
        with formatter.section(self._told(say("Examples"))):
            formatter.write_dl(
                [
                    ("grade", self._told(say("List the exercises."))),
                    ("grade join", self._told(say("Show the task of the exercise “join”."))),
                    ("grade join student.py", self._told(say("Grade student.py."))),
                    ("grade join class.zip", self._told(say("Grade everybody's answer."))),
                ]
            )

    def _format_statuses(self, formatter: click.HelpFormatter) -> None:
        with formatter.section(self._told(say("Exit status"))):
            formatter.write_dl(
                [
                    (f"{ExitStatus.PASSED:d}", self._told(say("Every check passed."))),
                    (f"{ExitStatus.NOT_PASSED:d}", self._told(say("Some check did not pass."))),
                    (
                        f"{ExitStatus.WRONG_CALL:d}",
                        self._told(say("The call or the exercise file is wrong.")),
                    ),
                    (
                        f"{ExitStatus.CANNOT_WORK:d}",
                        self._told(say("The grader could not work; the script is not judged.")),
                    ),
                ]
            )

    def _told(self, text: Text) -> str:
        return text.in_language(self._language)

    def _option(self, *names: str, says: Text, **settings: Any) -> click.Option:
        return click.Option(names, help=self._told(says), **settings)

    def _options(self) -> list[click.Option]:
        return [
            *self._options_of_output(),
            *self._options_of_running(),
            *self._options_of_classes(),
            *self._options_of_what_a_class_gets(),
            self._version(),
        ]

    def _options_of_output(self) -> list[click.Option]:
        path = click.Path(path_type=Path)
        return [
            self._option(
                "-o",
                "--report",
                type=path,
                metavar="FILE",
                says=say("Where the HTML report goes. Else: reports/EXERCISE/SCRIPT.html"),
            ),
            self._option(
                "--json",
                type=path,
                metavar="FILE",
                says=say("Write the result, and all that happened, as JSON, too."),
            ),
            self._option(
                "--lang",
                type=click.Choice(LANGUAGES),
                says=say("The language. Else: that of your system."),
            ),
            self._option("-q", "--quiet", is_flag=True, says=say("Say only the score.")),
            self._option(
                "-v",
                "--verbose",
                is_flag=True,
                says=say("Say also which processes ran, and what they printed."),
            ),
        ]

    def _options_of_running(self) -> list[click.Option]:
        return [
            self._option(
                "--schedules",
                type=WholeNumber(1, 1000),
                metavar="N",
                says=say(
                    "Try N event orders, to tell right from lucky. 1: only the natural one. "
                    "Else: as the exercise says."
                ),
            ),
            self._option(
                "--seed",
                type=WholeNumber(0, 2**32 - 1),
                default=0,
                metavar="N",
                says=say("Try other random event orders than usual."),
            ),
            self._option(
                "--replay",
                metavar="ORDER",
                says=say("Run one event order again; the report names it."),
            ),
            self._option(
                "--clock",
                type=click.Choice(["virtual", "real"]),
                says=say("Whether sleeping takes real time. Else: as the exercise says."),
            ),
            self._option(
                "--python",
                metavar="PYTHON",
                says=say("The Python that runs the script. Else: the grader's own."),
            ),
            self._option(
                "--isolation",
                type=click.Choice(["auto", "bwrap", "basic"]),
                default="auto",
                says=say(
                    "How the script is shut off from the machine. bwrap: bubblewrap must work. "
                    "basic: without it. auto: bwrap where it works."
                ),
            ),
        ]

    def _options_of_classes(self) -> list[click.Option]:
        return [
            self._option(
                "--students",
                metavar="REGEX",
                says=say(
                    "A class: how a file's path says whose it is, with (?P<student_id>...). Else: "
                    "as Moodle, Canvas, Blackboard, GitHub Classroom and Gradescope do."
                ),
            ),
            self._option(
                "--deadline",
                metavar="TIME",
                says=say("A class: mark as late what was handed in after it."),
            ),
            self._option(
                "--jobs",
                type=WholeNumber(1, 1024),
                metavar="N",
                says=say("A class: grade N at a time. Else: as there are processors."),
            ),
            self._option(
                "--cluster",
                metavar="ADDRESS",
                says=say("A class: grade on the machines of a dask scheduler, tcp://HOST:PORT."),
            ),
            self._option(
                "--fresh", is_flag=True, says=say("A class: forget the results that there are.")
            ),
            self._option(
                "--watch", is_flag=True, says=say("A class: go on, and grade what changes.")
            ),
            self._option(
                "--strict", is_flag=True, says=say("A class: status 1 if anybody did not pass.")
            ),
        ]

    def _options_of_what_a_class_gets(self) -> list[click.Option]:
        path = click.Path(path_type=Path)
        return [
            self._option(
                "--fill",
                type=path,
                multiple=True,
                metavar="FILE",
                says=say(
                    "A class: fill the marks into a copy of your Moodle worksheet or Canvas export."
                ),
            ),
            self._option(
                "--column",
                "columns",
                multiple=True,
                metavar="NAME",
                says=say(
                    "A class: which assignment of the Canvas export it is; of a course "
                    "EXERCISE=NAME."
                ),
            ),
            self._option(
                "--feedback",
                is_flag=True,
                says=say("A class from Moodle: everybody's report as a zip file for Moodle."),
            ),
            self._option(
                "--junit",
                type=path,
                metavar="FILE",
                says=say("A class: write the results as JUnit XML, too."),
            ),
            self._option(
                "--similar",
                type=WholeNumber(1, 100),
                metavar="PERCENT",
                says=say(
                    "A class: a page of programs that are alike from so much percent on; 80 is "
                    "a good start."
                ),
            ),
            self._option(
                "--gradescope",
                type=path,
                metavar="FILE.zip",
                says=say("Write the autograder for Gradescope: these exercises, and the grader."),
            ),
            self._option(
                "--anonymous",
                is_flag=True,
                says=say("A class: leave the names out of the pages of the class."),
            ),
        ]

    def _version(self) -> click.Option:
        def show(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
            if wanted:
                click.echo(f"grade {__version__}")
                ctx.exit()

        return self._option(
            "--version",
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=show,
            says=say("The version of the grader."),
        )


def what_is_wrong(error: click.UsageError) -> Text:
    """One sentence about a call that Click does not accept."""
    if isinstance(error, click.NoSuchOption):
        close = get_close_matches(error.option_name, error.possibilities or (), 1)
        if close:
            return say(
                "There is no option {option}. Did you mean {other}?",
                option=error.option_name,
                other=close[0],
            )
        return say("There is no option {option}.", option=error.option_name)
    if isinstance(error, click.BadOptionUsage):
        return say("{option} needs a value, or takes none.", option=error.option_name)
    if isinstance(error, click.BadParameter) and error.param is not None:
        kind, option = error.param.type, error.param.opts[-1]
        if isinstance(kind, click.Choice):
            return say(
                "{option} takes one of {choices}.", option=option, choices=", ".join(kind.choices)
            )
        if isinstance(kind, WholeNumber):
            return say(
                "{option} takes a whole number from {least} to {most}.",
                option=option,
                least=kind.least,
                most=kind.most,
            )
    return say("The call is not understood: {problem}", problem=error.format_message())
