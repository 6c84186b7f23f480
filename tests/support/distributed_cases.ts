/** Runs that several processes share, by name. */
import { shakeNet } from "../../model/shakenet.ts";
import { shakeResNeXt } from "../../model/shake_resnext.ts";
import type { RunOptions } from "./training_run.ts";

const small = { depth: 8, width: 2, branches: 2, classes: 4 };
const base = { net: shakeNet(small), steps: 10, batch: 12, side: 8, shake: "shake-shake-image" } satisfies RunOptions;

export interface DistributedCase {
  /** Number of processes. */
  readonly count: number;
  readonly options: RunOptions;
}

export const distributedCases: Readonly<Record<string, DistributedCase>> = {
  "2 processes": { count: 2, options: base },
  "3 processes, factors of the whole batch": { count: 3, options: { ...base, shake: "shake-shake-batch" } },
  "4 processes, three branches": { count: 4, options: { ...base, net: shakeNet({ ...small, branches: 3 }) } },
  "2 processes, grouped convolutions": {
    count: 2,
    options: { ...base, steps: 4, net: shakeResNeXt({ depth: 11, width: 2, groups: 2, branches: 2, classes: 4 }) },
  },
};
