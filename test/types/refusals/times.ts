/** Times that a call cannot have, and sleeps where nothing is held up. */
import { add, app, chain, group, map, mul, recover, settle, shout, sleep, task } from "../dsl.ts"

// expect: Type 'Date' is not assignable to type '"delay and eta both say when a call may begin: give it one of them, and leave the other out"'
add(1, 2).with({ delay: "10 seconds", eta: new Date() })
// expect: delay says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
add(1, 2).with({ delay: 20 })
// expect: delay says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
add(1, 2).with({ delay: "20s" })
// expect: expires says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
mul(2).with({ expires: 20 })
// expect: Type 'string' is not assignable to type 'Date'
mul(2).with({ eta: "tomorrow" })
// expect: with({ queue, timeout, retry, headers, delay, eta, expires }) belongs on one call: write add(4, 2).with(…) inside the workflow
chain(add(1, 2)).with({ delay: "20 seconds" })
// expect: with({ queue, timeout, retry, headers, delay, eta, expires }) belongs on one call: write add(4, 2).with(…) inside the workflow
chain(add(1, 2)).with({ eta: new Date() })
// expect: delay says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
task("bad", { input: [], output: shout()["~arpeggio"] as never, delay: 5 })

// expect: sleep says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
sleep(20)
// expect: a sleep follows a sleep: write one with the time of both
chain(add(1, 2), sleep("1 second"), sleep("2 seconds"), mul(3))
// expect: chain() has nothing but a sleep: put what it holds up beside it, for example chain(sleep(…), add(4, 2))
chain(sleep("1 second"))
// expect: shout does not accept what math.add returns
chain(add(1, 2), sleep("1 second"), shout())
// expect: math.add already has all its arguments, so what math.mul returns would be dropped: write ignoreInput(math.add(…))
chain(mul(1), sleep("1 second"), add(1, 2))
// expect: sleep(…) stands in a chain or a group, and is no workflow by itself: write chain(sleep(…), …)
settle(sleep("1 second"))
// expect: sleep(…) stands in a chain or a group, and is no workflow by itself: write chain(sleep(…), …)
map(sleep("1 second"))
// expect: sleep(…) stands in a chain or a group, and is no workflow by itself: write chain(sleep(…), …)
recover(sleep("1 second"), {})
// expect: sleep(…) stands in a chain or a group, and is no workflow by itself: write chain(sleep(…), …)
void app.run(sleep("1 second"))
// expect: Argument of type 'string' is not assignable to parameter of type 'number'
void app.run(chain(sleep("1 second"), mul(3)), "x")
// expect: shout needs another input than math.mul: the members of a group share one
group(mul(3), sleep("1 second"), shout())
