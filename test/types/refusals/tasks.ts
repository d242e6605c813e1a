import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import {
  add,
  app,
  Expected,
  fail,
  implement,
  mul,
  now,
  serve,
  size,
  sub,
  task,
  toggle
} from "../dsl.ts"
import * as empty from "../../worker/modules/empty.ts"
import * as orders from "../../worker/modules/orders.ts"

const { Finite } = Schema
const io = { input: [Finite], output: Finite } as const
declare const someSchemas: Array<Schema.String>

// expect: Argument of type 'string' is not assignable to parameter of type 'number'
add("x", 2)
// expect: Argument of type 'string' is not assignable to parameter of type 'number'
add("x")
// expect: Expected 1-2 arguments, but got 3
add(1, 2, 3)
// expect: Expected 0 arguments, but got 1
now(1)
// expect: math.mul still needs an input: give it all its arguments, or write run(workflow, input)
void app.run(mul(3))
// expect: Argument of type 'string' is not assignable to parameter of type 'number'
void app.run(mul(3), "x")
// expect: math.add is a task, not a call: write math.add(…) with its arguments, or with all but the first
void app.run(add)
// expect: math.sub has no handler: bind one with implement(…)
void serve([add, sub])
// expect: math.sub has no handler: bind one with implement(…)
void serve(orders, [add, sub], { concurrency: 3 })
// expect: no task with a handler is in this: give the module that has the handlers, or bind one with implement(…)
void serve(empty)
// expect: no task with a handler is in this: give the module that has the handlers, or bind one with implement(…)
void serve({ sub, io })
// expect: this holds neither a task with a handler nor an option
void serve(orders, empty, { concurrency: 3 })
// expect: tasks are served in lists, modules and records: write [math.add]
void serve(orders, add)
// expect: there is no option concurency
void serve(orders, { concurency: 3, timeout: "3 seconds" })
class Payments extends Context.Service<Payments, object>()("Payments") {}
const charge = task("charge", { input: [], output: Schema.Void }, () => Effect.asVoid(Payments))
// expect: charge needs services: serve it with Worker.layer(…) and provide what it needs
void serve(orders, [charge])
// expect: these handlers need services: serve them with Worker.layer(…) and provide what they need
void serve({ add, charge })

// expect: bad fails with an error that its contract does not declare: add it to errors
task("bad", io, (x) => Effect.fail(new Expected({ x })))
// expect: bad returns something else than its contract's output
task("bad", io, (x) => `${x}`)
// expect: bad returns something else than its contract's output
task("bad", io, async (x) => `${x}`)
// expect: bad returns a workflow that can fail with an error its contract does not declare: add it to errors
task("bad", io, (x) => fail(x))
// expect: bad returns a workflow that still needs an input: give it all its arguments
task("bad", io, (x) => add(x))
// expect: bad returns a workflow whose output is not its contract's output
task("bad", io, () => now())

// expect: an element of input cannot be optional, because the number of arguments decides: use a struct
task("bad", { input: [Finite, Schema.optionalKey(Finite)], output: Finite })
// expect: input has a fixed number of elements: use a struct, or one Schema.Array
task("bad", { input: [Finite, ...someSchemas], output: Finite })
// expect: the first element of input cannot be void, because nothing could be left for the step before: use a struct
task("bad", { input: [Schema.Void, Finite], output: Finite })
// expect: an error carries a _tag: declare it with Schema.TaggedError
task("bad", { input: [Finite], output: Finite, errors: [Finite] })
// expect: a task's name holds letters, digits, _ and - only, with dots between its parts
task("send mail", io)
// expect: a task's name holds letters, digits, _ and - only, with dots between its parts
task("mail.*", io)
// expect: a task needs a name, for example math.add
task("", io)
// expect: 'retries' does not exist in type 'CallOptions
add(1, 2).with({ retries: 3 })

// expect: "retry is an object such as { times: 3 }"
task("bad", { ...io, retry: 3 })
// expect: 'retries' does not exist in type 'Contract
task("bad", { input: [Finite], output: Finite, retries: 3 })
// expect: "retry is an object such as { times: 3 }"
add(1, 2).with({ retry: 3 })

// expect: Type '20' is not assignable to type 'HowLong<"timeout says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"">'
task("bad", { ...io, timeout: 20 })
// expect: initial says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
task("bad", { ...io, retry: { times: 3, initial: 2 } }, (x) => x)
// expect: timeout says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
add(1, 2).with({ timeout: size.length })
// expect: deadline says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
add(1, 2).with({ deadline: 60 })
// expect: grace says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
void serve([add], { grace: 25 })
declare const some: { readonly grace?: "1 second"; readonly concurrency?: number }
// expect: timeout says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
void serve([add], { timeout: 25, ...some })
// expect: within says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
void app.run(add(1, 2), undefined, { within: 5 })
// expect: within says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
void app.run(add(1, 2), undefined, { within: "5s" })

// expect: retry.on names Expeced, which is not among the errors: declare it there, or list the class of what is thrown
task("bad", { ...io, errors: [Expected], retry: { times: 3, on: ["Expeced"] } })
// expect: retry.on names Expected, which is not among the errors: declare it there, or list the class of what is thrown
task("bad", { ...io, retry: { times: 3, on: [TypeError, "Expected"] } }, (x) => x)
// expect: retry.on lists tags and classes of errors
task("bad", { ...io, retry: { times: 3, on: [3] } }, (x) => x)
// expect: retry.on names Other, which is not among the errors: declare it there, or list the class of what is thrown
fail(1).with({ retry: { times: 3, on: ["Expected", "Other"] } })
// expect: a class does not travel with a call: list it in retry.on of the contract
fail(1).with({ retry: { times: 3, on: [TypeError] } })

declare function textFirst(x: string): string
declare function textFirst(x: number): number
declare function numberFirst(x: number): number
declare function numberFirst(x: string): string
declare function failing(x: number): Effect.Effect<number, Expected>
declare function failing(x: string): Effect.Effect<string>
const identity = task("identity", io)

// expect: "none of this handler's overloads gives the output of size for its input: write a function around it, for example (input) => handler(input)"
implement(size, textFirst)
// expect: "none of this handler's overloads gives the output of size for its input: write a function around it, for example (input) => handler(input)"
implement(size, numberFirst)
// expect: "none of this handler's overloads gives the output of identity for its input: write a function around it, for example (input) => handler(input)"
implement(identity, failing)
// expect: "none of this handler's overloads gives the output of bad for its input: write a function around it, for example (input) => handler(input)"
task("bad", { input: [Schema.String], output: Finite }, numberFirst)
// expect: Argument of type 'number' is not assignable to parameter of type '(input_0: boolean) => unknown'
implement(toggle, 1)
