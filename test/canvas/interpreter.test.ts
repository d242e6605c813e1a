import { canvasSuite } from "./suite.ts"
import { interpreterLayer } from "./layer.ts"

canvasSuite(interpreterLayer({ "canvas.sleepy": (_seconds: number, x: number) => x }))
