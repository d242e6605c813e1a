/** What the type tests use: the library's names, and a few tasks. */
import * as Schema from "effect/Schema"
import type { App } from "../../src/client/app.ts"
import type { ClientService } from "../../src/client/client.ts"
import { task } from "../../src/define/task.ts"

export { always, ifFailed } from "../../src/compose/cleanup.ts"
export { chain } from "../../src/compose/chain.ts"
export { chord } from "../../src/compose/chord.ts"
export { group } from "../../src/compose/group.ts"
export { ignoreInput } from "../../src/compose/ignore-input.ts"
export { map } from "../../src/compose/map.ts"
export { onFailure, onSuccess } from "../../src/compose/hook.ts"
export { pass } from "../../src/compose/pass.ts"
export { recover } from "../../src/compose/recover.ts"
export { withInput } from "../../src/compose/recover.ts"
export { settle } from "../../src/compose/settle.ts"
export { sleep } from "../../src/compose/sleep.ts"
export { open } from "../../src/define/open.ts"
export { implement, task } from "../../src/define/task.ts"
export type {
  AnyWorkflow,
  Call,
  ErrorOf,
  InputOf,
  OutputOf,
  Workflow
} from "../../src/define/workflow.ts"
export { Failure, Outcome } from "../../src/define/outcome.ts"
export { serve } from "../../src/worker/serve.ts"

export declare const app: App
export declare const client: ClientService
/** Known at run time alone. */
export declare const either: boolean

export class Expected extends Schema.TaggedError<Expected>()("Expected", { x: Schema.Finite }) {}
export class Other extends Schema.TaggedError<Other>()("Other", {}) {}

const { Finite } = Schema

export const add = task(
  "math.add",
  { input: [Finite, Finite], output: Finite },
  (left, right) => left + right
)
export const mul = task(
  "math.mul",
  { input: [Finite, Finite], output: Finite },
  (left, right) => left * right
)
export const sub = task("math.sub", { input: [Finite, Finite], output: Finite })
export const fail = task("fail", { input: [Finite], output: Finite, errors: [Expected] })
export const tsum = task("tsum", { input: [Schema.Array(Finite)], output: Finite })
export const shout = task("shout", { input: [Schema.String], output: Schema.String })
export const size = task("size", { input: [Schema.String], output: Finite })
export const toggle = task("toggle", { input: [Schema.Boolean], output: Schema.Boolean })
export const log = task("log", { input: [Finite], output: Schema.Void })
export const now = task("now", { input: [], output: Schema.Date })
export const place = task("place", {
  input: [Schema.Struct({ x: Finite, y: Finite })],
  output: Finite
})
export const colour = task("colour", {
  input: [Schema.Struct({ x: Finite, hue: Schema.String })],
  output: Schema.String
})
export const maybe = task("maybe", { input: [Schema.NullOr(Finite)], output: Finite })
export const option = task("option", { input: [Schema.Option(Finite)], output: Finite })
export const explain = task("explain", { input: [Expected], output: Schema.String })
export const ship = task("ship", {
  input: [Schema.Struct({ user: Schema.String, total: Finite })],
  output: Schema.String
})
