// What all modules below /web share: one call of the server that served them.

const server = new URL("/", import.meta.url);

// Calls one function; resolves to its result, rejects with an Error that has `code`, `details`,
// `status` and `requestId`.
export async function call(module, name, given) {
  const args = [...given];
  while (args.length > 0 && args.at(-1) === undefined) {
    args.pop();
  }
  const body = JSON.stringify({ arguments: args });
  const headers = { "content-type": "application/json" };
  const token = await csrfToken();
  if (token) {
    headers["x-csrf-token"] = token;
  }
  const answer = await reach(`web/${module}/${name}`, { method: "POST", headers, body });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw failure(answer, told);
  }
  const ignored = answer.headers.get("contactory-ignored");
  if (ignored) {
    console.warn(`${module}/${name}: not stored, no such field: ${ignored}`);
  }
  return told.result;
}

async function reach(path, request) {
  try {
    return await fetch(new URL(path, server), { credentials: "include", ...request });
  } catch (cause) {
    const text = "The server cannot be reached, or does not answer pages of this origin";
    throw Object.assign(new Error(text, { cause }), { code: "UNAVAILABLE", details: {} });
  }
}

// Pages of the same origin can read the token themselves.
async function csrfToken() {
  if (globalThis.location?.origin === server.origin) {
    return cookie("contactory_csrf");
  }
  const answer = await reach("web/-/csrf", {});
  return answer.ok ? (await answer.json()).csrfToken : "";
}

function cookie(name) {
  const pairs = (globalThis.document?.cookie ?? "").split("; ");
  const found = pairs.find((pair) => pair.startsWith(`${name}=`));
  return found ? found.slice(name.length + 1) : "";
}

function failure(answer, told) {
  const details = told.details ?? {};
  const requestId = answer.headers.get("x-wix-request-id");
  const unnamed = details.validationError ? "INVALID_ARGUMENT" : "INTERNAL_ERROR";
  const { code = unnamed, description } = details.applicationError ?? {};
  const message = description || told.message || `The server failed: its log has more under ${requestId}`;
  return Object.assign(new Error(message), { code, details, status: answer.status, requestId });
}
