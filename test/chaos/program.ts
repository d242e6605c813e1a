/** Bundles a program into one plain JavaScript file: a storm starts hundreds of workers, and each through tsx would cost the work of ten. */
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { bundling } from "../bundle.ts"

/** `program` is the name of a file here, without its ending, perhaps in a folder. */
export const bundleProgram = async (program: string, directory: string): Promise<string> => {
  const outfile = join(directory, `${program.replaceAll("/", "-")}.mjs`)
  const source = fileURLToPath(new URL(`./${program}.ts`, import.meta.url))
  await build({ ...bundling(source, outfile), sourcemap: "inline" })
  return outfile
}
