"""The one exception for what a user can put right."""


class InputError(ValueError):
    """An input that topicgen cannot use.

    The message is one line that says what was expected, what came, where (file, line, row or
    column), and what to do. It is a ``ValueError``, so scikit-learn's tools treat it as one; the
    command line prints it as it is and exits with status 2.
    """
