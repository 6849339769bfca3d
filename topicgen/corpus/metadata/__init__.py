"""What is known about each document besides its text: who wrote it, and when."""
