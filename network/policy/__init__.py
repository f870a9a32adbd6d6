"""Policies of the engine without Django: read, judged, evaluated, made and proven."""
