import { fromBinary } from "@bufbuild/protobuf";
import * as tf from "@tensorflow/tfjs";
import { join } from "node:path";
import assert from "#assert";
import { blockSize } from "../../../engine/block_size.ts";
import { openSession } from "../../../engine/onnxruntime.ts";
import { ModelProtoSchema, type NodeProto } from "../../../onnx/file/generated/onnx_pb.ts";
import { toOnnx, trace } from "../../../onnx/internal.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

const channels = 32, image = { shape: [2, 8, 8, channels] };

/** The filter's gradient reads x after dy, and the image's gradient reads f after the filter's. */
const graph = trace(({ x, f, dy }) => {
  const convolve = (x: tf.Tensor, f: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same");
  const [dx, df] = tf.grads(convolve)([x!, f!], tf.relu(dy!));
  return { dx: dx!, df: df! };
}, { x: image, f: { shape: [3, 3, channels, channels] }, dy: image });

/** Lists the names of all values that a node's inputs are computed from. */
function ancestors(nodes: readonly NodeProto[], node: NodeProto): ReadonlySet<string> {
  const needed = new Set(node.input);
  for (const { input, output } of nodes.toReversed()) {
    if (output.some((name) => needed.has(name))) { for (const name of input) needed.add(name); }
  }
  return needed;
}

Deno.test("onnxruntime's optimisations keep a value waiting for another one", async () => {
  await inTemporaryFolder(async (folder) => {
    const optimizedModelFilePath = join(folder, "optimised.onnx");
    const model = toOnnx(graph, { block: await blockSize(), savesMemory: true, hasFiniteFactors: true });
    await using _ = await openSession(model, { optimizedModelFilePath, intraOpNumThreads: 1 });
    const nodes = fromBinary(ModelProtoSchema, await Deno.readFile(optimizedModelFilePath)).graph!.node;
    const waiting = (name: string) => nodes.filter(({ opType, input }) => opType === "Unsqueeze" && input[0] === name);
    assert.equal(waiting("x").length, 1);
    assert(ancestors(nodes, waiting("x")[0]!).has("dy"));
    assert.equal(waiting("f").length, 1);
    assert(ancestors(nodes, waiting("f")[0]!).has("x"));
  });
});
