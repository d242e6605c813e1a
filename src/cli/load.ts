/** Loads task files: JavaScript by itself, TypeScript natively where Node takes types off, else through the project's own tsx. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { createRequire } from "node:module"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { setHost, type Wanted } from "../worker/host.ts"
import { misused, Refusal } from "./exits.ts"

/** A program that called `serve` while it was loaded, and waits for the end of the worker that it asked for. */
export interface Waiting extends Wanted {
  /** Has it go on behind `serve`; resolves when it has come to its end. */
  readonly goOn: () => Promise<void>
}

/** A file, and what it exports, or wants to serve. */
export interface Loaded {
  /** As it was given, or found. */
  readonly file: string
  readonly module: object
  /** How it was loaded, for whoever asks. */
  readonly how: "natively" | "through tsx"
  readonly waiting?: Waiting
}

/** Where tasks are looked for when nobody says where. */
const usual = "workflows"

const isSource = (file: string): boolean =>
  /\.[cm]?[jt]s$/.test(file) && !/\.(?:d|test|spec)\.[cm]?ts$/.test(file)

/** The files that are named, those in the folders that are named; else those that `arpeggio.tasks` in package.json names, else those in `workflows`. */
export const filesOf = (named: ReadonlyArray<string>): ReadonlyArray<string> => {
  const given = named.length > 0 ? named : declared()
  return given.flatMap((path) => {
    const status = statSync(resolve(path), { throwIfNoEntry: false })
    if (status === undefined) throw misused(`there is no file ${path}${whose(named)}`)
    if (!status.isDirectory()) return [path]
    const files = readdirSync(path).filter(isSource).toSorted()
    if (files.length > 0) return files.map((file) => join(path, file))
    throw misused(`the folder ${path}${whose(named)} has no .ts or .js files`)
  })
}

const whose = (named: ReadonlyArray<string>): string =>
  named.length > 0 ? "" : ", which arpeggio.tasks in package.json names"

const declared = (): ReadonlyArray<string> => {
  const tasks = tasksInManifest()
  if (tasks === undefined) return existsSync(usual) ? [usual] : []
  const list = typeof tasks === "string" ? [tasks] : tasks
  if (Array.isArray(list) && list.every((path) => typeof path === "string")) return list
  throw misused(
    'arpeggio.tasks in package.json is a list of files and folders, for example "arpeggio": { "tasks": ["workflows"] }'
  )
}

const tasksInManifest = (): unknown => {
  if (!existsSync("package.json")) return undefined
  try {
    const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
      readonly arpeggio?: { readonly tasks?: unknown }
    }
    return manifest.arpeggio?.tasks
  } catch (cause) {
    throw misused(`package.json cannot be read (${(cause as Error).message})`)
  }
}

/** Loads files one after another. Rejects with what a file threw, behind its name. */
export const loadAll = async (files: ReadonlyArray<string>): Promise<ReadonlyArray<Loaded>> => {
  const all: Array<Loaded> = []
  for (const file of files) all.push(await load(file))
  return all
}

const load = async (file: string): Promise<Loaded> => {
  const path = resolve(file)
  const url = pathToFileURL(path).href
  const get = async (): Promise<Loaded> => {
    const found = await evaluated(url)
    return { file, ...found, how: throughTsx ? "through tsx" : "natively" }
  }
  try {
    if (!/\.[cm]?ts$/.test(file) || takesTypesOff()) return await get()
    await useTsx(file, `Node ${process.versions.node} does not run TypeScript by itself`)
    return await get()
  } catch (cause) {
    if (throughTsx || !mayNeedTsx(cause)) throw told(file, cause)
    const why = cause instanceof Error ? cause.message : String(cause)
    await useTsx(file, why)
    return await get().catch((again: unknown) => {
      throw told(file, again)
    })
  }
}

/** Imports a file, up to its end or to the first `serve` in it. */
const evaluated = async (url: string): Promise<Pick<Loaded, "module" | "waiting">> => {
  let asked: (found: Pick<Loaded, "module" | "waiting">) => void
  const served = new Promise<Pick<Loaded, "module" | "waiting">>((resolve) => {
    asked = resolve
  })
  setHost(
    (wanted) =>
      new Promise((resolve) => {
        const goOn = async (): Promise<void> => {
          resolve()
          await loading
        }
        asked({ module: { serve: wanted.sources }, waiting: { ...wanted, goOn } })
      })
  )
  const loading = import(url) as Promise<object>
  try {
    return await Promise.race([loading.then((module) => ({ module })), served])
  } finally {
    setHost(undefined)
  }
}

let throughTsx = false

/** Bun and Deno do; so does a Node that was started with a loader. */
const takesTypesOff = (): boolean => {
  const { features, versions, execArgv, env } = process
  return (
    throughTsx ||
    ("typescript" in features && features.typescript !== false) ||
    "bun" in versions ||
    "deno" in versions ||
    /tsx|ts-node|swc/.test(`${execArgv.join(" ")} ${env["NODE_OPTIONS"] ?? ""}`)
  )
}

/** What tsx does and taking types off does not: enums and the like, `.js` for a `.ts` file, TypeScript in packages. */
const mayNeedTsx = (cause: unknown): boolean =>
  typeof cause === "object" &&
  cause !== null &&
  "code" in cause &&
  [
    "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
    "ERR_INVALID_TYPESCRIPT_SYNTAX",
    "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING",
    "ERR_UNSUPPORTED_DIR_IMPORT",
    "ERR_UNKNOWN_FILE_EXTENSION",
    "ERR_MODULE_NOT_FOUND"
  ].includes(String(cause.code))

/** Found from the file that needs it: it is the project's, which has chosen its version. */
const useTsx = async (file: string, why: string): Promise<void> => {
  let loader: string
  try {
    loader = createRequire(resolve(file)).resolve("tsx")
  } catch {
    throw misused(
      `${file} could not be loaded: ${why}; and this project has no tsx, which could: npm install -D tsx`
    )
  }
  await import(pathToFileURL(loader).href)
  throughTsx = true
}

/** Errors of ours say what is wrong with a task; of anything else, the stack says where it comes from. */
const told = (file: string, cause: unknown): Error => {
  if (cause instanceof Refusal) return cause
  const ours = typeof cause === "object" && cause !== null && "_tag" in cause
  const words = cause instanceof Error ? (ours ? cause.message : cause.stack) : String(cause)
  return misused(`${file} could not be loaded: ${words}`)
}
