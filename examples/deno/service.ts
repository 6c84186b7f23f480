/**
 * Classifies pictures over HTTP, in Deno.
 *
 *     deno run --allow-read --allow-net --allow-ffi --allow-env --allow-sys service.ts FOLDER [PORT] [HOSTNAME]
 *
 * FOLDER is an export: config.json, preprocessor_config.json and onnx/model.onnx.
 *
 * - `POST /classify` takes a picture of at most 8 MiB (PNG, JPEG, GIF, WebP or TIFF of at most 24 megapixels, AVIF of
 *   12.5) and answers `{"classes": [{"label", "probability"}, ...]}`.
 * - `/v2/...` is the Open Inference Protocol, for tensors: the model's name is `shakenet`.
 * - `GET /health` and `/v2/health/live` answer 200, `/v2/health/ready` until the service stops; `/metrics` has counters for
 *   Prometheus.
 *
 * On SIGTERM and SIGINT the service answers the requests it has accepted, within five seconds, then ends.
 *
 * @module
 */
import { Classifier } from "./classifier.ts";
import { HttpError } from "./http_error.ts";
import { type Answer, HttpServer, json, type Limits, type Question } from "./http_server.ts";
import { infer, modelConfiguration, modelMetadata, serverMetadata } from "./inference_protocol.ts";
import { Metrics } from "./metrics.ts";
import { configureDecoder } from "./picture.ts";

const NAME = "shakenet";

type Route = (question: Question) => Answer | Promise<Answer>;
/** The function to call, by path and method. */
type Routes = Readonly<Record<string, { readonly GET?: Route; readonly POST?: Route }>>;

function routesOf(classifier: Classifier, ready: Route, counters: Route): Routes {
  const model = `/v2/models/${NAME}`;
  return {
    "/classify": { POST: (question) => classify(classifier, question) },
    "/health": { GET: () => json({ ok: true }) },
    "/metrics": { GET: counters },
    "/v2": { GET: serverMetadata },
    "/v2/health/live": { GET: () => json({ live: true }) },
    "/v2/health/ready": { GET: ready },
    [model]: { GET: () => modelMetadata(NAME, classifier) },
    [`${model}/ready`]: { GET: ready },
    [`${model}/config`]: { GET: () => modelConfiguration(NAME, classifier) },
    [`${model}/infer`]: { POST: (question) => infer(NAME, classifier, question) },
  };
}

async function classify(classifier: Classifier, { headers, signal, body }: Question): Promise<Answer> {
  const type = headers["content-type"] ?? "";
  if (!/^image\//i.test(type)) throw new HttpError(415, `the content-type is "${type}", not image/...`);
  return json({ classes: await classifier.classify(await body(), signal) });
}

/** The path in the table of routes: the only version of the model may be named. */
const plain = (path: string): string => path.replace(`/v2/models/${NAME}/versions/1`, `/v2/models/${NAME}`);

function answer(routes: Routes, question: Question): Answer | Promise<Answer> {
  const route = routes[plain(question.path)];
  if (!route) throw new HttpError(404, "there are POST /classify, GET /health, /metrics and the paths of /v2");
  const method = question.method === "HEAD" ? "GET" : question.method, allow = Object.keys(route).join();
  const run = method === "GET" || method === "POST" ? route[method] : undefined;
  if (!run) throw new HttpError(405, `${question.path} is for ${allow}, not ${method}`, { allow });
  return run(question);
}

/** Serves a folder's model until the server is shut down. */
export async function serve(
  folder: string,
  port: number,
  hostname = "127.0.0.1",
  limits: Partial<Limits> = {},
): Promise<HttpServer> {
  const metrics = new Metrics();
  const classifier = await Classifier.load(folder, (images) => metrics.batch(images));
  const routes = routesOf(
    classifier,
    () => json({ ready: !server.stopping }, server.stopping ? 503 : 200),
    () => ({ headers: { "content-type": "text/plain; version=0.0.4" }, body: metrics.text(server.load) }),
  );
  const server = new HttpServer({
    limits,
    answer: (question) => answer(routes, question),
    onAnswer: (path, status, seconds) =>
      metrics.request(plain(path) in routes ? plain(path) : "other", status, seconds),
  });
  try {
    await server.listen(port, hostname);
  } catch (error) {
    classifier.close();
    throw error;
  }
  server.finished.then(() => classifier.close());
  console.log(`classifying at http://${hostname}:${server.addr.port}/classify`);
  return server;
}

if (import.meta.main) {
  const [folder, port = "8000", hostname] = Deno.args;
  if (!folder) {
    console.error("usage: service.ts FOLDER [PORT] [HOSTNAME]");
    Deno.exit(2);
  }
  configureDecoder();
  const server = await serve(folder, Number(port), hostname);
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => server.shutdown());
  await server.finished;
  Deno.exit(0);
}
