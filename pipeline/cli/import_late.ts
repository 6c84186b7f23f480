/**
 * Imports of modules when they are needed.
 *
 * Deno reads `import("./a.ts")` in a source and loads that module at start, with everything that it imports, though it
 * runs none of it. For all commands that is a second of processor time, which `--help` and each command would pay.
 *
 * @module
 */

/**
 * Returns a function that imports modules beside a file. Its type parameter is the module:
 * `late<typeof import("./a.ts")>("./a.ts")`.
 *
 * @param url `import.meta.url` of the file
 */
export const lateImports = (url: string) => async <Module>(path: `./${string}.ts`): Promise<Module> =>
  await import(new URL(path, url).href);
