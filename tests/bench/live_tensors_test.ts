import { create } from "@bufbuild/protobuf";
import assert from "#assert";
import { mostLiveTensors } from "../../bench/live_tensors.ts";
import { GraphProtoSchema } from "../../onnx/file/generated/onnx_pb.ts";

const BLOCKED = "com.microsoft.nchwc";
const node = (opType: string, input: string[], output: string, domain = "") => ({
  name: output,
  opType,
  domain,
  input,
  output: [output],
  attribute: domain ? [{ name: "kernel_shape", ints: [3n, 3n] }] : [],
});
const ran = (name: string, ...shape: number[]) => ({ name, results: [{ float: shape }] });

Deno.test("tensors that exist at once are those of the node where they take most memory", () => {
  const graph = create(GraphProtoSchema, {
    node: [node("Exp", ["x"], "a"), node("Exp", ["a"], "b"), node("ReduceSum", ["b"], "c"), node("Exp", ["c"], "d")],
    output: [{ name: "d" }],
  });
  const kept = mostLiveTensors(graph, [ran("a", 4, 2), ran("b", 4, 2), ran("c", 1), ran("d", 1)]);
  assert.deepEqual(kept.map(({ maker, shape, count, bytes }) => ({ maker, shape, count, bytes })), [
    { maker: "Exp", shape: [4, 2], count: 2, bytes: 64 },
  ]);
});

Deno.test("a view and a sum that overwrites its addend take no memory of their own", () => {
  const graph = create(GraphProtoSchema, {
    node: [
      node("Exp", ["x"], "a"),
      node("Reshape", ["a", "shape"], "view"),
      node("Conv", ["x", "f", "", "view"], "sum", BLOCKED),
    ],
    output: [{ name: "sum" }],
  });
  const kept = mostLiveTensors(graph, [ran("a", 8), ran("view", 2, 4), ran("sum", 2, 4)]);
  assert.deepEqual(kept.map(({ maker, count, bytes }) => ({ maker, count, bytes })), [
    { maker: "Exp", count: 1, bytes: 32 },
  ]);
});

Deno.test("an output of the graph stays to the end, and an input of it does not count", () => {
  const graph = create(GraphProtoSchema, {
    node: [node("Exp", ["x"], "early"), node("Conv", ["x", "f"], "late", BLOCKED)],
    output: [{ name: "early" }, { name: "late" }],
  });
  const kept = mostLiveTensors(graph, [ran("early", 2), ran("late", 16)]);
  assert.deepEqual(kept.map(({ maker, bytes }) => [maker, bytes]), [["convolution 3 x 3", 64], ["Exp", 8]]);
});
