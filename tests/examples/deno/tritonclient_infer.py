"""Classifies the images of a file of float32 numbers with a service, by Triton's client as it is on PyPI."""

import json
import sys

import numpy as np
import tritonclient.http as triton

address, path, side = sys.argv[1], sys.argv[2], int(sys.argv[3])
client = triton.InferenceServerClient(address, concurrency=4)
assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("shakenet")
assert client.is_model_ready("shakenet", "1")
assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
metadata = client.get_model_metadata("shakenet")
assert client.get_model_config("shakenet")["max_batch_size"] > 1
images = np.fromfile(path, np.float32).reshape(-1, 3, side, side)


def request(binary: bool):
    given = triton.InferInput(metadata["inputs"][0]["name"], list(images.shape), metadata["inputs"][0]["datatype"])
    given.set_data_from_numpy(images, binary_data=binary)
    wanted = [triton.InferRequestedOutput(name, binary_data=binary) for name in ("probabilities", "logits")]
    return {"inputs": [given], "outputs": wanted, "request_id": "7"}


answers = [client.infer("shakenet", **request(binary)) for binary in (True, False)]
answers += [later.get_result() for later in [client.async_infer("shakenet", **request(True)) for _ in range(4)]]
assert all(answer.get_response()["id"] == "7" for answer in answers)
try:
    client.infer("shakenet", [triton.InferInput("other", [1], "FP32").set_data_from_numpy(np.zeros(1, np.float32))])
    raise AssertionError("an unknown input was not refused")
except triton.InferenceServerException as error:
    refused = error.message()
rows = [answer.as_numpy("probabilities").tolist() for answer in answers]
assert all(answer.as_numpy("logits").shape == answer.as_numpy("probabilities").shape for answer in answers)
print(json.dumps({"rows": rows, "refused": refused}))
