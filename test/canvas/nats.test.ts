/** The canvas cases on a real NATS server. */
import { canvasSuite } from "./suite.ts"
import { natsLayer } from "./layer.ts"

canvasSuite(natsLayer)
