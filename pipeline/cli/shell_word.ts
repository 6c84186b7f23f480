/** Writes a text as one word that a POSIX shell reads back. */
export const shellWord = (text: string): string =>
  /^[\w./:=,+@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
