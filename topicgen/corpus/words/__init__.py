"""From the text of a document to its terms: what is cut, dropped, changed and joined."""
