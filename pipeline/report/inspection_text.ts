/**
 * An inspection of a data set, as text for the terminal.
 *
 * @module
 */
import { type Finding, isAcrossClasses, isAcrossSplits } from "../../data/inspection/findings.ts";
import type { Inspection } from "../../data/inspection/inspection.ts";
import type { SplitCounts } from "../../data/inspection/observation.ts";
import type { Sizes } from "../../data/inspection/sizes.ts";
import { kinds } from "../../data/inspection/twins.ts";
import { onOneLine, shortened } from "../../data/printable.ts";

/** Names of splits for people. */
export const splitTitles: Readonly<Record<SplitCounts["split"], string>> = {
  train: "training",
  validation: "validation",
  test: "test",
};

/** Classes that are listed; of more, the smallest. */
const CLASSES = 40;
/** Characters of a class's name; a longer one would push the numbers out of sight. */
const LABEL_LENGTH = 30;

export function inspectionText(inspection: Inspection): string {
  const { sizes, leftOutGroups } = inspection;
  const facts = [
    sizes && sizesText(sizes),
    ...leftOutGroups.map(({ reason, count }) => `left out: ${reason} (${count})`),
    copiesText(inspection),
  ].filter((line) => line !== undefined);
  const findings = inspection.findings.map(findingText);
  return [
    classesText(inspection),
    facts.join("\n"),
    findings.length > 0 ? findings.join("\n") : "Nothing was found that is likely a mistake.",
  ].join("\n\n");
}

const findingText = ({ says, remedy }: Finding): string => onOneLine(`warning: ${says}`) + `\n  to do: ${remedy}`;

/** Lists the pictures of each class in each split. */
function classesText({ labels, splits }: Inspection): string {
  const order = labels.map((_, label) => label);
  const smallest = order.toSorted((a, b) => splits[0]!.classes[a]! - splits[0]!.classes[b]!).slice(0, CLASSES);
  const shown = labels.length <= CLASSES ? order : smallest;
  const row = (name: string, numbers: readonly number[]) => [name, ...numbers.map(String)];
  const rows = [
    ["class", ...splits.map(({ split }) => splitTitles[split])],
    ...shown.map((label) => row(shortened(labels[label]!, LABEL_LENGTH), splits.map(({ classes }) => classes[label]!))),
    row("all", splits.map(({ pictures }) => pictures)),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const text = rows.map((cells) =>
    cells.map((cell, column) => column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)).join("  ")
  ).join("\n");
  return shown.length < labels.length ? `the ${CLASSES} smallest of ${labels.length} classes:\n${text}` : text;
}

/** Says how large pictures are, and at which size to train. */
export function sizesText({ width, height, recommendedSide }: Sizes): string {
  const size = (point: "least" | "median" | "greatest") => `${width[point]} x ${height[point]}`;
  const range = size("least") === size("greatest")
    ? `all ${size("median")}`
    : `${size("least")} to ${size("greatest")}, half below ${size("median")}`;
  return `sizes: ${range} pixels; --image-size ${recommendedSide} suits them`;
}

/** Sums up copies, blank pictures and unequal classes in a phrase; undefined if there are none. */
export function inspectionSummary({ twins, blank, findings }: Inspection): string | undefined {
  const across = [
    { where: "in several splits", groups: twins.filter(isAcrossSplits).length },
    { where: "in several classes", groups: twins.filter(isAcrossClasses).length },
  ].filter(({ groups }) => groups > 0).map(({ where, groups }) => `${groups} ${where}`);
  const parts = [
    twins.length > 0 &&
    `${counted(twins.length, "group")} of copies${across.length > 0 ? ` (${across.join(", ")})` : ""}`,
    blank.length > 0 && counted(blank.length, "blank picture"),
    findings.some(({ kind }) => kind === "imbalance") && "unequal classes",
  ].filter((part) => part !== false);
  return parts.length > 0 ? `found ${parts.join(", ")}` : undefined;
}

function copiesText({ twins, blank }: Inspection): string {
  const byKind = kinds.map((kind) => ({ kind, groups: twins.filter((group) => group.kind === kind).length }))
    .filter(({ groups }) => groups > 0).map(({ kind, groups }) => `${groups} ${kind}`);
  const copies = byKind.length > 0 ? `groups of copies: ${byKind.join(", ")}` : "no copies";
  return `${copies}; blank pictures: ${blank.length}`;
}

const counted = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
