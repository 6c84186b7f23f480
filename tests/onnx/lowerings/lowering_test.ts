import assert from "#assert";
import type { Value } from "../../../onnx/graph/graph.ts";
import { type Call, listLowering, lowering } from "../../../onnx/lowerings/lowering.ts";
import { LayoutScope } from "../../../onnx/lowerings/layout_scope.ts";
import { ModelBuilder } from "../../../onnx/file/model_builder.ts";

const scope = new LayoutScope(new ModelBuilder(17));
const value: Value = { shape: [1], dtype: "float32" };
const constant: Value = { ...value, constant: Float32Array.of(1) };

Deno.test("a result that has the type of a constant is no constant", () => {
  const { infer } = lowering<{ x: Value }>({ infer: ({ x }) => x, lower() {} });
  assert.deepEqual(infer({ x: constant }, {}), value);
  const several = listLowering({ infer: (values) => values, lower() {} });
  assert.deepEqual(several.infer({ 0: constant, 1: constant }, {}), [value, value]);
});

Deno.test("a lowering gets a kernel's inputs by name, its attributes and its outputs", () => {
  const calls: Call<unknown, unknown>[] = [];
  const { lower } = lowering<{ x: Value }, { axis: number }>({
    infer: ({ x }) => x,
    lower: (call) => calls.push(call),
  });
  lower({ name: "Kernel", inputs: { x: value }, attributes: { axis: 1 }, outputs: [constant, value] }, scope);
  const { name, inputs, attributes, output, outputs } = calls[0]!;
  assert.deepEqual([name, inputs, attributes], ["Kernel", { x: value }, { axis: 1 }]);
  assert.equal(output, constant);
  assert.equal(outputs[1], value);
});

Deno.test("a lowering of a list gets the inputs in their order", () => {
  const lists: (readonly Value[])[] = [];
  const { lower } = listLowering({ infer: ([x]) => x!, lower: ({ inputs }) => lists.push(inputs) });
  lower({ name: "Kernel", inputs: { 0: constant, 1: value }, attributes: {}, outputs: [value] }, scope);
  assert.ok(lists[0]![0] === constant && lists[0]![1] === value);
});
