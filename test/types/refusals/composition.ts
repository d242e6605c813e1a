import * as Schema from "effect/Schema"
import {
  add,
  always,
  chain,
  chord,
  explain,
  fail,
  group,
  ifFailed,
  ignoreInput,
  map,
  mul,
  open,
  pass,
  recover,
  settle,
  shout,
  task,
  tsum,
  withInput
} from "../dsl.ts"

class Crashed extends Schema.TaggedError<Crashed>()("Crashed", {}) {}

// expect: shout does not accept what math.mul returns
chain(mul(3), shout())
// expect: shout does not accept what this workflow returns
chain(mul(3), chain(mul(3), mul(3)), shout())
// expect: math.add already has all its arguments, so what math.mul returns would be dropped: write ignoreInput(math.add(…))
chain(mul(3), add(1, 2))
// expect: math.add is a task, not a call: write math.add(…) with its arguments, or with all but the first
chain(mul(3), add)
// expect: this is not a workflow: call a task, for example add(4, 2)
chain(1)
// expect: shout does not accept what the step before returns
chain(add(1, 2), ...[1, 2].map(() => shout()))
// expect: Expected 1 arguments, but got 0
chain()
// expect: tsum does not accept what the header returns
chord([add(1, 2), shout("x")], tsum())
// expect: math.add already has all its arguments, so what the header returns would be dropped: write ignoreInput(math.add(…))
chord([add(1, 2)], add(1, 2))
// expect: shout needs another input than math.mul: the members of a group share one
group(mul(3), shout())
// expect: this workflow needs another input than this workflow: the members of a group share one
group(chain(mul(3)), chain(shout()))
group({
  // expect: math.mul needs another input than the other members: the members of a group share one
  product: mul(3),
  // expect: shout needs another input than the other members: the members of a group share one
  loud: shout()
})
// expect: math.add already has all its arguments, so the group's input would be dropped: write ignoreInput(math.add(…))
group(add(1, 2), mul(3))
// expect: math.add is a task, not a call: write math.add(…) with its arguments, or with all but the first
group([add])
// expect: Type '"some"' is not assignable to type '"all"'
group({ a: add(1, 2) }, { wait: "some" })
// expect: options stand behind a list or a record of members: group([…],
group(add(1, 2), add(3, 4), { wait: "all" })
group(
  {
    // expect: math.mul needs another input than the other members: the members of a group share one
    product: mul(3),
    // expect: shout needs another input than the other members: the members of a group share one
    loud: shout()
  },
  { wait: "all" }
)
// expect: this is not a workflow: call a task, for example add(4, 2)
group({ a: add(1, 2) }, { waits: "all" })
// expect: math.add already has all its arguments, so each item would be dropped: write ignoreInput(math.add(…))
map(add(1, 2))
// expect: math.mul still needs an input: ignoreInput takes a workflow with all its arguments
ignoreInput(mul(3))
// expect: math.add is a task, not a call: write math.add(…) with its arguments, or with all but the first
settle(add)
// expect: fail does not fail with Unexpected
recover(fail(1), { Unexpected: add(1, 2) })
// expect: shout does not accept the error Expected
recover(fail(1), { Expected: shout() })
// expect: with({ queue, timeout, retry, headers, delay, eta, expires }) belongs on one call: write add(4, 2).with(…) inside the workflow
chain(add(1, 2)).with({ retry: { times: 3 } })
// expect: with({ queue, timeout, retry, headers, delay, eta, expires }) belongs on one call: write add(4, 2).with(…) inside the workflow
group(add(1, 2)).with({ headers: { a: "b" } })
// expect: with({ queue, timeout, retry, headers, delay, eta, expires }) belongs on one call: write add(4, 2).with(…) inside the workflow
group(add(1, 2)).with({ key: "a", timeout: "2 seconds" })
// expect: with({ queue, timeout, retry, headers, delay, eta, expires }) belongs on one call: write add(4, 2).with(…) inside the workflow
group(add(1, 2)).with({ key: "a", queue: "slow" })
// expect: Type 'number' is not assignable to type 'string'
chain(add(1, 2)).with({ key: 4 })
// expect: Expected 1 arguments, but got 0
pass()
// expect: pass takes the schema of what arrives, for example pass(Order)
pass(4)
// expect: pass takes the schema of what arrives, for example pass(Order)
pass(add)
// expect: what pass is given cannot travel: it contains Schema.Unknown, which allows values that JSON would lose: use Schema.Json, or say what is inside
pass(Schema.Unknown)
// expect: nothing arrives by a schema of nothing: give pass the schema of what is passed on
pass(Schema.Void)
// expect: pass does not accept what math.mul returns
chain(mul(3), pass(Schema.String))
// expect: shout does not accept what pass returns
chain(mul(3), pass(Schema.Finite), shout())
// expect: math.mul needs another input than pass: the members of a group share one
group(pass(Schema.String), mul(3))
// expect: with({ queue, timeout, retry, headers, delay, eta, expires }) belongs on one call: write add(4, 2).with(…) inside the workflow
pass(Schema.Finite).with({ queue: "slow" })
// expect: math.add already has all its arguments, so the group's input would be dropped: write ignoreInput(math.add(…))
group({ order: pass(Schema.Finite), sum: add(1, 2) })
// expect: fail does not fail with Unexpected
recover(fail(), { Unexpected: withInput(add(1)) })
// expect: explain does not accept { error, input }: the error Expected, and what fail was given
recover(fail(), { Expected: withInput(explain()) })
// expect: fail takes no input that explain could be given: leave withInput out
recover(fail(1), { Expected: withInput(explain()) })
// expect: this workflow takes no input that explain could be given: leave withInput out
recover(ignoreInput(fail(1)), { Expected: withInput(explain()) })
// expect: math.add already has all its arguments, so the error and the input would be dropped: leave withInput out
recover(fail(), { Expected: withInput(add(1, 2)) })
// expect: math.add is a task, not a call: write math.add(…) with its arguments, or with all but the first
recover(fail(), { Expected: withInput(add) })
// expect: withInput(…) stands in recover, ifFailed or always, and is no workflow
chain(add(1, 2), withInput(mul(3)))
// expect: shout does not accept the outcome of fail
always(fail(1), shout())
// expect: shout does not accept the failure of fail
ifFailed(fail(1), shout())
// expect: explain does not accept the failure of fail
ifFailed(fail(1), explain())
// expect: explain does not accept { failure, input }: the failure of fail, and what fail was given
ifFailed(fail(), withInput(explain()))
// expect: explain does not accept { outcome, input }: the outcome of fail, and what fail was given
always(fail(), withInput(explain()))
// expect: fail takes no input that explain could be given: leave withInput out
ifFailed(fail(1), withInput(explain()))
// expect: math.add already has all its arguments, so the outcome and the input would be dropped: leave withInput out
always(fail(), withInput(add(1, 2)))
// expect: math.add is a task, not a call: write math.add(…) with its arguments, or with all but the first
ifFailed(fail(), add)
// expect: fail is a task, not a call: write fail(…) with its arguments, or with all but the first
always(fail, add(1, 2))
// expect: shout does not accept the error Crashed
recover(fail(1), { Crashed: shout() })
// expect: math.add does not fail with Expired
recover(add(1, 2), { Expired: add(1, 2) })
// expect: what is cancelled has ended with its group or its run, and has no fallback: put recover around the group, for the error that ended it
recover(add(1, 2), { Cancelled: add(1, 2) })
// expect: explain does not accept { error, input }: the error TimedOut, and what fail was given
recover(fail(), { TimedOut: withInput(explain()) })
const ended = task("ended", { input: [], output: Schema.Void, errors: [Crashed] })
// expect: ended declares an error called Crashed, which cannot be told from how something ends that nobody declared: give the error another _tag
recover(ended(), { Crashed: ignoreInput(ended()) })
// expect: math.add.partial leaves the first argument open, which math.add(…) with the others does: leave partial out
add.partial(open, 2)
// expect: fail.partial leaves the first argument open, which fail(…) with the others does: leave partial out
fail.partial(open)
// expect: math.add.partial leaves no argument open: write open in the place of what arrives, or math.add(…) for a call with all of them
add.partial(1, 2)
const between = task("between", {
  input: [Schema.Finite, Schema.Finite, Schema.String],
  output: Schema.Finite
})
// expect: between.partial leaves several arguments open, and one arrives: give the others
between.partial(1, open, open)
// expect: Argument of type 'string' is not assignable to parameter of type 'number | Open'
add.partial("a", open)
// expect: Expected 2 arguments, but got 1
add.partial(1)
// expect: Expected 2 arguments, but got 3
add.partial(1, open, 3)
// expect: Argument of type 'Open' is not assignable to parameter of type 'number'
add(1, open)
// expect: between does not accept what shout returns
chain(shout("a"), between.partial(1, open, "b"))
// expect: math.mul needs another input than shout: the members of a group share one
group(shout(), mul.partial(2, open))
