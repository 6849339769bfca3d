"""Files and folders that are written completely or not at all.

A destination is held before the work begins. New content is written into a hidden folder next to it
and moved into place at the end; until then the previous content is kept.
"""

from topicgen.files.hold import hold, restored
from topicgen.files.rescue import KeptError
from topicgen.files.whole import whole_file, whole_folder

__all__ = ["KeptError", "hold", "restored", "whole_file", "whole_folder"]
