import torch

from topicgen.models import DocumentCovariates, Known


def known_of(n):
    """Row d has covariate d, group d and the embedding (d, -d)."""
    numbers = torch.arange(n)
    matrix = numbers.float().unsqueeze(1)
    covariates = DocumentCovariates(matrix, numbers.unsqueeze(1))
    return Known(covariates, torch.cat([matrix, -matrix], 1))


def rows_of(known):
    covariates, embeddings = known.covariates, known.embeddings
    rows = embeddings[:, 0].tolist()
    assert covariates.matrix.squeeze(1).tolist() == rows
    assert covariates.levels.squeeze(1).tolist() == rows
    assert (-embeddings[:, 1]).tolist() == rows
    return rows


def test_all_that_is_known_is_selected_together():
    assert rows_of(known_of(5).select(torch.tensor([3, 0, 3]))) == [3, 0, 3]


def test_a_part_is_consecutive_and_in_the_precision_of_the_model():
    part = known_of(5).part(slice(1, 3), torch.zeros(1, dtype=torch.float64))
    assert rows_of(part) == [1, 2]
    assert part.embeddings.dtype == part.covariates.matrix.dtype == torch.float64
    assert part.covariates.levels.dtype == torch.int64


def test_everything_moves_to_a_precision():
    moved = known_of(3).to("cpu", torch.float64)
    assert rows_of(moved) == [0, 1, 2]
    assert moved.embeddings.dtype == moved.covariates.matrix.dtype == torch.float64


def test_what_is_not_known_stays_so():
    rows, like = torch.tensor([0]), torch.zeros(1)
    nothing, alone = Known(), Known(embeddings=torch.ones(2, 3))
    assert nothing.select(rows).embeddings is None
    assert nothing.part(slice(0, 1), like).embeddings is None
    assert nothing.to("cpu", like.dtype).embeddings is None
    assert alone.select(rows).covariates is None
    assert alone.part(slice(0, 1), like).covariates is None
    assert alone.to("cpu", like.dtype).covariates is None
