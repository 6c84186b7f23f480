import assert from "#assert";
import * as ort from "onnxruntime-node";
import { readProperties } from "../../onnx/internal.ts";
import { outputOf } from "../support/program.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

const EXAMPLE = "examples/layers/train_cnn.ts";

Deno.test("the example trains a CNN of layers on drawn figures and exports it", () =>
  inTemporaryFolder(async (folder) => {
    const file = `${folder}/figures.onnx`;
    const printed = await outputOf(Deno.execPath(), ["run", "--no-check", "-A", EXAMPLE, file, "320", "3"]);
    const losses = [...printed.matchAll(/^epoch \d: loss (\S+)$/gm)].map(([, loss]) => Number(loss));
    assert.equal(losses.length, 3);
    assert.ok(losses[2]! < losses[0]!, printed);
    assert.match(printed, /^accuracy on new pictures: 0\.\d+$/m);

    const bytes = await Deno.readFile(file), { inputs, metadata } = readProperties(bytes);
    assert.match(metadata["labels"]!, /^circle,square/);
    const session = await ort.InferenceSession.create(bytes);
    const [input] = Object.keys(inputs), [output] = session.outputNames;
    const image = new ort.Tensor(new Float32Array(2 * 32 * 32 * 3), [2, 32, 32, 3]);
    const { [output!]: probabilities } = await session.run({ [input!]: image });
    assert.deepEqual(probabilities!.dims, [2, 10]);
    await session.release();
  }));

Deno.test("the example has 40 lines of code at most", async () => {
  const lines = (await Deno.readTextFile(EXAMPLE)).split("\n").filter((line) =>
    line.trim() && !/^\s*(\/\*\*|import )/.test(line)
  );
  assert.ok(lines.length <= 40, `${lines.length} lines`);
});
