/**
 * Writes the results that the documents quote: `deno task results`.
 *
 * A document marks a place with `<!-- results:begin NAME -->` and `<!-- results:end -->`. Numbers come from the files of
 * the runs in docs/results and, for what a run does not record, from docs/results/results.json. So no two documents can
 * disagree.
 *
 * @module
 */
import { z } from "zod";
import { type ChosenOn, chosenOnNames } from "../export/chosen_on.ts";

const Facts = z.strictObject({
  command: z.string(),
  machine: z.string(),
  /** From a clone with empty package caches to the verified model. */
  cleanCloneSeconds: z.number().optional(),
  trainingMinutes: z.number().optional(),
});

const Evaluation = z.object({
  ...{ images: z.number(), correct: z.number(), accuracy: z.number() },
  // Runs before there were validation splits chose the best checkpoint on the test split.
  chosenOn: z.enum(chosenOnNames).default("test"),
});
const Parity = z.object({ maxAbsoluteDifference: z.number(), test: z.object({ accuracy: z.number() }) });
const Settings = z.object({ epochs: z.number() });

/** A run of docs/results. */
interface QuotedRun extends z.output<typeof Facts> {
  readonly evaluation: z.output<typeof Evaluation>;
  readonly parity: z.output<typeof Parity>;
  readonly settings: z.output<typeof Settings>;
}

type QuotedRuns = Readonly<Record<"quick" | "cifar10-small", QuotedRun>>;

/** Documents with marked places, relative to the repository. */
export const quoting = ["README.md", "docs/results/README.md", "docs/performance.md"] as const;

const results = new URL("../docs/results/", import.meta.url);
const readJson = async (path: string): Promise<unknown> => JSON.parse(await Deno.readTextFile(new URL(path, results)));

/** @throws if a file of a run lacks what the documents quote */
export async function readQuotedRuns(): Promise<QuotedRuns> {
  const facts = z.strictObject({ "quick": Facts, "cifar10-small": Facts }).parse(await readJson("results.json"));
  const runs = Object.entries(facts).map(async ([name, fact]) => {
    const [evaluation, parity, settings] = await Promise.all(
      ["evaluation", "parity", "config"].map((file) => readJson(`${name}/${file}.json`)),
    );
    return [name, {
      ...fact,
      evaluation: Evaluation.parse(evaluation),
      parity: Parity.parse(parity),
      settings: Settings.parse(settings),
    }] as const;
  });
  return Object.fromEntries(await Promise.all(runs)) as unknown as QuotedRuns;
}

const percent = (share: number, digits = 2) => `${(100 * share).toFixed(digits)} %`;

/** Says after a test accuracy that the test images chose the checkpoint. */
const choiceText = ({ chosenOn }: { readonly chosenOn: ChosenOn }): string =>
  chosenOn === "test" ? " (chosen on the test images)" : "";

function row([name, { command, evaluation, parity, settings, machine, trainingMinutes }]: [string, QuotedRun]): string {
  const { images, correct, accuracy } = evaluation;
  const hits = `${correct.toLocaleString("en")} of ${images.toLocaleString("en")}`;
  return `| ${
    [
      `\`${name}\``,
      `\`${command}\``,
      `${percent(accuracy)} (${hits})`,
      evaluation.chosenOn,
      percent(parity.test.accuracy),
      parity.maxAbsoluteDifference.toExponential(1),
      `${settings.epochs}${trainingMinutes ? `, ${trainingMinutes} min` : ""}`,
      machine,
    ].join(" | ")
  } |`;
}

const columns =
  "| run | command | test accuracy | chosen on | exported model | largest logit difference | epochs | machine |\n" +
  "| --- | --- | --- | --- | --- | --- | --- | --- |";

/** The text of each marked place, by its name. */
const texts: Readonly<Record<string, (runs: QuotedRuns) => string>> = {
  "quick": ({ quick: { cleanCloneSeconds, evaluation } }) =>
    `It reached **${percent(evaluation.accuracy, 1)}** test accuracy${choiceText(evaluation)}. ` +
    `A linear classifier reaches 23 %.\n` +
    `From a clean clone with empty package caches it took ${cleanCloneSeconds} seconds on 2 cores.`,
  "cifar10-small": ({ "cifar10-small": { evaluation, parity, trainingMinutes } }) =>
    `It reached **${percent(evaluation.accuracy)}** test accuracy${
      choiceText(evaluation)
    } in ${trainingMinutes} minutes on 2 busy cores. ` +
    `The exported model reached ${percent(parity.test.accuracy)}\n` +
    `in onnxruntime; its logits differ from the network's by at most ${parity.maxAbsoluteDifference.toExponential(1)}.`,
  "clean clone": ({ quick: { command, cleanCloneSeconds } }) =>
    `\`${command}\` took ${cleanCloneSeconds} s from a clean clone with empty package caches to a verified model.`,
  "runs": (runs) => [columns, ...Object.entries(runs).map(row)].join("\n"),
};

/**
 * Fills the marked places of a document.
 *
 * @throws if it marks a place that has no text
 */
export function withResults(document: string, runs: QuotedRuns): string {
  return document.replace(/(<!-- results:begin (.+?) -->\n)[\s\S]*?(<!-- results:end -->)/g, (_, begin, name, end) => {
    const text = texts[name];
    if (!text) throw new Error(`results has no text "${name}"; it has ${Object.keys(texts).join(", ")}`);
    return `${begin}\n${text(runs)}\n\n${end}`;
  });
}

if (import.meta.main) {
  const runs = await readQuotedRuns();
  for (const path of quoting) {
    const file = new URL(`../${path}`, import.meta.url);
    await Deno.writeTextFile(file, withResults(await Deno.readTextFile(file), runs));
  }
}
