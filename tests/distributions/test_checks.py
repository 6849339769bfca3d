import pytest
import torch
from torch.distributions import Distribution, Poisson, constraints

from topicgen.distributions import Finite
from topicgen.distributions.checks import check_parameter


def test_valid_parameters_pass():
    value = torch.tensor([1.0, 2.0])
    check_parameter("Law", "rate", value, value > 0, constraints.positive)
    check_parameter("Law", "rate", value[:0], value[:0] > 0, constraints.positive)


@pytest.mark.parametrize(
    ("value", "first"),
    [
        (torch.tensor(-1.0), r"\(\): -1.0"),
        (torch.tensor([1.0, -2.0, -3.0]), r"\(1,\): -2.0"),
        (torch.tensor([[1.0, 2.0], [3.0, torch.nan]]), r"\(1, 1\): nan"),
        (torch.tensor([3, 0]), r"\(1,\): 0"),
    ],
)
def test_the_error_names_the_parameter_its_shape_and_the_first_bad_value(value, first):
    shape = str(tuple(value.shape)).replace("(", r"\(").replace(")", r"\)")
    with pytest.raises(
        ValueError,
        match=rf"^Expected parameter rate \(Tensor of shape {shape}\) of distribution Law to "
        rf"satisfy the constraint GreaterThan\(lower_bound=0.0\), but found invalid values, the "
        rf"first at index {first}$",
    ):
        check_parameter("Law", "rate", value, value > 0, constraints.positive)


def test_the_error_gives_a_row_by_its_index_alone():
    value = torch.zeros(3, 2)
    with pytest.raises(ValueError, match=r"constraint a sum of 1, .* the first at index \(2,\)$"):
        check_parameter("Law", "p", value, torch.tensor([True, True, False]), "a sum of 1")


def test_the_error_begins_as_that_of_torch():
    with pytest.raises(ValueError, match=r"^Expected parameter rate") as theirs:
        Poisson(torch.tensor([1.0, -1.0]))
    value = torch.tensor([1.0, -1.0])
    with pytest.raises(ValueError, match=r"^Expected parameter rate") as ours:
        check_parameter(
            Poisson(value, validate_args=False),
            "rate",
            value,
            value >= 0,
            constraints.nonnegative,
        )
    words = "but found invalid values"
    assert str(ours.value).split(words)[0] == str(theirs.value).split(words)[0]


def test_the_setting_of_torch_holds_where_no_other_is_given(monkeypatch):
    bad = torch.tensor([torch.nan, 0.0])
    atoms = torch.arange(2)
    monkeypatch.setattr(Distribution, "_validate_args", False)
    assert not Finite(bad, atoms)._validate_args
    with pytest.raises(ValueError, match="parameter logits"):
        Finite(bad, atoms, validate_args=True)
    monkeypatch.setattr(Distribution, "_validate_args", True)
    with pytest.raises(ValueError, match="parameter logits"):
        Finite(bad, atoms)
    assert not Finite(bad, atoms, validate_args=False)._validate_args
