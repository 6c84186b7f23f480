/**
 * Serves the page, the model and onnxruntime's files to this machine only: `deno task start FOLDER [PORT]`. FOLDER is an
 * export. A production site serves the same files.
 *
 * @module
 */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".onnx": "application/octet-stream",
  ".wasm": "application/wasm",
};

/** Isolates the page from other origins, which browsers demand before they allow threads. */
const headers = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

/** Maps a path of the site to a file. Names are matched whole, so no other file is served. */
function fileOf(pathname: string, model: string): string | undefined {
  const here = fileURLToPath(new URL(".", import.meta.url));
  if (pathname === "/") return `${here}index.html`;
  if (/^\/(classify\.js|page\.css)$/.test(pathname)) return here + pathname.slice(1);
  if (/^\/onnxruntime\/[\w.-]+\.(mjs|wasm)$/.test(pathname)) {
    return `${here}node_modules/onnxruntime-web/dist/${pathname.split("/")[2]}`;
  }
  if (/^\/model\/((preprocessor_)?config\.json|onnx\/model(_int8|_fp16)?\.onnx)$/.test(pathname)) {
    return `${model}/${pathname.slice("/model/".length)}`;
  }
  return undefined;
}

/** Serves the site until the server is shut down. */
export function serve(model: string, port: number): Deno.HttpServer<Deno.NetAddr> {
  const onListen = ({ hostname, port }: Deno.NetAddr) => console.log(`open http://${hostname}:${port}/`);
  return Deno.serve({ port, hostname: "127.0.0.1", onListen }, async ({ url }) => {
    const file = fileOf(new URL(url).pathname, model);
    try {
      if (file) {
        return new Response(await Deno.readFile(file), {
          headers: { ...headers, "content-type": types[extname(file)]! },
        });
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    return new Response("not found", { status: 404, headers });
  });
}

if (import.meta.main) {
  const [model, port = "8080"] = Deno.args;
  if (!model) {
    console.error("usage: deno task start FOLDER [PORT]");
    Deno.exit(2);
  }
  serve(model, Number(port));
}
