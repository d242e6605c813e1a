/** Reads a plan from JSON of unknown origin: every node checked, copied and frozen. */
import {
  argumentAt,
  type CallNode,
  passes,
  type PlanNode,
  type RecoverNode
} from "../define/plan.ts"
import type { SchemaCodec } from "../define/codec.ts"
import { invalidInput } from "../define/call.ts"
import type { TaskDefinition } from "../define/definition.ts"
import { CompositionError } from "../define/failure.ts"
import { frozenJson, OutOfBounds } from "../define/json.ts"
import { Misfit } from "../define/misfit.ts"
import { ofMilliseconds } from "../define/duration.ts"
import { policyOf } from "../define/options.ts"
import type { RetryOptions } from "../define/retry.ts"
import { received } from "../define/received.ts"
import { unknownIn } from "./stored-plan.ts"

type Fields = { readonly [key: string]: unknown }

/** Gives what a plan names but does not hold, or throws. */
export interface Named {
  readonly task: (name: string) => TaskDefinition
  /** The codec of what is passed on, by its fingerprint. */
  readonly passed: (fingerprint: string) => SchemaCodec
}

/** The plan in `json`. */
export const readPlan = (json: unknown, named: Named): PlanNode => {
  const read = (json: unknown): PlanNode => {
    if (typeof json !== "object" || json === null) return refuse(`a node is ${received(json)}`)
    const node = json as Fields
    const unknown = unknownIn(node)
    if (unknown !== undefined) {
      return refuse(`${unknown} comes from a newer release than this one: upgrade this process`)
    }
    switch (node["kind"]) {
      case "call":
        return readCall(node, named.task)
      case "pass": {
        const fingerprint = String(node["fingerprint"])
        return Object.freeze({ kind: "pass", fingerprint, [passes]: named.passed(fingerprint) })
      }
      case "chain": {
        const steps = list(node["steps"]).map(read)
        return steps.length === 0
          ? refuse("a chain has no steps")
          : Object.freeze({ kind: "chain", steps: Object.freeze(steps) })
      }
      case "group": {
        const members = Object.freeze(list(node["members"]).map(read))
        if (node["keys"] === undefined) return Object.freeze({ kind: "group", members })
        const keys = Object.freeze(list(node["keys"]).map(String))
        if (keys.includes("__proto__")) return refuse("a group's member cannot be called __proto__")
        if (keys.length !== members.length || new Set(keys).size !== keys.length) {
          return refuse("a group's keys do not fit its members")
        }
        return Object.freeze({ kind: "group", members, keys })
      }
      case "map": {
        const { concurrency } = node
        if (
          concurrency !== undefined &&
          !(Number.isSafeInteger(concurrency) && Number(concurrency) >= 1)
        ) {
          return refuse(`a map's concurrency is ${received(concurrency)}`)
        }
        const limit = concurrency === undefined ? {} : { concurrency: Number(concurrency) }
        return Object.freeze({ kind: "map", body: read(node["body"]), ...limit })
      }
      case "ignore":
      case "settle":
        return Object.freeze({ kind: node["kind"], of: read(node["of"]) })
      case "hook": {
        const { on } = node
        if (on !== "success" && on !== "failure") return refuse(`a hook is on ${received(on)}`)
        const callback = read(node["callback"])
        return Object.freeze({ kind: "hook", on, of: read(node["of"]), callback })
      }
      case "cleanup": {
        const { on, input } = node
        if (on !== undefined && on !== "failure") return refuse(`a cleanup is on ${received(on)}`)
        return Object.freeze({
          kind: "cleanup",
          of: read(node["of"]),
          cleanup: read(node["cleanup"]),
          ...(on === undefined ? {} : { on }),
          ...(input === undefined ? {} : { input: true as const })
        })
      }
      case "recover": {
        const { fallbacks } = node
        if (typeof fallbacks !== "object" || fallbacks === null)
          return refuse("a recover has no fallbacks")
        const entries = Object.entries(fallbacks).map(
          ([tag, fallback]) => [tag, read(fallback)] as const
        )
        const tagsIn = (field: "inputs" | "undeclared"): Partial<RecoverNode> => {
          const tags = node[field] === undefined ? [] : list(node[field]).map(String)
          const stranger = tags.find((tag) => !Object.hasOwn(fallbacks, tag))
          if (stranger !== undefined) {
            return refuse(`a recover names a fallback for ${stranger}, which it has not`)
          }
          return tags.length === 0 ? {} : { [field]: Object.freeze(tags) }
        }
        return Object.freeze({
          kind: "recover",
          of: read(node["of"]),
          fallbacks: Object.freeze(Object.fromEntries(entries)),
          ...tagsIn("inputs"),
          ...tagsIn("undeclared")
        })
      }
      default:
        return refuse(`a node has the kind ${received(node["kind"])}`)
    }
  }
  return read(json)
}

const readCall = (node: Fields, find: Named["task"]): CallNode => {
  const { task, fingerprint, partial, open, queue, timeout, retry, headers } = node
  const definition = find(String(task))
  const args = list(node["args"])
  const skipped = partial === true ? 1 : 0
  if (args.length + skipped !== definition.arity) {
    return refuse(`a call of ${definition.name} has ${args.length} arguments`)
  }
  const opens: Pick<CallNode, "partial" | "open"> = {
    partial: partial === true,
    ...(open === undefined ? {} : { open: Number(open) })
  }
  if (opens.open !== undefined && (skipped === 0 || opens.open > args.length)) {
    return refuse(`a call of ${definition.name} leaves argument ${opens.open} open`)
  }
  const policy = policyOf({
    queue: queue as string,
    ...(timeout === undefined ? {} : { timeout: ofMilliseconds(timeout) }),
    ...(retry === undefined ? {} : { retry: asGiven(retry) }),
    ...(headers === undefined ? {} : { headers: headers as { [name: string]: string } })
  })
  if (typeof policy === "string") return refuse(`a call of ${definition.name}: ${policy}`)
  return Object.freeze({
    kind: "call",
    task: definition.name,
    fingerprint: String(fingerprint),
    args: Object.freeze(
      args.map((argument, at) => checked(definition, argumentAt(opens, at), argument))
    ),
    ...opens,
    queue: policy.queue ?? definition.queue,
    ...(policy.timeout === undefined ? {} : { timeout: policy.timeout }),
    ...(policy.retry === undefined ? {} : { retry: policy.retry }),
    ...(policy.headers === undefined ? {} : { headers: policy.headers })
  })
}

/** The waits of a stored policy are milliseconds. */
const asGiven = (retry: unknown): RetryOptions =>
  typeof retry === "object" && retry !== null
    ? ({
        ...retry,
        ...("initial" in retry ? { initial: ofMilliseconds(retry.initial) } : {}),
        ...("max" in retry ? { max: ofMilliseconds(retry.max) } : {})
      } as RetryOptions)
    : (retry as RetryOptions)

/** Kept as it was written once it is known that today's contract can read it. */
const checked = (
  definition: TaskDefinition,
  at: number,
  argument: unknown
): CallNode["args"][number] => {
  try {
    definition.inputCodecs[at]!.decode(argument)
    return frozenJson(argument)
  } catch (cause) {
    const misfit =
      cause instanceof OutOfBounds ? new Misfit("", cause.message, "beyond that") : cause
    if (misfit instanceof Misfit) throw invalidInput(definition.name, `input[${at}]`, misfit)
    throw cause
  }
}

const list = (json: unknown): ReadonlyArray<unknown> =>
  Array.isArray(json) ? json : refuse(`a list is ${received(json)}`)

const refuse = (reason: string): never => {
  throw new CompositionError({ message: `a workflow cannot be decoded: ${reason}` })
}
