/**
 * The classification report: accuracy, confusion matrix, and precision, recall and F1 of each class.
 *
 * @module
 */
import { shortened } from "../../data/printable.ts";
import type { ClassReport, Evaluation } from "../run/evaluation_file.ts";

export type ClassificationReport = Pick<
  Evaluation,
  "images" | "correct" | "accuracy" | "balancedAccuracy" | "macro" | "classes" | "confusion"
>;

/**
 * @param actual the class of every image, 0 to `labels.length - 1`
 * @param predicted the predicted class of every image
 * @param labels names of the classes
 */
export function classificationReport(
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  labels: readonly string[],
): ClassificationReport {
  return reportOf(confusionOf(actual, predicted, labels.length), labels);
}

/** Counts images: `confusion[actual][predicted]`. */
export function confusionOf(actual: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  const confusion = Array.from({ length: classes }, () => Array<number>(classes).fill(0));
  for (let at = 0; at < actual.length; at++) confusion[actual[at]!]![predicted[at]!]!++;
  return confusion;
}

/** Computes the report of a confusion matrix. */
export function reportOf(confusion: number[][], labels: readonly string[]): ClassificationReport {
  const classes = labels.map((label, index): ClassReport => {
    const hits = confusion[index]![index]!;
    const support = sum(confusion[index]!);
    const guessed = sum(confusion.map((row) => row[index]!));
    const precision = ratio(hits, guessed), recall = ratio(hits, support);
    return { label, precision, recall, f1: ratio(2 * precision * recall, precision + recall), support };
  });
  const correct = sum(confusion.map((row, index) => row[index]!)), images = sum(confusion.flat());
  const present = classes.filter(({ support }) => support > 0);
  const mean = (key: "precision" | "recall" | "f1") => ratio(sum(classes.map((report) => report[key])), classes.length);
  return {
    images,
    correct,
    accuracy: ratio(correct, images),
    balancedAccuracy: ratio(sum(present.map(({ recall }) => recall)), present.length),
    macro: { precision: mean("precision"), recall: mean("recall"), f1: mean("f1") },
    classes,
    confusion,
  };
}

/** Characters of a class's name; a longer one would push the numbers out of sight. */
const LABEL_LENGTH = 30;

/** The report as text: a row a class, then the confusion matrix with a row an actual class. */
export function formatReport({ images, classes, macro, confusion }: ClassificationReport): string {
  const percent = (x: number) => (100 * x).toFixed(2);
  const labels = classes.map(({ label }) => shortened(label, LABEL_LENGTH));
  const scores = [
    ["class", "precision %", "recall %", "F1 %", "images"],
    ...classes.map((
      c,
      index,
    ) => [labels[index]!, percent(c.precision), percent(c.recall), percent(c.f1), `${c.support}`]),
    ["mean", percent(macro.precision), percent(macro.recall), percent(macro.f1), `${images}`],
  ];
  const matrix = [
    ["actual \\ predicted", ...labels.map((_, index) => `${index}`)],
    ...confusion.map((row, index) => [`${index} ${labels[index]}`, ...row.map(String)]),
  ];
  return `${table(scores)}\n\n${table(matrix)}`;
}

/** Rows as text in columns, the first to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const cell = (text: string, column: number) => column ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
  return rows.map((row) => row.map(cell).join("  ")).join("\n");
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
const ratio = (part: number, whole: number) => whole === 0 ? 0 : part / whole;
