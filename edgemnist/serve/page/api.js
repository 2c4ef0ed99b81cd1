// What the page asks the reader. All reading happens there, by the code of `edgemnist infer`.

import { pause } from "./newest.js";
import { heldToken, otherToken } from "./token.js";

const ROOT = new URL("../v1/", import.meta.url);
const PATIENCE = 5; // times that a busy reader is asked again
const BUSY_S = 1; // until then, where it does not say how long

/** Returns what the reader says of its model and of itself. */
export function fetchModel() {
  return request("model", {});
}

/** Returns the answers to a picture, and the milliseconds from sending it; `turned` is clockwise, in degrees.
 * Where digits are kept to learn from, those of a `draft` are not: it is unfinished. */
export async function predict(picture, { numbers, turned, draft }) {
  const query = new URLSearchParams({ inputs: 1, top_k: 10 });
  if (numbers) query.set("row", 1);
  if (draft) query.set("collect", 0);
  if (turned) query.set("rotate", turned);
  const began = performance.now();
  const { answers } = await request(`predict?${query}`, { method: "POST", body: picture });
  return { answers, ms: performance.now() - began };
}

/** Returns once the reader has kept a 28x28 picture as an example of `label`. */
export function keepExample(picture, label) {
  return request(`examples?label=${label}`, { method: "POST", body: picture });
}

async function request(path, options, patience = PATIENCE) {
  const token = heldToken();
  const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
  const response = await send(new URL(path, ROOT), { ...options, headers });
  if (response.ok) return response.json();
  if (response.status === 401) {
    if (await otherToken(token)) return request(path, options, patience);
    throw new Error("This reader asks for a token: load the page again to enter it.");
  }
  if (response.status === 503 && patience > 0) {
    await pause(1000 * (Number(response.headers.get("Retry-After")) || BUSY_S));
    return request(path, options, patience - 1);
  }
  throw new Error(await reason(response));
}

async function send(url, options) {
  try {
    return await fetch(url, options);
  } catch {
    throw new Error("The reader does not answer: is it still running?");
  }
}

async function reason(response) {
  try {
    const { detail, title } = await response.json();
    return detail || title;
  } catch {
    return `The reader answers ${response.status} ${response.statusText}`;
  }
}
