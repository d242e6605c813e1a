/** The images of the guide to deploying, built as Docker would, but in folders, and started as their last lines say. */
import { cpSync, mkdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { codeOf, snippetsOf } from "../../docs/snippets.ts"
import { startNatsServer } from "../../nats-server.ts"
import { hello, type Program } from "../hello.ts"
import { install, project, readme, root, tool } from "../place.ts"
import { run } from "../steps.ts"

interface Image {
  readonly place: string
  readonly command: Program
  readonly environment: Readonly<Record<string, string>>
}

/** Follows a Dockerfile. `/app` is a folder of each stage. */
const build = async (file: string, context: string): Promise<Image> => {
  const page = snippetsOf("docs/operate/deploying.md")
  const { text } = page.find(({ text }) => text.startsWith(`# ${file}\n`))!
  const stages = new Map<string, string>()
  let place = ""
  let environment: Record<string, string> = {}
  let command: Program | undefined
  for (const line of text.split("\n")) {
    const [, word, rest = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? []
    switch (word) {
      case "FROM": {
        const name = / AS (\w+)$/.exec(rest)?.[1] ?? "last"
        place = project(`${file}-${name}`, {})
        mkdirSync(place, { recursive: true })
        stages.set(name, place)
        environment = {}
        break
      }
      case "ENV":
        environment[rest.split("=")[0]!] = rest.split("=")[1]!
        break
      case "COPY": {
        const [, stage, words] = /^(?:--from=(\w+) )?(.*)$/.exec(rest)!
        const names = words!.split(" ").slice(0, -1)
        for (const name of names) {
          const [from, of] =
            stage === undefined ? [context, name] : [stages.get(stage)!, name.replace("/app/", "")]
          const to = join(place, of)
          mkdirSync(dirname(to), { recursive: true })
          // What .dockerignore leaves out.
          cpSync(join(from, of), to, {
            recursive: true,
            filter: (path) => !path.includes("node_modules") || !path.startsWith(context)
          })
        }
        break
      }
      case "RUN":
        await run("sh", ["-c", rest], place, { ...process.env, ...environment })
        break
      case "CMD":
        command = JSON.parse(rest) as Program
    }
  }
  return { place, command: command!, environment }
}

export const images = async (tarball: string): Promise<void> => {
  const { compilerOptions } = tsconfig()
  const context = project("images", {
    "package.json": { name: "shop", type: "module", private: true },
    "tsconfig.json": { compilerOptions },
    ...readme(),
    "worker.ts": codeOf(
      snippetsOf("docs/operate/deploying.md").find(({ file }) => file === "worker.ts")!
    )
  })
  await install(context, [tarball, "effect"])
  await install(context, ["-D", "typescript", "esbuild", "@types/node"])
  const nats = await startNatsServer()
  try {
    for (const file of ["Dockerfile", "Dockerfile.bundle"]) {
      const image = await build(file, context)
      const node = await tool(file === "Dockerfile" ? "node@24" : "node@22", "node/bin/node")
      if (node === undefined) continue
      const [, ...words] = image.command
      await hello({
        what: file,
        root: image.place,
        server: false,
        worker: [node, ...words],
        client: [join(root, "node_modules/.bin/tsx"), "client.ts"],
        clientIn: context,
        environment: {
          ...image.environment,
          PORT: "0",
          NATS_URL: nats.url,
          ARPEGGIO_NAMESPACE: "shop"
        }
      })
    }
  } finally {
    await nats.stop()
  }
}

/** Of the README. */
const tsconfig = (): { readonly compilerOptions: object } =>
  JSON.parse(snippetsOf("README.md").find(({ language }) => language === "json")!.text) as {
    readonly compilerOptions: object
  }
