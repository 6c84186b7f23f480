import assert from "#assert";
import { parseFigures } from "../../bench/commands.ts";
import { baselines, bestOf } from "../../bench/peers.ts";

Deno.test("figures are read from lines of a name, a number and a unit; other lines are skipped", () => {
  const text = "compiling\ntrain 79.90 images/s\nwait 0.04 ms for a batch\npeak 1701 MiB\nversion PyTorch 2.15.0\n";
  assert.deepEqual(parseFigures(text), { train: 79.9, wait: 0.04, peak: 1701 });
});

Deno.test("the best peer has the greatest speed, or the least memory; peers without the figure are left out", () => {
  const peers = { eager: { train: 57, peak: 2106 }, compiled: { train: 65, peak: 1811 }, OpenVINO: { infer: 261 } };
  assert.deepEqual(bestOf(peers, "train"), { name: "compiled", figure: 65 });
  assert.deepEqual(bestOf(peers, "peak"), { name: "compiled", figure: 1811 });
  assert.deepEqual(bestOf(peers, "int8"), undefined);
});

Deno.test("a Python without PyTorch is said by name", async () => {
  assert.deepEqual(await baselines(undefined, ["/no/such/python"]), {
    PyTorch: { absent: "/no/such/python here has no PyTorch" },
  });
});
