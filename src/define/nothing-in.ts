/** What stands in JSON where nothing stood: effect writes null for a field that is `undefined`, which other libraries refuse. */

type Path = ReadonlyArray<PropertyKey>

/** Where a library finds something wrong; `undefined` where nothing is. */
type Wrong = (value: unknown) => ReadonlyArray<Path> | undefined

/**
 * JSON as the library takes it: each null that it refuses is `undefined` then, or else left out. Where that does not help
 * either, the JSON as it is, which is then refused for what it is.
 */
export const nothingIn = (json: unknown, wrong: Wrong): unknown => {
  const places = holdsNull(json)
    ? (wrong(json)?.filter((path) => at(json, path) === null) ?? [])
    : []
  if (places.length === 0) return json
  const tried = [true, false].map((kept) =>
    places.reduce((into, path) => put(into, path, kept), json)
  )
  return tried.find((value) => wrong(value) === undefined) ?? json
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

const holdsNull = (json: unknown): boolean =>
  json === null || (isObject(json) && Object.values(json).some(holdsNull))

const at = (json: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      isObject(value) ? (value as { readonly [key: PropertyKey]: unknown })[key] : undefined,
    json
  )

/** A copy in which this place is `undefined`, or is not there. */
const put = (json: unknown, [key, ...rest]: Path, kept: boolean): unknown => {
  if (key === undefined || !isObject(json)) return undefined
  const copy = (Array.isArray(json) ? [...json] : { ...json }) as { [key: PropertyKey]: unknown }
  if (rest.length > 0 || kept || Array.isArray(json)) copy[key] = put(copy[key], rest, kept)
  else delete copy[key]
  return copy
}
