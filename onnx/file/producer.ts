/** The program that writes the models, as their files name it. The version is that of `deno.json`. */
export const PRODUCER = { name: "shakenet-deno", version: "0.1.0" } as const;
