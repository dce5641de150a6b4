"""Measures against limits and rivals of the same run. Figures are ratios, never promises."""
