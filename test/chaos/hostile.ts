/** Makes messages that nobody of ours sends, out of ones that we do: none of them may cause a handler to run. */
import type { Random } from "../../src/testing/memory/random.ts"
import { between } from "./workload.ts"

/** A message as it was sent, with where. */
export interface Template {
  /** The subject's tokens after the kind: queue, level, task, owner, instance, run, node, index. */
  readonly tokens: ReadonlyArray<string>
  readonly body: Uint8Array
}

export interface Hostile {
  readonly how: string
  readonly tokens: ReadonlyArray<string>
  readonly body: Uint8Array
}

interface Opened {
  readonly header: { [field: string]: unknown }
  readonly rest: string
}

const open = (body: Uint8Array): Opened => {
  const text = Buffer.from(body).toString()
  const end = text.indexOf("\n")
  return { header: JSON.parse(text.slice(0, end)) as Opened["header"], rest: text.slice(end + 1) }
}

const close = ({ header, rest }: Opened): Uint8Array =>
  Buffer.from(`${JSON.stringify(header)}\n${rest}`)

const ownedBy = (template: Template, run: string): Template => {
  const [queue, level, task, , , , node, index] = template.tokens as Array<string>
  const { header, rest } = open(template.body)
  return {
    tokens: [queue!, level!, task!, "fuzz", "fuzz", run, node!, index!],
    body: close({ header: { ...header, run }, rest })
  }
}

/** Fields that a message cannot change without contradicting its subject, its plan or its form. */
const fixed = new Set([
  "v",
  "kind",
  "run",
  "step",
  "node",
  "task",
  "codec",
  "frame",
  "planHash",
  "slots"
])

const sameType = (left: unknown, right: unknown): boolean =>
  typeof left === typeof right && Array.isArray(left) === Array.isArray(right)

/** Whether what came out is a message that a client could have sent: then a worker is right to act on it. */
export const isHarmless = (made: Uint8Array, from: Uint8Array): boolean => {
  try {
    const [now, before] = [open(made), open(from)]
    const kept = Object.entries(before.header).every(([field, value]) => {
      const other = now.header[field]
      if (fixed.has(field)) {
        const mayMiss = field === "planHash" && other === undefined
        return mayMiss || JSON.stringify(other) === JSON.stringify(value)
      }
      if (field === "attempt") return Number.isSafeInteger(other) && Number(other) >= 1
      if (typeof other === "number") return Number.isSafeInteger(other)
      return value === null ? other === null || typeof other === "string" : sameType(other, value)
    })
    if (!kept) return false
    if (now.rest === before.rest) return true
    // The members of the storm's groups have all their arguments: what arrives at them is read by nobody.
    if (now.header["kind"] === "expand") return planIn(now) === planIn(before)
    const list: unknown = JSON.parse(now.rest)
    return Array.isArray(list) && list.length === 1 && Number.isFinite(list[0])
  } catch {
    return false
  }
}

/** What stands behind the input. */
const planIn = ({ header, rest }: Opened): string => {
  const [input] = header["slots"] as ReadonlyArray<number>
  return Buffer.from(rest).subarray(input).toString()
}

const nested = (depth: number, random: Random): string =>
  random() < 0.5
    ? `${"[".repeat(depth)}${"]".repeat(depth)}`
    : `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`

const bytes = (random: Random, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, () => Math.floor(random() * 256))

const pick = <A>(random: Random, from: ReadonlyArray<A>): A =>
  from[Math.floor(random() * from.length)]!

type Make = (random: Random, template: Template, others: ReadonlyArray<Uint8Array>) => Template

const withBody = ({ tokens }: Template, body: Uint8Array): Template => ({ tokens, body })

const junk = [null, true, -1, 0.5, 1e308, 2 ** 53, "", "x", "*", ">", [], [[]], {}, { a: 1 }]
const versions = [0, -1, 1.5, 2, 3, 99, 1e308, "1", "2", null, [], {}]
const words = [
  "*",
  ">",
  "..",
  "a b",
  "ü",
  "\u0000",
  "x".repeat(150),
  "_",
  "storm/none",
  "$SYS",
  "0"
]

const makers: { readonly [how: string]: Make } = {
  "random bytes": (random, template) =>
    withBody(template, bytes(random, between(random, 0, 2_000))),
  "random bytes as a slot": (random, template) => {
    const { header } = open(template.body)
    const head = Buffer.from(`${JSON.stringify(header)}\n`)
    return withBody(template, Buffer.concat([head, bytes(random, between(random, 1, 200))]))
  },
  truncated: (random, template) =>
    withBody(template, template.body.subarray(0, between(random, 0, template.body.length - 1))),
  "flipped bytes": (random, template) => {
    const body = Uint8Array.from(template.body)
    for (let left = between(random, 1, 8); left > 0; left--) {
      body[between(random, 0, body.length - 1)]! ^= 1 << between(random, 0, 7)
    }
    return withBody(template, body)
  },
  "a strange field": (random, template) => {
    const { header, rest } = open(template.body)
    const field = pick(random, Object.keys(header))
    return withBody(template, close({ header: { ...header, [field]: pick(random, junk) }, rest }))
  },
  "a missing field": (random, template) => {
    const { header, rest } = open(template.body)
    const { [pick(random, Object.keys(header))]: _, ...others } = header
    return withBody(template, close({ header: others, rest }))
  },
  "a wrong kind": (random, template, others) => withBody(template, pick(random, others)),
  "a renamed kind": (random, template) => {
    const { header, rest } = open(template.body)
    const kind = pick(random, ["outcome", "frame", "attempt", "dead", "key", "CALL", "constructor"])
    return withBody(template, close({ header: { ...header, kind }, rest }))
  },
  "another version": (random, template) => {
    const { header, rest } = open(template.body)
    return withBody(template, close({ header: { ...header, v: pick(random, versions) }, rest }))
  },
  "nested deeply": (random, template) => {
    const { header } = open(template.body)
    const depth = between(random, 300, 60_000)
    if (random() < 0.5) return withBody(template, close({ header, rest: nested(depth, random) }))
    const text = JSON.stringify(header).replace(/"v":1/, `"v":1,"x":${nested(depth, random)}`)
    return withBody(template, Buffer.from(`${text}\n[${nested(250, random)}]`))
  },
  "dangerous keys": (random, template) => {
    const { header } = open(template.body)
    const key = pick(random, ["__proto__", "constructor", "prototype", "toString", "then"])
    const text = JSON.stringify(header).replace("{", `{"${key}":{"kind":"cancel","x":1},`)
    return withBody(template, Buffer.from(`${text}\n[{"${key}":{"x":1}}]`))
  },
  "huge numbers": (random, template) => {
    const { header } = open(template.body)
    const slot = pick(random, ["[1e999]", "[-1e999]", `[${"9".repeat(5_000)}]`, "[1,2]", "[]"])
    const node = pick(random, [header["node"], 1e308, 2 ** 53, -(2 ** 53), 4_000_000_000])
    return withBody(template, close({ header: { ...header, node }, rest: slot }))
  },
  "another run's": (random, template) => {
    const { header, rest } = open(template.body)
    const run = pick(random, ["", "*", "x", "0".repeat(20), "x".repeat(10_000)])
    return withBody(template, close({ header: { ...header, run }, rest }))
  },
  "foreign tokens": (random, { tokens, body }) => {
    const at = pick(random, [2, 3, 4, 5, 6, 7])
    const foreign = tokens.map((token, index) => (index === at ? pick(random, words) : token))
    const { header, rest } = open(body)
    // Whatever its subject says: as a call of another run it may not be believed.
    return { tokens: foreign, body: close({ header: { ...header, run: "another" }, rest }) }
  },
  "a wildcard for a run": (random, { tokens, body }) => {
    const wild = random() < 0.5 ? ["*", "*", "*"] : ["app", "*", "*"]
    const [queue, level, task, , , , node, index] = tokens as Array<string>
    const { header, rest } = open(body)
    return {
      tokens: [queue!, level!, task!, ...wild, node!, index!],
      body: close({ header: { ...header, run: "*" }, rest })
    }
  }
}

/** One message, traceable by its run wherever its subject allows that. */
export const hostile = (
  random: Random,
  templates: ReadonlyArray<Template>,
  others: ReadonlyArray<Uint8Array>,
  run: string
): Hostile => {
  const how = pick(random, Object.keys(makers))
  for (;;) {
    const template = ownedBy(pick(random, templates), run)
    const made = makers[how]!(random, template, others)
    if (made.tokens !== template.tokens || !isHarmless(made.body, template.body)) {
      return { how, ...made }
    }
  }
}
