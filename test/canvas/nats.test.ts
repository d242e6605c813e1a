import { canvasSuite } from "./suite.ts"
import { natsLayer } from "./layer.ts"

canvasSuite(natsLayer)
