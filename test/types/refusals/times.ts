/** Times that a call cannot have, and sleeps where nothing is held up. */
import { add, mul, chain } from "../dsl.ts"

// expect: Type 'Date' is not assignable to type '"delay and eta both say when a call may begin: give it one of them, and leave the other out"'
add(1, 2).with({ delay: "10 seconds", eta: new Date() })
// expect: delay says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
add(1, 2).with({ delay: 20 })
// expect: expires says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
mul(2).with({ expires: 20 })
// expect: delay says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
add(1, 2).with({ delay: "20s" })
// expect: with({ queue, timeout, retry, headers, delay, eta, expires }) belongs on one call: write add(4, 2).with(…) inside the workflow
chain(add(1, 2)).with({ delay: "20 seconds" })
// expect: with({ queue, timeout, retry, headers, delay, eta, expires }) belongs on one call: write add(4, 2).with(…) inside the workflow
chain(add(1, 2)).with({ eta: new Date() })
add(1, 2).with({ delay: "10 seconds", expires: "1 minute", queue: "a", key: "x" })
add(1, 2).with({ eta: new Date(), expires: new Date() })
