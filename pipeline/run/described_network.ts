/**
 * The network of a run, apart from `run_configuration.ts`: reading a configuration alone loads no tensor library.
 *
 * @module
 */
import type { Dataset } from "../../data/dataset.ts";
import { buildNetwork, type ShakeNetwork } from "../../model/architectures.ts";
import type { Configuration } from "../configuration/fields.ts";
import { type networkFields, type StemFields, stemOf } from "./run_configuration.ts";

/** The network that a configuration describes, for a data set. */
export const networkOf = (
  configuration: Pick<Configuration, Exclude<typeof networkFields[number], "stem">> & StemFields,
  { labels }: Pick<Dataset, "labels">,
): ShakeNetwork => buildNetwork({ ...configuration, stem: stemOf(configuration), classes: labels.length });
