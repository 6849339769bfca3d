"""From the text of a document to its terms: tokens found, dropped, changed and joined."""
