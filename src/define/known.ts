/** Refuses options that do not exist, as the compiler would: a misspelt one must not be passed over in silence. */
import { ContractError } from "./errors.ts"
import { received, shorten } from "./describe-value.ts"

/** Every name that an options object may have. */
export type Names<Options> = { readonly [name in keyof Required<Options>]: true }

/** How many letters have to be changed, added, left out or put the other way round to make one name of the other. */
const distance = (from: string, to: string): number => {
  let before: ReadonlyArray<number> = []
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let left = 1; left <= from.length; left++) {
    const next = [left]
    for (let right = 1; right <= to.length; right++) {
      const same = from[left - 1] === to[right - 1]
      const changed = row[right - 1]! + (same ? 0 : 1)
      const turned =
        left > 1 &&
        right > 1 &&
        from[left - 1] === to[right - 2] &&
        from[left - 2] === to[right - 1]
          ? before[right - 2]! + 1
          : Infinity
      next.push(Math.min(changed, turned, row[right]! + 1, next[right - 1]! + 1))
    }
    before = row
    row = next
  }
  return row.at(-1)!
}

/** What options with one sense are called elsewhere. */
const senses: ReadonlyArray<ReadonlyArray<string>> = [
  ["within", "timeout", "wait", "maxwait", "deadline"],
  ["signal", "abort", "abortsignal", "controller", "cancel"],
  ["concurrency", "parallelism", "slots", "prefetch"],
  ["timeZone", "timezone", "tz", "zone"],
  ["servers", "url", "urls", "host", "address"]
]

const alike = (stranger: string, names: ReadonlyArray<string>): string | undefined => {
  const plain = stranger.toLowerCase().replace(/_|(?:in)?(?:ms|millis|milliseconds|seconds)$/g, "")
  const sense = senses.find((words) => words.includes(plain))
  return names.find((name) => sense?.includes(name))
}

/** The name that somebody has most likely misspelt: the same but for case or two letters, and not for a number in it. */
export const meant = (stranger: string, names: Iterable<string>): string | undefined => {
  const plain = stranger.slice(0, 64).toLowerCase()
  const digits = (name: string): string => name.replaceAll(/\D/g, "")
  const away = (name: string): number => distance(plain, name.toLowerCase())
  const near = [...names].filter(
    (name) => digits(name) === digits(stranger) && away(name) <= (plain.length > 5 ? 2 : 1)
  )
  return near.toSorted((one, other) => away(one) - away(other))[0]
}

/** What there is instead of an option of a task. How often something is tried again is a part of `retry`. */
export const orMeant = (stranger: string, names: Iterable<string>): string => {
  const again = /^(?:max_?)?(?:retries|attempts|tries)$/i.test(stranger)
  const near = again ? "retry" : meant(stranger, names)
  const example = near === "retry" ? ", for example retry: { times: 3 }" : ""
  const perhaps = near === undefined ? "" : `perhaps ${near} is meant${example}; `
  return `${perhaps}there are ${[...names].join(", ")}`
}

/** The name that is most like one that is not there. */
export const nearestTo = (stranger: string, names: ReadonlyArray<string>): string => {
  const same = alike(stranger, names)
  if (same !== undefined) return same
  const away = (name: string): number =>
    distance(stranger.slice(0, 64).toLowerCase(), name.toLowerCase())
  return names.reduce((best, name) => (away(name) < away(best) ? name : best))
}

/** Throws a `ContractError` that names what is unknown and the option nearest to it. `whose` is for example `connect`. */
export const refuseUnknown = (
  whose: string,
  options: unknown,
  known: { readonly [name: string]: true }
): void => {
  if (options === undefined) return
  // A text may be an address with a password in it, or a token.
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const message = `${whose}: options are an object, for example { ${Object.keys(known)[0]}: … }, not ${typeof options === "string" ? "a text" : received(options)}`
    throw new ContractError({ task: "", message })
  }
  const stranger = Object.keys(options).find((name) => !Object.hasOwn(known, name))
  if (stranger === undefined) return
  const names = Object.keys(known)
  const message = `${whose}: there is no option ${shorten(stranger)}. The nearest is ${nearestTo(stranger, names)}; there are ${names.join(", ")}.`
  throw new ContractError({ task: "", message })
}
