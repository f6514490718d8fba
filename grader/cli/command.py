"""How the commands are called: their arguments, and what is said of a wrong call.

``grade EXERCISE SCRIPT`` needs no name of a command. Those that have one go before exercises of
the same name, which are called ``./class.yaml`` then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

import click

from grader import __version__
from grader.cli.options import OPTIONS, Option, WholeNumber, taken_by
from grader.cli.pages import CommandName, help_page
from grader.exit_status import ExitStatus
from grader.messages import Language, Text, say

_COMMANDS: tuple[CommandName, ...] = get_args(CommandName)[1:]
_WITH_VALUE = frozenset(flag for each in OPTIONS if each.kind is not None for flag in each.flags)
_HELP = ("-h", "--help")
_FLAGS = frozenset(
    {*_HELP, "--help-all", "--version", *(flag for each in OPTIONS for flag in each.flags)}
)


def split(arguments: Sequence[str]) -> tuple[CommandName, list[str]]:
    """Which command is called, and with which arguments.

    The name of a file that begins with ``-`` is made a path, such as ``./-join.py``: it is
    no option.
    """
    name: CommandName | None = None
    rest: list[str] = []
    is_value = False
    for place, each in enumerate(arguments):
        if each == "--" and not is_value:
            rest += arguments[place:]
            break
        if is_value or not _is_option(each):
            named = next((command for command in _COMMANDS if command == each), None)
            if name is None and not is_value:
                name = named or "grade"
                if named is not None:
                    continue
            rest.append(f"./{each}" if each.startswith("-") and not is_value else each)
            is_value = False
        else:
            rest.append(each)
            is_value = each in _WITH_VALUE
    return name or "grade", rest


def _is_option(argument: str) -> bool:
    if not argument.startswith("-") or argument == "-":
        return False
    if argument.partition("=")[0] in _FLAGS:
        return True
    return not Path(argument).exists() and (
        argument[:2] in _FLAGS or not argument.endswith((".py", ".zip", ".yaml"))
    )


class GradeCommand(click.Command):
    """One of the commands, in one language throughout.

    Args:
        name: which one.
        language: of its help.
        callback: is given the values by the names of their fields, ``spec`` and ``scripts`` too.
    """

    def __init__(
        self, name: CommandName, language: Language, callback: Callable[..., ExitStatus]
    ) -> None:
        self._name: CommandName = name
        self._language: Language = language
        arguments = [
            click.Argument(["spec"], required=False),
            click.Argument(["scripts"], nargs=-1, type=click.Path()),
        ]
        super().__init__(
            name,
            callback=callback,
            context_settings={"help_option_names": list(_HELP)},
            params=[*arguments, *map(_made, taken_by(name)), *self._eager()],
        )

    def get_help(self, ctx: click.Context) -> str:
        """The help page in the command's language, as `--help` shows it."""
        return help_page(self._name, self._language)

    def _eager(self) -> list[click.Option]:
        def version(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
            """Print the version, and end."""
            if wanted:
                click.echo(f"grade {__version__}")
                ctx.exit()

        def help_all(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
            """Print the help with every option, and end."""
            if wanted:
                click.echo(help_page(self._name, self._language, every_option=True))
                ctx.exit()

        return [
            click.Option([flag], is_flag=True, is_eager=True, expose_value=False, callback=act)
            for flag, act in (("--version", version), ("--help-all", help_all))
        ]


def _made(option: Option) -> click.Option:
    settings: dict[str, Any] = {"multiple": option.multiple, "default": option.default}
    if option.kind is None:
        settings = {"is_flag": True}
    return click.Option([*option.flags, option.field], type=option.kind, **settings)


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
        if any(error.option_name in each.flags and each.kind is None for each in OPTIONS):
            return say("{option} takes no value.", option=error.option_name)
        return say("{option} needs a value.", option=error.option_name)
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
