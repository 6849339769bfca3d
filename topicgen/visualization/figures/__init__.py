"""Figures for papers, as matplotlib figures that leave matplotlib's global state alone."""
