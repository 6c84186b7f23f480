/**
 * Prints the time of onnxruntime's operators in a training step on the CPU, by kind, and the speed of convolutions beside
 * that of a product of two matrices. The shortest run of each operator counts. Then it prints the tensors that exist at once
 * where they take most memory, by what made them.
 *
 *     deno run ... bench/profile.ts [--width 32] [--batch 128] [--threads N] [--steps 5]
 *
 * @module
 */
import { fromBinary } from "@bufbuild/protobuf";
import * as tf from "@tensorflow/tfjs";
import { blockSize } from "../engine/block_size.ts";
import { configureTensorFlowJs } from "../engine/library_settings.ts";
import { openSession, ortTensor } from "../engine/onnxruntime.ts";
import { trainingStep } from "../model/training_step.ts";
import { ModelProtoSchema } from "../onnx/file/generated/onnx_pb.ts";
import { type InputSpec, type TensorFunction, toOnnx, trace } from "../onnx/internal.ts";
import { stepInputSpecs } from "../pipeline/training/step_inputs.ts";
import { mostLiveTensors } from "./live_tensors.ts";
import { scratchFolder } from "./scratch_folder.ts";
import { batch, dataset, net, state, steps, threads, width } from "./subject.ts";

/** A run of an operator: its name, the shapes of its inputs and its time. */
interface Node {
  readonly operator: string;
  readonly inputs: readonly (readonly number[])[];
  readonly ms: number;
}

const kinds: Readonly<Record<string, string>> = {
  ...named("element-wise", "Add", "Cast", "Greater", "Mul", "Neg", "Reciprocal", "Relu", "Sqrt", "Sub"),
  ...named("sums and means", "ReduceMean", "ReduceSum"),
  ...named("changes of order", "ReorderInput", "ReorderOutput", "Transpose"),
  ...named("copies", "Concat", "Expand", "Pad", "Slice", "Split"),
  ...named("reshapes", "Reshape"),
};

const WARM = 2, MEBIBYTE = 2 ** 20;
/** The end of the name of an event that is the run of an operator. */
const KERNEL_TIME = "_kernel_time";

configureTensorFlowJs(tf);
const block = await blockSize();
await using scratch = await scratchFolder();
const folder = scratch.path;
const optimisedModel = `${folder}/optimised.onnx`;
await profileStep();
await profileConvolutions();

async function profileStep(): Promise<void> {
  const events = await profiled(
    trainingStep(net, { momentum: 0.9, weightDecay: 1e-4 }),
    stepInputSpecs(state, net, dataset.imageShape, batch),
  );
  const nodes = shortest(events);
  const kinds = Map.groupBy(nodes, kindOf);
  console.log("| operators | number | ms of a step |\n| --- | ---: | ---: |");
  for (const [kind, nodes] of [...kinds].toSorted(([, a], [, b]) => total(b) - total(a))) {
    console.log(`| ${kind} | ${nodes.length} | ${total(nodes).toFixed(1)} |`);
  }
  console.log(`| all | ${nodes.length} | ${total(nodes).toFixed(0)} |\n`);
  await printMemory(events);
}

/** Prints the tensors that take most memory at once, in groups of at least a mebibyte. */
async function printMemory(events: readonly Event[]): Promise<void> {
  const { graph } = fromBinary(ModelProtoSchema, await Deno.readFile(optimisedModel));
  // The operators run in the same order in every step.
  const firstStep = events.slice(0, new Set(events.map(({ name }) => name)).size);
  const kept = mostLiveTensors(
    graph!,
    firstStep.map(({ name, args }) => ({ name: name.replace(KERNEL_TIME, ""), results: args.output_type_shape })),
  );
  console.log("| tensors that exist at once, made by | shape | number | MiB |\n| --- | --- | ---: | ---: |");
  for (const { maker, shape, count, bytes } of kept.filter(({ bytes }) => bytes >= MEBIBYTE)) {
    console.log(`| ${maker} | ${shape.join(" x ")} | ${count} | ${(bytes / MEBIBYTE).toFixed(0)} |`);
  }
  const all = kept.reduce((sum, { bytes }) => sum + bytes, 0) / MEBIBYTE;
  console.log(`| all | | ${kept.reduce((sum, { count }) => sum + count, 0)} | ${all.toFixed(0)} |\n`);
}

/** Prints the speed of convolutions: the products of the plain convolution, divided by the time of all operators. */
async function profileConvolutions(): Promise<void> {
  const side = 2048;
  const product = shortest(
    await profiled(({ a, b }) => ({ y: tf.matMul(a!, b!) }), {
      a: { shape: [side, side] },
      b: { shape: [side, side] },
    }),
  );
  console.log("| 3 x 3, GFLOP/s of products |", "forward |", "filter gradient |\n| --- | ---: | ---: |");
  for (const stage of [0, 1, 2]) {
    const size = 32 >> stage, channels = width << stage;
    const image = { shape: [batch, size, size, channels] }, filter = { shape: [3, 3, channels, channels] };
    const convolve = (x: tf.Tensor, f: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same");
    const forward = shortest(
      await profiled(({ x, f }) => ({ y: convolve(x!, f!) }), { x: image, f: filter }),
    );
    const gradient = shortest(
      await profiled(
        ({ x, f, dy }) => ({ df: tf.grad((f) => convolve(x!, f))(f!, dy!) }),
        { x: image, f: filter, dy: image },
      ),
    );
    const operations = 2 * batch * size * size * channels * channels * 9;
    // The images of a step are in blocks already.
    const outside = (names: string[]) => ({ operator }: Node) => !names.includes(operator);
    const rates = [
      forward.filter(outside(["ReorderInput", "ReorderOutput"])),
      gradient.filter(outside(["ReorderInput"])),
    ].map((nodes) => (operations / total(nodes) / 1e6).toFixed(0));
    console.log(`| ${channels} filters, ${size} x ${size} | ${rates.join(" | ")} |`);
  }
  console.log(
    `| product of two matrices, ${side} x ${side} | ${(2 * side ** 3 / total(product) / 1e6).toFixed(0)} | |`,
  );
}

/** Runs a function on random inputs several times. @returns the runs of its operators */
async function profiled(fn: TensorFunction, inputs: Readonly<Record<string, InputSpec>>): Promise<readonly Event[]> {
  const model = toOnnx(trace(fn, inputs), { block, savesMemory: true, hasFiniteFactors: true });
  await using session = await openSession(model, {
    optimizedModelFilePath: optimisedModel,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableMemPattern: false,
    enableProfiling: true,
    profileFilePrefix: `${folder}/profile`,
  });
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => {
      const size = shape.reduce<number>((product, dimension) => product * dimension!, 1);
      const data = dtype === "int32" ? new Int32Array(size) : Float32Array.from({ length: size }, Math.random);
      return [name, ortTensor({ shape: shape as number[], data })];
    }),
  );
  for (let run = 0; run < WARM + steps; run++) await session.run(feeds);
  session.endProfiling();
  return await readProfile();
}

/** An event of onnxruntime's profile, in the format of Chrome's traces; durations in microseconds. */
interface Event {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args: {
    readonly op_name: string;
    readonly input_type_shape: readonly Record<string, number[]>[];
    readonly output_type_shape: readonly Record<string, number[]>[];
  };
}

async function readProfile(): Promise<readonly Event[]> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".json")) continue;
    const events = JSON.parse(await Deno.readTextFile(`${folder}/${name}`)) as Event[];
    await Deno.remove(`${folder}/${name}`);
    return events.filter(({ cat, name }) => cat === "Node" && name.endsWith(KERNEL_TIME));
  }
  throw new Error("onnxruntime has written no profile");
}

function shortest(events: readonly Event[]): Node[] {
  return Array.from(Map.groupBy(events, ({ name }) => name).values(), (runs) => {
    const { op_name, input_type_shape } = runs[0]!.args;
    return {
      operator: op_name,
      inputs: input_type_shape.map((type) => Object.values(type)[0]!),
      ms: Math.min(...runs.map(({ dur }) => dur)) / 1000,
    };
  });
}

/** Names the purpose of an operator in a training step. */
function kindOf({ operator, inputs: [x, filter] }: Node): string {
  if (operator !== "Conv") return kinds[operator] ?? "others";
  if (x!.length === 5) return "filter gradients: products";
  const [, perGroup, height, width] = filter as [number, number, number, number];
  if (perGroup !== 1) return "convolutions and gradients of images: products";
  if (height === 1 && width === 1) return "scale, shift, ReLU, masks, sums of images";
  return width === 1 ? "combinations of rows" : "sums of products of two images";
}

function named(kind: string, ...operators: string[]): Record<string, string> {
  return Object.fromEntries(operators.map((operator) => [operator, kind]));
}

function total(nodes: readonly Node[]): number {
  return nodes.reduce((sum, { ms }) => sum + ms, 0);
}
