"""Files and folders that are written completely or not at all.

New content is written into a hidden folder next to its destination and moved into place at the end;
until then the previous content is kept.
"""

from topicgen.files.destination import check_destination
from topicgen.files.whole import whole_file, whole_folder

__all__ = ["check_destination", "whole_file", "whole_folder"]
