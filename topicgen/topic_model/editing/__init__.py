"""Editing topics: merging, dropping, splitting and naming them, and what that costs."""
