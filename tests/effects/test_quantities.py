import numpy as np
import pytest

from topicgen.effects import KINDS, OF, Quantity
from topicgen.errors import InputError

TOKENS, LENGTHS = np.array([[2.0, 0.0], [1.0, 4.0]]), np.array([2.0, 5.0])
ONES, PRESENT = np.ones((2, 2)), np.array([[1.0, 0.0], [1.0, 1.0]])
BY_LENGTH = np.array([[2.0, 2.0], [5.0, 5.0]])


@pytest.mark.parametrize(
    ("kind", "of", "response", "weight"),
    [
        ("share", "attention", [[1.0, 0.0], [0.2, 0.8]], ONES),
        ("presence", "attention", PRESENT, ONES),
        ("log_rate", "attention", TOKENS, BY_LENGTH),
        ("log_rate", "amount", TOKENS, ONES),
        ("log_amount", "attention", TOKENS, BY_LENGTH * PRESENT),
        ("log_amount", "amount", TOKENS, PRESENT),
    ],
)
def test_what_is_regressed(kind, of, response, weight):
    quantity = Quantity.named(kind, of)
    found = quantity.read(TOKENS, LENGTHS)
    np.testing.assert_allclose(found[0], response)
    np.testing.assert_allclose(found[1], weight)
    assert quantity.is_logarithmic == kind.startswith("log")


def test_every_name_is_taken():
    assert {Quantity.named(kind, "attention").kind for kind in KINDS} == set(KINDS)
    assert {Quantity.named("log_rate", of).of for of in OF} == set(OF)


@pytest.mark.parametrize(
    ("kind", "of", "message"),
    [
        ("shares", "attention", "kind must be one of 'share', 'log_rate', .* got 'shares'"),
        (["share"], "attention", r"kind must be one of .* got \['share'\]"),
        ("log_rate", None, "of must be one of 'attention', 'amount', got None"),
        (
            "share",
            "amount",
            r"of='amount' goes with a rate, got kind='share'; use kind='log_rate'",
        ),
        ("presence", "amount", r"goes with a rate, got kind='presence'"),
    ],
)
def test_other_names_are_refused_in_one_line(kind, of, message):
    with pytest.raises(InputError, match=message) as caught:
        Quantity.named(kind, of)
    assert "\n" not in str(caught.value)
