/** CONTRIBUTING.md and SECURITY.md name files, folders and scripts that there are, and the map has every folder of src. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { outputOf, root } from "../examples/program.ts"
import { anchorsOf, linksOf } from "./links.ts"
import { snippetsOf } from "./snippets.ts"

const read = (page: string): string => readFileSync(join(root, page), "utf8")

/** What a page names as a file or folder of the repository, with its line. */
const pathsIn = (page: string): ReadonlyArray<readonly [path: string, line: number]> =>
  read(page)
    .split("\n")
    .flatMap((text, at) =>
      [...text.matchAll(/(?<![\w/])((?:src|test|docs|bench|examples|workflows)\/[\w/.-]*\w)/g)].map(
        ([, path]) => [path!, at + 1] as const
      )
    )

describe.each(["CONTRIBUTING.md", "SECURITY.md"])("%s", (page) => {
  it("names files and folders that there are", () => {
    const paths = pathsIn(page)
    expect(paths.length).toBeGreaterThan(3)
    const gone = paths.filter(([path]) => !existsSync(join(root, path)))
    expect(gone.map(([path, line]) => `${page}:${line} names ${path}`)).toEqual([])
  })

  it("links to files and headings that there are", () => {
    const links = linksOf(page)
    expect(links.length).toBeGreaterThan(3)
    const wrong = links.filter(
      ({ target, anchor }) =>
        !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).has(anchor))
    )
    expect(wrong).toEqual([])
  })

  it("names only scripts that there are", () => {
    const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: object }
    const named = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script!)
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([])
  })
})

it("shows a program that prints what is shown below it", async () => {
  const blocks = snippetsOf("CONTRIBUTING.md")
  const at = blocks.findIndex(({ file }) => file === "look.ts")
  mkdirSync(join(root, ".tmp"), { recursive: true })
  const directory = mkdtempSync(join(root, ".tmp/contributing-"))
  try {
    writeFileSync(join(directory, "look.ts"), blocks[at]!.text)
    const output = await outputOf(join(directory, "look.ts").slice(root.length), process.env)
    expect(`${output}\n`).toBe(blocks[at + 1]!.text)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})

it("has every folder of src on its map", () => {
  const map = read("CONTRIBUTING.md").split("## The map")[1]!.split("\n## ")[0]!
  const folders = readdirSync(join(root, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `src/${name}`)
  const listed = [...map.matchAll(/^\| `(src\/[\w-]+)` \|/gm)].map(([, folder]) => folder!)
  expect(listed.toSorted()).toEqual(folders.toSorted())
})
