"""What each page says and shows, in one language: every sentence about the network is bound to a number here.

Knows nothing of HTML, of files, or of how a chart is drawn.
"""
