"""Layers of one painting compared: difference maps, false colour, registration."""
