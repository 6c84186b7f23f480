/**
 * An average of weights and moving statistics that follows training, as a part of the step's state named `average/weights/…`
 * and `average/statistics/…`:
 *
 *     average <- average + (1 - keep) (value - average)
 *     value   <- value + pull (average - value)           where the run is pulled back to it
 *
 * With a keep of 1 the average stays, with a pull of 0 the value stays, and equal numbers stay equal, to the bit. `averagingAt`
 * chooses keep and pull of each step: they make an exponential average, an equal one or lookahead.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { elementwise } from "./flat.ts";

const PREFIX = "average/";

/** Names of the state that is averaged. */
const isAveraged = (name: string) => /^(weights|statistics)\//.test(name);

/**
 * The state after a step with its average, and pulled towards it.
 *
 * @param before the step's inputs: the average, `averageKeep`, and where the run is pulled back `averagePull`, scalars
 * @param after the new state without the average
 */
export function withAverage(before: tf.NamedTensorMap, after: tf.NamedTensorMap): tf.NamedTensorMap {
  const names = Object.keys(after).filter(isAveraged);
  const { averageKeep: keep, averagePull: pull } = before;
  const averages = names.map((name) => before[PREFIX + name]!), values = names.map((name) => after[name]!);
  const results = elementwise([averages, values], ([average, value]) => {
    const next = towards(average!, value!, tf.sub(1, keep!));
    return pull ? [next, towards(value!, next, pull)] : [next];
  });
  const changed = names.flatMap((name, at) => {
    const [average, value] = results[at]!;
    return [[PREFIX + name, average!], ...(value ? [[name, value]] : [])] as [string, tf.Tensor][];
  });
  return { ...after, ...Object.fromEntries(changed) };
}

const towards = (from: tf.Tensor, to: tf.Tensor, share: tf.Tensor): tf.Tensor =>
  tf.add(from, tf.mul(tf.sub(to, from), share));

/** The average before the first step: the state itself, under the average's names. */
export const initialAverage = <T>(state: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(state).filter(([name]) => isAveraged(name)).map(([name, value]) => [PREFIX + name, value]),
  );

/** The averaged state, under the names of the state. */
export const averageOf = <T>(state: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(state).filter(([name]) => name.startsWith(PREFIX))
      .map(([name, value]) => [name.slice(PREFIX.length), value]),
  );

/** The state to evaluate and to export: its average if it has one, otherwise the state itself. */
export function evaluatedState<T>(state: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  const average = averageOf(state);
  return Object.keys(average).length > 0 ? average : state;
}
