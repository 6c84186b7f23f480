"""Classifies pictures in Python:  python classify.py MODEL PICTURE...

It reads labels, normalisation and input form from the metadata of the file.
"""
import json
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageOps


def square(picture: Image.Image, size: int, fit: str) -> np.ndarray:
    """The bytes of a picture, [size, size, 3]."""
    picture = ImageOps.exif_transpose(picture).convert("RGBA")
    picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    if fit == "crop":
        picture = ImageOps.fit(picture, (size, size), Image.Resampling.LANCZOS)
    elif fit == "pad":
        picture = ImageOps.pad(picture, (size, size), Image.Resampling.LANCZOS, color="black")
    else:
        picture = picture.resize((size, size), Image.Resampling.LANCZOS)
    return np.asarray(picture)


def main(model: str, *pictures: str) -> None:
    session = onnxruntime.InferenceSession(model)
    metadata = session.get_modelmeta().custom_metadata_map
    labels, form = json.loads(metadata["labels"]), metadata["input"]
    shape = session.get_inputs()[0].shape
    size = shape[2]  # height or width: the images are squares
    pixels = np.stack([square(Image.open(picture), size, metadata["fit"]) for picture in pictures])
    if form == "uint8-nhwc":
        image = pixels
    else:
        norm = json.loads(metadata["normalisation"])
        image = ((pixels / 255 - norm["mean"]) / norm["std"]).astype(np.float32)
        if form == "float32-nchw":
            image = image.transpose(0, 3, 1, 2)
    (probabilities,) = session.run(["probabilities"], {"image": image})
    for picture, row in zip(pictures, probabilities):
        print(f"{picture}: {labels[row.argmax()]} {100 * row.max():.1f} %")


if __name__ == "__main__":
    main(*sys.argv[1:])
