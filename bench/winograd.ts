/**
 * Prints the processor time of convolutions and of gradients of filters with Winograd's method and without, in turns, and the
 * same without blocks: the thresholds of `onnx/lowerings/convolution/winograd.ts` on this machine. One thread.
 *
 *     deno run -A bench/winograd.ts [--batch 32] [--rounds 15]
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "#parse-args";
import * as tf from "@tensorflow/tfjs";
import { blockSize } from "../engine/block_size.ts";
import { median } from "../engine/median.ts";
import { openSession, ortTensor } from "../engine/onnxruntime.ts";
import { type OnnxOptions, toOnnx, trace } from "../onnx/internal.ts";
import { describeMachine } from "./machine.ts";
import { row } from "./table.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { batch: { type: "string", default: "32" }, rounds: { type: "string", default: "15" } },
});
const [batch, rounds] = [values.batch, values.rounds].map(Number) as [number, number];
const block = await blockSize();
const ways: Readonly<Record<string, OnnxOptions>> = {
  // Winograd's sums spread NaN and infinities, so exact values exclude them.
  "Winograd": { block, specialValues: "fast" },
  "plain": { block, specialValues: "exact" },
  "without blocks": {},
};

const convolve = (x: tf.Tensor, filter: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same");
const kinds = {
  // The layers around it keep the image in blocks, as in a network.
  "convolution": ({ x, filter, dy }: tf.NamedTensorMap) => ({ y: tf.mean(tf.mul(convolve(x!, filter!), dy!), [1, 2]) }),
  "gradient of the filter": ({ x, filter, dy }: tf.NamedTensorMap) => ({
    y: tf.grad((filter) => convolve(x!, filter))(filter!, dy!),
  }),
};

console.log(`${await describeMachine()}, blocks of ${block}; batch ${batch}, milliseconds, medians of ${rounds}`);
row("", ...Object.keys(ways), "gain of Winograd");
row("---", ...Object.keys(ways).map(() => "---:"), "---:");
for (const [kind, fn] of Object.entries(kinds)) {
  for (const [channels, side] of [[32, 32], [64, 16], [128, 8]] as const) {
    const shapes = {
      x: [batch, side, side, channels],
      filter: [3, 3, channels, channels],
      dy: [batch, side, side, channels],
    };
    const graph = trace(fn, Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])));
    const feeds = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => {
        const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => Math.sin(at % 10_007));
        return [name, ortTensor({ shape, data })];
      }),
    );
    const sessions = await Promise.all(
      Object.values(ways).map((options) => openSession(toOnnx(graph, options), { intraOpNumThreads: 1 })),
    );
    const times = sessions.map((): number[] => []);
    for (let round = -1; round < rounds; round++) {
      for (const [at, session] of sessions.entries()) {
        const before = process.cpuUsage();
        await session.run(feeds);
        const { user, system } = process.cpuUsage(before);
        if (round >= 0) times[at]!.push((user + system) / 1000);
      }
    }
    const [winograd, plain, without] = times.map(median) as [number, number, number];
    const ratio = (plain / winograd).toFixed(2);
    row(`${kind}, ${channels} filters`, ...[winograd, plain, without].map((time) => time.toFixed(1)), ratio);
    for (const session of sessions) await session.release();
  }
}
