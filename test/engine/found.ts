/** What a play finds on its broker, and in the ledger of its handlers. */
import { unpackKind } from "../../src/encode/codec.ts"
import { addressOf, parseSubject, runFilter } from "../../src/encode/subjects.ts"
import { outcomeText, readVerdict } from "../../src/engine/verdict.ts"
import type { MemoryServer } from "../../src/testing/memory/server.ts"
import { callbacksOf, forget } from "../fixtures/ledger.ts"
import { callbackKey, type Counts } from "../reference/fired.ts"
import { canonical } from "../reference/outcome.ts"

export const outcomeIn = (server: MemoryServer, run: string): string | undefined => {
  const stored = server.records(runFilter("memory", "r", addressOf(run)!)).at(-1)
  if (stored === undefined) return undefined
  const verdict = readVerdict(stored.body)
  if ("reference" in verdict.value) throw new Error("a value too large for this test")
  return canonical(JSON.parse(outcomeText("", verdict, verdict.value.text)))
}

export const doubledIn = (server: MemoryServer): ReadonlyArray<string> => {
  const places = server.records().map(({ subject }) => subject)
  const outcomes = places.filter((subject) => /^memory\.[ri]\./.test(subject))
  return outcomes.filter((subject, at) => outcomes.indexOf(subject) !== at)
}

export const deadIn = (server: MemoryServer): ReadonlyArray<string> => {
  const letters = server.records("memory.dl.>")
  return [...new Set(letters.map(({ body }) => unpackKind(body, "dead").message.subject))]
}

/** The callbacks of a run, and theirs: a callback that is executed again is the same run. */
export const callbacksIn = (run: string): Counts => {
  const counts = new Map<string, number>()
  const seen = new Set([run])
  for (const parent of seen) {
    for (const { task, input, run: id } of callbacksOf(parent)) {
      if (seen.has(id)) continue
      seen.add(id)
      const key = callbackKey(task, input)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  for (const id of seen) forget(id)
  return counts
}

/** The end of a callback's id says which hook it is of, its beginning when it was started. */
export const twiceIn = (server: MemoryServer): ReadonlyArray<string> => {
  const callbacks = server
    .records("memory.r.>")
    .map(({ subject }) => parseSubject(subject)!)
    .filter(({ instance }) => instance === "callback")
    .map(({ run }) => run)
  const hooks = callbacks.map((run) => run.slice(10))
  return callbacks.filter((_, at) => hooks.indexOf(hooks[at]!) !== at)
}
