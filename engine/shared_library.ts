/** Whether the system finds a shared library, and all that it needs. */
export function loads(library: string): boolean {
  try {
    Deno.dlopen(library, {}).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return false;
  }
}
