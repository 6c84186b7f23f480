/**
 * Checks of sizes when a model runs. ONNX has no operator for it.
 *
 * @module
 */
import type { Name } from "../file/encode.ts";
import type { ModelBuilder } from "../file/model_builder.ts";

/**
 * Adds a list of one 0, which a runtime refuses to make if the size `excess`, a list of one int64, is above 0: then it would
 * read behind the end of a list.
 *
 * @param rule the name of the node that refuses, which the runtime's error has
 */
export function zeroUnless(builder: ModelBuilder, excess: Name, rule: string): Name {
  const { scope } = builder;
  builder.scope = scope === undefined ? rule : `${scope}/${rule}`;
  const zero = builder.node("Gather", [builder.integers([0]), excess], { axis: 0 });
  builder.scope = scope;
  return zero;
}
