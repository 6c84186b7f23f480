/** The passes keep the values of random graphs. */
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { applyPass, exactPasses, type Graph, type Pass, passes, trace } from "../../../onnx/internal.ts";
import { assertClose } from "../../support/assert_close.ts";
import { useCpu } from "../../support/eager.ts";
import { evaluateGraph } from "../../support/evaluate_graph.ts";
import { randomFunction, randomInputs } from "../../support/random_functions.ts";
import { randomArray } from "../../support/random_tensors.ts";

await useCpu();

const seeds = Array.from({ length: 20 }, (_, seed) => seed);

const inputs = Object.fromEntries(
  Object.entries(randomInputs).map(([name, { shape }], at) => {
    // Filters of this size keep the size of an image's numbers.
    const data = randomArray(shape, at + 1).map((x) => shape[0] === 3 ? x / 3 : x);
    return [name, tf.tensor(data, shape)];
  }),
);

function assertValues(graph: Graph, expected: Readonly<Record<string, tf.Tensor>>, what: string): void {
  tf.tidy(() => {
    const actual = evaluateGraph(graph, inputs);
    for (const [name, tensor] of Object.entries(expected)) {
      assert.deepEqual(actual[name]!.shape, tensor.shape, `${what}: ${name}`);
      const largest = tf.max(tf.abs(tensor)).dataSync()[0]!, scale = 1 / Math.max(1, largest);
      const [got, want] = [actual[name]!, tensor].map((tensor) => tf.mul(tensor, scale).dataSync());
      assertClose(got!, want!, 1e-4, `${what}: ${name}`);
    }
  });
}

for (const seed of seeds) {
  Deno.test(`every pass keeps the values of a random graph, alone and after those before it: seed ${seed}`, () => {
    const traced = trace(randomFunction(seed), randomInputs);
    const expected = randomFunction(seed)(inputs);
    assertValues(traced, expected, "traced");
    for (const pass of passes) assertValues(applyPass(traced, pass), expected, pass.name);
    let graph = traced;
    for (const pass of passes) {
      graph = applyPass(graph, pass);
      assertValues(graph, expected, `all to ${pass.name}`);
    }
    assertValues(exactPasses.reduce(applyPass, traced), expected, "exact passes");
  });
}

Deno.test("every rule applies to one of the random graphs", () => {
  const applied = new Set<string>();
  const noted = passes.map((pass): Pass => ({
    ...pass,
    rules: pass.rules.map((rule) => ({
      ...rule,
      replace(match, kernel) {
        applied.add(rule.name);
        return rule.replace(match, kernel);
      },
    })),
  }));
  for (const seed of seeds) noted.reduce(applyPass, trace(randomFunction(seed), randomInputs));
  assert.deepEqual(
    passes.flatMap(({ rules }) => rules.map(({ name }) => name)).filter((name) => !applied.has(name)),
    [],
  );
});
