/**
 * What is still in the broker after everything has ended: nothing may be, once all of it has been collected. The ballast
 * is no work, and stays.
 */
import type { Inspector } from "../inspector.ts"
import type { Stage } from "../stage.ts"

export interface Left {
  /** How many records of each kind. */
  readonly kinds: Readonly<Record<string, number>>
  readonly messages: number
  /** A few subjects of each kind. */
  readonly examples: ReadonlyArray<string>
  /** By name, those that still have something to hand out or to be acked. */
  readonly busy: ReadonlyArray<string>
}

export const leftIn = async (stage: Stage): Promise<Left> => {
  const { inspector, namespace } = stage
  const kinds: Record<string, number> = {}
  const examples: Array<string> = []
  let ballast = 0
  for (const [subject, count] of await inspector.subjects(`${namespace}.>`)) {
    const kind = subject.split(".")[1]!
    if (kind === "b") {
      ballast += count
      continue
    }
    kinds[kind] = (kinds[kind] ?? 0) + count
    if (kinds[kind] <= 3) examples.push(subject)
  }
  const consumers = await inspector.consumers()
  const busy = consumers
    .filter(({ pending, unacked }) => pending > 0 || unacked > 0)
    .map(({ name, pending, unacked }) => `${name}: ${pending} pending, ${unacked} unacked`)
  return { kinds, messages: (await inspector.messages()) - ballast, examples, busy }
}

export const isEmpty = ({ kinds, messages, busy }: Left): boolean =>
  Object.keys(kinds).length === 0 && messages === 0 && busy.length === 0

/** What there is by name: streams, and consumers of ours. */
export const placesIn = async (inspector: Inspector): Promise<ReadonlyArray<string>> => [
  ...(await inspector.streams()),
  ...(await inspector.consumers()).map(({ name }) => name).toSorted()
]
