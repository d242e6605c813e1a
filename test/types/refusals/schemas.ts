/** What is no schema is called so, where it stands; what could not travel is told why. The run says the same sentences. */
import * as Schema from "effect/Schema"
import { add, Expected, task } from "../dsl.ts"

const { Finite } = Schema
const zod = { parse: (text: unknown): string => `${text}`, _def: { type: "string" } }
declare const anything: unknown
// expect: input[0] is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype
task("bad", { input: [zod], output: Finite })
// expect: input[0] is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype
task("bad", { input: [String], output: Finite })
// expect: input[0] is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype
task("bad", { input: [add], output: Finite })
// expect: input[0] is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype
task("bad", { input: [add(1, 2)], output: Finite })
// expect: input[0] is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype
task("bad", { input: [1], output: Finite })
// expect: input[0] is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype
task("bad", { input: ["text"], output: Finite })
// expect: input[0] is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype
task("bad", { input: [null], output: Finite })
// expect: input[0] is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype
task("bad", { input: [undefined], output: Finite })
// expect: input[0] is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype
task("bad", { input: [anything], output: Finite })
// expect: input[0] is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype
task("bad", { input: [{}], output: Finite })
// expect: input[1] is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype
task("bad", { input: [Finite, zod], output: Finite })
// expect: input[1] is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype
task("bad", { input: [Finite, Number], output: Finite })
// expect: input[1] is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype
task("bad", { input: [Finite, add(1, 2)], output: Finite })
// expect: input[1] is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype
task("bad", { input: [Finite, null], output: Finite })
// expect: input[2] is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype
task("bad", { input: [Finite, Finite, zod], output: Finite }, (x, y) => x + y)
// expect: input is a list of schemas, for example [Schema.Finite]
task("bad", { input: Finite, output: Finite })
// expect: input is a list of schemas, for example [Schema.Finite]
task("bad", { input: null, output: Finite })
// expect: input is a list of schemas, for example [Schema.Finite]
task("bad", { input: zod, output: Finite })
// expect: input is a list of schemas, for example [Schema.Finite]
task("bad", { input: undefined, output: Finite })
// expect: input is a list of schemas, for example [Schema.Finite]
task("bad", { input: add, output: Finite })
// expect: input[0] cannot travel: it contains Schema.Any, which allows values that JSON would lose: use Schema.Json, or say what is inside
task("bad", { input: [Schema.Any], output: Finite })
// expect: input[1] cannot travel: it contains Schema.Any, which allows values that JSON would lose: use Schema.Json, or say what is inside
task("bad", { input: [Finite, Schema.Any], output: Finite })
// expect: output cannot travel: it contains Schema.Any, which allows values that JSON would lose: use Schema.Json, or say what is inside
task("bad", { input: [Finite], output: Schema.Any }, () => 1)
// expect: errors[0]: it contains Schema.Any, which allows values that JSON would lose: use Schema.Json, or say what is inside
task("bad", { input: [Finite], output: Finite, errors: [Schema.Any] })
// expect: input[0] cannot travel: it contains Schema.Unknown, which allows values that JSON would lose: use Schema.Json, or say what is inside
task("bad", { input: [Schema.Unknown], output: Finite })
// expect: input[1] cannot travel: it contains Schema.Unknown, which allows values that JSON would lose: use Schema.Json, or say what is inside
task("bad", { input: [Finite, Schema.Unknown], output: Finite })
// expect: output cannot travel: it contains Schema.Unknown, which allows values that JSON would lose: use Schema.Json, or say what is inside
task("bad", { input: [Finite], output: Schema.Unknown }, () => 1)
// expect: errors[0]: it contains Schema.Unknown, which allows values that JSON would lose: use Schema.Json, or say what is inside
task("bad", { input: [Finite], output: Finite, errors: [Schema.Unknown] })
// expect: input[0] cannot travel: it contains Schema.ObjectKeyword, which allows values that JSON would lose: use Schema.Json, or say what is inside
task("bad", { input: [Schema.ObjectKeyword], output: Finite })
// expect: input[1] cannot travel: it contains Schema.ObjectKeyword, which allows values that JSON would lose: use Schema.Json, or say what is inside
task("bad", { input: [Finite, Schema.ObjectKeyword], output: Finite })
// expect: output cannot travel: it contains Schema.ObjectKeyword, which allows values that JSON would lose: use Schema.Json, or say what is inside
task("bad", { input: [Finite], output: Schema.ObjectKeyword }, () => 1)
// expect: errors[0]: it contains Schema.ObjectKeyword, which allows values that JSON would lose: use Schema.Json, or say what is inside
task("bad", { input: [Finite], output: Finite, errors: [Schema.ObjectKeyword] })
// expect: output is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype; a task that gives nothing has Schema.Void
task("bad", { input: [Finite], output: zod })
// expect: output is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype; a task that gives nothing has Schema.Void
task("bad", { input: [Finite], output: String })
// expect: output is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype; a task that gives nothing has Schema.Void
task("bad", { input: [Finite], output: [Finite] })
// expect: output is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype; a task that gives nothing has Schema.Void
task("bad", { input: [Finite], output: add })
// expect: output is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype; a task that gives nothing has Schema.Void
task("bad", { input: [Finite], output: add(1, 2) })
// expect: output is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype; a task that gives nothing has Schema.Void
task("bad", { input: [Finite], output: 1 })
// expect: output is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype; a task that gives nothing has Schema.Void
task("bad", { input: [Finite], output: null })
// expect: output is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype; a task that gives nothing has Schema.Void
task("bad", { input: [Finite], output: undefined })
// expect: output is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype; a task that gives nothing has Schema.Void
task("bad", { input: [Finite], output: anything })
// expect: output is not a schema: use one of effect, for example Schema.String, or of zod, valibot or arktype; a task that gives nothing has Schema.Void
task("bad", { input: [Finite], output: zod }, (x) => `${x}`)
// expect: Property 'output' is missing in type
task("bad", { input: [Finite] })
// expect: Property 'input' is missing in type
task("bad", { output: Finite })
// expect: errors[0] is not a schema
task("bad", { input: [Finite], output: Finite, errors: [zod] })
// expect: errors[0] is not a schema
task("bad", { input: [Finite], output: Finite, errors: [Error] })
// expect: errors[0] is not a schema
task("bad", { input: [Finite], output: Finite, errors: [add] })
// expect: errors[0] is not a schema
task("bad", { input: [Finite], output: Finite, errors: [1] })
// expect: errors[0] is not a schema
task("bad", { input: [Finite], output: Finite, errors: [null] })
// expect: errors[0] is not a schema
task("bad", { input: [Finite], output: Finite, errors: [undefined] })
// expect: errors[0] is not a schema
task("bad", { input: [Finite], output: Finite, errors: ["NotFound"] })
// expect: errors[1] is not a schema
task("bad", { input: [Finite], output: Finite, errors: [Expected, Error] }, (x) => x)
// expect: errors is a list of Schema.TaggedError classes, or of schemas with a literal _tag
task("bad", { input: [Finite], output: Finite, errors: Expected })
// expect: errors is a list of Schema.TaggedError classes, or of schemas with a literal _tag
task("bad", { input: [Finite], output: Finite, errors: null })
// expect: errors is a list of Schema.TaggedError classes, or of schemas with a literal _tag
task("bad", { input: [Finite], output: Finite, errors: "NotFound" })
