/**
 * The choice of a checkpoint: its evaluation says which images made it.
 *
 * @module
 */
import type { ChosenOn } from "../../export/chosen_on.ts";
import type { Configuration } from "../configuration/fields.ts";
import type { Position } from "../run/checkpoint.ts";

/** Checkpoints that the training ends with, however good they are. */
const unchosen: readonly string[] = ["last", "previous"];

/**
 * Tells which images chose a checkpoint. A file that a person names was chosen with the validations in sight. Schedule
 * `plateau` follows the validation, and `--patience` ends the run by it, so both choose every checkpoint.
 *
 * @param checkpoint the value of `--checkpoint`
 */
export function chosenOn(
  { best }: Pick<Position, "best">,
  { validation, schedule, patience }: Pick<Configuration, "validation" | "schedule" | "patience">,
  checkpoint: string,
): ChosenOn {
  const isChosen = schedule === "plateau" || patience !== undefined || !unchosen.includes(checkpoint);
  if (validation === "none" || best === null || !isChosen) return "none";
  return validation === "test" ? "test" : "validation";
}
