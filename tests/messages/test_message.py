"""Messages said in each language."""

import gettext

import pytest

from grader.messages import Localized, Message, plural, say


@pytest.fixture
def _chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue with a few sentences."""

    class Catalogue(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return {"{name} ended.": "{name}结束了。", "main": "主进程"}.get(message, message)

        def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
            return "{count}个进程"

    english, chinese = gettext.NullTranslations(), Catalogue()
    monkeypatch.setattr(
        "grader.messages.message._catalogue",
        lambda language: chinese if language == "zh" else english,
    )


def test_a_message_with_holes() -> None:
    """Values are shown in their holes."""
    message = say("{name} ended at {time} s.", name="p", time=1.5)
    assert message.in_language("en") == "p ended at 1.5 s."


def test_braces_in_values_are_no_holes() -> None:
    """What a student printed is never taken for a sentence."""
    assert say("It said {line}.", line="{0} {x}").in_language("en") == "It said {0} {x}."


@pytest.mark.parametrize(("count", "sentence"), [(0, "0 lines"), (1, "1 line"), (5, "5 lines")])
def test_plural(count: int, sentence: str) -> None:
    """English has two forms."""
    assert plural("{count} line", "{count} lines", count).in_language("en") == sentence


@pytest.mark.usefixtures("_chinese")
def test_texts_within_texts() -> None:
    """A value that is a text itself is said in the same language."""
    message = say("{name} ended.", name=say("main"))
    assert message.in_language("en") == "main ended."
    assert message.in_language("zh") == "主进程结束了。"


@pytest.mark.usefixtures("_chinese")
def test_latin_beside_chinese() -> None:
    """Letters and digits in a hole stand apart from Chinese; Chinese in it does not."""
    assert say("{name} ended.", name="p1").in_language("zh") == "p1 结束了。"
    assert say("{name} ended.", name="“p1”").in_language("zh") == "“p1”结束了。"
    assert plural("{count} process", "{count} processes", 5).in_language("zh") == "5 个进程"


def test_localized() -> None:
    """The language that is asked for, else English, else whatever there is."""
    both = Localized({"en": "yes", "zh": "是"})
    assert (both.in_language("en"), both.in_language("zh")) == ("yes", "是")
    assert Localized({"en": "yes"}).in_language("zh") == "yes"
    assert Localized({"zh": "是"}).in_language("en") == "是"
    with pytest.raises(ValueError, match="at least one language"):
        Localized({})


def test_messages_are_values() -> None:
    """Two that say the same are equal."""
    assert say("{name} ended.", name="p") == Message("{name} ended.", {"name": "p"})
