/**
 * The tensors that exist at once while onnxruntime runs a graph: from the order in which it ran the nodes, and the sizes of
 * what they made. A tensor exists from the node that makes it to the last one that reads it.
 *
 * @module
 */
import type { GraphProto, NodeProto } from "../onnx/file/generated/onnx_pb.ts";

/** A node that ran, with the shapes of its results by element type. */
export interface NodeRun {
  readonly name: string;
  readonly results: readonly Readonly<Record<string, readonly number[]>>[];
}

/** Tensors that were made alike. */
export interface Kept {
  readonly maker: string;
  readonly shape: readonly number[];
  readonly count: number;
  readonly bytes: number;
}

interface Tensor {
  readonly maker: string;
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly begin: number;
  end: number;
}

const ELEMENT_BYTES: Readonly<Record<string, number>> = { float: 4, double: 8, int32: 4, int64: 8, bool: 1 };
/** Operators whose result is their first input in another shape. */
const VIEWS: readonly string[] = ["Reshape", "Squeeze", "Unsqueeze", "Identity"];

/** Finds the tensors at the node where they take most memory, the largest groups first. */
export function mostLiveTensors(graph: GraphProto, run: readonly NodeRun[]): readonly Kept[] {
  const tensors = tensorsOf(graph, run);
  const changes = new Float64Array(run.length + 2);
  for (const { begin, end, bytes } of tensors) {
    changes[begin]! += bytes;
    changes[end + 1]! -= bytes;
  }
  let live = 0, most = 0, peak = 0;
  changes.forEach((change, at) => {
    live += change;
    if (live > most) [most, peak] = [live, at];
  });
  const kept = tensors.filter(({ begin, end }) => begin <= peak && peak <= end);
  return Array.from(
    Map.groupBy(kept, ({ maker, shape }) => `${maker} ${shape}`).values(),
    (alike) => ({ ...alike[0]!, count: alike.length, bytes: alike.reduce((sum, { bytes }) => sum + bytes, 0) }),
  ).toSorted((a, b) => b.bytes - a.bytes);
}

/** Lists the tensors that nodes make. A view, and a sum that overwrites an addend, prolong the tensor that they read. */
function tensorsOf({ node, output }: GraphProto, run: readonly NodeRun[]): readonly Tensor[] {
  const nodes = new Map(node.map((node) => [node.name, node]));
  const byName = new Map<string, Tensor>(), tensors: Tensor[] = [];
  run.forEach(({ name, results }, at) => {
    const node = nodes.get(name)!;
    for (const input of node.input) if (byName.has(input)) byName.get(input)!.end = at;
    node.output.forEach((output, place) => {
      const overwritten = byName.get(overwrittenInput(node) ?? "");
      if (overwritten) return byName.set(output, overwritten);
      const [type, shape] = Object.entries(results[place] ?? { float: [] })[0]!;
      const bytes = shape.reduce((product, size) => product * size, ELEMENT_BYTES[type] ?? 4);
      const tensor = { maker: makerOf(node), shape, bytes, begin: at, end: at };
      byName.set(output, tensor);
      tensors.push(tensor);
    });
  });
  for (const { name } of output) if (byName.has(name)) byName.get(name)!.end = run.length;
  return tensors;
}

function overwrittenInput({ opType, domain, input }: NodeProto): string | undefined {
  if (VIEWS.includes(opType)) return input[0];
  return opType === "Conv" && domain !== "" ? input[3] : undefined;
}

/** Names what a node is for; see the lowerings of `onnx/`. */
function makerOf({ opType, domain, attribute }: NodeProto): string {
  if (opType !== "Conv" || domain === "") return opType;
  const find = (name: string) => attribute.find((attribute) => attribute.name === name);
  const [height, width] = find("kernel_shape")!.ints.map(Number);
  if (Number(find("group")?.i ?? 1) === 1) return `convolution ${height} x ${width}`;
  if (width !== 1) return "sum of products of two images";
  if (height !== 1) return "combination of rows";
  return new TextDecoder().decode(find("activation")?.s) === "Clip" ? "mask" : "scale and shift";
}
