/** Compares subjects with filters, both split into tokens. */

const isWildcard = (token: string | undefined): boolean =>
  token === undefined || token === "*" || token === ">"

export const hasWildcard = (tokens: ReadonlyArray<string>): boolean => tokens.some(isWildcard)

/** Whether the filter's tokens let this beginning of a subject pass: `*` stands for one token, `>` for all that follow. */
export const matchesBeginning = (
  filter: ReadonlyArray<string>,
  beginning: ReadonlyArray<string>
): boolean => {
  for (let place = 0; place < beginning.length; place++) {
    const wanted = filter[place]
    if (wanted === ">") return true
    if (wanted !== "*" && wanted !== beginning[place]) return false
  }
  return true
}

/** Kind, owner, instance and run as one key; `undefined` when a filter leaves one of them open. */
export const runKey = (tokens: ReadonlyArray<string>): string | undefined => {
  const [, kind, , , , owner, instance, run] = tokens
  if (isWildcard(kind) || isWildcard(owner) || isWildcard(instance) || isWildcard(run))
    return undefined
  return `${kind}.${owner}.${instance}.${run}`
}
