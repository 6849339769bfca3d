"""From texts to counts, a block of documents at a time, in memory that does not grow with them."""
