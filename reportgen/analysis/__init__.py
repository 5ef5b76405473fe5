"""Snapshot in, numbers out: no colours, no file names, no sentences, no clock."""
