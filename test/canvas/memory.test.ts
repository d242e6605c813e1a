import { canvasSuite } from "./suite.ts"
import { memoryLayer } from "./layer.ts"

canvasSuite(memoryLayer())
canvasSuite(memoryLayer(1))
