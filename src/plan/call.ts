/** One call of a task. */
import { argumentAt, type CallNode } from "../define/plan.ts"
import { invalidInput } from "../define/call.ts"
import type { TaskDefinition } from "../define/definition.ts"
import { ofMilliseconds } from "../define/duration.ts"
import { frozenJson, OutOfBounds } from "../define/json.ts"
import { Misfit } from "../define/schema-mismatch.ts"
import { policyOf } from "../define/options.ts"
import { received } from "../define/describe-value.ts"
import type { RetryOptions } from "../define/retry.ts"
import { timesGiven, timesWith, whyNever } from "../define/times.ts"
import { list, refuse } from "./refuse.ts"
import type { Fields, Named, Rule } from "./rule.ts"
import { argumentsOf } from "./same-value.ts"
import { unknownField, unknownWord } from "./unknown.ts"

const retryFields = new Set(["times", "backoff", "initial", "max", "jitter", "on"])
const backoffs = new Set(["constant", "linear", "exponential"])

const begins = { do: "call" } as const

export const call: Rule<CallNode> = {
  fields: {
    kind: true,
    task: true,
    fingerprint: true,
    args: true,
    partial: true,
    open: true,
    queue: true,
    timeout: true,
    retry: true,
    headers: true,
    delay: true,
    eta: true,
    expires: true
  },
  parts: {},
  decides: false,
  unknownIn({ open, retry, expires }) {
    if (open !== undefined && !(Number.isSafeInteger(open) && Number(open) >= 1)) {
      return `a call whose open argument is ${received(open)}`
    }
    for (const name in Object(expires) as Fields) {
      if (name !== "after" && name !== "at") return unknownField("call", `expires.${name}`)
    }
    if (retry === undefined) return undefined
    const policy = Object(retry) as Fields
    for (const name in policy) {
      if (!retryFields.has(name)) return unknownField("call", `retry.${name}`)
    }
    return unknownWord("a retry whose backoff is", policy["backoff"], backoffs)
  },
  read: (node, reading) => readCall(node, reading.task),
  children: () => [],
  begin: () => begins,
  ended: () => ({ do: "pass" }),
  takes: ({ task, partial, open = 0 }, tasks) =>
    partial ? { task, codec: tasks.get(task)?.inputCodecs[open] } : undefined,
  reader({ task }, { tasks }) {
    const definition = tasks.get(task)
    if (definition === undefined) {
      throw new Misfit("", `a known task, ${task}`, "nothing of that name")
    }
    return definition.outputCodec.decode
  },
  same(node, _, tasks) {
    const { fingerprint: _fingerprint, headers = {}, ...rest } = node
    return { ...rest, headers, args: argumentsOf(node, tasks.get(node.task)) }
  }
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
    ...(headers === undefined ? {} : { headers: headers as { [name: string]: string } }),
    ...timesGiven(node)
  })
  if (typeof policy === "string") return refuse(`a call of ${definition.name}: ${policy}`)
  const times = timesWith({}, policy)
  const never = whyNever(times)
  if (never !== undefined) return refuse(`a call of ${definition.name}: ${never}`)
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
    ...(policy.headers === undefined ? {} : { headers: policy.headers }),
    ...times
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
