/** The canvas cases in memory: in order, and with everything shuffled. */
import { canvasSuite } from "./suite.ts"
import { memoryLayer } from "./layer.ts"

canvasSuite(memoryLayer())
canvasSuite(memoryLayer(1))
