/**
 * Likely mistakes of a data set, each with what to do about it.
 *
 * @module
 */
import { isUnreadable } from "../image_folder/left_out.ts";
import type { SplitName } from "../image_folder/split_names.ts";
import type { Observation } from "./observation.ts";
import type { InspectedPicture } from "./picture.ts";
import type { Twins } from "./twins.ts";

export interface Finding {
  readonly kind: string;
  /** A sentence: what is wrong, and where. */
  readonly says: string;
  /** A sentence: what to do. */
  readonly remedy: string;
}

type Rule = (seen: Observation) => Omit<Finding, "kind"> | undefined;

/** Examples that a sentence names. */
const SHOWN = 3;

/** The rules by the kind of their finding, the gravest first. */
const rules = {
  "leak": ({ twins, isHeldOut }) => {
    const leaks = twins.filter(isAcrossSplits);
    const copies = leaks.flatMap(({ pictures }) => pictures.filter(({ split }) => split !== pictures[0]!.split));
    if (copies.length === 0) return undefined;
    return {
      says:
        `${count(copies.length, "picture")} outside the training split ${areCopies(copies.length)} in another split, ` +
        `so the measured accuracy is too high: ${twinsText(leaks)}`,
      remedy: isHeldOut
        ? "delete all pictures of each group but one: the test split is drawn and takes any of them"
        : "delete the copies from the test and the validation split",
    };
  },
  "torn": ({ twins, labels }) => {
    const torn = twins.filter(isAcrossClasses);
    if (torn.length === 0) return undefined;
    return {
      says: `${count(torn.length, "picture")} ${are(torn.length)} in several classes: ${twinsText(torn, labels)}`,
      remedy: "keep each in the class that it shows and delete its copies in the others",
    };
  },
  "unreadable": ({ leftOut }) => {
    const bad = leftOut.filter(isUnreadable).map(({ path }) => path);
    if (bad.length === 0) return undefined;
    return {
      says: `${count(bad.length, "picture")} cannot be read: ${listed(bad)}`,
      remedy: `repair or delete ${them(bad.length)}, or train without with --unreadable skip`,
    };
  },
  "unsorted": ({ leftOut }) => {
    const beside = leftOut.filter(({ reason }) => reason === "beside the classes").map(({ path }) => path);
    if (beside.length === 0) return undefined;
    return {
      says: `${count(beside.length, "picture")} ${are(beside.length)} outside the folders of classes and ` +
        `${are(beside.length)} left out: ${listed(beside)}`,
      remedy: beside.length === 1
        ? "move it into the folder of its class"
        : "move them into the folders of their classes",
    };
  },
  "other-format": ({ leftOut }) => {
    const other = leftOut.filter(({ reason }) => reason === "other format").map(({ path }) => path);
    if (other.length === 0) return undefined;
    return {
      says: `${count(other.length, "picture")} ${are(other.length)} in formats that are left out: ${listed(other)}`,
      remedy: `convert ${them(other.length)} to jpg or png`,
    };
  },
  "blank": ({ blank }) => {
    if (blank.length === 0) return undefined;
    return {
      says: `${count(blank.length, "picture")} show${blank.length === 1 ? "s" : ""} nothing but one colour: ` +
        listed(blank.map(pictureName)),
      remedy: `delete ${them(blank.length)}, unless a blank picture belongs to its class`,
    };
  },
  "untested": ({ splits, labels, isHeldOut }) => {
    const few = classesWithin(splits, "test", 1);
    if (few.length === 0) return undefined;
    const named = few.map(({ label, pictures }) => `${labels[label]} (${pictures})`);
    return {
      says:
        `${few.length === 1 ? "a class has" : `${few.length} classes have`} no test picture or only one, so ${
          few.length === 1 ? "its" : "their"
        } ` +
        `accuracy is unknown: ${listed(named)}`,
      remedy: isHeldOut
        ? `add pictures to ${them(few.length)}, or raise --hold-out`
        : `add test pictures to ${them(few.length)}`,
    };
  },
  "small-class": ({ splits, labels }) => {
    const few = classesWithin(splits, "train", FEW - 1);
    if (few.length === 0) return undefined;
    const named = few.map(({ label, pictures }) => `${labels[label]} (${pictures})`);
    return {
      says:
        `${few.length === 1 ? "a class has" : `${few.length} classes have`} fewer than ${FEW} training pictures and ` +
        `cannot be learned well: ${listed(named)}`,
      remedy: `add pictures to ${them(few.length)}; 100 or more for each class are a good start`,
    };
  },
  "imbalance": ({ splits, labels }) => {
    const counts = splits.find(({ split }) => split === "train")?.classes ?? [];
    const [least, most] = [Math.min(...counts), Math.max(...counts)];
    if (counts.length < 2 || most < IMBALANCE * least) return undefined;
    const [small, large] = [labels[counts.indexOf(least)], labels[counts.indexOf(most)]];
    return {
      says:
        `${large} has ${Math.round(most / Math.max(1, least))} times as many training pictures as ${small} (${most} ` +
        `and ${least}), so a high accuracy may hide that ${small} is not recognised`,
      remedy:
        "add pictures to the small classes, or train with --class-weights balanced; judge by the recall of each " +
        "class, not by the accuracy alone",
    };
  },
  "repeated": ({ twins }) => {
    const repeated = twins.filter((group) => !isAcrossClasses(group) && !isAcrossSplits(group));
    const copies = repeated.reduce((sum, { pictures }) => sum + pictures.length - 1, 0);
    if (copies === 0) return undefined;
    return {
      says: `${count(copies, "picture")} ${areCopies(copies)} in the same class and split, so what ` +
        `${copies === 1 ? "it shows" : "they show"} counts several times: ${twinsText(repeated)}`,
      remedy: "delete all pictures of each group but one",
    };
  },
  "small-pictures": ({ sizes }) => {
    const small = sizes?.shorterSides.filter((side) => side < LEAST_SIDE).length ?? 0;
    if (small === 0) return undefined;
    return {
      says: `${count(small, "picture")} ${are(small)} smaller than ${LEAST_SIDE} pixels and show${
        small === 1 ? "s" : ""
      } few details`,
      remedy: small === 1 ? "replace it by a larger one" : "replace them by larger ones where there are any",
    };
  },
  "class-names": ({ labels }) => {
    const alike = [...Map.groupBy(labels, (label) => label.toLowerCase()).values()].filter(({ length }) => length > 1);
    if (alike.length === 0) return undefined;
    return {
      says: `the names of classes ${alike.map((names) => names.join(" and ")).join(", ")} differ only in case`,
      remedy: "merge their folders if they are one class, or rename one",
    };
  },
} satisfies Readonly<Record<string, Rule>>;

export type FindingKind = keyof typeof rules;

/** Training pictures below which a class is small. */
const FEW = 10;
/** Ratio of the largest to the smallest class from which on classes are unequal. */
const IMBALANCE = 3;
/** Side in pixels below which a picture is small. */
const LEAST_SIDE = 16;

/** Finds likely mistakes, the gravest first. */
export const findingsOf = (seen: Observation): Finding[] =>
  Object.entries(rules).flatMap(([kind, rule]) => {
    const found = rule(seen);
    return found ? [{ kind, ...found }] : [];
  });

/** Names a picture: its file, or its place in its split. */
export const pictureName = ({ file, split, index }: InspectedPicture): string => file ?? `${split} ${index}`;

/** Tells if copies are in different splits. */
export const isAcrossSplits = ({ pictures }: Twins): boolean => new Set(pictures.map(({ split }) => split)).size > 1;
/** Tells if copies are in different classes. */
export const isAcrossClasses = ({ pictures }: Twins): boolean => new Set(pictures.map(({ label }) => label)).size > 1;

function classesWithin(splits: Observation["splits"], name: SplitName, most: number) {
  const counts = splits.find(({ split }) => split === name)?.classes ?? [];
  return counts.map((pictures, label) => ({ label, pictures })).filter(({ pictures }) => pictures <= most);
}

function twinsText(groups: readonly Twins[], labels?: readonly string[]): string {
  const name = (picture: InspectedPicture) =>
    labels ? `${pictureName(picture)} (${labels[picture.label]})` : pictureName(picture);
  return listed(groups.map(({ pictures }) => listed(pictures.map(name), " = ")), "; ");
}

function listed(names: readonly string[], between = ", "): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  return names.slice(0, SHOWN).join(between) + more;
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
const areCopies = (number: number): string => number === 1 ? "is a copy of one" : "are copies of others";
const them = (number: number): string => number === 1 ? "it" : "them";
const are = (number: number): string => number === 1 ? "is" : "are";
