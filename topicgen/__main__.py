"""``python -m topicgen``: the command line."""

from topicgen.cli import main

if __name__ == "__main__":
    main()
