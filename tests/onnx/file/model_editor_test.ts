import assert from "#assert";
import { ModelBuilder } from "../../../onnx/file/model_builder.ts";
import { floatsOf, ModelEditor, newNode, shapeOf } from "../../../onnx/file/model_editor.ts";
import { runOnnx } from "../../support/run_onnx.ts";

const type = { shape: [2], dtype: "float32" } as const;

/** y = exp(x + [1, 2]) */
function editor(): ModelEditor {
  const builder = new ModelBuilder(17);
  const sum = builder.node("Add", [builder.input("x", type), builder.constant(Float32Array.of(1, 2), [2], "float32")]);
  builder.output("y", builder.node("Exp", [sum]), type);
  return new ModelEditor(builder.build());
}

Deno.test("every value has its producer and its consumers; the caller consumes an output", () => {
  const model = editor(), [add, exp] = model.graph.node;
  assert.equal(model.producers().get("y"), exp);
  assert.deepEqual(model.consumers().get("x"), [add]);
  assert.deepEqual(model.consumers().get("y"), [undefined]);
});

Deno.test("constants are read by name; an integer one has no floats", () => {
  const model = editor(), constant = model.constant(model.graph.node[0]!.input[1])!;
  assert.deepEqual([...floatsOf(constant)], [1, 2]);
  assert.deepEqual(shapeOf(constant), [2]);
  assert.equal(model.constant("x"), undefined);
  const name = model.addConstant("n", Int32Array.of(1), []);
  assert.throws(() => floatsOf(model.constant(name)!), new Error("constant n is not float32"));
});

Deno.test("a fresh name is that of no value", () => {
  const model = editor();
  assert.deepEqual([model.fresh("x"), model.fresh("x"), model.fresh("z")], ["x_2", "x_3", "z"]);
});

Deno.test("an edited model runs, and constants that nothing reads any more are gone", async () => {
  const model = editor();
  const two = model.addConstant("two", Float32Array.of(2), []);
  model.rewriteNodes((node) => node.opType === "Add" ? [newNode("Mul", ["x", two], node.output[0]!)] : [node]);
  const bytes = model.build();
  assert.deepEqual(new ModelEditor(bytes).graph.initializer.map(({ name }) => name), ["two"]);
  const { y } = await runOnnx(bytes, { x: { shape: [2], data: Float32Array.of(0, 0) } });
  assert.deepEqual([...y!.data], [1, 1]);
});

Deno.test("nodes that no output depends on are removed", () => {
  const model = editor();
  model.rewriteNodes((node) => [newNode("Neg", [node.input[0]!], model.fresh("unread")), node]);
  model.removeUnread();
  assert.deepEqual(model.graph.node.map(({ opType }) => opType), ["Add", "Exp"]);
});
