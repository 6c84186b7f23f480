/** Ordinary models of TensorFlow.js's layers, each traced and compared with what TensorFlow.js predicts. */
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { functionalModel } from "../../onnx/layers/layer_tree.ts";
import { traceModel } from "../../onnx/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";
import { inputsOf, layersModels, type ModelCase, seedWeights } from "../support/layers_models.ts";
import { outputOf, pythonWith } from "../support/program.ts";
import { runOnnx } from "../support/run_onnx.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

await useCpu();

/** Versions of the operators with the batches to compare. */
const VERSIONS: Readonly<Record<number, readonly number[]>> = { 13: [3], 17: [1, 3, 8], 21: [3] };

function made(tested: ModelCase): tf.LayersModel {
  const model = tested.make();
  seedWeights(model);
  return model;
}

/** Runs the traced model on a batch, and compares every output. */
async function compare(
  traced: Uint8Array,
  model: tf.LayersModel,
  tested: ModelCase,
  { opset, batch }: { readonly opset: string; readonly batch: number },
): Promise<void> {
  const inputs = inputsOf(model, tested, batch), { inputNames } = functionalModel(model);
  const expected = [model.predict(inputs.length === 1 ? inputs[0]! : inputs)].flat();
  const feeds = inputs.map((input, at) => [inputNames[at], { shape: input.shape, data: input.dataSync() }]);
  const outputs = Object.values(await runOnnx(traced, Object.fromEntries(feeds)));
  expected.forEach((tensor, at) => {
    assert.deepEqual(outputs[at]!.shape, tensor.shape, `shape of output ${at}`);
    assertClose(outputs[at]!.data, tensor.dataSync(), 1e-5, `opset ${opset}, batch ${batch}, output ${at}`);
  });
}

for (const [name, tested] of Object.entries(layersModels)) {
  Deno.test(`${name}: the traced model predicts the same`, async () => {
    const modelCase = tested(), model = made(modelCase);
    for (const [opset, batches] of Object.entries(VERSIONS)) {
      const traced = traceModel(model, { opset: Number(opset) });
      for (const batch of batches) await compare(traced, model, modelCase, { opset, batch });
    }
  });
}

const checker = await pythonWith("onnx.checker");

Deno.test({
  name: "ONNX's own checker accepts every model (needs Python's onnx)",
  ignore: !checker,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const paths: string[] = [];
      for (const [at, tested] of Object.values(layersModels).entries()) {
        const model = made(tested());
        for (const opset of [13, 17, 19, 21]) {
          paths.push(`${folder}/${at}_${opset}.onnx`);
          await Deno.writeFile(paths.at(-1)!, traceModel(model, { opset }));
        }
      }
      const script = "import onnx, sys\nfor path in sys.argv[1:]: onnx.checker.check_model(path, full_check=True)";
      await outputOf(checker!, ["-c", script, ...paths]);
    }),
});
