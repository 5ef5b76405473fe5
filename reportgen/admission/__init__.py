"""Decides what a network's file may do, before Keras sees it; it knows no Keras."""
