import { BLOCKED, type Scope } from "../lowering.ts";
import type { Name } from "../model_builder.ts";

/** The sum of the blocked convolutions of images and filters, each of which is added to in place by the next. */
export function sumOfBlocked(
  { builder }: Scope,
  operands: readonly (readonly [image: Name, filter: Name])[],
  attributes: Readonly<Record<string, readonly number[]>>,
  addend: readonly Name[] = [],
): Name {
  return operands.reduce<readonly Name[]>(
    (sum, pair) => [builder.node("Conv", [...pair, ...sum.flatMap((name) => ["", name])], attributes, BLOCKED)],
    addend,
  )[0]!;
}
