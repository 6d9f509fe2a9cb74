"""Values of notebooks' parameters as they are typed in a terminal or written in TOML."""

import pytest

from retention_kit.errors import ConfigError
from retention_kit.report.notebooks.parameters import UNKNOWN, check, from_text


@pytest.mark.parametrize(
    ("text", "default", "value"),
    [
        ("None", None, None),
        ("null", None, None),
        ("None", UNKNOWN, None),
        ("True", None, True),
        ("False", UNKNOWN, False),
        ("7", None, 7),
        ("none of them", None, "none of them"),
        ("None", "text", "None"),
        ("1_000", 12, 1000),
        ("+12", 3, 12),
        ("1e3", 12, 1000),
        ("12.0", 3, 12),
        ("0.5", 1, 0.5),
        ("1_000", 0.5, 1000.0),
    ],
)
def test_a_value_in_a_terminal_has_the_type_that_the_default_asks_for(text, default, value):
    found = check("x", from_text("x", text, default), default)
    assert found == value
    assert type(found) is type(value)


def test_a_whole_number_written_as_a_fraction_in_toml_is_a_whole_number():
    assert type(check("months", 12.0, 6)) is int
    assert check("share", 12.0, 0.5) == 12.0


@pytest.mark.parametrize("text", ["twelve", "1__000", "None", "inf", "nan"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ConfigError, match="months"):
        check("months", from_text("months", text, 12), 12)
