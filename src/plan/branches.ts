/**
 * Which way a value came, where its plan leaves that open: stored beside the value, so that whoever reads it never guesses.
 *
 * Nodes are named by their number in the plan of their frame. What is not mentioned came the main way.
 */

/**
 * Of a `recover` the tag of the fallback that gave the value; of a `settle` the task whose contract declares the error; of
 * a `map` the branches of its items, by index.
 */
export type Branches = { readonly [node: string]: string | { readonly [item: string]: Branches } }

/** What is said of the parts, said of the whole: members of a group share a plan, so no node is named twice. */
export const mergedBranches = (
  ...parts: ReadonlyArray<Branches | undefined>
): Branches | undefined => {
  const said = parts.filter((part) => part !== undefined)
  return said.length < 2 ? said[0] : Object.assign({}, ...said)
}

/** What is said of the items of a map, said of the map, the node with this number. */
export const itemsBranches = (
  node: number,
  items: ReadonlyArray<Branches | undefined>
): Branches | undefined => {
  const said = items.flatMap((item, index) => (item === undefined ? [] : [[index, item] as const]))
  return said.length === 0 ? undefined : { [node]: Object.fromEntries(said) }
}

/** What is said of the fallback or of the error at a node. */
export const branchAt = (branches: Branches | undefined, node: number): string | undefined => {
  const said = branches?.[node]
  return typeof said === "string" ? said : undefined
}

/** What is said of an item of the map at a node. */
export const branchesOfItem = (
  branches: Branches | undefined,
  node: number,
  index: number
): Branches | undefined => {
  const said = branches?.[node]
  return typeof said === "object" ? said[index] : undefined
}
