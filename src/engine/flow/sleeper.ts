/** Sets the timer by which a sleep ends. Its message has all that is needed then: what arrived, and where it goes on. */
import { packMessage } from "../../encode/codec.ts"
import type { SleepMessage } from "../../encode/message.ts"
import { systemSubject } from "../../encode/subjects.ts"
import type { Begin } from "../../plan/rule.ts"
import { countedFrom } from "../call/times.ts"
import type { Records } from "../records.ts"
import { commonOf, type Beginning } from "../sender.ts"
import { setTimer, stepTimer } from "../timers.ts"
import type { Value } from "../value.ts"
import { fenceOf, keyOf, stepOf, type Position } from "./position.ts"

type Sleeps = Extract<Begin, { readonly do: "sleep" }>

/** Until when a node sleeps; worked out from what is stored, so that whoever begins it again sets the same timer. */
export const sleepsUntil = (
  at: Position,
  sleeps: Sleeps,
  { from }: Pick<Beginning, "from">
): number => ("until" in sleeps ? sleeps.until : countedFrom(at.frame, from) + sleeps.for)

/** How a sleep begins, and until when it lasts: epoch milliseconds, broker clock. */
interface Sleeping extends Beginning {
  readonly until: number
}

/** Not when its scope has closed. */
export const fallAsleep = async (
  records: Records,
  at: Position,
  input: Value,
  beginning: Sleeping
): Promise<void> => {
  const { until } = beginning
  const { frame } = at
  const { run } = frame
  const kept =
    "text" in input && !records.fits(input.text) ? await records.keepText(run, input.text) : input
  await records.refitting(async () => {
    const name = stepTimer(stepOf(at), "sleep")
    await setTimer(records, run.address, {
      name,
      time: until,
      target: systemSubject(records.namespace, run.address, ...name.tokens),
      body: sleepBody(at, kept, beginning),
      unless: records.subject(run.address, fenceOf(at)),
      ...(beginning.member === true ? { begins: "member" as const } : {})
    })
  })
}

const sleepBody = (
  at: Position,
  input: Value,
  { until, parent, crossed, contract, branches, from }: Sleeping
): Uint8Array => {
  const { frame } = at
  const message: SleepMessage = {
    ...commonOf(frame.run),
    kind: "sleep",
    frame: keyOf(at),
    node: at.node,
    planHash: frame.hash,
    parent,
    since: countedFrom(frame, from),
    until,
    ...("reference" in input ? { input: input.reference } : {}),
    ...(branches === undefined
      ? {}
      : { branches: "text" in branches ? (true as const) : branches.reference }),
    ...(contract === undefined ? {} : { contract }),
    ...(crossed === true ? { crossed } : {})
  }
  return packMessage(message, [
    ...("text" in input ? [input.text] : []),
    ...(frame.stored ? [] : [frame.planText]),
    ...(branches !== undefined && "text" in branches ? [branches.text] : [])
  ])
}

/** What the message of a sleep that is over says: the plan, what arrived, and how it goes on. */
export const awoken = (
  { parent, input, branches, contract, crossed, until }: SleepMessage,
  slots: ReadonlyArray<string>,
  again: boolean
): { readonly plan: string | undefined; readonly input: Value; readonly beginning: Beginning } => {
  const left = [...slots]
  const arrived: Value =
    input === undefined ? { text: left.shift() ?? "null" } : { reference: input }
  const way: Value | undefined =
    branches === true
      ? { text: left.pop() ?? "{}" }
      : branches === undefined
        ? undefined
        : { reference: branches }
  return {
    plan: left[0],
    input: arrived,
    beginning: {
      parent,
      again,
      from: until,
      ...(way === undefined ? {} : { branches: way }),
      ...(contract === undefined ? {} : { contract }),
      ...(crossed === true ? { crossed } : {})
    }
  }
}
