/** Returns a value as indented JSON that ends with a newline, as every JSON file of a run is written. */
export const prettyJson = (value: unknown): string => JSON.stringify(value, null, 2) + "\n";
