"""How the canvas draws a picture: the programmes that the screen runs for every pixel of it.

Where there is no graphics card the processor runs them, and what vispy does for each pixel in case it might
be needed (perspective, places outside the picture, tones that change nothing) takes as long as the picture.
"""

from __future__ import annotations

from typing import Any, Literal

from napari._vispy.layers.image import ImageLayerNode, VispyImageLayer
from napari._vispy.utils.visual import layer_to_visual
from napari._vispy.visuals.image import Image as ImageNode
from napari.layers import Image
from vispy.visuals._scalable_textures import GPUScaledTexture2D
from vispy.visuals.filters.base_filter import Filter

Mode = Literal["off", "curtain", "lens"]

CUTTER = """
void cut_fragment() {
    vec2 place = gl_FragCoord.xy;
    if ($mode < 0.5) return;
    if ($mode < 1.5) { if (dot(place - $origin, $normal) < 0.0) discard; }
    else if (distance(place, $origin) > $radius) discard;
}
"""
FLAT = """
uniform vec2 image_size;
uniform int method;
uniform sampler2D u_texture;
varying vec2 v_texcoord;
vec4 unused(vec4 place) { return $transform(place); }
void main() { gl_FragColor = $color_transform($get_data(v_texcoord)); }
"""
"""A picture on a plane, drawn as one, needs no `image_size`, `method` and `transform`; but vispy sets them,
and what it sets must have a name in the programme. So have the limits and the curve of UNCHANGED."""

LOOKUP = "vec4 texture_lookup(vec2 place) { return texture2D($texture, min(place * $part, $last)); }"
"""`part` is how much of the texture's room the picture fills, `last` the middle of its last pixel: what lies
beyond was drawn before, and is not to be mixed in."""
STEP = 512
"""Sides of textures are multiples of it, as the tiles of most scans are."""
UNCHANGED = {
    "clim": "vec4 apply_clim(vec4 color) { vec2 unused = vec2($clim); return color; }",
    "clim_float": "float apply_clim(float data) { vec2 unused = vec2($clim); return data; }",
    "gamma": "vec4 apply_gamma(vec4 color) { float unused = $gamma; return color; }",
    "gamma_float": "float apply_gamma(float data) { float unused = $gamma; return data; }",
}
"""What tones that change nothing come to."""


class Cutter(Filter):  # type: ignore[misc] # vispy has no types
    """Discards a layer's fragments in framebuffer space."""

    def __init__(self) -> None:
        super().__init__(fcode=CUTTER, fhook="pre", fpos=1)
        self.set("off", (0.0, 0.0), (1.0, 0.0), 1.0)

    def set(
        self, mode: Mode, origin: tuple[float, float], normal: tuple[float, float], radius: float
    ) -> None:
        """Set the cut; framebuffer px, y upwards."""
        self.fshader["mode"] = {"off": 0.0, "curtain": 1.0, "lens": 2.0}[mode]
        self.fshader["origin"] = origin
        self.fshader["normal"] = normal
        self.fshader["radius"] = radius


class RoomyTexture(GPUScaledTexture2D):  # type: ignore[misc] # vispy has no types
    """Keeps its room where fewer pixels come: to get new room takes as long as to fill it."""

    def _resize(self, shape: tuple[int, ...], *formats: Any, **more: Any) -> None:
        height, width, channels = self._normalize_shape(shape)
        had = getattr(self, "_shape", (0, 0))
        room = (
            max(there, -(-side // STEP) * STEP) for there, side in zip(had, (height, width), strict=False)
        )
        super()._resize((*room, channels), *formats, **more)


class FlatImage(ImageNode):  # type: ignore[misc] # vispy has no types
    """napari's image, drawn with no more work a pixel than a picture on a plane takes."""

    _shaders = {**ImageNode._shaders, "fragment": FLAT}  # noqa: RUF012 # vispy's own names
    _func_templates = {**ImageNode._func_templates, "texture_lookup": LOOKUP}  # noqa: RUF012

    _unchanged = False  # vispy lets no attribute be made later

    @property
    def gamma(self) -> float:
        """The curve between black and white."""
        return float(self._gamma)

    @gamma.setter
    def gamma(self, gamma: float) -> None:
        ImageNode.gamma.fset(self, gamma)
        self._follow_tones()

    def _update_colortransform_clim(self) -> None:
        super()._update_colortransform_clim()
        self._follow_tones()

    def _init_texture(self, data: Any, texture_format: Any, **more: Any) -> Any:
        if texture_format is None:
            return super()._init_texture(data, texture_format, **more)
        return RoomyTexture(data, internalformat=texture_format, interpolation=self._interpolation, **more)

    def _build_texture(self) -> None:
        super()._build_texture()
        (height, width), (rows, columns) = self._data.shape[:2], self._texture.shape[:2]
        lookup = self._interpolation_fun["linear"]  # the same for "nearest"
        lookup["part"] = (width / columns, height / rows)
        lookup["last"] = ((width - 0.5) / columns, (height - 0.5) / rows)
        self._follow_tones()

    def _build_color_transform(self) -> Any:
        own, self._unchanged = self._func_templates, self._changes_nothing()
        try:
            if self._unchanged:
                self._func_templates = own | UNCHANGED
            return super()._build_color_transform()
        finally:
            self._func_templates = own

    def _follow_tones(self) -> None:
        """Have another programme made once the tones begin to change something, or cease to.

        Whoever brings the picture calls it too, before vispy makes the programme: the type decides as well.
        """
        if self._changes_nothing() != self._unchanged:
            self._need_colortransform_update = True

    def _changes_nothing(self) -> bool:
        """Whether the screen would show the samples as they are: floats may lie outside black and white."""
        texture = self._texture
        if isinstance(texture.clim, str) or texture._data_dtype is None or not texture.is_normalized:
            return False
        return (*texture.clim_normalized, self._gamma) == (0.0, 1.0, 1.0)


class FlatNodes(ImageLayerNode):  # type: ignore[misc] # napari has no types here
    """The nodes that may draw a layer: a flat picture, or tiles beyond the texture limit; none in space."""

    def __init__(self, custom_node: None = None, texture_format: str | None = None) -> None:
        super().__init__(custom_node, texture_format)
        taken: Any = self._tiledimage_node.texture_format
        self._image_node = FlatImage(None, method="auto", texture_format=taken)


class FlatLayer(VispyImageLayer):  # type: ignore[misc] # napari has no types here
    """What draws a FlatPicture."""

    def __init__(self, layer: Image, **more: Any) -> None:
        super().__init__(layer, **{"layer_node_class": FlatNodes, **more})


class FlatPicture(Image):  # type: ignore[misc] # napari's classes are untyped
    """An image on a plane, without a thumbnail of each slice: nothing here shows one."""

    ratio = 1.0
    """Pixels of the screen to one of the window's: napari would take a level too coarse for a fine screen."""

    def _update_thumbnail(self) -> None: ...

    def _update_draw(
        self, scale_factor: float, corner_pixels_displayed: Any, shape_threshold: tuple[int, ...]
    ) -> None:
        finer = tuple(round(side * self.ratio) for side in shape_threshold)
        super()._update_draw(scale_factor, corner_pixels_displayed, finer)


layer_to_visual[FlatPicture] = FlatLayer
