/**
 * Stages that keep their weights, from the image on, and a head that is trained on what they compute (Yosinski et al. 2014,
 * "How transferable are features in deep neural networks?").
 *
 * @module
 */

/** Parts of a network, from the image on, by the first part of the names of their variables. */
const parts = ["stem", "stage1", "stage2", "stage3", "dense"] as const;

/** The last part that is frozen; all before it are frozen too. */
const lastFrozen = { none: -1, stem: 0, stage1: 1, stage2: 2, body: 3 } as const;

export type Freeze = keyof typeof lastFrozen;
export const freezeNames = Object.keys(lastFrozen) as [Freeze, ...Freeze[]];

/** Tells if a variable keeps its value. */
export function isFrozen(variable: string, freeze: Freeze): boolean {
  const part = variable.slice(0, variable.indexOf("/"));
  return (parts as readonly string[]).indexOf(part) <= lastFrozen[freeze];
}

/** Tells if a variable is of the head, the classifier after the body. */
export const isOfHead = (variable: string): boolean => variable.startsWith("dense/");
