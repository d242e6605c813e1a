/** What cannot be started or attached to, and options that are none. */
import { add, app, chain, fail, mul, now, shout } from "../dsl.ts"

// expect: 'withn' does not exist in type 'RunOptions'
void app.run(add(1, 2), { withn: "1 second" })
// expect: Argument of type '{ within: string; }' is not assignable to parameter of type 'number'
void app.run(mul(3), { within: "1 second" })
// expect: Argument of type 'string' is not assignable to parameter of type 'void | RunOptions'
void app.run(chain(add(1, 2), mul(3)), "x")
// expect: Argument of type '{ within: string; }' is not assignable to parameter of type 'string'
void app.start(shout(), { within: "1 second" })

// expect: Type 'Call<"math.mul", number, number, never>' is not assignable to type '"math.mul still needs an input: give it all its arguments, or write run(workflow, input)"'
void app.startAll([add(1, 2), mul(3)])
// expect: is not assignable to type '"math.add is a task, not a call: write math.add(…) with its arguments, or with all but the first"'
void app.startAll([now(), add])
// expect: Type 'Call<"math.add", void, number, never>' is missing the following properties from type
void app.startAll(add(1, 2))

declare const later: Promise<ReturnType<typeof now>>
// expect: this is a promise, not a workflow: await it first
void app.run(later)
// expect: this is a promise, not a workflow: await it first
chain(later, fail())

declare const id: string
const build = (amount: number) => chain(fail(amount), mul(2))
// expect: "this function builds a workflow from arguments: give attach what it returns, for example attach(id, build(…)); or leave it out, and read what is stored as plain data"
void app.attach(id, build)
// expect: '"this is not a workflow: call a task, for example add(4, 2)"'
void app.attach(id, () => 3)
// expect: '"this is not a workflow: call a task, for example add(4, 2)"'
void app.attach(id, undefined)

const told = await app.attach(id).describe()
// expect: This comparison appears to be unintentional because the types
export const isStuck = told.waiting[0]?.for === "nobody"
