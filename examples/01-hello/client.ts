import { chain, connect } from "arpeggio"
import { add, mul } from "../../workflows/math.ts"

await using app = await connect()
const answer = await app.run(chain(add(4, 2), mul(3)))
console.log(answer)

// Output:
// 18
