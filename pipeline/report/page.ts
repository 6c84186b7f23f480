/**
 * A report: one self-contained page of HTML about one run or several.
 *
 * @module
 */
import { chosenOnText } from "../../export/chosen_on.ts";
import { percentText } from "../cli/quantity.ts";
import {
  branchCorrelations,
  classesCompared,
  confusionMatrix,
  type Figure,
  reliabilityDiagrams,
} from "./evaluation_figures.ts";
import { dataWarning } from "./compared_data.ts";
import { learningCurves } from "./learning_curves.ts";
import { type Content, html, Markup, pathMarkup } from "./markup.ts";
import type { Pictures } from "./pictures.ts";
import type { RunData } from "./read_run.ts";
import style from "./style.css" with { type: "text" };
import {
  classTable,
  comparison,
  configurationTable,
  confusedPairs,
  coverageTable,
  facts,
  parityTable,
  sessionTable,
} from "./tables.ts";

/** A run, with pictures if its data set exists. */
export interface ReportedRun {
  readonly data: RunData;
  /** Title of the network. */
  readonly network: string;
  readonly pictures: Pictures | undefined;
  /** Sentences about what is left out, and why. */
  readonly notes: readonly string[];
}

/** The parts of a page that follows a run, beside the report. */
export interface Live {
  /** Stands above the report. */
  readonly head: Markup;
  readonly script: string;
  /** A secret of this answer, which permits the script. */
  readonly nonce: string;
}

/** Puts a report into a document. */
export function documentOf(title: string, report: Markup, live?: Live): string {
  const follows = live ? `; script-src 'nonce-${live.nonce}'; connect-src 'self'` : "";
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'${follows}`;
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}">
        <title>${title}</title>
        <style>${new Markup(style)}</style>
      </head>
      <body>
        ${live?.head}
        <main>${report}</main>
        ${live && html`<script nonce="${live.nonce}">${new Markup(live.script)}</script>`}
      </body>
    </html>
  `.text.trimStart();
}

/** Writes the report of the first run, compared with the others. */
export async function reportOf(runs: readonly [ReportedRun, ...ReportedRun[]]): Promise<Markup> {
  const data = runs.map(({ data }) => data);
  const [{ data: first }] = runs;
  const curves = await learningCurves(data), compared = await classesCompared(data);
  const warning = dataWarning(data), notes = runs.flatMap(({ notes }) => notes);
  const details = await Promise.all(runs.map(detailsOf));
  return html`
    <header>
      <h1>${data.map(({ name }) => name).join(", ")}</h1>
      <p>${[...new Set(runs.map(subjectOf))].join("; ")}</p>
    </header>
    ${warning && html`<p class="bad">${warning}</p>`}
    ${notes.map((note) => html`<p>${note}</p>`)}
    ${runs.length === 1 ? facts(first) : comparison(data)}
    ${curves.length > 0 && section("Learning curves", figures([...curves, compared]))}
    ${runs.length === 1 ? details : details.map((content, at) => folded(data[at]!.name, content, at === 0))}
    ${section("Configuration", configurationTable(data))}
  `;
}

const subjectOf = ({ data, network }: ReportedRun): string =>
  `${network} on ${data.evaluation?.dataset ?? data.data?.name ?? data.configuration.dataset}`;

/** Writes the parts about one run. */
async function detailsOf({ data, pictures }: ReportedRun): Promise<Content> {
  const { evaluation, parity, sessions, configuration } = data;
  const correlation = await branchCorrelations(data);
  return [
    evaluation && await testImages(evaluation),
    pictures && pictures.mistakes.length > 0 && section("Mistakes", mistakes(pictures, data.name)),
    pictures && section("Augmentation", augmentations(pictures, configuration.augment)),
    correlation && section("Branches", figures([correlation])),
    parity && section("Exported model", parityTable(parity)),
    sessions.length > 0 && section("Speed", sessionTable(sessions)),
  ];
}

async function testImages(evaluation: NonNullable<RunData["evaluation"]>): Promise<Markup> {
  const { checkpoint, step, images, chosenOn } = evaluation;
  const [confusion, reliability] = await Promise.all([confusionMatrix(evaluation), reliabilityDiagrams(evaluation)]);
  const text = html`
    <p>Checkpoint ${checkpoint}, after step ${step}, on ${images} test images. ${chosenOnText[chosenOn]}${viewsText(
      evaluation,
    )}</p>
  `;
  const tables = html`
    <div class="figures">
      <section>${classTable(evaluation)}</section>
      <section>${confusedPairs(evaluation)}</section>
    </div>
  `;
  return section("Test images", [
    text,
    figures([confusion, ...reliability]),
    evaluation.calibrated && coverageTable(evaluation.calibrated),
    tables,
  ]);
}

/** A sentence about the mean prediction of several views, if it was measured. */
function viewsText({ augmented, testTimeAugmentation, images }: NonNullable<RunData["evaluation"]>): string {
  if (!augmented) return "";
  const { accuracy, correct } = augmented;
  return ` The mean prediction of the views ${testTimeAugmentation} reached ${percentText(accuracy)} ` +
    `(${correct} of ${images}); all else is of the images as they are.`;
}

/** Mistakes that are not folded. */
const OPEN_MISTAKES = 24;

function mistakes(pictures: Pictures, run: string): Content {
  const { mistakes } = pictures;
  const items = mistakes.map(({ url, explanation, name, actual, predicted, confidence }) => {
    const guess = `${predicted} ${percentText(confidence).replace(" ", "\u00a0")}`;
    const texts = html`<span>${guess}</span><span>is ${actual}</span><span class="name">${pathMarkup(name)}</span>`;
    const map = explanation && html`<img src="${explanation}" alt="what speaks for ${predicted}" title="${name}">`;
    return html`<li><img src="${url}" alt="${actual}" title="${name}">${map}${texts}</li>`;
  });
  const gallery = (items: readonly Markup[]) => html`<ul class="mistakes">${items}</ul>`;
  const [open, others] = [items.slice(0, OPEN_MISTAKES), items.slice(OPEN_MISTAKES)];
  return [
    html`<p>${mistakesText(pictures, run)}</p>`,
    gallery(open),
    others.length > 0 && folded(`${others.length} more`, gallery(others), false),
  ];
}

/** Introduces the gallery of mistakes of a run. */
export function mistakesText({ mistakes, wrong, areListed }: Omit<Pictures, "augmentations">, run: string): string {
  const which = wrong === 1
    ? "One test picture is classified wrongly; below it is the predicted class."
    : `The ${wrong} wrongly classified test pictures, the most confident first, each with the predicted class.`;
  const where = areListed
    ? "mistakes.csv and mistakes.json have every mistake."
    : `\`deno task evaluate --run ${run}\` lists every mistake.`;
  const maps = mistakes.some(({ explanation }) => explanation)
    ? ["The coloured copy shows the places that speak for the predicted class (Grad-CAM)."]
    : [];
  return [which, where, ...maps].join(" ");
}

const augmentations = ({ augmentations }: Pictures, augment: string): Content => [
  html`<p>Training images unchanged (the first of each row), and as the network sees them: ${augment}.</p>`,
  html`<img class="sheet" src="${augmentations}" alt="Training images, each augmented in several ways">`,
];

function figures(figures: readonly (Figure | undefined)[]): Markup {
  const drawn = figures.filter((figure) => figure !== undefined).map(({ title, caption, svg }) => {
    const drawing = html`<div role="img" aria-label="${title}: ${caption}">${new Markup(svg)}</div>`;
    return html`<figure><h3>${title}</h3>${drawing}<figcaption>${caption}</figcaption></figure>`;
  });
  return html`<div class="figures">${drawn}</div>`;
}

/** Writes a part of a page under a heading. */
export const section = (title: string, content: Content): Markup => html`<h2>${title}</h2>${content}`;

const folded = (title: string, content: Content, open: boolean): Markup =>
  html`<details${new Markup(open ? " open" : "")}><summary>${title}</summary>${content}</details>`;
