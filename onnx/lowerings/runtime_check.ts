/**
 * Checks when a model runs. ONNX has no operator for it.
 *
 * @module
 */
import type { Name } from "../file/encode.ts";
import type { ModelBuilder } from "../file/model_builder.ts";

/** Adds nodes that refuse some inputs; they have the name of the rule, which the runtime's error tells. */
export function namedRule<T>(builder: ModelBuilder, rule: string, add: () => T): T {
  const { scope } = builder;
  builder.scope = scope === undefined ? rule : `${scope}/${rule}`;
  const added = add();
  builder.scope = scope;
  return added;
}

/**
 * Adds a list of one 0, which a runtime refuses to make if the size `excess`, a list of one int64, is above 0: then it would
 * read behind the end of a list.
 */
export const zeroUnless = (builder: ModelBuilder, excess: Name, rule: string): Name =>
  namedRule(builder, rule, () => builder.node("Gather", [builder.integers([0]), excess], { axis: 0 }));
