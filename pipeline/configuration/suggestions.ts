/**
 * Suggestions for names and values that do not exist.
 *
 * @module
 */
import { closestMatch } from "leven";
import { shakeModeNames } from "../../model/shake_factors.ts";
import { type Field, fieldInfo, fieldNames } from "./fields.ts";
import { explanations, fieldWords, type SwitchName, valueWords } from "./synonyms.ts";

/** A name without the differences that people do not remember: case, hyphens, underscores, dots. */
const simple = (word: string): string => word.toLowerCase().replace(/[-_.\s]/g, "");

/** Words longer than this are no typing errors; comparing them would take long. */
const LONGEST = 40;

/** The letters that may differ, for a word of some length. */
const allowedDistance = (length: number): number => {
  if (length >= 10) return 3;
  return length >= 4 ? 2 : 1;
};

/** The candidate that was probably meant: the same but for hyphens, one that continues the word, or a typing error away. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = simple(word);
  if (wanted === "" || word.length > LONGEST) return undefined;
  const bySimple = new Map(candidates.toReversed().map((candidate) => [simple(candidate), candidate]));
  const continued =
    [...bySimple.keys()].filter((name) => name === wanted || (wanted.length >= 3 && name.startsWith(wanted)))
      .toSorted((a, b) => a.length - b.length)[0];
  const maxDistance = allowedDistance(wanted.length);
  const near = [...bySimple.keys()].filter((name) => name.length > maxDistance);
  const found = continued ?? closestMatch(wanted, near, { maxDistance });
  return found === undefined ? undefined : bySimple.get(found);
}

/** A field or a switch that other programs name by another word, with the value that the word implies. */
export interface Meaning {
  readonly target: Field | SwitchName;
  readonly value: string | undefined;
}

const meanings = new Map<string, Meaning[]>();
for (const [target, words, value] of fieldWords) {
  for (const word of new Set(words.split(" ").map(simple))) {
    meanings.set(word, [...meanings.get(word) ?? [], { target, value }]);
  }
}

/** The meanings of another program's word among the fields and switches of a command. */
export const meaningsOf = (word: string, targets: readonly string[]): readonly Meaning[] =>
  (meanings.get(simple(word)) ?? []).filter(({ target }) => targets.includes(target));

const explained = new Map(
  explanations.flatMap(([words, says]) => words.split(" ").map((word) => [simple(word), says])),
);

/** The reason why there is no field for another program's word. */
export const explanationOf = (word: string): string | undefined => explained.get(simple(word));

/** Says which field of a configuration file was probably meant: `; did you mean depth?`, or nothing. */
export function fieldHint(name: string): string {
  const says = explanationOf(name);
  if (says) return `: ${says}`;
  const found = nearest(name, fieldNames);
  const meant = meaningsOf(name, fieldNames).map(({ target, value }) =>
    value === undefined ? target : `${target}: "${value}"`
  );
  return didYouMean(meant.length ? meant : found);
}

/** `; did you mean …?`, or nothing where there is nothing to suggest. */
export function didYouMean(meant: string | readonly string[] | undefined): string {
  const all = meant === undefined ? [] : [meant].flat();
  return all.length ? `; did you mean ${all.join(" or ")}?` : "";
}

const valueMeanings = new Map(
  Object.entries(valueWords).map(([field, values]): [string, Map<string, string>] => [
    field,
    new Map(Object.entries(values).flatMap(([value, words]) => words.split(" ").map((word) => [simple(word), value]))),
  ]),
);

/** The paper's notation: S-S-I is shake-shake-image. */
valueMeanings.set("shake", new Map(shakeModeNames.map((name) => [paperNotation(name), name])));

function paperNotation(mode: string): string {
  return mode.split("-").map((part) => /^m\d/.test(part) ? part : part[0]).join("");
}

/** Says which value of a field was probably meant, or nothing. */
export function valueHint(field: Field, value: unknown): string {
  if (typeof value !== "string") return "";
  const { choices, items } = fieldInfo(field);
  return didYouMean(choices ? valueMeant(field, value, choices) : listMeant(field, value, items ?? []));
}

const valueMeant = (field: Field, value: string, choices: readonly string[]): string | undefined =>
  valueMeanings.get(field)?.get(simple(value)) ?? nearest(value, choices);

/** A list with each unknown name replaced; undefined if there is nothing for one. */
function listMeant(field: Field, list: string, items: readonly string[]): string | undefined {
  if (list.length > 10 * LONGEST) return undefined;
  const meant = list.split(",").map((part) => {
    const [name = "", ...amount] = part.trim().split(":");
    const found = items.includes(name) ? name : valueMeant(field, name, items);
    return found === undefined ? undefined : [found, ...amount].join(":");
  });
  const text = meant.join(",");
  return meant.includes(undefined) || text === list ? undefined : text;
}
