"""Work on several processes or machines: tasks, and where they run."""
