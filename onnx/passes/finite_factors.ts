/**
 * Passes that assume nothing about the values of a graph. Some rules move a factor out of a sum, (x + b) a = x a + b a, which
 * is NaN rather than an infinity where the factor is infinite.
 *
 * @module
 */
import type { Value } from "../graph/graph.ts";
import type { Pass, Rule } from "./rewrite.ts";

/** Restricts the rules of a pass that need a finite factor to factors that are finite constants. */
export const ofFiniteFactors = ({ name, rules }: Pass): Pass => ({ name, rules: rules.map(restricted) });

function restricted(rule: Rule): Rule {
  return {
    ...rule,
    match(kernel, graph) {
      const match = rule.match(kernel, graph);
      if (match === undefined) return undefined;
      const factor = rule.factor?.(match);
      return factor === undefined || isFiniteConstant(factor) ? match : undefined;
    },
  };
}

const isFiniteConstant = ({ constant }: Value): boolean => constant !== undefined && constant.every(Number.isFinite);
