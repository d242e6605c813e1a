/** How one record names another: a value kept elsewhere, the place of an outcome, a plan, a contract's version. */
import * as Schema from "effect/Schema"
import { kinds } from "./kinds.ts"

const optional = Schema.optionalKey

/** How many of something: a number beyond every list would have a worker make room for it. */
export const Count: Schema.Int = Schema.Int.check(
  Schema.isBetween({ minimum: 0, maximum: 1_000_000 })
)

/** A value kept elsewhere: an outcome's value, the values of a scope's members, or the chunks of a large value. */
export const Reference = Schema.Union([
  Schema.Struct({ from: Schema.Literal("record"), node: Schema.String, index: Schema.String }),
  Schema.Struct({
    from: Schema.Literal("members"),
    scope: Schema.String,
    count: Count,
    keys: optional(Schema.Array(Schema.String)),
    /** The number of the map whose items these are; none for the members of a group. */
    map: optional(Schema.Int)
  }),
  Schema.Struct({
    from: Schema.Literal("chunks"),
    id: Schema.String,
    count: Count,
    bytes: Schema.Int,
    /** Kept as long as the run's outcome, not only as long as the run. */
    kept: optional(Schema.Boolean)
  })
])
export type Reference = typeof Reference.Type

/** The subject tokens of the record that holds a node's outcome: the run's own (`r`) or an inner one (`i`). */
export const Place = Schema.Struct({
  kind: Schema.Literals([kinds.runOutcome, kinds.outcome]),
  node: Schema.String,
  index: Schema.String
})
export type Place = typeof Place.Type

/** The place of an inner outcome. */
export const innerPlace = (node: string, index: string): Place => ({
  kind: kinds.outcome,
  node,
  index
})

/** A frame, and the item it stands for when the frame is a map's. */
export const FrameKey = Schema.Struct({ id: Schema.String, index: optional(Schema.Int) })
export type FrameKey = typeof FrameKey.Type

/** The version of a contract that something was made with: another than the plan was built with. */
export const OtherContract = Schema.Struct({
  task: Schema.String,
  fingerprint: Schema.String,
  worker: Schema.String,
  /** Since when the worker's process had been running; epoch milliseconds, broker clock. */
  since: Schema.Number
})
export type OtherContract = typeof OtherContract.Type
