"""How an HPA makes replicas of External and Object metrics with AverageValue, as Kubernetes has it
documented (Horizontal Pod Autoscaling, "Algorithm details" and "Scaling on multiple metrics").

A statement of the arithmetic to hold answers against. The exporter has the whole of it, with the
behaviour over time, and its tests (exporter/simulate/hpa.h)."""

import math
from fractions import Fraction

TOLERANCE = Fraction(1, 10)


def proposal(values, target, replicas):
    """From one metric; None: it has no answer."""
    if not values:
        return None
    total = sum(values)
    if abs(1 - total / (target * replicas)) <= TOLERANCE:
        return replicas
    return math.ceil(total / target)


def desired(proposals, replicas, lowest, highest):
    """The largest; nothing changes without an answer, nor downwards when one is missing."""
    known = [p for p in proposals if p is not None]
    if not known or (None in proposals and max(known) < replicas):
        return replicas
    return min(max(max(known), lowest), highest)
