/**
 * Properties of other objects that have another value for the duration of a call.
 *
 * @module
 */

/** One property and its other value. */
export interface Substitute {
  readonly object: object;
  readonly key: string;
  readonly value: unknown;
}

/** Runs synchronous code while the properties have their other values, then puts the old values back. */
export function withSubstitutes<T>(substitutes: readonly Substitute[], run: () => T): T {
  const before = substitutes.map(({ object, key }) => Object.getOwnPropertyDescriptor(object, key));
  try {
    for (const { object, key, value } of substitutes) {
      Object.defineProperty(object, key, { value, writable: true, configurable: true, enumerable: true });
    }
    return run();
  } finally {
    substitutes.forEach(({ object, key }, at) => {
      const own = before[at];
      if (own) Object.defineProperty(object, key, own);
      else delete (object as Record<string, unknown>)[key];
    });
  }
}
