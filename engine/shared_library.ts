/** Tells if the system finds a shared library and everything that it needs. */
export function loads(library: string): boolean {
  try {
    Deno.dlopen(library, {}).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return false;
  }
}

/** Calls functions of a shared library, which is closed afterwards. */
export function withLibrary<const S extends Deno.ForeignLibraryInterface, T>(
  library: string,
  functions: S,
  call: (symbols: Deno.StaticForeignLibraryInterface<S>) => T,
): T {
  const opened = Deno.dlopen(library, functions);
  try {
    return call(opened.symbols);
  } finally {
    opened.close();
  }
}
