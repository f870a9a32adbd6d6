// One way to ask the server: with a time limit, and with failures that can be told to a person.

const TIMEOUT_MS = 15000;

// The server did answer, but with a page: the right is gone, or the session is over.
export class NotJsonError extends Error {}

export async function ask(url, options = {}) {
  const response = await fetch(url, {
    credentials: "same-origin",
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...options,
    headers: { Accept: "application/json", ...options.headers },
  });
  return response;
}

export async function askJson(url, options = {}) {
  const response = await ask(url, options);
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.includes("json")) throw new NotJsonError(`HTTP ${response.status}`);
  return { status: response.status, body: await response.json() };
}
