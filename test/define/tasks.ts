/** Tasks that the tests of this stage and of composition share. Nothing here runs by itself. */
import * as Schema from "effect/Schema"
import { task } from "../../src/define/task.ts"

const { Finite } = Schema

export class Expected extends Schema.TaggedError<Expected>()("Expected", { x: Finite }) {}
export class Late extends Schema.TaggedError<Late>()("Late", { at: Schema.Date }) {}

export class User extends Schema.Class<User>("User")({
  name: Schema.String,
  born: Schema.Date,
  nickname: Schema.optional(Schema.String)
}) {}

export const add = task(
  "math.add",
  { input: [Finite, Finite], output: Finite },
  (left, right) => left + right
)
export const mul = task("math.mul", { input: [Finite, Finite], output: Finite })
export const tsum = task("tsum", { input: [Schema.Array(Finite)], output: Finite })
export const fail = task("fail", { input: [Finite], output: Finite, errors: [Expected, Late] })
export const when = task("when", { input: [Schema.Date, Finite], output: Schema.Date })
export const greet = task("greet", { input: [User], output: Schema.String })
export const explain = task("explain", { input: [Expected], output: Schema.Date })
export const nothing = task("nothing", { input: [], output: Schema.Void })
