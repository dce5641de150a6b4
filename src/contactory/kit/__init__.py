"""Floor 0: clock, ids, text. No word of this business."""
