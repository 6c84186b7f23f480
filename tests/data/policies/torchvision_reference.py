"""Writes torchvision_reference.json: what torchvision and Pillow make of the pictures of policies_test.ts.

    python3 tests/data/policies/torchvision_reference.py > tests/data/policies/torchvision_reference.json

Written with torchvision 0.29.2 and Pillow 13.0.0.
"""
import base64
import json
import sys

import numpy as np
from PIL import Image
from torchvision.transforms import AutoAugment, AutoAugmentPolicy, InterpolationMode, RandAugment, TrivialAugmentWide
from torchvision.transforms.autoaugment import _apply_op

HEIGHT, WIDTH, FILL = 12, 16, [125, 123, 114]


def drawn(seed, count):
    """Numbers in [0, 1) (mulberry32)."""
    state, numbers = seed, []
    for _ in range(count):
        state = (state + 0x6D2B79F5) % 2**32
        t = (state ^ state >> 15) * (state | 1) % 2**32
        t ^= (t + (t ^ t >> 7) * (t | 61)) % 2**32
        numbers.append((t ^ t >> 14) / 2**32)
    return np.array(numbers)


def picture(low, high, height=HEIGHT, width=WIDTH):
    numbers = np.floor(low + (high - low) * drawn(1, height * width * 3)).astype(np.uint8)
    return Image.fromarray(numbers.reshape(height, width, 3))


pictures = {
    "noise": picture(0, 256),
    "dim": picture(60, 120),
    "flat": picture(77, 78),
    "large": picture(40, 200, 32, 32),
}
magnitudes = {
    "Identity": [0],
    "ShearX": [0.3, -0.132, 0.99],
    "ShearY": [0.2, -0.3, -0.5],
    "TranslateX": [3.7, -3.7, 0, 20],
    "TranslateY": [5.2, -1, -0.9],
    "Rotate": [10, -26.7, 90, 135, -180],
    "Brightness": [0.9, -0.9, 0.31],
    "Color": [0.9, -0.9, 0.31],
    "Contrast": [0.9, -0.9, 0.31],
    "Sharpness": [0.9, -0.9, 0.31],
    "Posterize": [8, 4, 2],
    "Solarize": [255, 128, 28.3, 0],
    "AutoContrast": [0],
    "Equalize": [0],
    "Invert": [0],
}
cases = []
by_histogram = ["AutoContrast", "Contrast", "Equalize"]
for name, image in pictures.items():
    for operation in magnitudes if name == "noise" else by_histogram:
        for magnitude in magnitudes[operation]:
            result = _apply_op(image, operation, magnitude, InterpolationMode.NEAREST, FILL)
            result = base64.b64encode(np.asarray(result).tobytes()).decode()
            cases.append({"picture": name, "operation": operation, "magnitude": magnitude, "bytes": result})

spaces = {
    "auto": AutoAugment(AutoAugmentPolicy.CIFAR10)._augmentation_space(10, (HEIGHT, WIDTH)),
    "rand": RandAugment()._augmentation_space(31, (HEIGHT, WIDTH)),
    "trivial": TrivialAugmentWide()._augmentation_space(31),
}
scales = {
    policy: {name: {"magnitudes": values.reshape(-1).tolist(), "signed": signed} for name, (values, signed) in space.items()}
    for policy, space in spaces.items()
}
json.dump({"cases": cases, "scales": scales, "policy": AutoAugment(AutoAugmentPolicy.CIFAR10).policies}, sys.stdout)
print()
