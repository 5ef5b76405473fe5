"""The only place that touches Keras; it runs in a process of its own, and a snapshot is all that comes out."""
