"""A part of the campaign of mutated folders."""

from campaign_folders import KINDS, campaign


def test_mutated_folders_are_refused_or_used(capsys):
    n_faults = campaign(48, seed=19, kinds=[*KINDS])
    assert n_faults == 0, capsys.readouterr().out
