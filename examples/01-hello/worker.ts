import { serve } from "arpeggio"
import { add, mul } from "../../workflows/math.ts"

await serve([add, mul])
