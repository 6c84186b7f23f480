import assert from "#assert";
import { printable } from "../../../data/printable.ts";
import { drawCorrelations } from "../../../pipeline/report/correlation_figure.ts";
import { branchCorrelations, classesCompared, confusionMatrix } from "../../../pipeline/report/evaluation_figures.ts";
import { learningCurves } from "../../../pipeline/report/learning_curves.ts";
import { html } from "../../../pipeline/report/markup.ts";
import type { RunData } from "../../../pipeline/report/read_run.ts";
import { evaluationOf } from "../../support/evaluation_of.ts";
import { oddNames } from "../../support/odd_files.ts";

/** The number of classes whose names a figure shows. */
const CLASSES = 25;

const runOf = (name: string, evaluation: RunData["evaluation"]): RunData => ({
  data: undefined,
  ...{ name, evaluation, mistakes: undefined, parity: undefined, correlations: undefined, sessions: [] },
  configuration: {} as RunData["configuration"],
  steps: [1, 2].map((step) => ({ step, loss: 1, accuracy: 0.5, learningRate: 0.1 })),
  epochs: [],
});

/** The names that a figure shows, as texts of SVG; a long one is cut. */
function assertShown(svg: string, names: readonly string[]): void {
  const texts = new Set(svg.match(/<text[^>]*>[^<]*<\/text>/g)!.map((text) => text.replace(/<[^>]*>/g, "")));
  for (const name of names) {
    const shown = html`${printable(name)}`.text.replaceAll("&quot;", '"').replaceAll("&#39;", "'");
    assert.ok(
      [...texts].some((text) => text === shown || text.replace(/…$/, "") === shown.slice(0, text.length - 1)),
      name,
    );
  }
}

const halves = [oddNames.slice(0, CLASSES), oddNames.slice(CLASSES)];

Deno.test("classes of any name have rows and columns of the confusion matrix", async () => {
  for (const labels of halves) assertShown((await confusionMatrix(evaluationOf(labels))).svg, labels);
});

Deno.test("classes of any name are compared", async () => {
  for (const labels of halves) {
    const evaluation = evaluationOf(labels);
    const figure = await classesCompared([runOf("constructor", evaluation), runOf("toString", evaluation)]);
    assertShown(figure!.svg, [...labels, "constructor", "toString"]);
    assert.equal(figure!.svg.match(/<path [^>]*fill="#3b82f6"/g)!.length, labels.length + 1, "bars, and the legend");
  }
});

Deno.test("runs of any name have curves", async () => {
  const runs = oddNames.slice(0, 8).map((name) => runOf(name, evaluationOf(["a", "b"])));
  const curves = await learningCurves(runs);
  assert.deepEqual(curves.map(({ title }) => title), ["Loss", "Accuracy", "Learning rate"]);
  for (const { svg } of curves) assertShown(svg, oddNames.slice(0, 8));
});

Deno.test("runs, blocks and data sets of any name have correlations", async () => {
  const blocks = oddNames.map((block) => ({ block, correlation: 0.5 }));
  const correlation = { run: "__proto__", network: "n", shake: "even", dataset: "<a>\u2028", images: 1, blocks };
  const svg = await drawCorrelations([correlation, { ...correlation, run: "valueOf" }]);
  assertShown(svg, [...oddNames, "__proto__ (even)", "valueOf (even)"]);
  assert.match(svg, /aria-label="valueOf \(even\), constructor: 0\.5000"/);
  assert.match(svg, /a block, &lt;a&gt;\\u2028/);
  const run = { ...runOf("a", evaluationOf(["a", "b"])), correlations: [correlation] };
  assertShown((await branchCorrelations(run))!.svg, oddNames);
});
