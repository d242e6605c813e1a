/** Puts together what several readers of one value have kept of it. */

/** Everything that either holds. They come from one value, so where both hold something it is the same, or `left` decides. */
export const merged = (left: unknown, right: unknown): unknown => {
  if (left === right) return left
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.map((item: unknown, at) => (at < right.length ? merged(item, right[at]) : item))
  }
  if (!isPlain(left) || !isPlain(right)) return left
  const ofLeft = Object.entries(left).map(
    ([key, item]) => [key, Object.hasOwn(right, key) ? merged(item, right[key]) : item] as const
  )
  const others = Object.entries(right).filter(([key]) => !Object.hasOwn(left, key))
  return Object.fromEntries([...ofLeft, ...others])
}

const isPlain = (value: unknown): value is { readonly [key: string]: unknown } => {
  if (typeof value !== "object" || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
