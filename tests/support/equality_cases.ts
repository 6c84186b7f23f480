/** The runs that engines are compared on, by name: a worker finds them here too. */
import { relativeModes, type ShakeModeName } from "../../model/shake_factors.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { shakeResNeXt } from "../../model/shake_resnext.ts";
import type { RunOptions } from "./training_run.ts";

const small = { depth: 8, width: 2, branches: 2, classes: 4 };

/** Three steps of a small network. */
export const base = {
  net: shakeNet(small),
  steps: 3,
  batch: 4,
  side: 8,
  shake: "shake-shake-image",
} satisfies RunOptions;

/** The rows of the paper's tables 1 and 4; those of table 4 are at image level. */
const table1 = [
  "even-even-batch",
  "even-shake-batch",
  "shake-keep-batch",
  "shake-even-batch",
  "shake-shake-batch",
  "even-shake-image",
  "shake-keep-image",
  "shake-even-image",
  "shake-shake-image",
] as const satisfies readonly ShakeModeName[];
const table4 = relativeModes.map((mode) => `shake-${mode}-image` as const);

/** Runs of one graph: the factors are inputs of the step. */
export const draws: Readonly<Record<string, RunOptions>> = {
  ...Object.fromEntries([...table1, ...table4].map((shake) => [shake, { ...base, shake, steps: 1 }])),
  "uniform sampling": { ...base, sampling: "uniform", steps: 1 },
};

/** The second step has momentum. */
const two = { ...base, steps: 2 };

/** Runs of other networks. */
export const networks: Readonly<Record<string, RunOptions>> = {
  "3 branches, images of 12 x 12": { ...two, net: shakeNet({ ...small, branches: 3 }), side: 12 },
  "filters that fill onnxruntime's blocks": {
    ...base,
    net: shakeNet({ ...small, width: 16 }),
    shake: "shake-keep-batch",
    steps: 1,
    batch: 2,
  },
  "without skip connections": { ...two, net: shakeNet({ ...small, skip: false }), side: 12 },
  "without batch norm": { ...two, net: shakeNet({ ...small, batchNorm: false }) },
  "convolutions in tiles of rows": { ...base, net: shakeNet({ ...small, width: 64 }), steps: 1, batch: 2 },
  "ResNeXt": {
    ...two,
    net: shakeResNeXt({ depth: 11, width: 2, groups: 2, branches: 2, classes: 4 }),
    side: 12,
    shake: "shake-even-image",
  },
};

/** A run by its name; the first one is `base`. */
export const cases: Readonly<Record<string, RunOptions>> = { base, ...draws, ...networks };
