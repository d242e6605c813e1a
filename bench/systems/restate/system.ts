/** Restate: a server that calls the worker, and writes down what it gave. */
import { fileURLToPath } from "node:url"
import { freePort } from "../../services/program.ts"
import { installed } from "../installed.ts"
import type { Place, System } from "../../system.ts"
import { addresses } from "./addresses.ts"

/** The worker's port for each namespace: a worker that is started again has to be where the one before was. */
const ports = new Map<string, number>()

const port = (place: Place): number => {
  const found = ports.get(place.namespace)
  if (found === undefined) throw new Error("Restate was not prepared for this place")
  return found
}

export const system: System = {
  name: "restate",
  results: true,
  services: ["restate"],
  settings:
    "a task is a call of a service through the ingress, 128 requests at a time; chain, group and chord are handlers that call it; no retention of journals; the server decides how many calls are made at a time (1,000)",
  durability: "one copy; the log that is written ahead is synced to disk before an answer",
  versions: async () => ({
    "restate-sdk": await installed("@restatedev/restate-sdk"),
    "restate-sdk-clients": await installed("@restatedev/restate-sdk-clients")
  }),
  async prepare(place) {
    ports.set(place.namespace, await freePort())
  },
  worker: (place) => ({
    program: process.execPath,
    args: [fileURLToPath(new URL("worker.js", import.meta.url)), String(port(place))]
  }),
  async register(place) {
    const response = await fetch(`${addresses(place).admin}/deployments`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ uri: `http://127.0.0.1:${port(place)}`, force: true })
    })
    if (!response.ok) throw new Error(`not registered: ${await response.text()}`)
  },
  // Loaded here: the process that starts others has no use for it.
  connect: async (place) => (await import("./session.ts")).connect(place)
}
