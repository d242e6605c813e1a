/** The version of a package that is installed here, for the table. */
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"

export async function installed(name: string): Promise<string> {
  // Asking for `name/package.json` is refused where a package lists its exports: walk up from its entry.
  for (let at = new URL(import.meta.resolve(name)); at.pathname !== "/"; at = new URL("..", at)) {
    const text = await readFile(fileURLToPath(new URL("package.json", at)), "utf8").catch(
      () => "{}"
    )
    const found = JSON.parse(text) as { name?: string; version?: string }
    if (found.name === name && found.version !== undefined) return found.version
  }
  throw new Error(`${name} is not installed`)
}
