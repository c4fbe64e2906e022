"""Ranking candidates anew: the interface in `question`, the entry in `rank`, one file a part."""
