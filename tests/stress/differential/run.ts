import { supportedKernels } from "../../../onnx/lowerings/supported_kernels.ts";
import { compareCall } from "./compare.ts";
import { rules } from "./rules.ts";

/** Counts over many calls. */
export interface Tally {
  readonly equal: number;
  readonly withGradient: number;
  readonly refused: number;
  readonly invalid: number;
}

/** Numbers of compared calls that use a kernel. */
export interface KernelCalls {
  readonly forward: number;
  /** With a gradient of the kernel. */
  readonly gradient: number;
  readonly unknownSizes: number;
}

/** The outcome of a run. */
export interface Report {
  readonly byRule: Readonly<Record<string, Tally>>;
  /** One line for each difference, with the rule and the seed that repeat it. */
  readonly differences: readonly string[];
  /** Counts of refusals, by message. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly byKernel: Readonly<Record<string, KernelCalls>>;
  /** Supported kernels that no compared call used. */
  readonly missing: readonly string[];
}

/** Calls between lines that tell how far a run is. */
const CALLS_OF_A_LINE = 500;

/**
 * Compares `cases` calls: each rule in turn, with seeds from `first` on.
 *
 * @param only names of rules; default: all
 * @param tell receives each difference when it is found, and the number of calls from time to time
 */
export async function runDifferential(
  cases: number,
  first = 1,
  only: readonly string[] = [],
  tell: (line: string) => void = () => {},
): Promise<Report> {
  const names = Object.keys(rules).filter((name) => only.length === 0 || only.includes(name));
  const byRule: Record<string, { -readonly [Key in keyof Tally]: number }> = {};
  const differences: string[] = [], refusals: Record<string, number> = {};
  const byKernel: Record<string, { -readonly [Key in keyof KernelCalls]: number }> = {};
  for (let at = 0; at < cases; at++) {
    if (at > 0 && at % CALLS_OF_A_LINE === 0) tell(`${at} of ${cases} calls, ${differences.length} different`);
    const name = names[at % names.length]!, seed = first + Math.floor(at / names.length);
    const tally = byRule[name] ??= { equal: 0, withGradient: 0, refused: 0, invalid: 0 };
    const outcome = await compareCall(rules[name]!, seed, name);
    if (outcome.is === "different") {
      differences.push(`${name} ${seed}: ${outcome.message}`);
      tell(`DIFFERENT ${differences.at(-1)}`);
      continue;
    }
    tally[outcome.is]++;
    if (outcome.is === "refused") {
      const message = `${name}: ${outcome.message}`;
      refusals[message] = (refusals[message] ?? 0) + 1;
    }
    if (outcome.is !== "equal") continue;
    if (outcome.withGradient) tally.withGradient++;
    for (const kernel of new Set(outcome.allKernels)) {
      const calls = byKernel[kernel] ??= { forward: 0, gradient: 0, unknownSizes: 0 };
      calls.forward++;
      if (outcome.withUnknownSizes) calls.unknownSizes++;
      if (outcome.withGradient && outcome.kernels.includes(kernel)) calls.gradient++;
    }
  }
  const missing = supportedKernels.filter((kernel) => !(kernel in byKernel));
  return { byRule, differences, refusals, byKernel, missing };
}
