import assert from "#assert";
import { baselines } from "../../bench/peers.ts";
import { compareShakeNets } from "../../bench/shakenet_comparison.ts";

Deno.test("the table compares training, memory and inference with the best of the others", async (test) => {
  const lines: string[] = [], { log } = console;
  const own = {
    training: () => Promise.resolve({ train: 40, wait: 0.05, peak: 600 }),
    inference: () => Promise.resolve({ infer: 120, plain: 100, int8: 300 }),
  };
  const peers = {
    "PyTorch, eager": { run: () => Promise.resolve({ train: 20, peak: 1000, infer: 90 }) },
    "PyTorch, compiled": { run: () => Promise.resolve({ train: 32, peak: 1200, infer: 80 }) },
    OpenVINO: { run: () => Promise.resolve({ infer: 125, int8: 400 }) },
    TensorFlow: { absent: "it is not installed" },
  };
  const options = { flags: {}, rounds: 1, say: () => {} };
  console.log = (line: string) => void lines.push(line);
  try {
    await compareShakeNets(["training", "inference"], own, peers, options);
  } finally {
    console.log = log;
  }
  await test.step("training", () => {
    assert.deepEqual(lines.slice(0, 7), [
      "| training, images/s | 40.0 | 20.0 | 2.00 |  |  | PyTorch, eager |",
      "| training, images/s | 40.0 | 32.0 | 1.25 |  |  | PyTorch, compiled |",
      "| peak memory of training, MiB | 600.0 | 1000 | 0.60 |  |  | PyTorch, eager |",
      "| peak memory of training, MiB | 600.0 | 1200 | 0.50 |  |  | PyTorch, compiled |",
      "| training, images/s, the fastest | 40.0 | 32.0 | 1.25 | 1.35 | 1.57 | PyTorch, compiled |",
      "| peak memory of training, MiB, the least | 600.0 | 1000 | 0.60 | 0.75 | 0.6 | PyTorch, eager |",
      "| wait for a batch, ms | 0.05 |  |  |  |  |  |",
    ]);
  });
  await test.step("inference", () => {
    assert.deepEqual(lines.slice(7), [
      "| inference, merged float32, images/s | 120.0 | 90.0 | 1.33 |  |  | PyTorch, eager |",
      "| inference, merged float32, images/s | 120.0 | 80.0 | 1.50 |  |  | PyTorch, compiled |",
      "| inference, merged float32, images/s | 120.0 | 125.0 | 0.96 |  |  | OpenVINO |",
      "| inference, merged float32, images/s, the fastest | 120.0 | 125.0 | 0.96 | 1.1 | 1.2 | OpenVINO |",
      "| inference, branch by branch, images/s, the fastest | 100.0 | 125.0 | 0.80 |  |  | OpenVINO |",
      "| inference, int8, images/s, the fastest | 300.0 | 400.0 | 0.75 | 1.0 | 1.1 | OpenVINO |",
      "| merged beside branch by branch | 120.0 | 100.0 | 1.20 | 1.0 |  | ours |",
    ]);
  });
});

Deno.test("--baseline runs a command with the flags and reads its figures", async () => {
  // The command is split at spaces, so the program has none.
  const program = String.raw`console.log("train\x20"+Deno.args[1]+"\x20images/s")`;
  const { baseline } = await baselines(`${Deno.execPath()} eval ${program}`, undefined);
  assert.ok(baseline && "run" in baseline);
  assert.deepEqual(await baseline.run({ batch: 30 }), { train: 30 });
});
