/** Compares two pieces of JSON, for whoever wants to know whether one says all that the other does. */
import { received } from "../define/describe-value.ts"

/** Says where what was sent differs from what a contract makes of it, if anywhere. */
export const differenceIn = (sent: unknown, kept: unknown, path: string): string | undefined => {
  if (sent === kept) return undefined
  if (Array.isArray(sent) && Array.isArray(kept) && sent.length === kept.length) {
    return first(sent, (item, at) => differenceIn(item, kept[at], `${path}[${at}]`))
  }
  if (isObject(sent) && isObject(kept)) {
    const lost = first(Object.keys(sent), (name) => {
      const at = `${path}${nameOf(name)}`
      return Object.hasOwn(kept, name)
        ? differenceIn(sent[name], kept[name], at)
        : `${at} is not in the contract of this worker`
    })
    const added = Object.keys(kept).find((name) => !Object.hasOwn(sent, name))
    if (lost !== undefined || added === undefined) return lost
    return `${path}${nameOf(added)} is missing, and the contract of this worker adds it`
  }
  return `${path} is ${received(sent)}, of which the contract of this worker makes ${received(kept)}`
}

const isObject = (json: unknown): json is { readonly [name: string]: unknown } =>
  typeof json === "object" && json !== null && !Array.isArray(json)

const first = <A>(
  items: ReadonlyArray<A>,
  look: (item: A, at: number) => string | undefined
): string | undefined => {
  for (const [at, item] of items.entries()) {
    const found = look(item, at)
    if (found !== undefined) return found
  }
  return undefined
}

const nameOf = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name.slice(0, 100))}]`
