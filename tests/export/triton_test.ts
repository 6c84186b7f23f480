import assert from "#assert";
import { inputForms } from "../../export/variants.ts";
import { tritonConfiguration } from "../../export/triton.ts";

const classified = { logits: { shape: [null, 7] }, probabilities: { shape: [null, 7] } };

// The names are those of triton-inference-server/common, protobuf/model_config.proto.
Deno.test("Triton's configuration has the type, format and dimensions of each form", () => {
  const of = Object.fromEntries(inputForms.map((input) => [
    input,
    tritonConfiguration({ name: "shakenet", input, imageShape: [32, 40, 3], outputs: classified }),
  ]));
  assert.match(of["float32-nchw"]!, /data_type: TYPE_FP32\s+format: FORMAT_NCHW\s+dims: \[ 3, 32, 40 \]/);
  assert.match(of["float32-nhwc"]!, /data_type: TYPE_FP32\s+format: FORMAT_NHWC\s+dims: \[ 32, 40, 3 \]/);
  assert.match(of["uint8-nhwc"]!, /data_type: TYPE_UINT8\s+format: FORMAT_NHWC\s+dims: \[ 32, 40, 3 \]/);
  assert.match(of["uint8-any"]!, /data_type: TYPE_UINT8\s+format: FORMAT_NHWC\s+dims: \[ -1, -1, 3 \]/);
  for (const text of Object.values(of)) {
    assert.match(text, /^name: "shakenet"\nbackend: "onnxruntime"\nmax_batch_size: 128\n/);
    assert.equal(text.match(/dims: \[ 7 \]/g)!.length, 2, "logits and probabilities");
    assert.equal(text.match(/label_filename/g)!.length, 1);
    assert.match(text, /name: "probabilities"\s+data_type: TYPE_FP32\s+dims: \[ 7 \]\s+label_filename: "labels.txt"/);
    assert.equal(text.match(/\{/g)!.length, text.match(/\}/g)!.length);
  }
});

Deno.test("further outputs are listed with their dimensions", () => {
  const outputs = { ...classified, features: { shape: [null, 64] }, explanation: { shape: [null, 8, 6] } };
  const text = tritonConfiguration({ name: "shakenet", input: "uint8-nhwc", imageShape: [8, 8, 3], outputs });
  assert.match(
    text,
    /\},\s+\{\s+name: "features"\s+data_type: TYPE_FP32\s+dims: \[ 64 \]\s+\},\s+\{\s+name: "explanation"/,
  );
  assert.match(text, /name: "explanation"\s+data_type: TYPE_FP32\s+dims: \[ 8, 6 \]\s+\}\s+\]\ndynamic_batching/);
});
