"""The tests, as a package, so that they can share factories and the browser."""
