/**
 * The cells of the comparison of transfer with training from scratch: what each trains, with which flags.
 *
 * @module
 */
import { fieldInfo } from "../pipeline/configuration/fields.ts";
import type { Field } from "../pipeline/configuration/fields.ts";
import { networkOfPretrained, PRETRAINED } from "../pipeline/configuration/pretrained.ts";

/** Ways to begin; `network` is the network of the carried weights, without the weights. */
export const arms = {
  "scratch": { title: "from scratch", flags: () => [] },
  "network": { title: "its network from scratch", flags: networkFlags },
  "carried": { title: "carried weights", flags: () => ["--init", PRETRAINED] },
  "slow-body": { title: "the same, `--body-rate 0.1`", flags: () => ["--init", PRETRAINED, "--body-rate", "0.1"] },
  "frozen": { title: "the same, `--freeze body`", flags: () => ["--init", PRETRAINED, "--freeze", "body"] },
} as const satisfies Record<string, { title: string; flags: (imageSize: number) => readonly string[] }>;
export type Arm = keyof typeof arms;

export const isArm = (name: string): name is Arm => Object.hasOwn(arms, name);

/** The arms that begin with the carried weights. */
export const isCarried = (arm: Arm): boolean => arms[arm].flags(0).includes("--init");

function networkFlags(imageSize: number): string[] {
  const network = networkOfPretrained({ init: PRETRAINED, imageSize });
  return Object.entries(network).flatMap(([field, value]) => {
    const { flag } = fieldInfo(field as Field);
    return typeof value === "boolean" ? [value ? flag : `--no-${flag.slice(2)}`] : [flag, String(value)];
  });
}

/** A number of training pictures a class, and the epochs they are trained for. */
export interface Size {
  readonly pictures: number;
  readonly epochs: number;
}

export interface Cell extends Size {
  readonly arm: Arm;
  /** Draws the training pictures, the new weights and everything of the training. */
  readonly seed: number;
}

/**
 * Reads sizes such as `10:60,50:30`.
 *
 * @throws {RangeError} naming the part that is none
 */
export const parseSizes = (text: string): Size[] =>
  text.split(",").map((part) => {
    const [, pictures, epochs] = /^([1-9]\d*):([1-9]\d*)$/.exec(part) ?? [];
    if (pictures && epochs) return { pictures: Number(pictures), epochs: Number(epochs) };
    throw new RangeError(`--pictures: "${part}" is not PICTURES:EPOCHS, such as 50:60`);
  });

/** Every cell; the first seed comes first with every size, so that each row of the table has a number early. */
export const cellsOf = (sizes: readonly Size[], arms: readonly Arm[], seeds: number): Cell[] =>
  Array.from({ length: seeds }, (_, at) => at + 1).flatMap((seed) =>
    sizes.flatMap((size) => arms.map((arm) => ({ ...size, arm, seed })))
  );

/** The flags of `deno task train` for a cell; flags that are given come last, so they win. */
export const trainingFlags = (
  { arm, seed, epochs }: Cell,
  imageSize: number,
  given: readonly string[],
): string[] => [
  ...["--preset", "own-images", "--validation", "none", "--epochs", String(epochs), "--seed", String(seed)],
  ...arms[arm].flags(imageSize),
  ...given,
];
