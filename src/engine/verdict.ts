/** The outcome of a node as the engine handles it: a tag it acts on, and a value it passes on. */
import type { CrashName } from "../encode/crash-names.ts"
import { packMessage, type Parcel, unpackKind } from "../encode/codec.ts"
import type { Decided, OutcomeMessage } from "../encode/message.ts"
import type { OtherContract } from "../encode/value-ref.ts"
import type { RunAddress } from "../encode/subjects.ts"
import { crashIn, crashWords } from "../encode/thrown.ts"
import type { Value } from "./value.ts"

export interface Verdict {
  readonly tag: OutcomeMessage["tag"]
  /** The value, the declared error, or for other tags the words about what happened. */
  readonly value: Value
  /** Which way the value came, as JSON of `Branches`; of a success only, and only where that is open. */
  readonly branches?: Value
  readonly step: string
  readonly attempt: number
  readonly worker: string
  readonly began: number
  readonly ended: number
  readonly decided?: Decided
  /** Set when it was made with another version of a contract than the plan was built with. */
  readonly contract?: OtherContract
}

/** How something ended, for people. */
export const endedAs: { readonly [tag in Verdict["tag"]]: string } = {
  Succeeded: "succeeded",
  Failed: "failed",
  Crashed: "crashed",
  Cancelled: "was cancelled",
  TimedOut: "timed out",
  Expired: "expired"
}

/** A verdict that is stored: for good, and perhaps not the one that was offered. */
export interface Committed {
  readonly verdict: Verdict
  /** Whether it was this offer that was stored. */
  readonly ours: boolean
}

const part = (text: string): Record<string, unknown> => {
  const parsed: unknown = JSON.parse(text)
  return typeof parsed === "object" && parsed !== null ? { ...parsed } : {}
}

/** A verdict as the value that `settle` yields, in the JSON form of `Outcome`. */
export const outcomeText = (run: string, verdict: Verdict, text: string): string => {
  const { decided } = verdict
  const failure =
    decided === undefined
      ? undefined
      : { run, step: decided.step, task: decided.task, attempt: decided.attempt }
  switch (verdict.tag) {
    case "Succeeded":
      return `{"_tag":"Succeeded","value":${text}}`
    case "Failed":
      return failure === undefined
        ? `{"_tag":"Failed","error":${text}}`
        : `{"_tag":"Failed","error":${text},"failure":${JSON.stringify(failure)}}`
    default:
      return JSON.stringify({
        ...undeclaredOf(verdict.tag, text),
        failure: originIn(verdict, failure)
      })
  }
}

/** Where an outcome comes from; the types of a cancel and of an expiry have no such field. */
const originIn = <A>({ tag }: Verdict, failure: A): A | undefined =>
  tag === "Crashed" || tag === "TimedOut" ? failure : undefined

/** What is told of an outcome that is neither a value nor a declared error: the fields of its type, and no others. */
const undeclaredOf = (tag: Verdict["tag"], text: string): Record<string, unknown> => {
  const told = part(text)
  switch (tag) {
    case "Crashed": {
      const crash = crashIn(told)
      return { _tag: tag, name: crash.name, message: crashWords(crash) }
    }
    case "TimedOut":
      return { _tag: tag, after: told["after"] }
    case "Cancelled":
      return { _tag: tag, reason: told["reason"] }
    default:
      return { _tag: tag, mayHaveBegun: told["mayHaveBegun"] }
  }
}

/** What a callback for failures is given, in the JSON form of `Failure`. A deadline has no step that it comes from. */
export const failureText = (run: string, verdict: Verdict, text: string): string => {
  const { step = "", task = "", attempt = verdict.attempt } = verdict.decided ?? {}
  const error = verdict.tag === "Failed" ? text : JSON.stringify(undeclaredOf(verdict.tag, text))
  return `${JSON.stringify({ run, step, task, attempt }).slice(0, -1)},"error":${error}}`
}

/** The words of a crash that a failure of ours is. */
export const crashText = (name: CrashName, cause: unknown): string =>
  JSON.stringify({ name, message: cause instanceof Error ? cause.message : String(cause) })

/** The tag of a declared error, if the verdict is one. */
export const errorTag = (verdict: Verdict, text: string): string | undefined => {
  if (verdict.tag !== "Failed") return undefined
  const tag = part(text)["_tag"]
  return typeof tag === "string" ? tag : undefined
}

/** A verdict as it is stored. */
export const packVerdict = (address: RunAddress, verdict: Verdict): Uint8Array => {
  const { tag, value, branches, step, attempt, worker, began, ended, decided, contract } = verdict
  const message: { -readonly [name in keyof OutcomeMessage]: OutcomeMessage[name] } = {
    v: 1,
    kind: "outcome",
    run: address.run,
    tag,
    step,
    attempt,
    worker,
    began,
    ended,
    codec: "json"
  }
  if (decided !== undefined) message.decided = decided
  if (contract !== undefined) message.contract = contract
  const slots = "text" in value ? [value.text] : []
  if ("reference" in value) message.value = value.reference
  if (branches !== undefined) {
    message.branches = "text" in branches ? true : branches.reference
    if ("text" in branches) slots.push(branches.text)
  }
  return packMessage(message, slots)
}

/** A stored verdict. Throws `Unreadable`. */
export const readVerdict = (body: Uint8Array): Verdict => verdictIn(unpackKind(body, "outcome"))

/** The verdict that a message of its kind holds. */
export const verdictIn = ({ message, slots }: Parcel<OutcomeMessage>): Verdict => {
  const { tag, value, branches, step, attempt, worker, began, ended, decided, contract } = message
  const given: Value = value === undefined ? { text: slots[0] ?? "null" } : { reference: value }
  const verdict: Verdict = { tag, value: given, step, attempt, worker, began, ended }
  if (decided === undefined && branches === undefined && contract === undefined) return verdict
  const beside = slots[value === undefined ? 1 : 0] ?? "{}"
  return {
    ...verdict,
    ...(decided === undefined ? {} : { decided }),
    ...(contract === undefined ? {} : { contract }),
    ...(branches === undefined
      ? {}
      : { branches: branches === true ? { text: beside } : { reference: branches } })
  }
}

/** The crash that takes the place of a value beyond every bound. */
export const beyondBounds = (offered: Verdict, cause: unknown): Verdict => {
  const { branches: _, ...rest } = offered
  return { ...rest, tag: "Crashed", value: { text: crashText("ValueTooLarge", cause) } }
}
