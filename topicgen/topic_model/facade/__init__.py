"""The methods of ``TopicModel``, by what they are for; each hands over to a module of its own."""
