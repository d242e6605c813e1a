/**
 * Tasks whose schemas differ in all that JSON leaves open: structs that strip each other, classes, Map, bigint, Date, and
 * tagged errors that share a tag. Each takes any JSON, so that random workflows of them run wherever they stand.
 */
import { createHash } from "node:crypto"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { chain } from "../../src/compose/chain.ts"
import { group } from "../../src/compose/group.ts"
import { recover } from "../../src/compose/recover.ts"
import type { Json } from "../../src/define/plan.ts"
import { type AnyTask, task } from "../../src/define/task.ts"
import type { Workflow } from "../../src/define/workflow.ts"
import { decodeWorkflow } from "../../src/encode/workflow.ts"
import { note } from "../fixtures/ledger.ts"
import { canonical } from "../reference/outcome.ts"
import { passJson } from "./tasks.ts"

const { BigInt: Big, Finite, Json: AnyJson, String: Text, Struct } = Schema

const hash = (x: Json, k: number): number =>
  (createHash("sha256").update(canonical(x)).digest().readUInt32BE(0) + k) % 1_000_003

class Missing extends Schema.TaggedError<Missing>()("Missing", { at: Schema.Date }) {}
class NotFound extends Schema.TaggedError<NotFound>()("NotFound", {
  what: Schema.optionalKey(Text)
}) {}
class OrderNotFound extends Schema.TaggedError<OrderNotFound>()("NotFound", { order: Finite }) {}
class PageNotFound extends Schema.TaggedError<PageNotFound>()("NotFound", { order: Big }) {}
class Lost extends Schema.TaggedError<Lost>()("Missing", { at: Text }) {}

class Person extends Schema.Class<Person>("Person")({ name: Text }) {}
class Worker extends Schema.Class<Worker>("Worker")({ name: Text, since: Schema.Date }) {}

/** Throws one of two errors, or crashes, for some of the numbers. */
const risk = (h: number, ...errors: ReadonlyArray<() => unknown>): void => {
  const fails = errors[h % (2 * errors.length)]
  if (fails !== undefined) throw fails()
  if (h % 11 === 0) throw new TypeError(`shaken by ${h}`)
}

const missing = (h: number) => () => new Missing({ at: new Date(h) })
const lost = (h: number) => () => new Lost({ at: String(h) })
const notFound = (h: number) => () => new NotFound(h % 3 === 0 ? {} : { what: String(h) })
const order = (h: number) => () => new OrderNotFound({ order: h })
const page = (h: number) => () => new PageNotFound({ order: BigInt(h) })

const input = [AnyJson, Finite] as const

/** What is behind a returned workflow, which nobody who calls names. */
const hiddenUser = task(
  "rich.hidden-user",
  { input, output: Struct({ name: Text, hidden: Big }), errors: [OrderNotFound, Lost] },
  (x, k) => {
    note(x, k)
    const h = hash(x, k)
    risk(h, order(h), lost(h))
    return { name: "hidden", hidden: BigInt(h) }
  }
)

const user = task(
  "rich.user",
  { input, output: Struct({ name: Text }), errors: [NotFound, Missing] },
  (x, k) => {
    note(x, k)
    const h = hash(x, k)
    risk(h, notFound(h), missing(h))
    return { name: `u${h % 5}` }
  }
)

const guest = task(
  "rich.guest",
  {
    input,
    output: Struct({ name: Text, by: Schema.optionalKey(Text) }),
    errors: [OrderNotFound, Lost]
  },
  (x, k) => {
    note(x, k)
    const h = hash(x, k)
    risk(h, order(h), lost(h))
    if (h % 4 === 2) return hiddenUser(x, k)
    return { name: `g${h % 5}`, by: `b${h % 3}` }
  }
)

const person = task(
  "rich.person",
  { input, output: Person, errors: [PageNotFound, Missing] },
  (x, k) => {
    note(x, k)
    const h = hash(x, k)
    risk(h, page(h), missing(h))
    return new Person({ name: `p${h % 5}` })
  }
)

/** Becomes a workflow that recovers by itself, which nobody outside hears of. */
const worker = task("rich.worker", { input, output: Worker, errors: [Lost] }, (x, k) => {
  note(x, k)
  const h = hash(x, k)
  if (h % 3 === 0) return recovered(x, k)
  return new Worker({ name: `w${h % 5}`, since: new Date(h) })
})

const recovered = (x: Json, k: number): Workflow<void, Worker, Lost> =>
  recover(hiddenWorker(x, k) as Workflow<void, Worker, Lost | PageNotFound>, {
    NotFound: settled(x, k)
  })

const hiddenWorker: AnyTask & ((x: Json, k: number) => Workflow<void, Worker, Lost>) = task(
  "rich.hidden-worker",
  { input, output: Worker, errors: [PageNotFound, Lost] },
  (x, k) => {
    note(x, k)
    const h = hash(x, k)
    risk(h, page(h), lost(h))
    return new Worker({ name: "hidden", since: new Date(h) })
  }
) as never

/** Cannot fail, so that what recovers by it can be returned. */
const settled: AnyTask & ((x: Json, k: number) => Workflow<void, Worker>) = task(
  "rich.settled",
  { input, output: Worker },
  (x, k) => {
    note(x, k)
    return new Worker({ name: "settled", since: new Date(hash(x, k)) })
  }
)

const big = task("rich.big", { input, output: Big, errors: [OrderNotFound, Missing] }, (x, k) => {
  note(x, k)
  const h = hash(x, k)
  risk(h, order(h), missing(h))
  return BigInt(h) ** 3n
})

const text = task("rich.text", { input, output: Text, errors: [NotFound] }, (x, k) => {
  note(x, k)
  const h = hash(x, k)
  risk(h, notFound(h))
  return h % 2 === 0 ? String(h) : new Date(h).toISOString()
})

const date = task("rich.date", { input, output: Schema.Date, errors: [PageNotFound] }, (x, k) => {
  note(x, k)
  const h = hash(x, k)
  risk(h, page(h))
  return new Date(h)
})

const table = task(
  "rich.table",
  { input, output: Schema.ReadonlyMap(Text, Big), errors: [Lost] },
  (x, k) => {
    note(x, k)
    const h = hash(x, k)
    risk(h, lost(h))
    return new Map([[`k${h % 5}`, BigInt(h)]])
  }
)

const parts = task(
  "rich.parts",
  { input, output: Schema.Array(Schema.Option(Struct({ name: Text }))), errors: [NotFound] },
  (x, k) => {
    note(x, k)
    const h = hash(x, k)
    risk(h, notFound(h))
    return [Option.some({ name: `o${h % 5}` }), Option.none()].slice(0, h % 3)
  }
)

const nothing = task(
  "rich.nothing",
  { input, output: Schema.Undefined, errors: [Lost] },
  (x, k) => {
    note(x, k)
    const h = hash(x, k)
    risk(h, lost(h))
    return undefined
  }
)

/** A list for a map to go over. */
export const list = task("rich.list", { input, output: Schema.Array(Finite) }, (x, k) => {
  note(x, k)
  const h = hash(x, k)
  return Array.from({ length: h % 4 }, (_, at) => h + at)
})

export const heard = task("rich.heard", { input, output: Schema.Void }, (what, k) => {
  note(what, k)
})

/** Becomes the workflow in its text, over what it was given, beside another: what is open inside is not open outside. */
export const become = task(
  "rich.become",
  { input: [AnyJson, Text], output: AnyJson },
  (x, workflow) => {
    note(x, workflow)
    const next = decodeWorkflow<Json, Json, NotFound | Missing>(workflow, [...richTasks, passJson])
    const behind = chain(group(keep(x)), next as never) as unknown as typeof next
    return recover(behind, {
      NotFound: keep() as never,
      Missing: keep() as never
    }) as never
  }
)

const keep = task("rich.keep", { input: [AnyJson], output: AnyJson }, (x) => {
  note(x)
  return x
})

/** What a sketch chooses from. */
export const leaves = [user, guest, person, worker, big, text, date, table, parts, nothing] as const

export const richTasks: ReadonlyArray<AnyTask> = [
  ...leaves,
  hiddenUser,
  hiddenWorker,
  settled,
  list,
  heard,
  become,
  keep
]
