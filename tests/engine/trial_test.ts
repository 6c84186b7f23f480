import assert from "#assert";
import type { Engine, HostTensor } from "../../engine/engine.ts";
import { selectEngine } from "../../engine/select.ts";
import { compare } from "../../engine/select_device.ts";
import { stepTrial } from "../../engine/trial.ts";

const { engine: onnxruntime } = await selectEngine("onnxruntime", { device: "cpu", threads: 1 });

/** The results of the step on onnxruntime's CPU, by name; the fakes give them. */
const results: Record<string, HostTensor> = {};
const real = await stepTrial({
  ...onnxruntime,
  async compile(fn, inputs) {
    const program = await onnxruntime.compile(fn, inputs);
    return {
      async run(inputs) {
        const outputs = await program.run(inputs);
        for (const [name, tensor] of Object.entries(outputs)) results[name] = await tensor.read();
        return outputs;
      },
      [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
    };
  },
});

/** An engine that takes some milliseconds of its own clock for each run, and gives known results. */
function fake(milliseconds: number, outputs: Readonly<Record<string, HostTensor>> = results) {
  let time = 0, runs = 0;
  const held = ({ shape, data }: HostTensor) => ({
    shape,
    read: () => Promise.resolve({ shape, data }),
    [Symbol.dispose]() {},
  });
  const engine: Engine = {
    ...onnxruntime,
    upload: held,
    compile: () =>
      Promise.resolve({
        run() {
          runs++;
          time += milliseconds;
          return Promise.resolve(Object.fromEntries(Object.entries(outputs).map(([name, of]) => [name, held(of)])));
        },
        async [Symbol.asyncDispose]() {},
      }),
  };
  return { trial: () => stepTrial(engine, () => time), runs: () => runs };
}

Deno.test("the trial gives the loss and the weights after a step", () => {
  const { seconds, result } = real;
  assert.ok(seconds > 0 && Number.isFinite(seconds));
  assert.equal(result.length, 1 + 9 * (16 * 16 + 16 * 16 + 16 * 32));
  assert.ok(result.every(Number.isFinite));
  // The gradients are there: the filters differ from the wave that they begin with.
  const [loss, ...filters] = result;
  assert.ok(loss! > 0);
  const before = [16 * 16, 16 * 16, 16 * 32].flatMap((size) =>
    Array.from({ length: 9 * size }, (_, at) => 0.2 * Math.sin(at * at))
  );
  const largest = Math.max(...before.map((weight, at) => Math.abs(weight - filters[at]!)));
  assert.ok(largest > 1e-3, `the largest change of the weights is ${largest}`);
});

Deno.test("a quick engine runs three times beside the run that prepares it, a slow one for about a second", async () => {
  for (const [milliseconds, runs] of [[10, 4], [400, 3], [30_000, 2]] as const) {
    const engine = fake(milliseconds);
    assert.equal((await engine.trial()).seconds, milliseconds / 1000);
    assert.equal(engine.runs(), runs, `of ${milliseconds} ms`);
  }
});

Deno.test("an engine that is wrong in a gradient only is refused, however fast", async () => {
  const third = results["third"]!;
  const wrong = { ...results, third: { ...third, data: third.data.map((weight) => 0.9 * weight) } };
  const { better, reason } = compare(await fake(1, wrong).trial(), await fake(100).trial());
  assert.deepEqual([better, reason.slice(0, 35)], [false, "a trial step on WebGPU is wrong by "]);
  assert.equal(compare(await fake(1).trial(), await fake(100).trial()).better, true);
});
