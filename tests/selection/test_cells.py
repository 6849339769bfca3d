"""A selection that was killed goes on with the models that are not finished."""

import signal
from functools import partial

import numpy as np
import pytest
from campaigns.killing import killed_after

from topicgen import TopicModel, select_k
from topicgen.errors import InputError
from topicgen.selection import cells

pytestmark = [
    pytest.mark.usefixtures("forkable"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded"),
]

OPTIONS = {"n_components": (2, 3), "n_seeds": 2, "estimator": TopicModel(max_epochs=2)}


def killed_at(n, counts, folder):
    """Select in a child that ends at once, without any cleaning up, after n new models."""
    selecting = partial(select_k, counts, **OPTIONS, checkpoint=folder, resume=True)
    return killed_after(n, cells.Cells, "add", selecting)


def test_a_killed_selection_gives_the_table_of_one_that_was_not(
    planted_counts, tmp_path, monkeypatch
):
    folder = tmp_path / "cells"
    assert killed_at(1, planted_counts, folder) == -signal.SIGKILL
    assert killed_at(2, planted_counts, folder) == -signal.SIGKILL
    fits, fit = [], TopicModel.fit
    monkeypatch.setattr(
        TopicModel, "fit", lambda *given, **also: fits.append(1) or fit(*given, **also)
    )
    resumed = select_k(planted_counts, **OPTIONS, checkpoint=folder, resume=True)
    assert len(fits) == 1
    whole = select_k(planted_counts, **OPTIONS)
    for one, other in zip(resumed.points, whole.points, strict=True):
        for name, value in vars(other).items():
            if name != "seconds":
                np.testing.assert_array_equal(getattr(one, name), value)
    # Once more, all is there, with the times of the models as they were fitted.
    again = select_k(planted_counts, **OPTIONS, checkpoint=folder, resume=True)
    assert len(fits) == 1 + 4
    assert again.table.to_csv() == resumed.table.to_csv()
    assert again.reason == resumed.reason


def test_a_larger_grid_takes_over_the_models_of_a_smaller_one(
    planted_counts, tmp_path, monkeypatch
):
    folder = tmp_path / "cells"
    select_k(planted_counts, **OPTIONS | {"n_seeds": 1}, checkpoint=folder)
    sizes, fit = [], TopicModel.fit

    def counted(model, *documents, **given):
        sizes.append(model.n_components)
        return fit(model, *documents, **given)

    monkeypatch.setattr(TopicModel, "fit", counted)
    larger = OPTIONS | {"n_components": (2, 3, 4)}
    select_k(planted_counts, **larger, checkpoint=folder, resume=True)
    assert sizes == [2, 3, 4, 4]


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"held_out": 0.2}, r"held_out=0\.1 \(now 0\.2\)"),
        ({"random_state": 1}, r"random_state=0 \(now 1\)"),
        ({"estimator": TopicModel(max_epochs=3)}, r"max_epochs=2 \(now 3\)"),
    ],
)
def test_models_of_another_selection_are_refused(planted_counts, tmp_path, changes, difference):
    folder = tmp_path / "cells"
    select_k(planted_counts, **OPTIONS, checkpoint=folder)
    with pytest.raises(InputError, match=f"belongs to another run, with {difference}; resume with"):
        select_k(planted_counts, **OPTIONS | changes, checkpoint=folder, resume=True)
    with pytest.raises(
        InputError, match="belongs to another run, with other documents; resume with"
    ):
        select_k(planted_counts[:100], **OPTIONS, checkpoint=folder, resume=True)
    with pytest.raises(InputError, match="holds the checkpoint of an earlier run"):
        select_k(planted_counts, **OPTIONS, checkpoint=folder)


def test_a_split_that_cannot_be_made_again_is_refused(planted_counts, tmp_path):
    with pytest.raises(InputError, match="random_state must be a number"):
        select_k(planted_counts, **OPTIONS, random_state=None, checkpoint=tmp_path / "cells")
