/** The worker of `npm start`: the tasks of workflows/math.ts, which here also say what they do. */
import { implement, serve } from "arpeggio"
import { add, mul, sum } from "../../workflows/math.ts"

const say = (what: string, result: number): number => {
  console.log(`  worker ${process.pid}: ${what} = ${result}`)
  return result
}

const total = (numbers: ReadonlyArray<number>): number =>
  numbers.reduce((left, right) => left + right, 0)

await serve(
  [
    implement(add, (left, right) => say(`add(${left}, ${right})`, left + right)),
    implement(mul, (left, right) => say(`mul(${left}, ${right})`, left * right)),
    implement(sum, (numbers) => say(`sum(${numbers.join(", ")})`, total(numbers)))
  ],
  // Notices go to whoever started this process: the first one says that it works.
  { print: (line) => void process.send?.(line) }
)
process.disconnect?.()
