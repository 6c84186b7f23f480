/** Runs programs of the system. */

/** Tells if a program runs without an error. */
export async function runs(program: string, args: readonly string[]): Promise<boolean> {
  try {
    const command = new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" });
    return (await command.output()).success;
  } catch {
    return false;
  }
}

/**
 * Returns the output of a program.
 *
 * @throws {Error} with its text on standard error, if it fails
 */
export async function outputOf(program: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** Finds a Python that has all of these modules. */
export async function pythonWith(...modules: readonly string[]): Promise<string | undefined> {
  for (const python of ["python3", "/usr/bin/python3"]) {
    if (await runs(python, ["-c", `import ${modules.join(", ")}`])) return python;
  }
  return undefined;
}
