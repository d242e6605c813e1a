/** A choice between workflows is known at run time alone, so what arrives has to suit all of them. */
import {
  add,
  app,
  chain,
  chord,
  client,
  either,
  explain,
  fail,
  group,
  ignoreInput,
  log,
  map,
  mul,
  now,
  onFailure,
  onSuccess,
  recover,
  settle,
  shout,
  size,
  toggle,
  tsum
} from "../dsl.ts"

const choice = either ? mul(3) : shout()
const half = either ? mul(3) : now()
const inner = either ? chain(mul(3)) : chain(shout(), size())
const same = either ? mul(3) : log()
const full = either ? add(1, 2) : now()

// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between workflows that need the same, or give each all its arguments"'
settle(choice)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between workflows that need the same, or give each all its arguments"'
chain(add(1, 2), settle(choice))
// expect: '"this is a choice between workflows that need different inputs, «math.mul and now»: choose between workflows that need the same, or give each all its arguments"'
settle(half)
// expect: '"this is a choice between workflows that need different inputs: choose between workflows that need the same, or give each all its arguments"'
settle(inner)
// expect: '"this is a choice between workflows that need different inputs,
settle(either ? choice : inner)
// expect: '"this is a choice between workflows that need different inputs,
settle(either ? choice : toggle())
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
map(choice)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and now»: choose between
map(half)
// expect: '"«math.add or now» already has all its arguments, so each item would be dropped: write ignoreInput(…) around it"'
map(full)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
recover(choice, {})
// expect: '"this is a choice between workflows that need different inputs, «shout and explain»: choose between
recover(fail(1), { Expected: either ? explain() : shout() })
// expect: '"«math.mul or log» does not accept the error Expected"'
recover(fail(1), { Expected: same })
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
onSuccess(choice, ignoreInput(add(1, 2)))
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
onSuccess(add(1, 2), choice)
// expect: '"«math.mul or log» does not accept what shout returns"'
onSuccess(shout("x"), same)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
onFailure(choice, ignoreInput(add(1, 2)))
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
onFailure(fail(1), choice)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
void app.run(choice)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
void app.run(choice, 3)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and now»: choose between
void app.run(half)
// expect: '"«math.mul or log» still needs an input: give it all its arguments, or write run(workflow, input)"'
void app.run(same)
// expect: Argument of type 'string' is not assignable to parameter of type 'number'
void app.run(same, "x")
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
void app.start(choice)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
void app.start(choice, "x")
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
client.run(choice)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
client.run(choice, 3)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
client.start(choice)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
client.start(choice, 3)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
chain(add(1, 2), chain(choice))
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
chain(choice)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
chain(add(1, 2), choice)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and now»: choose between
chain(add(1, 2), half)
// expect: '"«math.add or now» already has all its arguments, so what math.add returns would be dropped: write ignoreInput(…) around it"'
chain(add(1, 2), full)
// expect: '"tsum does not accept what «fail or shout» returns"'
chain(either ? fail(1) : shout("x"), tsum())
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
chord([choice], tsum())
// expect: '"this is a choice between workflows that need different inputs, «size and tsum»: choose between
chord([add(1, 2)], either ? size() : tsum())
// expect: '"this is a choice between workflows that need different inputs: choose between
chord(either ? group(mul(1)) : group(size()), tsum())
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
group(choice)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
group(mul(1), choice)
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
group({ a: choice })
// expect: '"this is a choice between workflows that need different inputs, «math.mul and shout»: choose between
group([1, 2].map(() => choice))
// expect: needs another input than the other members: the members of a group share one
group(either ? [mul(1)] : [shout()])
// expect: '"this is a choice between workflows that need different inputs, «math.mul and now»: choose between
ignoreInput(half)
// expect: '"«math.mul or log» still needs an input: ignoreInput takes a workflow with all its arguments"'
ignoreInput(same)
// expect: '"math.mul is a task, not a call: write math.mul(…) with its arguments, or with all but the first"'
settle(either ? add(1, 2) : mul)
// expect: '"this is not a workflow: call a task, for example add(4, 2)"'
chain(add(1, 2), either ? mul(3) : undefined)
