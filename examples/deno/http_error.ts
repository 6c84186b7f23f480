/** An answer with an error status: a mistake of the caller, or a service that is too busy. */
export class HttpError extends Error {
  constructor(readonly status: number, message: string, readonly headers: Readonly<Record<string, string>> = {}) {
    super(message);
  }
}
