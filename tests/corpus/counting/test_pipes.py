import io

import numpy as np
import pytest

from topicgen.corpus.counting.pipes import receive, send


def sent(parts):
    stream = io.BytesIO()
    send(stream, parts)
    return stream.getvalue()


def test_what_is_sent_is_received():
    arrays = np.arange(5, dtype=np.int32), np.zeros(0, dtype=np.int64)
    stream = io.BytesIO(sent([b"bank", *arrays]) + sent([]))
    assert receive(stream) == [b"bank", arrays[0].tobytes(), b""]
    assert receive(stream) == []


@pytest.mark.parametrize("size", [0, 7, 20, 25])
def test_a_stream_that_ends_early_is_noticed(size):
    whole = sent([b"bank", b"rate"])
    with pytest.raises(EOFError):
        receive(io.BytesIO(whole[:size]))
    assert len(whole) > 25
