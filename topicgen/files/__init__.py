"""Files and folders that are written whole or not at all.

What is new is written into a hidden folder beside its destination and moved into place at the end;
what stood there before is kept until then.
"""

from topicgen.files.destination import check_destination
from topicgen.files.whole import whole_file, whole_folder

__all__ = ["check_destination", "whole_file", "whole_folder"]
