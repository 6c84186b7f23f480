import assert from "#assert";
import { type Measure, parseFigures, parseNotes } from "../../bench/commands.ts";
import { tracerTable } from "../../bench/tracer_table.ts";

const measured = (figures: Record<string, number>): Measure => ({ run: () => Promise.resolve(figures) });

Deno.test("the tracer's table compares inference and training with every implementation, and says which is absent", async (test) => {
  const lines: string[] = [], { log } = console;
  const others: Record<string, Measure> = {
    "TensorFlow.js, WebAssembly": measured({ infer: 50 }),
    "TensorFlow.js, CPU": measured({ infer: 20, train: 2 }),
    PyTorch: measured({ infer: 80, train: 40 }),
    JAX: { absent: "no python3 here has JAX" },
  };
  let missing: string[] = [];
  console.log = (line: string) => void lines.push(line);
  try {
    missing = await tracerTable(others, async (other) => ({
      own: { infer: 100, train: 30 },
      theirs: "run" in other ? await other.run({}) : {},
    }));
  } finally {
    console.log = log;
  }
  await test.step("rows", () => {
    assert.deepEqual(lines, [
      "| tracer, inference, images/s | 100.0 | 50.0 | 2.00 |  |  | TensorFlow.js, WebAssembly |",
      "| tracer, training of a tf.layers CNN, images/s | 30.0 |  |  |  |  |  |",
      "| tracer, inference, images/s | 100.0 | 20.0 | 5.00 |  |  | TensorFlow.js, CPU |",
      "| tracer, training of a tf.layers CNN, images/s | 30.0 | 2.00 | 15.00 |  |  | TensorFlow.js, CPU |",
      "| tracer, inference, images/s | 100.0 | 80.0 | 1.25 |  |  | PyTorch |",
      "| tracer, training of a tf.layers CNN, images/s | 30.0 | 40.0 | 0.75 |  |  | PyTorch |",
    ]);
  });
  await test.step("reasons", () => {
    assert.deepEqual(missing, ["Without JAX: no python3 here has JAX"]);
  });
});

Deno.test("a program that cannot train says why", () => {
  const text =
    "infer 545.00 images/s\nnote TensorFlow.js's backend wasm cannot train: it has no kernel Conv2DBackpropFilter\n";
  assert.deepEqual(parseFigures(text), { infer: 545 });
  assert.deepEqual(parseNotes(text), [
    "TensorFlow.js's backend wasm cannot train: it has no kernel Conv2DBackpropFilter",
  ]);
});
