/**
 * Flags that act only beside another one. Presets and files may set such fields for several schedules and averages; a person
 * who writes the flag expects it to act.
 *
 * @module
 */
import { type Configuration, type Field, fieldInfo, type Given } from "./fields.ts";
import { UsageError } from "./usage_error.ts";

/** Fields that act only in some configurations. */
interface Condition {
  readonly fields: readonly Field[];
  readonly holds: (configuration: Configuration) => boolean;
  /** The flag that they need. */
  readonly needs: string;
}

const names = (list: string): readonly string[] => list.split(",");

const conditions: readonly Condition[] = [
  {
    fields: ["groups"],
    holds: ({ architecture }) => architecture === "resnext",
    needs: "--architecture resnext",
  },
  {
    fields: ["restartEpochs", "restartFactor"],
    holds: ({ schedule }) => schedule === "restarts",
    needs: "--schedule restarts",
  },
  {
    fields: ["plateauFactor", "plateauEpochs"],
    holds: ({ schedule }) => schedule === "plateau",
    needs: "--schedule plateau",
  },
  {
    fields: ["cycleBegin", "cyclePeak", "cycleEnd"],
    holds: ({ schedule }) => schedule === "one-cycle",
    needs: "--schedule one-cycle",
  },
  {
    fields: ["averageDecay", "averageWarmup"],
    holds: ({ averaging }) => averaging === "ema",
    needs: "--averaging ema",
  },
  { fields: ["averageFrom", "averageEvery"], holds: ({ averaging }) => averaging === "swa", needs: "--averaging swa" },
  { fields: ["mixingAmount"], holds: ({ mixing }) => mixing !== "none", needs: "--mixing" },
  {
    fields: ["calibrationImages", "reduceRange"],
    holds: ({ precision }) => names(precision).includes("int8"),
    needs: "--precision int8",
  },
  {
    fields: ["accuracyLoss"],
    holds: ({ precision }) => names(precision).some((name) => name !== "float32"),
    needs: "--precision fp16 or int8",
  },
  { fields: ["exportSteps"], holds: ({ what }) => what === "training-step", needs: "--what training-step" },
  {
    fields: ["input", "precision", "features", "tolerance", "parityImages"],
    holds: ({ what }) => what === "model",
    needs: "--what model",
  },
];

/** @throws {UsageError} naming a flag that changes nothing, and the flag that it needs */
export function refuseUnusedFlags(flags: Given, configuration: Configuration): void {
  for (const { fields, holds, needs } of conditions) {
    const unused = holds(configuration) ? undefined : fields.find((field) => flags[field] !== undefined);
    if (unused === undefined) continue;
    const { flag } = fieldInfo(unused);
    const written = flags[unused] === false ? `--no-${flag.slice(2)}` : flag;
    throw new UsageError(`${written} changes nothing without ${needs}; add that, or leave ${written} out`);
  }
}
