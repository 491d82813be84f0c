"""Icons, themes, help pages and other files that the programme ships, found by importlib.resources."""
