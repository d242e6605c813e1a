/** Reads a contract once, when the task is declared, and refuses what could not travel. */
import { codecOf, type SchemaCodec } from "./codec.ts"
import type { TaskDefinition } from "./definition.ts"
import { type ErrorCodec, errorCodecOf } from "./error-codec.ts"
import { ContractError } from "./errors.ts"
import { fingerprintOf } from "./fingerprint.ts"
import { whyNotName } from "./name.ts"
import { orMeant } from "./known.ts"
import { policyOf, type CallOptions } from "./options.ts"
import { received } from "./describe-value.ts"
import {
  classesApart,
  policyAmong,
  type RetryOptions,
  strangeTag,
  type ThrownClass
} from "./retry.ts"
import { schemaOf } from "./standard.ts"
import { timesWith, whyNever } from "./times.ts"

/** What a contract is before anything in it has been checked. */
interface Unchecked {
  readonly input?: unknown
  readonly output?: unknown
  readonly errors?: unknown
  readonly queue?: unknown
  readonly timeout?: unknown
  readonly retry?: unknown
  readonly delay?: unknown
  readonly expires?: unknown
}

const aSchema = "use one of effect, for example Schema.String, or of zod, valibot or arktype"

const known = new Set([
  "input",
  "output",
  "errors",
  "queue",
  "timeout",
  "retry",
  "delay",
  "expires"
])

/** The definition that a contract stands for, without a handler. */
export const definitionOf = (name: string, contract: Unchecked): TaskDefinition => {
  const refuse = (reason: string): never => {
    const task = typeof name === "string" ? name : received(name)
    throw new ContractError({ task, message: `task ${task}: ${reason}` })
  }
  const sure = <A>(value: A | string): A =>
    typeof value === "string" ? refuse(value) : (value as A)

  const wrongName = whyNotName(name)
  if (wrongName !== undefined) return refuse(wrongName)
  const stranger = Object.keys(contract).find((key) => !known.has(key))
  if (stranger !== undefined) {
    return refuse(`a contract has no ${stranger}: ${orMeant(stranger, known)}`)
  }
  const { input, output, errors = [], queue, timeout, retry, delay, expires } = contract
  if (!Array.isArray(input))
    return refuse("input is a list of schemas, for example [Schema.Finite]")
  if (!Array.isArray(errors)) {
    return refuse(
      "errors is a list of Schema.TaggedError classes, or of schemas with a literal _tag"
    )
  }

  const inputCodecs = Array.from(input, (given: unknown, at): SchemaCodec => {
    const schema = schemaOf(given)
    if (schema === undefined) return refuse(`input[${at}] is not a schema: ${aSchema}`)
    if (typeof schema === "string") return refuse(`input[${at}] cannot travel: ${schema}`)
    if (schema.ast.context?.isOptional === true) {
      return refuse(`input[${at}] is optional, but the number of arguments decides: use a struct`)
    }
    if (at === 0 && (schema.ast._tag === "Void" || schema.ast._tag === "Undefined")) {
      return refuse("input[0] is void, so nothing could be left for the step before: use a struct")
    }
    const codec = codecOf(schema)
    return typeof codec === "string" ? refuse(`input[${at}] cannot travel: ${codec}`) : codec
  })
  const given = schemaOf(output)
  if (given === undefined)
    return refuse(`output is not a schema: ${aSchema}; a task that gives nothing has Schema.Void`)
  const outputCodec = typeof given === "string" ? given : codecOf(given)
  if (typeof outputCodec === "string") return refuse(`output cannot travel: ${outputCodec}`)
  const errorCodec = sure(errorCodecOf(errors))
  const { classes, ...others } = withoutClasses(retry, errorCodec)
  const policy = sure(policyOf(present({ queue, timeout, delay, expires, ...others })))
  const times = timesWith({}, policy)
  const never = whyNever(times)
  if (never !== undefined) return refuse(never)
  const strange = policy.retry === undefined ? undefined : strangeTag(policy.retry, errorCodec.tags)
  if (strange !== undefined)
    return refuse(`retry.on names ${strange}, which is not among its errors`)
  const among =
    policy.retry && policyAmong(policy.retry, (others.retry as RetryOptions).on, errorCodec.tags)
  const again = among && classes.length > 0 ? Object.freeze({ ...among, classes }) : among

  let fingerprint: string | undefined
  return Object.freeze({
    name,
    queue: policy.queue ?? "default",
    ...(policy.timeout === undefined ? {} : { timeout: policy.timeout }),
    ...(again === undefined ? {} : { retry: again }),
    ...(Object.keys(times).length === 0 ? {} : { times: Object.freeze(times) }),
    arity: input.length,
    inputCodecs: Object.freeze(inputCodecs),
    outputCodec,
    errorCodec,
    get fingerprint(): string {
      return (fingerprint ??= fingerprintOf(
        inputCodecs.map(({ ast }) => ast),
        outputCodec.ast,
        errorCodec.asts
      ))
    }
  })
}

/** A retry policy without the classes that it lists, and these. */
const withoutClasses = (
  retry: unknown,
  { tags, classOf }: ErrorCodec
): { readonly retry: unknown; readonly classes: ReadonlyArray<ThrownClass> } => {
  if (typeof retry !== "object" || retry === null || !("on" in retry)) return { retry, classes: [] }
  const { on, classes } = classesApart(retry.on, (listed) =>
    [...tags].find((tag) => classOf(tag) === listed)
  )
  return { retry: { ...retry, on }, classes: Object.freeze(classes) }
}

const present = (options: { readonly [name: string]: unknown }): CallOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
