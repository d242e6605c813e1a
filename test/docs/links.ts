/** The links of Markdown pages, and the headings that they may lead to. */
import { readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { root } from "../examples/program.ts"

export interface Link {
  /** From the root of the repository. */
  readonly target: string
  readonly anchor: string | undefined
}

/** All but those to other places of the net. */
export const linksOf = (page: string): ReadonlyArray<Link> => {
  const text = readFileSync(join(root, page), "utf8")
  return [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(
    ([, link = "", anchor]) => ({
      target: link === "" ? page : relative(root, join(root, page, "..", link)),
      anchor
    })
  )
}

/** As GitHub makes them: small letters, without punctuation, blanks as hyphens; of headings that read the same, all but the first have a number. */
export const anchorsOf = (page: string): ReadonlySet<string> => {
  const anchors = new Set<string>()
  for (const [, heading] of readFileSync(join(root, page), "utf8").matchAll(/^#+ (.+)$/gm)) {
    const words = heading!.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    const anchor = words.replaceAll(" ", "-")
    let own = anchor
    for (let number = 1; anchors.has(own); number++) own = `${anchor}-${number}`
    anchors.add(own)
  }
  return anchors
}
