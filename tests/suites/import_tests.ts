/**
 * Suites: folders whose tests share one thread. Each file of tests has a thread of its own otherwise, and a thread that loads
 * TensorFlow.js takes longer to start than most files take to run. Tests that change what they share, such as a kernel of
 * TensorFlow.js, and tests that start many processes, stay outside.
 */
import { repository } from "../support/markdown.ts";

/** Registers the tests of folders of the repository, file by file. */
export async function importTests(...folders: readonly string[]): Promise<void> {
  for (const folder of folders) for (const file of await testFiles(folder)) await import(`../../${file}`);
}

/** Finds the files of tests below a folder of the repository. */
export async function testFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(repository + folder)) {
    if (isDirectory) found.push(...await testFiles(`${folder}/${name}`));
    else if (name.endsWith("_test.ts")) found.push(`${folder}/${name}`);
  }
  return found.sort();
}
