"""The configuration as keyword arguments: what it takes, and every fault at once."""

import pytest

from retention_kit.errors import ConfigError
from retention_kit.report import Config


def test_wrong_types_are_one_error_that_lists_all():
    with pytest.raises(ConfigError) as raised:
        Config(title=3, pdf="yes", targets=[1], only=["cohorts", 2], language="de", cell_timeout=True)
    text = str(raised.value)
    assert text.startswith("6 faults: ")
    assert "title must be text, got 3" in text
    assert "pdf must be true or false, got 'yes'" in text
    assert "each item of targets must be a table, got 1" in text
    assert "each item of only must be text, got 2" in text
    assert "cell_timeout must be a number, got True" in text
    assert "language must be one of en, zh-Hant, pl, got 'de'" in text
    assert "\n" not in text


@pytest.mark.parametrize("language", ["en", "zh-Hant", "pl"])
def test_three_languages(language):
    assert Config(language=language).language == language


def test_notebooks_may_be_one_folder_or_a_list():
    assert str(Config(notebooks="own").notebooks) == "own"
    assert Config(notebooks=["standard", "own/discounts.ipynb"]).notebooks == ["standard", "own/discounts.ipynb"]
