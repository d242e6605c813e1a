/** The kill points of the other forms. */
import { everyFaultFrom } from "./every-fault.ts"

everyFaultFrom(1)
