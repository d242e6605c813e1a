/** A folder for the bundled programs of one run of the tests: the processes of the tests may be killed before they tidy up. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { folderVariable } from "./bundle.ts"

/** Inside the repository, so that a program finds the packages that it looks for while it runs. */
const parent = fileURLToPath(new URL("../.tmp/", import.meta.url))

export default (): (() => void) => {
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(`${parent}programs-`)
  process.env[folderVariable] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
