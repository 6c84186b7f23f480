/** Pages in a real browser, on a phone and on a screen, light and dark, with names that hardly fit. */
import assert from "#assert";
import { pathToFileURL } from "node:url";
import { inspect } from "../../../data/inspection/inspection.ts";
import { ExplainedPage } from "../../../pipeline/commands/predict/explained_page.ts";
import { withDefaults } from "../../support/tiny_run.ts";
import { inspectionPage, shownPictures } from "../../../pipeline/report/inspection_page.ts";
import { documentOf, reportOf } from "../../../pipeline/report/page.ts";
import type { RunData } from "../../../pipeline/report/read_run.ts";
import { thumbnailsOf } from "../../../pipeline/report/thumbnails.ts";
import { chromium, inPage } from "../../support/chromium.ts";
import { figure, inspected } from "../../support/inspected.ts";
import pageFaults from "../../support/page_faults.js" with { type: "text" };
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

const program = await chromium();
const labels = [
  "cat",
  "暗い写真のとても長い名前",
  "a_name_of_a_class_without_any_space_at_which_a_line_could_break",
  "Зелёная категория",
];
const file = `${"a-long-name-of-a-file-".repeat(4)}.jpg`;

/** A run with as many mistakes as are wanted, one at most. */
async function report(mistakes: 0 | 1): Promise<string> {
  const score = { precision: 1, recall: 1, f1: 1 };
  const evaluation: NonNullable<RunData["evaluation"]> = {
    ...{ dataset: "odd", checkpoint: "best", checkpointDigest: "", step: 1, loss: 0, top5Accuracy: 1 },
    ...{
      mistakes: [],
      chosenOn: "validation",
      testTimeAugmentation: "none",
      engine: "cpu",
      images: 8,
      correct: 8 - mistakes,
    },
    calibration: {
      expectedCalibrationError: 0.1,
      bins: [{ from: 0.8, to: 0.9, images: 8, accuracy: 1, confidence: 0.85 }],
    },
    ...{ accuracy: 1, macro: score, classes: labels.map((label) => ({ label, ...score, support: 2 })) },
    confusion: labels.map((_, row) =>
      labels.map((_, column) =>
        row === column ? 2 - (row === 1 ? mistakes : 0) : row === 1 && column === 0 ? mistakes : 0
      )
    ),
  };
  const data: RunData = {
    ...{ name: "odd", data: undefined, evaluation, mistakes: undefined, parity: undefined, correlations: undefined },
    ...{ configuration: withDefaults(), epochs: [], sessions: [] },
    steps: [1, 2].map((step) => ({ step, loss: 1, accuracy: 0.5, learningRate: 0.1 })),
  };
  return documentOf("odd", await reportOf([{ data, network: "a network", pictures: undefined, notes: [] }]));
}

async function inspection(): Promise<string> {
  const pictures = Array.from(
    { length: 24 },
    (_, at) => inspected(figure(at), { file: `train/${at}-${file}`, index: at, label: at % 4, width: 30 + at }),
  );
  const copy = { ...pictures[0]!, file: `test/${file}`, split: "test" as const };
  const seen = inspect({ labels, pictures: [...pictures, copy], leftOut: [], isHeldOut: false });
  return await inspectionPage(
    "odd",
    seen,
    await thumbnailsOf(shownPictures(seen), undefined, new AbortController().signal),
  );
}

async function explained(): Promise<string> {
  const page = new ExplainedPage(), shape = [32, 32, 3] as const;
  await page.draw("1.png", { pixels: figure(1), shape, drawn: figure(2), drawnShape: shape });
  page.add([{
    picture: `pictures/${file}`,
    classes: [{ label: labels[2]!, probability: 0.5 }],
    unsure: true,
    explanation: "1.png",
  }]);
  return page.document();
}

Deno.test({
  name: "pages fit a phone and a screen, and their text stands out, light and dark (needs Chromium)",
  ignore: program === undefined,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const pages = {
        "one-mistake": await report(1),
        "no-mistake": await report(0),
        inspection: await inspection(),
        explained: await explained(),
      };
      const found: string[] = [];
      await inPage(program!, async (page) => {
        for (const [name, document] of Object.entries(pages)) {
          const path = `${folder}/${name}.html`;
          await Deno.writeTextFile(path, document);
          await page.navigate(pathToFileURL(path).href);
          await page.until(`location.pathname.endsWith("${name}.html") && document.readyState === "complete"`);
          for (const width of [390, 1200]) {
            for (const colours of ["light", "dark"] as const) {
              await page.display(width, colours);
              const faults = await page.evaluate(pageFaults) as string[];
              found.push(...faults.map((fault) => `${name}, ${width} pixels, ${colours}: ${fault}`));
            }
          }
        }
      });
      assert.deepEqual(found, []);
    }),
});
