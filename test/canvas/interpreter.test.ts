/** The canvas cases in the interpreter, which so proves that the cases ask for what it says. */
import { canvasSuite } from "./suite.ts"
import { interpreterLayer } from "./layer.ts"

canvasSuite(interpreterLayer({ "canvas.sleepy": (_seconds: number, x: number) => x }))
