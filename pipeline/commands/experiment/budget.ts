/**
 * Scales a recipe to a budget of compute by its number of epochs.
 *
 * @module
 */
import { MOST_EPOCHS } from "../../configuration/fields/training.ts";
import { UsageError } from "../../configuration/usage_error.ts";
import { PFLOP } from "../../training/step_flop.ts";
import type { SizeShare } from "./recipes.ts";

/** The length of a run, and what it costs. */
export interface Scaled {
  readonly epochs: number;
  /** As `--sizes` takes it. */
  readonly sizes: string;
  /** 10^15 operations, over all training steps. */
  readonly pflop: number;
}

export interface Costs {
  readonly stepsPerEpoch: number;
  /** Height and width of the data set's images. */
  readonly whole: number;
  /** Operations of a step whose images have a side. */
  readonly stepFlop: (side: number) => number;
}

/**
 * Returns the most epochs that a budget pays.
 *
 * @param budget in PFLOP
 * @throws {UsageError} if it does not pay one epoch, or pays more than a run may have
 */
export function scaledTo(budget: number, name: string, sizes: readonly SizeShare[], costs: Costs): Scaled {
  const { stepsPerEpoch, whole, stepFlop } = costs;
  const epochCost = (side: number) => stepsPerEpoch * stepFlop(side) / PFLOP;
  /** The plan and the cost of a number of epochs. */
  const planned = (epochs: number): Scaled => {
    const smaller = sizes.map(({ side, share }) => ({ side, epochs: Math.round(share * epochs) }))
      .filter(({ epochs }) => epochs > 0);
    const rest = epochs - smaller.reduce((sum, { epochs }) => sum + epochs, 0);
    const pflop = [...smaller, { side: whole, epochs: rest }]
      .reduce((sum, { side, epochs }) => sum + epochs * epochCost(side), 0);
    return { epochs, sizes: smaller.map(({ side, epochs }) => `${side}:${epochs}`).join() || "none", pflop };
  };
  if (planned(1).pflop > budget) {
    throw new UsageError(
      `--budget: ${budget} PFLOP are less than an epoch of ${name}, ${planned(1).pflop.toPrecision(2)}; ` +
        "name a larger budget, or other --recipes",
    );
  }
  // Rounding the epochs of a size may raise or lower the cost a little, so the mean cost only gives the first guess.
  const shares = sizes.reduce((sum, { share }) => sum + share, 0);
  const mean = sizes.reduce((sum, { side, share }) => sum + share * epochCost(side), (1 - shares) * epochCost(whole));
  let epochs = Math.max(1, Math.floor(budget / mean));
  while (epochs > 1 && planned(epochs).pflop > budget) epochs--;
  while (planned(epochs + 1).pflop <= budget) epochs++;
  if (epochs > MOST_EPOCHS) {
    throw new UsageError(
      `--budget: ${budget} PFLOP are more than ${MOST_EPOCHS} epochs of ${name}, the most of a run; name a smaller budget`,
    );
  }
  return planned(epochs);
}
