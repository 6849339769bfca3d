"""What the processes of ``test_ranks`` run: fits of several kinds, whose results rank 0 writes."""

import sys

import numpy as np
from scipy.sparse import csr_matrix

from topicgen import TopicModel
from topicgen.training import launched

N_DOCUMENTS = 150


def counts():
    random = np.random.default_rng(0)
    topics = random.dirichlet(np.full(30, 0.1), 3)
    shares = random.dirichlet(np.full(3, 0.3), N_DOCUMENTS)
    return csr_matrix(np.stack([random.multinomial(20, row) for row in shares @ topics]))


KINDS = {
    "plain": {},
    "implicit": {"inference": "implicit"},
    "straight_through": {"gradient_estimator": "gengs_st"},
    "arrivals": {"gradient_estimator": "eat"},
    "scores": {"gradient_estimator": "leave_one_out"},
    "all_tokens": {"token_dropout": 0.0},
    "bursts": {"likelihood": "negative_binomial", "background": True},
    "layers": {"upper_components": (2,)},
    "covariates": {"prevalence": np.random.default_rng(1).normal(size=(N_DOCUMENTS, 1))},
    # The last batch has a single document, so that other ranks have none.
    "few_documents": {"batch_size": 67},
    "network": {"encoder": "network", "objective": "elbo", "batch_size": 67},
    "embeddings": {"embeddings": np.random.default_rng(2).normal(size=(N_DOCUMENTS, 4))},
}


def fits():
    found = {}
    for kind, options in KINDS.items():
        own = {name: value for name, value in options.items() if name != "embeddings"}
        vectors = options.get("embeddings", np.empty((N_DOCUMENTS, 0)))
        given, some = ({"embeddings": rows} if rows.size else {} for rows in (vectors, vectors[:5]))
        model = TopicModel(3, random_state=0, max_epochs=2, **own).fit(counts(), **given)
        found[f"{kind}/topics"] = model.components_
        found[f"{kind}/shares"] = model.transform(counts()[:5], **some)
        for name in ("perplexity", "log_likelihood"):
            found[f"{kind}/{name}"] = model.history_[name].to_numpy()
    return found


if __name__ == "__main__":
    with launched() as ranks:
        found = fits()
        values = ranks.gather(float(found["plain/topics"].sum()))
        assert ranks.broadcast("ü" * ranks.size) == "ü" * ranks.size
        assert sum(ranks.gather(ranks.is_first_to("print"))) == 1
        ranks.barrier()
        if ranks.is_first:
            assert len(values) == ranks.size
            np.savez(sys.argv[1], **found)
