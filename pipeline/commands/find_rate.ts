/**
 * Finds a learning rate: trains some steps with a rate that grows exponentially, draws the losses and proposes a rate.
 *
 * @module
 */
import { writeFileAtomic } from "../../data/files/files.ts";
import { command } from "../cli/command.ts";
import { startProgress } from "../cli/progress.ts";
import { UsageError } from "../configuration/usage_error.ts";
import { drawRates } from "../report/rate_figure.ts";
import { writeJson } from "../run/json_file.ts";
import { runPaths } from "../run/paths.ts";
import { withPictureSettings } from "../run/picture_settings.ts";
import { fittedRun } from "../training/fitted_run.ts";
import { proposedRate, sweepRates } from "../training/rate_sweep.ts";
import { trainingFields } from "../training/run_fields.ts";
import { inTeam } from "../training/team.ts";
import { prepareTraining } from "../training/training_setup.ts";

/** Rates below the first train next to nothing, and above the second everything diverges. */
const [LOWEST, HIGHEST] = [1e-4, 10];
const STEPS = 200;

export const findRate = command({
  name: "find-rate",
  fields: trainingFields,
  async run(given, context) {
    if (given.distributed !== "none") throw new UsageError("find-rate trains in one process; leave --distributed out");
    const paths = runPaths(given);
    const configuration = await fittedRun(await withPictureSettings("find-rate", given, paths, context), context);
    return await inTeam(configuration, context, async (team, context) => {
      const setup = await prepareTraining(configuration, context, team);
      await using _engine = setup.engine;
      const steps = configuration.maxSteps ?? STEPS;
      const progress = startProgress({ label: "find-rate", total: steps, unit: "steps" }, context);
      const options = { lowest: LOWEST, highest: HIGHEST, steps, signal: context.signal };
      const sweep = await sweepRates(configuration, setup, { ...options, onStep: (step) => progress.update(step) })
        .finally(() => progress.stop());
      const proposed = proposedRate(sweep, steps);
      const title = `${setup.net.title} on ${setup.dataset.name}, batch ${configuration.batch}`;
      await writeJson(paths.rates, {
        network: setup.net.title,
        batch: configuration.batch,
        proposed: proposed ?? null,
        sweep,
      });
      await writeFileAtomic(paths.ratesFigure, await drawRates(sweep, title, proposed));
      context.print(
        proposed === undefined
          ? `no rate from ${LOWEST} to ${HIGHEST} lowers the loss within ${steps} steps; see ${paths.ratesFigure}`
          : `--learning-rate ${proposed}: the loss falls up to this rate, and does not explode below ten times as much; ` +
            `${paths.ratesFigure} has the curve`,
      );
      return { proposed: proposed ?? null, steps: sweep.length, file: paths.rates, figure: paths.ratesFigure };
    });
  },
});
