"""Exercises know their answers, every hint answers its mistake, and no answer is given away."""

import numpy as np
import pandas as pd
import pytest

from retention_kit import lesson
from retention_kit.errors import ConfigError
from retention_kit.lesson.check import all_exercises
from retention_kit.lesson.exercise import same

EXERCISES = all_exercises()
HINTS = [
    pytest.param(name, wrong, hint, id=f"{name}-{i}")
    for name, exercise in EXERCISES.items()
    for i, (wrong, hint) in enumerate(exercise.hints)
]


@pytest.mark.parametrize("name", EXERCISES)
def test_the_own_answer_of_an_exercise_is_right(name):
    assert lesson.check(name, EXERCISES[name].answer()).right


@pytest.mark.parametrize(("name", "wrong", "hint"), HINTS)
def test_each_mistake_gets_its_own_hint(name, wrong, hint):
    verdict = lesson.check(name, wrong() if callable(wrong) else wrong)
    assert not verdict.right
    assert hint in verdict.text


@pytest.mark.parametrize("name", EXERCISES)
def test_no_hint_says_the_answer(name):
    answer = EXERCISES[name].answer()
    forms = [f"{answer}", *([f"{answer:.2f}", f"{answer:.1%}"] if isinstance(answer, float) else [])]
    for _, hint in EXERCISES[name].hints:
        assert not [form for form in forms if len(form) > 2 and form in hint]


def test_an_answer_not_given_yet_stops_with_one_sentence_in_place_of_a_traceback():
    for empty in (..., None):
        with pytest.raises(lesson.Unanswered, match="in place of the three dots") as caught:
            lesson.check("retention_of_ten", empty)
        assert caught.value._render_traceback_() == [str(caught.value)]


def test_an_unknown_exercise_is_answered_with_the_nearest_name():
    with pytest.raises(ConfigError, match="did you mean 'retention_of_ten'"):
        lesson.check("retention_of_tenn", 1)


def test_a_verdict_is_a_line_in_jupyter_and_in_text():
    right = lesson.Verdict(True, "Right.")
    wrong = lesson.Verdict(False, "Not yet. 1 < 2.")
    assert repr(right) == "✓ Right."
    assert "1 &lt; 2" in wrong._repr_html_()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (np.float64(0.5), 0.5),
        (float("nan"), np.nan),
        (" Loyal", "loyal"),
        ("1998-06-30", "1998-06-30"),
        (pd.Timestamp("1998-06-30").date(), pd.Timestamp("1998-06-30")),
        (pd.Series([1, 2], index=["a", "b"]), [1, 2]),
        ({"b": 2, "a": 1}, {"a": 1, "b": 2}),
        ({"x", "y"}, {"y", "x"}),
        (np.True_, True),
    ],
)
def test_an_answer_counts_whatever_type_holds_it(answer, expected):
    assert same(answer, expected, 0.005)


@pytest.mark.parametrize(("answer", "expected"), [(True, 1), (1, "1"), ([1], 1), ([1, 2], [1]), (0.51, 0.5)])
def test_another_kind_length_or_number_does_not_count(answer, expected):
    assert not same(answer, expected, 0.005)


RATES = lesson.Exercise(lambda: [0.25, 0.5], unit="rate", otherwise="Look again.")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ([25, 50], "Rates are fractions"),
        ([-0.25, -0.5], "the sign is not"),
        ([0.25], "has 2 values; this has 1"),
        (0.25, "is a list; this is a number"),
        ([0.1, 0.1], "Look again"),
    ],
)
def test_any_wrong_answer_hears_what_can_be_said_of_it(answer, says):
    assert says in RATES.judge(answer).text
