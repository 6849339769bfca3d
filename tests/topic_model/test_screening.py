import numpy as np
import torch

from topicgen import TopicModel
from topicgen.topic_model.screening import screen


def test_topics_are_counted_by_the_documents_that_are_mostly_of_them(planted_counts):
    model = TopicModel(3, random_state=0).fit(planted_counts)
    found = screen(model.model_, planted_counts.astype(float), 0, None, most=10)
    expected = np.bincount(model.transform(planted_counts).argmax(1), minlength=3)
    assert found.n_documents.tolist() == expected.tolist() == [40, 40, 40]
    for topic, places in enumerate(found.ranked):
        rows = found.rows[places]
        assert (model.transform(planted_counts)[rows].argmax(1) == topic).all()
    np.testing.assert_array_equal(found.counts.toarray(), planted_counts[found.rows].toarray())


def test_empty_documents_are_of_no_topic(planted_counts):
    model = TopicModel(3, random_state=0, max_epochs=2).fit(planted_counts)
    counts = planted_counts.astype(float).tolil()
    counts[:100] = 0
    found = screen(model.model_, counts.tocsr(), 0, None, most=40)
    assert found.n_documents.sum() == 20
    assert found.rows.min() >= 100
    assert all(len(each) == 20 for each in found.ranked)


def test_a_part_has_what_is_known_of_its_documents(planted_counts):
    from topicgen.models import DocumentCovariates, Known

    model = TopicModel(3, prevalence="~ x", random_state=0, max_epochs=2)
    model.fit(planted_counts, metadata={"x": np.arange(120.0)})
    levels = torch.zeros(120, 0, dtype=torch.long)
    known = Known(DocumentCovariates(torch.arange(120.0).double()[:, None], levels))
    found = screen(model.model_, planted_counts.astype(float), 0, known, most=5)
    counts, part = found.part(np.array([2, 0]))
    assert part.covariates.matrix.ravel().tolist() == found.rows[[2, 0]].tolist()
    np.testing.assert_array_equal(counts.toarray(), planted_counts[found.rows[[2, 0]]].toarray())
