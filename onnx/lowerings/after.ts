/**
 * The kernel `After`, which the pass `save_memory` makes: a value that exists only once another one does.
 *
 * @module
 */
import type { Value } from "../graph/graph.ts";
import { elementType, type Name } from "../file/encode.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { shapeIn } from "./layouts.ts";
import { fusedLowering } from "./lowering.ts";
import { concatenate, slice } from "./move_elements.ts";

/** Both have known shapes. */
interface Inputs {
  readonly x: Value;
  readonly after: Value;
}

/**
 * Inserts an axis of size 1 at a computed place: 0, followed by an empty slice of the other value. Neither this node nor the
 * reshape that removes the axis copies elements. Two reshapes would not wait: onnxruntime fuses them.
 */
export const after = fusedLowering<Inputs>(({ inputs: { x, after }, output }, scope) => {
  const { builder } = scope, layout = scope.preferredLayout([x]);
  const axes = concatenate(scope, [builder.integers([0]), noneOf(scope, after)], 0);
  const wider = builder.node("Unsqueeze", [scope.name(x, layout), axes]);
  const shape = layout === "natural" ? x.shape : shapeIn(layout, x.shape, scope.block!);
  scope.define(output, scope.reshape(wider, shape), layout);
});

/** Adds an empty list of integers that exists once a value does. */
function noneOf(scope: LayoutScope, value: Value): Name {
  const flat = scope.reshape(scope.name(value, scope.preferredLayout([value])), [-1]);
  const none = slice(scope, flat, [{ axis: 0, begin: 0, end: 0 }]);
  return scope.builder.node("Cast", [none], { to: elementType.int64 });
}
