/** The canvas cases on a cluster. */
import { canvasSuite } from "../canvas/suite.ts"
import { clusterLayer } from "./layer.ts"

canvasSuite(clusterLayer)
