/**
 * Every fault at every call of every worker, and at everything that arrives there: the run comes to an outcome that the
 * interpreter admits, its body is one step with one input, and nothing is left behind.
 */
import { everyFaultFrom } from "./every-fault.ts"

everyFaultFrom(0)
