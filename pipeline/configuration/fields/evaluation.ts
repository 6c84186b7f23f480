/**
 * Fields of the commands that measure and show runs.
 *
 * @module
 */
import { z } from "zod";
import { weightedViewsNames } from "../../../data/weighted_views.ts";
import { shakeModeNames } from "../../../model/shake_factors.ts";
import { choice, field, path, RUN_NAME, whole } from "./field.ts";

/** Orders of a list of runs. */
export const runOrders = ["name", "accuracy", "loss", "time", "date"] as const;

const isBudget = (text: string): boolean =>
  text.split(",").every((part) => part.trim() !== "" && Number(part) > 0 && Number(part) <= 1e6);

const areModes = (text: string): boolean =>
  text.split(",").every((name) => (shakeModeNames as readonly string[]).includes(name));

export const evaluationFields = {
  checkpoint: field(path.default("best"), {
    group: "evaluation",
    description: "checkpoint to evaluate and export",
    expects: "best, last, previous or a checkpoint file",
    placeholder: "FILE",
    common: true,
  }),
  testTimeAugmentation: choice(weightedViewsNames, "none", {
    group: "evaluation",
    description:
      "views of a test image whose mean probabilities are measured beside the plain figure: its mirror image, " +
      "5 crops, both, shifts by a pixel, or shifts of both",
  }),
  wantedPrecision: field(z.number().gt(0).max(1).optional(), {
    group: "evaluation",
    description:
      "share of answers that should be right, 0.95 without it; evaluate finds the threshold on the validation images, and " +
      "predict calls answers below it unsure",
  }),
  explain: field(z.boolean().optional(), {
    group: "export",
    description:
      "explains answers by Grad-CAM: export adds the output explanation, and predict draws it over the pictures",
  }),
  unsureBelow: field(z.number().min(0).max(1).optional(), {
    group: "output",
    description:
      "probability below which an answer is unsure; without it, the model's own threshold; 0 calls none unsure",
  }),
  compare: field(z.string().refine((names) => names.split(",").every((name) => RUN_NAME.test(name))).optional(), {
    group: "output",
    description: "other runs to show beside this one",
    expects: "names of runs, separated by commas",
    placeholder: "LIST",
  }),
  port: field(whole(0, 65535).default(8420), {
    group: "output",
    description: "port of this machine on which watch serves the report; 0 takes a free one",
  }),
  seeds: field(whole(1, 1000).default(3), {
    group: "run",
    description: "runs of each row of an experiment, with consecutive seeds from --seed",
    common: true,
  }),
  sort: field(z.enum(runOrders).optional(), {
    group: "output",
    description: "order of the runs: by name, or the newest, the best or the quickest first; without it, by name",
  }),
  remove: field(z.string().regex(RUN_NAME).optional(), {
    group: "run",
    description: "run to remove, with its checkpoints and models; it must not be running",
    expects: "the name of a run",
    placeholder: "NAME",
  }),
  yes: field(z.boolean().optional(), { group: "run", description: "removes without asking" }),
  budget: field(z.string().refine(isBudget).optional(), {
    group: "run",
    description:
      "compute of each run of experiment recipe, in PFLOP (1e15 operations), 0.02 without it; several make lines of the figure",
    expects: "numbers above 0, separated by commas",
    placeholder: "LIST",
    common: true,
  }),
  recipes: field(z.string().regex(/^[a-z0-9-]+(,[a-z0-9-]+)*$/).optional(), {
    group: "run",
    description: "recipes that experiment recipe compares; without it, all",
    expects: "names of recipes, separated by commas",
    placeholder: "LIST",
  }),
  modes: field(z.string().refine(areModes).optional(), {
    group: "run",
    description: "modes of --shake that experiment shaking compares; even-even-batch,shake-shake-image without it",
    expects: "names of modes, separated by commas",
    placeholder: "LIST",
    items: shakeModeNames,
  }),
  examples: field(whole(1, 100).default(12), {
    group: "output",
    description: "images of a preview, one a row",
  }),
};
