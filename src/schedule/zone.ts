/** Time zones by their names. */
import { received } from "../define/describe-value.ts"
import { nearestTo } from "../define/known.ts"

/** What is wrong with the name of a time zone, or `undefined`. */
export const whyNotZone = (zone: unknown): string | undefined => {
  if (typeof zone === "string" && /^[A-Za-z]/.test(zone) && isKnown(zone)) return undefined
  const says = `timeZone is the name of a time zone, for example "Europe/Berlin", not ${received(zone)}`
  const near = typeof zone === "string" ? nearest(zone) : undefined
  return near === undefined ? says : `${says}: the nearest is "${near}"`
}

const isKnown = (zone: string): boolean => {
  try {
    return Intl.DateTimeFormat("en", { timeZone: zone }).format(0) !== ""
  } catch {
    return false
  }
}

const nearest = (zone: string): string | undefined => {
  const names = Intl.supportedValuesOf("timeZone")
  const plain = zone.replaceAll(" ", "_").toLowerCase()
  const last = (name: string): string => name.slice(name.lastIndexOf("/") + 1).toLowerCase()
  // Who says Berlin means the place, wherever it is filed.
  return (
    names.find((name) => last(name) === last(plain)) ??
    (plain === "" ? undefined : nearestTo(plain, names))
  )
}
