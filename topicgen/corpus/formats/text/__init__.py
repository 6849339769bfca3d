"""What the text formats share: lines, numbers, and the entries of a matrix."""
