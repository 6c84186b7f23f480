import assert from "#assert";
import { toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, TensorProto_DataLocation } from "../../onnx/file/generated/onnx_pb.ts";
import { readProperties } from "../../onnx/file/metadata.ts";
import { ModelEditor } from "../../onnx/file/model_editor.ts";
import { describeModel, withDigest, withMetadata } from "../../export/model_file.ts";
import { inputForms } from "../../export/variants.ts";
import { useCpu } from "../support/eager.ts";
import { exportedFile, labels, mean, std } from "../support/exported_file.ts";

await useCpu();

for (const input of inputForms) {
  Deno.test(`a file of ${input} describes its classes, images and normalisation`, () => {
    assert.deepEqual(describeModel(exportedFile(input, 8)), {
      hasFeatures: false,
      explains: false,
      ...{ dataset: "test", labels, mean, std, input, imageShape: [8, 8, 3], fit: "crop" },
    });
  });
}

Deno.test("a file describes its threshold of unsure answers, and one outside 0 to 1 is refused", () => {
  const withThreshold = (unsureBelow: string) => withDigest(withMetadata(exportedFile(), { unsureBelow }));
  assert.equal(describeModel(withThreshold("0.75")).unsureBelow, 0.75);
  for (const text of ["", "x", "1.5", "NaN"]) {
    assert.throws(() => describeModel(withThreshold(text)), /threshold of unsure answers is not from 0 to 1/);
  }
});

Deno.test("names has the classes by number, in quotes that Python reads too", () => {
  const { metadata: { names } } = readProperties(exportedFile());
  assert.equal(names, '{"0":"circle","1":"square","2":"star"}');
});

Deno.test("a file whose metadata is changed, and bytes that are no model, are refused", () => {
  assert.throws(
    () => describeModel(withMetadata(exportedFile(), { labels: '["a"]' })),
    /was changed after it was written/,
  );
  assert.throws(() => describeModel(Uint8Array.of(1, 2, 3)));
});

Deno.test("a model with weights in another file is refused", () => {
  const { model } = new ModelEditor(exportedFile());
  const [weight] = model.graph!.initializer;
  weight!.dataLocation = TensorProto_DataLocation.EXTERNAL;
  const bytes = withDigest(toBinary(ModelProtoSchema, model));
  assert.throws(() => describeModel(bytes), new Error("some of its weights are in another file"));
});

Deno.test("a normalisation whose numbers overflow is refused", () => {
  for (const wrong of [{ std: [0.5, 1e-320, 0.5] }, { std: [0.5, 0, 0.5] }, { std: [1, 1, 1], mean: [1e300, 0, 0] }]) {
    const normalisation = JSON.stringify({ mean, ...wrong });
    const bytes = withDigest(withMetadata(exportedFile(), { normalisation }));
    assert.throws(() => describeModel(bytes), new Error("its normalisation gives numbers that are not finite"));
  }
});
