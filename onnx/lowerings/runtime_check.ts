/**
 * Checks that run with the model. ONNX has no operator for them.
 *
 * @module
 */
import type { Name } from "../file/encode.ts";
import type { ModelBuilder } from "../file/model_builder.ts";

/** Adds nodes that fail for some inputs. They are named after the rule, and the runtime's error shows that name. */
export function namedRule<T>(builder: ModelBuilder, rule: string, add: () => T): T {
  const { scope } = builder;
  builder.scope = scope === undefined ? rule : `${scope}/${rule}`;
  const added = add();
  builder.scope = scope;
  return added;
}

/**
 * Adds a list of one 0. Its node fails if `excess`, a list of one int64, is above 0, because it then reads behind the end of a
 * list.
 */
export const zeroUnless = (builder: ModelBuilder, excess: Name, rule: string): Name =>
  namedRule(builder, rule, () => builder.node("Gather", [builder.integers([0]), excess], { axis: 0 }));
