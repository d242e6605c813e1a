/** What the README says, in an empty folder, with npm. */
import { join } from "node:path"
import { hello, type Program } from "../hello.ts"
import { bin, install, project, readme } from "../place.ts"
import { promisedOutput } from "../../examples/program.ts"
import { expect, ok, run } from "../steps.ts"

/** The package as the tools of its users see it. */
export const published = async (tarball: string, folder: string): Promise<void> => {
  console.log((await run(bin("publint"), [tarball], folder)).trim())
  await run(bin("attw"), [tarball, "--profile", "esm-only"], folder)
  ok("publint and attw have nothing to say")
}

/** A worker without a file of its own, and a task by its name. */
export const commandLine = (what: string, root: string, arpeggio: Program): Promise<void> =>
  hello({
    what,
    root,
    worker: [...arpeggio, "worker", "workflows/math.ts"],
    client: [...arpeggio, "run", "math.add", "4", "2"],
    answer: "6"
  })

/** Gives back the project, for those that want what is installed in it. */
export const npm = async (tarball: string): Promise<string> => {
  const place = project("npm", {
    "package.json": { name: "hello", type: "module", private: true },
    ...readme()
  })
  await install(place, [tarball])
  await install(place, ["-D", "tsx", "@types/node@20"])
  const tsx = join(place, "node_modules/.bin/tsx")
  await hello({
    what: "npm, tsx",
    root: place,
    worker: [tsx, "worker.ts"],
    client: [tsx, "client.ts"]
  })
  await commandLine("npm, command line", place, [join(place, "node_modules/.bin/arpeggio")])
  // What the README promises to whoever has only the package.
  const example = "node_modules/arpeggio/examples/02-composing.ts"
  const printed = await run(tsx, [example], place, { ...process.env, ARPEGGIO_PORT: "0" })
  expect("an example in the package", printed.trim(), promisedOutput("examples/02-composing.ts"))
  return place
}
