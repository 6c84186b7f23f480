/** The operator that sums inside a graph, in one process whose sums are doubled instead. */
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { compiledEngine } from "../../engine/compiled.ts";
import { disposeAll, uploadAll } from "../../engine/engine.ts";
import { allReduce } from "../../onnx/internal.ts";

/** An engine whose sums are computed by `sumNow`. */
const engineOf = (sumNow: (values: Float32Array<ArrayBuffer>) => void) =>
  compiledEngine({ threads: 1, processes: { sum: () => Promise.reject(new Error("not called")), sumNow } });

const double = (values: Float32Array<ArrayBuffer>) => values.forEach((value, at) => values[at] = 2 * value);

const shapes = { x: { shape: [2, 3] }, z: { shape: [4] } };
const inputs = {
  x: { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  z: { shape: [4], data: Float32Array.of(1, 1, 2, 2) },
};

Deno.test("sums of several shapes share one exchange, and each keeps its shape and values", async () => {
  const lengths: number[] = [];
  await using engine = await engineOf((values) => {
    lengths.push(values.length);
    double(values);
  });
  await using program = await engine.compile(
    ({ x, z }) => ({ y: tf.mul(allReduce(tf.add(x!, 1)), allReduce(tf.sum(z!))), w: allReduce(z!) }),
    shapes,
  );
  const { y, w } = await program.run(uploadAll(engine, inputs));
  assert.deepEqual(lengths, [6 + 1 + 4]);
  // 2 (x + 1) times 2 * 6, and 2 z.
  assert.deepEqual(await y!.read(), { shape: [2, 3], data: Float32Array.of(48, 72, 96, 120, 144, 168) });
  assert.deepEqual(await w!.read(), { shape: [4], data: Float32Array.of(2, 2, 4, 4) });
});

Deno.test("an error of a sum ends the run as it is, and the next run works", async () => {
  let fails = true;
  const lost = new Error("another process is gone");
  await using engine = await engineOf((values) => {
    if (fails) throw lost;
    double(values);
  });
  await using program = await engine.compile(({ x }) => ({ y: allReduce(tf.neg(x!)) }), { x: shapes.x });
  const given = uploadAll(engine, { x: inputs.x });
  await assert.rejects(program.run(given), (error) => error === lost);
  fails = false;
  assert.deepEqual([...(await (await program.run(given))["y"]!.read()).data], [-2, -4, -6, -8, -10, -12]);
});

Deno.test("the memory of an output is used again once it is disposed of, and not before", async () => {
  await using engine = await engineOf(double);
  await using program = await engine.compile(({ x }) => ({ y: allReduce(x!) }), { x: shapes.x });
  const runOn = async (data: Float32Array) => await program.run(uploadAll(engine, { x: { shape: [2, 3], data } }));
  const first = await runOn(new Float32Array(6).fill(1)), second = await runOn(new Float32Array(6).fill(2));
  disposeAll(first);
  disposeAll(first);
  const third = await runOn(new Float32Array(6).fill(3)), fourth = await runOn(new Float32Array(6).fill(4));
  const values = await Promise.all([second, third, fourth].map(async ({ y }) => (await y!.read()).data[0]));
  assert.deepEqual(values, [4, 6, 8]);
});
