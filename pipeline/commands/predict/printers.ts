/**
 * Prints predictions: as rows of a table, lines of JSON or rows of CSV.
 *
 * @module
 */
import { csvRow } from "../../../data/files/csv.ts";
import type { Configuration } from "../../configuration/fields.ts";
import { pathText, shortened } from "../../configuration/printable.ts";
import type { Prediction } from "./classify.ts";

export interface Printer {
  /** A line above the first prediction. */
  readonly head?: string;
  line(prediction: Prediction): string;
}

interface Printed {
  /** Names of all classes. */
  readonly labels: readonly string[];
  /** Names of all pictures. */
  readonly pictures: readonly string[];
  /** Classes of a prediction. */
  readonly top: number;
}

export const printers: Readonly<Record<Configuration["format"], (printed: Printed) => Printer>> = {
  table({ labels, pictures }) {
    const widest = (texts: readonly string[]) => texts.reduce((most, { length }) => Math.max(most, length), 0);
    const [pictureWidth, labelWidth] = [
      widest(pictures.map(pathText)),
      widest(labels.map((label) => shortened(label))),
    ];
    return {
      line(prediction) {
        const cells = "error" in prediction ? [`cannot be read: ${prediction.error}`] : [
          ...prediction.classes.map(({ label, probability }) =>
            `${shortened(label).padEnd(labelWidth)} ${(100 * probability).toFixed(1).padStart(5)} %`
          ),
          ...(prediction.unsure ? ["unsure"] : []),
        ];
        return [pathText(prediction.picture).padEnd(pictureWidth), ...cells].join("  ");
      },
    };
  },
  jsonl: () => ({ line: (prediction) => JSON.stringify(prediction) }),
  csv({ labels, top }) {
    const classes = Math.min(top, labels.length), numbers = Array.from({ length: classes }, (_, at) => at + 1);
    return {
      head: csvRow([
        "picture",
        ...numbers.flatMap((at) => [`class_${at}`, `probability_${at}`]),
        ...["error", "features", "unsure"],
      ]),
      line(prediction) {
        if ("error" in prediction) {
          return csvRow([prediction.picture, ...numbers.flatMap(() => ["", ""]), prediction.error, "", ""]);
        }
        const cells = prediction.classes.flatMap(({ label, probability }) => [label, probability]);
        return csvRow([
          prediction.picture,
          ...cells,
          "",
          prediction.features?.join(" ") ?? "",
          prediction.unsure ? "yes" : "",
        ]);
      },
    };
  },
};
