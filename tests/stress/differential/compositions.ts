/** Programs of several functions: values of mixed types that are read more than once, and constants and sizes between them. */
import type { Draw } from "./draw.ts";
import type { Dim } from "./input.ts";
import type { Step, Typed } from "./composition/step.ts";
import { steps } from "./composition/steps.ts";
import type { Call, Rule, Rules } from "./rule.ts";

const LARGEST_RANK = 4;

/** Functions whose floats may be rounded in another way. */
const ROUNDING: ReadonlySet<string> = new Set([
  "unary",
  "reduce",
  "matMul",
  "perAxis",
  "binary",
  "binaryAgain",
  "constant",
]);
/** Functions that find other results where their inputs are rounded in another way. */
const EXACT: ReadonlySet<string> = new Set(["compare", "where", "anyOrAll", "argMax", "cast"]);

function drawStep(draw: Draw, all: readonly Typed[]): Step & Pick<Typed, "isRounded"> | undefined {
  // The newest values are read most, so that chains are long.
  const x = draw.chance(0.6) ? all.at(-1)! : draw.oneOf(all);
  const name = draw.oneOf(Object.keys(steps)), drawn = steps[name]!(draw, x, all);
  if (!drawn?.to.every(({ shape }) => shape.length <= LARGEST_RANK && `${shape}`.length < 60)) return undefined;
  const isRounded = drawn.from.some(({ isRounded }) => isRounded);
  if (isRounded && EXACT.has(name)) return undefined;
  return { ...drawn, isRounded: isRounded || ROUNDING.has(name) };
}

/** Draws inputs whose sizes are known or not; several of them share sizes. */
function drawInputs(draw: Draw, unknown: number, special: boolean) {
  const dims = [draw, draw, draw].map((_, at): Dim => at < unknown ? draw.unknown({ min: 0, max: 4 }) : draw.size());
  return Array.from({ length: draw.integer(1, 3) }, (_, at) => {
    const shape = Array.from({ length: draw.integer(0, 3) }, () => draw.oneOf(dims));
    return draw.input(shape, at === 0 ? "float32" : draw.dtype(), { special });
  });
}

const composition = (unknown: number): Rule => (draw): Call => {
  const isSpecial = draw.chance(0.7), inputs = drawInputs(draw, unknown, isSpecial);
  const all: Typed[] = inputs.map(({ shape, dtype }, at) => ({ at, shape, dtype, isRounded: false }));
  const program: Step[] = [], length = draw.integer(3, 8);
  for (let tries = 0; program.length < length && tries < 200; tries++) {
    const next = drawStep(draw, all);
    if (!next) continue;
    program.push(next);
    for (const type of next.to) all.push({ ...type, at: all.length, isRounded: next.isRounded });
  }
  const read = new Set(program.flatMap(({ from }) => from.map(({ at }) => at)));
  // The values that no function reads, and some of the others.
  const results = all.filter(({ at }) => at >= inputs.length && (!read.has(at) || draw.chance(0.15)));
  return {
    inputs,
    fn: (...tensors) => {
      const values = [...tensors];
      for (const { run, from } of program) values.push(...[run(...from.map(({ at }) => values[at]!))].flat());
      return results.map(({ at }) => values[at]!);
    },
    attributes: program.map(({ text, from, to }) =>
      `${text} of ${from.map(({ at }) => at)} -> ${to.map(({ shape, dtype }) => `${dtype}[${shape}]`).join(" ")}`
    ),
    specialValues: isSpecial ? "exact" : "fast",
    tolerance: 1e-4,
    isSum: true,
  };
};

export const compositions: Rules = {
  "composition, known sizes": composition(0),
  "composition, one unknown size": composition(1),
  "composition, two unknown sizes": composition(2),
  "composition, three unknown sizes": composition(3),
};
