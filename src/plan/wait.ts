/** What becomes of the others where one of several that are under way together fails: they are stopped, or waited for. */
import { received } from "../define/describe-value.ts"
import { refuse } from "./refuse.ts"
import type { Fields, Next, Tag } from "./rule.ts"
import { unknownWord } from "./unknown.ts"

/** All of them are waited for. */
export type Wait = "all"

type Joins = Extract<Next, { readonly do: "join" }>

const fails: Next = { do: "decide", as: "ended", closes: true }
const words = new Set<string>(["all"])

/** What follows when a member has ended; `how` is how all of them are joined. */
export const memberEnded = (
  tag: Tag,
  wait: Wait | undefined,
  how: Pick<Joins, "keys" | "items">
): Next => {
  if (wait === undefined) return tag === "Succeeded" ? { do: "join", ...how } : fails
  return { do: "join", ...how, waits: true }
}

/** What of a stored node this release does not know. */
export const unknownWait = (node: string, wait: unknown): string | undefined =>
  unknownWord(`${node} that waits for`, wait, words)

/** The field in JSON of unknown origin. */
export const waitIn = ({ wait }: Fields): { readonly wait?: Wait } => {
  if (wait === undefined) return {}
  return wait === "all" ? { wait } : refuse(`what a node waits for is ${received(wait)}`)
}
