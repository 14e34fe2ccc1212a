"""The register of figures: each defined once, with words that people can read."""

import pytest

from partnership.engine import figures
from partnership.engine.figures import figure


@pytest.fixture(autouse=True)
def _own_register(monkeypatch):
    monkeypatch.setattr(figures, "_figures", {})


def test_a_figure_keeps_its_words_and_its_function():
    @figure("test.rate", "Schools that answered", "percent")
    def rate(answered: int, asked: int) -> int:
        """Share of schools that answered.

        A percentage, 0-100.
        """
        return answered * 100 // asked

    registered = figures.get("test.rate")
    assert (registered.code, registered.label, registered.unit) == ("test.rate", "Schools that answered", "percent")
    assert registered.definition == "Share of schools that answered.\n\nA percentage, 0-100."
    assert registered.compute(1, 4) == rate(1, 4) == 25


def test_a_figure_without_a_definition_is_refused():
    def rate() -> int:
        return 1

    with pytest.raises(ValueError, match=r"test.rate needs a definition"):
        figure("test.rate", "Rate", "percent")(rate)
    assert figures.all_figures() == []


def test_a_figure_is_registered_once():
    def rate() -> int:
        """A rate."""
        return 1

    figure("test.rate", "Rate", "percent")(rate)
    with pytest.raises(ValueError, match=r"test.rate is registered twice"):
        figure("test.rate", "Another rate", "percent")(rate)
    assert figures.get("test.rate").label == "Rate"


def test_all_figures_come_in_the_order_of_their_codes():
    for code in ("b.two", "a.one", "c.three"):

        def compute() -> int:
            """A number."""
            return 1

        figure(code, code, "schools")(compute)
    assert [each.code for each in figures.all_figures()] == ["a.one", "b.two", "c.three"]


def test_a_figure_that_nobody_registered_is_a_mistake():
    with pytest.raises(KeyError):
        figures.get("test.unknown")
