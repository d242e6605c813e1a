/**
 * What a release of the future leaves in the stream, as this one would meet it: each of these writes over what stands of a
 * run, or beside it.
 */
import { chain } from "../../src/compose/chain.ts"
import { chord } from "../../src/compose/chord.ts"
import { map } from "../../src/compose/map.ts"
import type { Workflow } from "../../src/define/workflow.ts"
import { addressOf, type RunAddress } from "../../src/encode/subjects.ts"
import type { Broker, Stored } from "../../src/broker/broker.ts"
import { add, identity, range, record } from "../fixtures/tasks.ts"
import { type Change, fields, Future, plan } from "./newer.ts"
import { late } from "./tasks.ts"

/** Everything on a subject that matches, wherever it is kept. */
const firstOf = async (broker: Broker, kind: string, run: RunAddress): Promise<Stored> => {
  const { namespace } = broker.facts
  const calls = `${namespace}.${kind}.*.*.*.${run.owner}.${run.instance}.${run.run}.*.*`
  const [found] = (await broker.page(calls, 1)).records
  if (found === undefined) throw new Error(`nothing of kind ${kind}`)
  return found
}

/** Puts the future of a record of the run in its place. */
const over =
  (kind: string, change: Change) =>
  async (broker: Broker, run: string): Promise<void> => {
    const stored = await firstOf(broker, kind, addressOf(run)!)
    await new Future().replace(broker, stored, change)
  }

export interface Written {
  readonly workflow: Workflow<void, unknown, unknown>
  /** Whether a worker of this release has begun it before. */
  readonly begun: boolean
  write(broker: Broker, run: string): Promise<void>
}

const retry = { times: 1, initial: 1, max: 1, jitter: 0, on: [] }
const three = chain(add(1, 2), identity(), record())
const begins = (change: Change): Written => ({
  workflow: three,
  begun: false,
  write: over("t", change)
})

/** What stops a run: it waits for the release that wrote it. */
export const stopping: { readonly [what: string]: Written } = {
  "a plan with a kind of node": begins(plan((node) => ({ ...node, kind: "race" }))),
  "a call with a field": begins(fields({ limit: { key: "api", rate: 5 } })),
  "a call of another version": begins(fields({ v: 2 })),
  "a call with a backoff": begins(
    fields({ policy: { retry: { ...retry, backoff: "fibonacci" } } })
  ),
  "a plan with a backoff": begins(
    plan((node) => ({
      ...node,
      steps: [
        {
          ...Object((node["steps"] as Array<object>)[0]),
          retry: { ...retry, backoff: "fibonacci" }
        },
        ...(node["steps"] as Array<object>).slice(1)
      ]
    }))
  ),
  "an outcome with a tag": {
    workflow: chord([identity(1), late(2)], record()),
    begun: true,
    write: over("i", fields({ tag: "Paused" }))
  },
  "a frame of another kind": {
    workflow: chain(range(2), map(late())),
    begun: true,
    write: over("g", fields({ kind: "window" }))
  }
}

const other = (broker: Broker, kind: string, run: string, node: string, index: string): string => {
  const { owner, instance, run: token } = addressOf(run)!
  return `${broker.facts.namespace}.${kind}._._._.${owner}.${instance}.${token}.${node}.${index}`
}

/** Has the run's call wait in a timer of the future, which puts it back in so many milliseconds. */
export const inTimer = async (broker: Broker, run: string, wait: number): Promise<void> => {
  const { subject, body } = await firstOf(broker, "t", addressOf(run)!)
  await broker.publish({
    subject: other(broker, "s", run, "1", "nap"),
    body,
    fire: { time: broker.now() + wait, target: subject }
  })
  await broker.purge(subject)
}

/** Where a record stands that is of a kind of the future. */
export const strangeRecord = (broker: Broker, run: string): string =>
  other(broker, "z", run, "1", "_")
