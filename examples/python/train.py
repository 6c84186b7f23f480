"""Trains a network with an exported training step:  python train.py FOLDER

`deno task export --what training-step` writes FOLDER: the step, the initial state, and for each step the batch, the draws of
shake-shake and the learning rate. Prints the loss of every step and its difference from the one in losses.json.
"""
import json
import sys

import numpy as np
import onnxruntime
from safetensors.numpy import load_file


def main(folder: str) -> None:
    session = onnxruntime.InferenceSession(f"{folder}/training_step.onnx")
    outputs = [output.name for output in session.get_outputs()]
    state = load_file(f"{folder}/initial_state.safetensors")
    inputs = load_file(f"{folder}/step_inputs.safetensors")
    with open(f"{folder}/losses.json") as file:
        expected = json.load(file)["losses"]
    worst = 0.0
    for step, wanted in enumerate(expected):
        own = {name: np.asarray(values[step]) for name, values in inputs.items()}
        values = session.run(outputs, {**state, **own})
        after = dict(zip(outputs, values))
        state = {name: after[f"next/{name}"] for name in state}
        loss = float(after["loss"])
        worst = max(worst, abs(loss / wanted - 1))
        print(f"step {step + 1}: loss {loss:.6f}, accuracy {100 * float(after['accuracy']):.1f} %")
    print(f"largest relative difference from losses.json: {worst:.2e}")


if __name__ == "__main__":
    main(sys.argv[1])
