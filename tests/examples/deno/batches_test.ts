import assert from "#assert";
import { Batches } from "../../../examples/deno/batches.ts";
import type { Outputs } from "../../../examples/deno/model.ts";

/** A model that doubles its input when it is let; a run with a NaN fails. */
function doubling() {
  const runs: { shape: readonly number[]; end(): void }[] = [];
  const run = (shape: readonly number[], data: Float32Array): Promise<Outputs> => {
    const { promise, resolve, reject } = Promise.withResolvers<Outputs>();
    const end = () =>
      data.some(Number.isNaN) ? reject(new Error("NaN")) : resolve({ double: Float32Array.from(data, (x) => 2 * x) });
    runs.push({ shape, end });
    return promise;
  };
  return { runs, run };
}

const image = (...values: number[]) => ({ count: 1, shape: [values.length], data: Float32Array.from(values) });
const never = new AbortController().signal;
const turn = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("an idle model runs at once; what comes meanwhile is the next batch, each with its own rows", async () => {
  const model = doubling(), batches = new Batches(model, 3);
  const answers = [1, 2, 3, 4, 5].map((value) => batches.run(image(value, -value), never));
  for (const [at, shape] of [[0, [1, 2]], [1, [3, 2]], [2, [1, 2]]] as const) {
    assert.deepEqual(model.runs[at]!.shape, shape);
    assert.equal(model.runs.length, at + 1);
    model.runs[at]!.end();
    await turn();
  }
  const doubled = (await Promise.all(answers)).map(({ double }) => [...double!]);
  assert.deepEqual(doubled, [[2, -2], [4, -4], [6, -6], [8, -8], [10, -10]]);
});

Deno.test("images of another shape wait for a batch of their own", async () => {
  const model = doubling(), batches = new Batches(model, 9);
  const two = { count: 2, shape: [2], data: Float32Array.of(8, 9, 10, 11) };
  const answers = [image(0), image(1), image(1, 2), two, image(3)].map((images) => batches.run(images, never));
  for (let at = 0; at < 3; at++) {
    model.runs[at]!.end();
    await turn();
  }
  assert.deepEqual(model.runs.map(({ shape }) => shape), [[1, 1], [2, 1], [3, 2]]);
  assert.deepEqual((await Promise.all(answers)).map(({ double }) => [...double!]), [
    [0],
    [2],
    [2, 4],
    [16, 18, 20, 22],
    [6],
  ]);
});

Deno.test("images whose caller has gone are not computed", async () => {
  const model = doubling(), batches = new Batches(model, 9), gone = AbortSignal.abort(new Error("gone"));
  const answers = [image(0), image(1)].map((images) => batches.run(images, never));
  const left = batches.run(image(2), gone).catch(String);
  model.runs[0]!.end();
  assert.equal(await left, "Error: gone");
  assert.deepEqual(model.runs[1]!.shape, [1, 1]);
  model.runs[1]!.end();
  await Promise.all(answers);
});

Deno.test("a batch that fails fails its callers alone", async () => {
  const model = doubling(), batches = new Batches(model, 1);
  const answers = [NaN, 1].map((value) => batches.run(image(value), never));
  model.runs[0]!.end();
  await assert.rejects(() => answers[0]!, /NaN/);
  model.runs[1]!.end();
  assert.deepEqual(await answers[1]!, { double: Float32Array.of(2) });
});
