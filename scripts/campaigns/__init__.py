"""What the scripts ``campaign_*.py`` share: cases in children with limits, and tables of faults."""
