"""Decides what a network's file may do, before Keras sees it; it knows no Keras."""

from reportgen.admission.gate import Admitted, admit

__all__ = ["Admitted", "admit"]
