/** What a test expects of a task is checked by the compiler, too; so are fakes and faults. */
import { memoryServer, testApp } from "../../../src/testing/index.ts"
import { add, implement, mul, size } from "../dsl.ts"

const tested = await testApp([add, mul])
const server = memoryServer()

// expect: Type 'string' is not assignable to type 'number'
void tested.expectStarted(add, { input: ["4", 2] })
// expect: Source has 1 element(s) but target requires 2
void tested.expectStarted(add, { input: [4] })
// expect: 'name' does not exist in type 'ExpectOptions
void tested.expectStarted(add, { name: "x" })
// expect: within says its unit: \"20 seconds\" or \"20 millis\", not 20 and not \"20s\"
void tested.expectStarted(add, { within: 5 })
// expect: Task<string, readonly unknown[], unknown, unknown>'
void tested.expectStarted(add(1, 2))
// expect: is not assignable to type 'string'
const text: string = tested.started(add)[0]!.input[0]
// expect: size returns something else than its contract's output
void testApp([implement(size, (word) => word)])
// expect: Type '"los"' is not assignable to type 'Fault | undefined'
server.onCall = ({ verb }) => (verb === "ack" ? "los" : undefined)
// expect: This comparison appears to be unintentional
server.onCall = ({ verb }) => (verb === "acknowledge" ? "lost" : undefined)
// expect: there is no option clok
void testApp([add], { clok: "manual", seed: 1 })
