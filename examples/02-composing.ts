/** The four ways to put steps together, and how they nest. */
import { chain, chord, connect, group, ignoreInput, map, startWorker } from "arpeggio"
import { add, mul, sum } from "../workflows/math.ts"

await using _worker = await startWorker([add, mul, sum], { print: () => {} })
await using app = await connect()

// chain: each step receives what the one before returned. mul(3) leaves its first argument open.
console.log("chain", await app.run(chain(add(4, 2), mul(3))))

// A step whose first argument is open makes a workflow that takes an input.
console.log("with input", await app.run(chain(add(1), mul(10)), 4))

// group: side by side. Results stand in the order they were written in, or under their names.
console.log("group", await app.run(group(add(1, 1), mul(5, 5))))
console.log("named", await app.run(group({ sum: add(2, 3), product: mul(2, 3) })))

// chord: a group, and a body that takes all its results.
console.log("chord", await app.run(chord([add(1, 1), add(2, 2), add(3, 3)], sum())))

// map: the same steps for every item of a list that is known only when it arrives.
console.log("map", await app.run(map(chain(mul(10), add(1)), { concurrency: 2 }), [1, 2, 3]))

// Everything is a value, so everything nests. Both members of the group take what add(1, 2) gives.
const nested = chain(add(1, 2), group(mul(10), chain(mul(2), add(1))), sum())
console.log("nested", await app.run(nested))

// A step with all its arguments has no use for what comes before it; ignoreInput says that this is meant.
console.log("ignoring", await app.run(chain(add(1, 1), ignoreInput(add(20, 20)))))

// Output:
// chain 18
// with input 50
// group [ 2, 25 ]
// named { sum: 5, product: 6 }
// chord 12
// map [ 11, 21, 31 ]
// nested 37
// ignoring 40
