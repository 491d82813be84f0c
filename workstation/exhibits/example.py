"""A complete description of an exhibit, with comments, for a curator to start from."""

from __future__ import annotations

EXAMPLE = """\
{
  "//": "Keys that begin with // are comments. Build this with: workstation exhibit build FILE FOLDER",
  "exhibit": 1,

  "// languages": "Every text below must be there in each of these languages.",
  "languages": ["en", "de"],
  "title": {"en": "Harbour at dusk", "de": "Hafen in der Dämmerung"},
  "// alt": "What the picture shows, for those who cannot see it.",
  "alt": {
    "en": "A harbour with three fishing boats under an orange sky.",
    "de": "Ein Hafen mit drei Fischerbooten unter orangem Himmel."
  },
  "copyright": "Museum of the Harbour",
  "// texture_px": "Longest side of a texture, 64 to 4096; older phones like 2048.",
  "texture_px": 2048,

  "// painting": "Measure it without its frame. Pictures lie in this file's folder or below it.",
  "painting": {"width_mm": 920, "height_mm": 737, "picture": "harbour-vis.tif", "page": 0},

  "overlays": [
    {
      "picture": "harbour-restored.tif",
      "// show": "changes = only what differs from the painting's picture above; whole = all of it.",
      "show": "changes",
      "// mask": "May be left out. Shows the overlay only where this picture is not black.",
      "mask": "harbour-losses.tif",
      "opacity": 1.0,
      "title": {"en": "Losses filled", "de": "Fehlstellen ergänzt"},
      "alt": {
        "en": "The sky without its losses.",
        "de": "Der Himmel ohne seine Fehlstellen."
      }
    },
    {
      "picture": "harbour-infrared.tif",
      "show": "whole",
      "opacity": 0.85,
      "title": {"en": "Underdrawing", "de": "Unterzeichnung"},
      "alt": {
        "en": "Infrared picture: charcoal lines below the paint.",
        "de": "Infrarotbild: Kohlelinien unter der Malschicht."
      }
    }
  ],

  "// hotspots": "mm: from the painting's left and upper edge.",
  "hotspots": [
    {
      "mm": [612.5, 240],
      "title": {"en": "A fourth boat", "de": "Ein viertes Boot"},
      "text": {
        "en": "The painter first drew a fourth boat here and painted it over.",
        "de": "Hier war zuerst ein viertes Boot gezeichnet; der Maler hat es übermalt."
      },
      "alt": {
        "en": "Faint lines of a hull at the right.",
        "de": "Schwache Linien eines Bootsrumpfs am rechten Rand."
      }
    }
  ]
}
"""
