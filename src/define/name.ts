/** How tasks, queues and headers may be named: what fits into one token of a subject, everywhere. */

const segment = "[A-Za-z0-9_-]{1,64}"
const name = new RegExp(`^${segment}(\\.${segment}){0,7}$`)

/** What is wrong with a task's name, or `undefined`. */
export const whyNotName = (text: unknown): string | undefined => {
  if (typeof text !== "string") return "a task's name is a string"
  if (text === "") return "a task needs a name, for example math.add"
  if (text.length > 96)
    return `a task's name has at most 96 characters; this one has ${text.length}`
  if (name.test(text)) return undefined
  const parts = text.split(".")
  if (parts.includes("")) return "a task's name has no empty part between its dots"
  if (parts.length > 8) return `a task's name has at most 8 parts; this one has ${parts.length}`
  const long = parts.find((part) => part.length > 64)
  if (long !== undefined) return `a part of a task's name has at most 64 characters: ${long}`
  return 'a task\'s name holds letters, digits, _ and - only, with dots between its parts, for example "math.add"'
}

/** A name as it is written, or the sentence that says what is wrong with it. */
export type TaskName<Name extends string> = Name extends ""
  ? "a task needs a name, for example math.add"
  : Name extends `${string}${" " | "*" | ">" | "/" | ":"}${string}`
    ? "a task's name holds letters, digits, _ and - only, with dots between its parts"
    : Name

/** What is wrong with a queue's name, or `undefined`. */
export const whyNotQueue = (queue: unknown): string | undefined =>
  typeof queue === "string" && /^[A-Za-z0-9-]{1,32}$/.test(queue)
    ? undefined
    : 'a queue\'s name has 1 to 32 letters, digits and - only, for example "emails"'
