/** Time zones by their names. */
import { received } from "../define/describe-value.ts"
import { nearestTo } from "../define/known.ts"

/** What is wrong with the name of a time zone, or `undefined`. */
export const whyNotZone = (zone: unknown): string | undefined => {
  if (typeof zone === "string" && /^[A-Za-z]/.test(zone) && isKnown(zone)) return undefined
  const says = `timeZone is the name of a time zone, for example "Europe/Berlin", not ${received(zone)}`
  if (typeof zone === "string" && offset.test(zone))
    return `${says}: an offset is not a zone. ${instead(zone)}`
  const near = typeof zone === "string" ? nearest(zone) : undefined
  return near === undefined ? says : `${says}: the nearest is "${near}"`
}

const offset = /^(?:gmt|utc|z)?\s*([+-])\s*(\d{1,2})(?::?(\d\d))?$/i

/** What to say in the place of an offset. The sign of such a zone is the opposite of what everybody writes. */
const instead = (given: string): string => {
  const [, sign, hours, minutes = "00"] = offset.exec(given)!
  const fixed = `Etc/GMT${sign === "+" ? "-" : "+"}${Number(hours)}`
  const place = 'Say a place, for example "Europe/Berlin"'
  return minutes === "00" && isKnown(fixed)
    ? `${place}, or "${fixed}", which is ${sign}${Number(hours)} hours from UTC all the year`
    : place
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
