/** Bundles a program into one plain JavaScript file: a storm starts hundreds of workers, and each through tsx would cost the work of ten. */
import { join } from "node:path"
import { fileURLToPath } from "node:url"
// Comes with tsx.
import { build } from "esbuild"

/** `program` is the name of a file here, without its ending, perhaps in a folder. */
export const bundleProgram = async (program: string, directory: string): Promise<string> => {
  const outfile = join(directory, `${program.replaceAll("/", "-")}.mjs`)
  await build({
    entryPoints: [fileURLToPath(new URL(`./${program}.ts`, import.meta.url))],
    tsconfig: fileURLToPath(new URL("../../tsconfig.json", import.meta.url)),
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    sourcemap: "inline",
    logLevel: "error",
    // Bundled CommonJS asks for Node's own modules by `require`.
    banner: {
      js: 'import { createRequire as bundledRequire } from "node:module"; const require = bundledRequire("/")'
    }
  })
  return outfile
}
