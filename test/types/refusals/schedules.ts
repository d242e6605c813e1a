/** Schedules that cannot be: an input that is missing, wrong or not wanted, and times that are none. */
import { nextTimes } from "../../../src/schedule/next-times.ts"
import { schedule } from "../../../src/schedule/declared.ts"
import { add, app, mul, shout } from "../dsl.ts"

const hourly = { every: "1 hour" } as const

// expect: Property 'input' is missing in type '{ readonly every: "1 hour"; }' but required in type '{ readonly input: number; }'
void app.schedule("x", mul(3), hourly)
// expect: Property 'input' is missing in type
schedule("x", shout(), hourly)
// expect: Type 'string' is not assignable to type 'number'
void app.schedule("x", mul(3), { every: "1 hour", input: "three" })
// expect: Type 'number' is not assignable to type
void app.schedule("x", add(1, 2), { every: "1 hour", input: 3 })
// expect: Type '5' is not assignable to type
void app.schedule("x", add(1, 2), { every: 5 })
// expect: HowLong<"every says its unit
void app.schedule("x", add(1, 2), { every: 60_000 as number })
// expect: a schedule has a cron or an every: give it one of them, and leave the other out
void app.schedule("x", add(1, 2), { cron: "* * * * *", every: "1 hour" })
// expect: timeZone belongs to cron: every is the same everywhere
void app.schedule("x", add(1, 2), { every: "1 hour", timeZone: "UTC" })
// expect: timeZone belongs to cron: every is the same everywhere
schedule("x", add(1, 2), { every: "1 hour", timeZone: "UTC" })
// expect: offset belongs to every, not to cron
void app.schedule("x", add(1, 2), { cron: "* * * * *", offset: "5 minutes" })
// expect: a schedule has a cron or an every: give it one of them, and leave the other out
nextTimes({ cron: "* * * * *", every: "1 hour" }, 1)
// expect: 'timezone' does not exist in type
void app.schedule("x", add(1, 2), { cron: "* * * * *", timezone: "UTC" })
// expect: Type '"never"' is not assignable to type
void app.schedule("x", add(1, 2), { cron: "* * * * *", overlap: "never" })
// expect: is not assignable to
void app.schedule("x", add, hourly)
// expect: is not assignable to
nextTimes({ timeZone: "UTC" }, 1)
