"""Classifies pictures in Python:  python classify.py MODEL PICTURE...

It reads labels, normalisation and input form from the metadata of the file. pyvips decodes pictures with libvips, as the
training did, so that 16-bit, CMYK, transparent and turned pictures have the same pixels here.
"""
import json
import sys

import numpy as np
import onnxruntime
import pyvips


def opened(path: str, size: int, fit: str) -> pyvips.Image:
    """A picture. A large JPEG or WebP is decoded smaller, as in training, to a size that is not below the wanted one."""
    picture = pyvips.Image.new_from_file(path)
    sides = (picture.width / size, picture.height / size)
    shrink = max(sides) if fit == "pad" else min(sides)
    loader = picture.get("vips-loader")
    if loader == "webpload" and shrink > 1:
        return pyvips.Image.new_from_file(path, scale=1 / shrink)
    if loader == "jpegload" and shrink >= 2:
        power = 8 if shrink >= 8 else 4 if shrink >= 4 else 2
        return pyvips.Image.new_from_file(path, shrink=power // 2 if int(shrink) == power else power)
    return picture


def to_srgb(picture: pyvips.Image) -> pyvips.Image:
    """A picture in sRGB, on white where it is transparent; it may have 16 bits a channel."""
    deep = picture.interpretation in ("rgb16", "grey16")
    if picture.get_typeof("icc-profile-data") and picture.interpretation != "grey16":
        try:
            picture = picture.icc_transform("srgb", embedded=True, depth=16 if deep else 8, intent="perceptual")
        except pyvips.Error:
            pass  # the profile is damaged
    elif picture.interpretation == "cmyk":
        picture = picture.icc_transform("srgb", input_profile="cmyk", intent="perceptual")
    if picture.hasalpha():
        white = 255 * 256 if deep else 255
        picture = picture.flatten(background=[white] * (picture.bands - 1))
    return picture


def whole(path: str) -> np.ndarray:
    """The bytes of a picture in its own size, [height, width, 3]."""
    return to_srgb(pyvips.Image.new_from_file(path).autorot()).colourspace("srgb").cast("uchar").numpy()


def square(path: str, size: int, fit: str) -> np.ndarray:
    """The bytes of a picture, [size, size, 3]."""
    picture = to_srgb(opened(path, size, fit).autorot())
    across, down = size / picture.width, size / picture.height
    if fit == "crop":
        across = down = max(across, down)
    elif fit == "pad":
        across = down = min(across, down)
    picture = picture.resize(across, vscale=down, kernel="lanczos3").colourspace("srgb").cast("uchar")
    if fit == "crop":
        picture = picture.crop((picture.width - size + 1) // 2, (picture.height - size + 1) // 2, size, size)
    elif fit == "pad":
        picture = picture.embed((size - picture.width) // 2, (size - picture.height) // 2, size, size)
    return picture.numpy()


def prepared(pictures: tuple[str, ...], size: int, form: str, metadata: dict[str, str]) -> np.ndarray:
    """Pictures in the size of the network, as a model takes them."""
    pixels = np.stack([square(picture, size, metadata["fit"]) for picture in pictures])
    if form == "uint8-nhwc":
        return pixels
    norm = json.loads(metadata["normalisation"])
    image = ((pixels / 255 - norm["mean"]) / norm["std"]).astype(np.float32)
    return image.transpose(0, 3, 1, 2) if form == "float32-nchw" else image


def main(model: str, *pictures: str) -> None:
    session = onnxruntime.InferenceSession(model)
    metadata = session.get_modelmeta().custom_metadata_map
    labels, form = json.loads(metadata["labels"]), metadata["input"]
    (given,) = session.get_inputs()
    if form == "uint8-any":  # the model resizes: each picture is a batch of its own
        images = [whole(picture)[np.newaxis] for picture in pictures]
    else:
        images = [prepared(pictures, given.shape[2], form, metadata)]
    rows = [row for image in images for row in session.run(["probabilities"], {given.name: image})[0]]
    for picture, row in zip(pictures, rows):
        print(f"{picture}: {labels[row.argmax()]} {100 * row.max():.1f} %")


if __name__ == "__main__":
    main(*sys.argv[1:])
