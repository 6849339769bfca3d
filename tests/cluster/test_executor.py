import pytest

from topicgen.cluster.executor import Here, in_order


def test_tasks_of_this_process_run_at_once_and_take_each_others_results():
    here = Here()
    seven = here.put(7)
    quotient, rest = here.submit(divmod, seven, 2, n_results=2)
    assert here.result(here.submit(pow, quotient, rest)) == 3
    assert here.result(here.submit(list, here.put((1, 2)))) == [1, 2]
    with pytest.raises(ZeroDivisionError):
        here.submit(divmod, 1, 0)


@pytest.mark.parametrize("n_ahead", [0, 1, 10])
def test_items_are_begun_ahead_and_come_in_order(n_ahead):
    begun = []
    for number, handle in in_order(range(5), lambda n: begun.append(n) or -n, n_ahead):
        assert handle == -number
        assert len(begun) == min(5, number + n_ahead + 1)
