"""Errors are what users meet first."""

import pytest

from retention_kit.errors import ConfigError, DataError, FitError, RetentionKitWarning, join_faults


@pytest.mark.parametrize(
    ("error", "base"),
    [(DataError, ValueError), (ConfigError, ValueError), (FitError, RuntimeError), (RetentionKitWarning, UserWarning)],
)
def test_each_error_is_also_the_builtin_people_expect(error, base):
    assert issubclass(error, base)


def test_one_fault_stands_alone_and_several_are_numbered():
    assert join_faults(["no rows"]) == "no rows"
    assert join_faults(["no rows", "no header", "no hope"]) == "3 faults: (1) no rows; (2) no header; (3) no hope"
