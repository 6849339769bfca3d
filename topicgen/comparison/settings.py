"""Which models have the same settings, and differ only in their seeds."""

import json
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from torch.distributions import Distribution

from topicgen.errors import InputError
from topicgen.topic_model.parameters import to_json

if TYPE_CHECKING:
    from topicgen.topic_model import TopicModel

# The seed, the device and the amount of output are not part of a model's settings.
_ASIDE = ("random_state", "device", "verbose")

# Parameters that hold objects of the user.
_OBJECTS = ("embedder", "word_vectors")

# Longer titles, such as that of a vectorizer, do not fit in a table.
_LONGEST = 60

Names = list[Hashable]


def group_by_settings(models: "Mapping[Hashable, TopicModel]") -> dict[str, Names]:
    """Return the names of the models of each setting, by the parameters in which settings differ.

    Models have the same settings if they were fitted with the same parameters to as many documents,
    words and tokens, with the same vocabulary; ``random_state``, ``device`` and ``verbose`` may
    differ. A setting is named after the parameters that distinguish it from the others, such as
    "n_components=20"; if these do not distinguish all settings, or are long, it is named after its
    first model.

    Example:
        >>> from topicgen import TopicModel
        >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
        >>> sizes = {"a": (1, 0), "b": (2, 0), "c": (2, 1)}
        >>> fitted = {n: TopicModel(k, random_state=s).fit(docs) for n, (k, s) in sizes.items()}
        >>> group_by_settings(fitted)
        {'n_components=1': ['a'], 'n_components=2': ['b', 'c']}
    """
    grouped: dict[Any, Names] = {}
    for name, model in models.items():
        grouped.setdefault(_key(model), []).append(name)
    groups = list(grouped.values())
    parameters = [_parameters(models[names[0]]) for names in groups]
    differing = [
        parameter
        for parameter in parameters[0]
        if any(_differ(one[parameter], parameters[0][parameter]) for one in parameters)
    ]
    titles = [", ".join(f"{name}={one[name]}" for name in differing) for one in parameters]
    are_distinct = bool(differing) and len(set(titles)) == len(titles)
    if not are_distinct or max(map(len, titles)) > _LONGEST:
        titles = list(map(_title, groups))
    return dict(zip(titles, groups, strict=True))


def distinct_fits(names: Sequence[Hashable], models: "Mapping[Hashable, TopicModel]") -> Names:
    """Return the names without those of copies: models with the same topics as an earlier one."""
    seen: dict[bytes, Hashable] = {}
    for name in names:
        seen.setdefault(models[name].components_.tobytes(), name)
    return list(seen.values())


def _differ(one: Any, other: Any) -> bool:
    if one is other:
        return False
    try:
        return bool(one != other)
    except ValueError:  # arrays
        return True


def _parameters(model: "TopicModel") -> dict[str, Any]:
    return {name: v for name, v in model.get_params(deep=False).items() if name not in _ASIDE}


def _key(model: "TopicModel") -> Any:
    parameters = _parameters(model)
    try:
        plain = to_json(model.get_params(deep=False))
    except InputError:  # a tokenizer without a name to compare by
        return id(model)
    known = {name: plain[name] for name in parameters}
    # What JSON cannot hold is equal only to itself.
    objects = [id(parameters[name]) for name in _OBJECTS if parameters[name] is not None]
    latent = parameters["latent"]
    # A distribution of a class that JSON cannot name equals only itself.
    own = isinstance(latent, Distribution) and known["latent"] is None
    origin = model.fitted_.origin
    return (
        json.dumps(known, sort_keys=True),
        tuple(objects),
        id(latent) if own else None,
        tuple(model.vocabulary_ or ()),
        (origin.n_documents, origin.n_words, origin.n_tokens, model.fitted_.n_updates),
    )


def _title(names: Names) -> str:
    rest = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{rest}"
