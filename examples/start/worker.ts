/** The worker of `npm start`: the tasks of workflows/math.ts, which here also say what they do. */
import { implement, serve } from "arpeggio"
import { add, mul, sum } from "../../workflows/math.ts"

const said = (what: string, result: number): number => {
  console.log(`         worker ${process.pid} does ${what} = ${result}`)
  return result
}

// The banner, and anything a person should know, goes to whoever started this process.
const print = (line: string): void => void process.send?.(line)

await serve(
  [
    implement(add, (left, right) => said(`add(${left}, ${right})`, left + right)),
    implement(mul, (left, right) => said(`mul(${left}, ${right})`, left * right)),
    implement(sum, (numbers) =>
      said(
        `sum(${numbers.join(", ")})`,
        numbers.reduce((total, number) => total + number, 0)
      )
    )
  ],
  { print }
)
process.disconnect?.()
