from topicgen.errors import InputError
from topicgen.files import KeptError


def test_the_path_of_what_is_kept_is_shown_whole():
    path = "/" + "/".join(["a long name of a folder"] * 20)
    assert str(KeptError(InputError("no space"), path)).endswith(f"is kept in {path!r}")
