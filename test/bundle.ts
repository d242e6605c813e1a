/** Bundles programs that tests start into one plain JavaScript file each: through tsx, every start would cost a second of work. */
import { join, parse, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { type BuildOptions, buildSync } from "esbuild"

const root = fileURLToPath(new URL("..", import.meta.url))

/** What esbuild is told, for a program given by its path. */
export const bundling = (program: string, outfile: string) =>
  ({
    entryPoints: [program],
    tsconfig: join(root, "tsconfig.json"),
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    logLevel: "error",
    // Bundled CommonJS asks for Node's own modules by `require`.
    banner: {
      js: 'import { createRequire as bundledRequire } from "node:module"; const require = bundledRequire("/")'
    }
  }) as const satisfies BuildOptions

/** Names the folder that `programs-folder.ts` has made for the run. */
export const folderVariable = "ARPEGGIO_TEST_PROGRAMS"

const made = new Map<string, string>()

/**
 * The file that stands for a program in the tests of this process. Not for a program that looks for files beside itself, or
 * that imports another one: each would take itself for the one that was started.
 */
export const bundled = (program: string): string => {
  const there = made.get(program)
  if (there !== undefined) return there
  const folder = process.env[folderVariable]!
  const outfile = join(folder, `${process.pid}-${made.size}-${parse(program).name}.mjs`)
  buildSync(bundling(program, outfile))
  made.set(program, outfile)
  return outfile
}

/** Makes the files of programs that `bundled` will be asked for in one go, which costs hardly more than one of them. */
export const bundleTogether = (programs: ReadonlyArray<string>): void => {
  const folder = join(process.env[folderVariable]!, `${process.pid}-${made.size}`)
  const { outfile: _, ...usual } = bundling("", "")
  buildSync({
    ...usual,
    entryPoints: [...programs],
    outdir: folder,
    outbase: root,
    outExtension: { ".js": ".mjs" },
    splitting: true
  })
  for (const program of programs) {
    const { dir, name } = parse(relative(root, program))
    made.set(program, join(folder, dir, `${name}.mjs`))
  }
}
