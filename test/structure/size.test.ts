/** What one has to keep in mind at once stays small: files, functions, what they are given, and what a class hides. */
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import ts from "typescript-5.9"
import { expect, test } from "vitest"

const source = fileURLToPath(new URL("../../src/", import.meta.url))

/** Lines of a file, lines of a function without those of functions inside it, what it is given one by one, private members of a class. */
const most = { file: 300, function: 60, parameters: 4, private: 10 } as const

interface Size {
  readonly what: keyof typeof most
  readonly name: string
  readonly size: number
}

const sizesIn = (file: string): ReadonlyArray<Size> => {
  const text = readFileSync(source + file, "utf8")
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const line = (position: number): number => tree.getLineAndCharacterOfPosition(position).line
  const sizes: Array<Size> = [{ what: "file", name: file, size: line(tree.end) }]
  /** Lines that belong to functions inside. */
  const visit = (node: ts.Node): number => {
    let inside = 0
    ts.forEachChild(node, (child) => {
      inside += visit(child)
    })
    const name = `${file} ${nameOf(node)}`
    if (ts.isClassLike(node)) {
      const hidden = node.members.filter(({ name }) => name && ts.isPrivateIdentifier(name))
      sizes.push({ what: "private", name, size: hidden.length })
    }
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return inside
    const lines = line(node.end) - line(node.getStart()) + 1
    sizes.push({ what: "function", name, size: lines - inside })
    sizes.push({ what: "parameters", name, size: node.parameters.length })
    return lines
  }
  visit(tree)
  return sizes
}

const nameOf = (node: ts.Node): string => {
  const named = node as { readonly name?: ts.Node }
  const around = node.parent as { readonly name?: ts.Node } | undefined
  return (named.name ?? around?.name)?.getText() ?? "(a function)"
}

const sizes = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap(sizesIn)

const everyCall = "for every call: grouped, each would be an object more"
const oneState = "one state, of which no part means anything without the others"

/** What is larger, each with its reason. The aim is an empty list: take out what you have made smaller. */
const reasons: { readonly [K in keyof typeof most]: { readonly [name: string]: string } } = {
  file: {},
  function: {
    "define/whole.ts rebuilt 62": "one case for each form of a schema",
    "nats/broker.ts assemble 93": "puts the parts of a broker together, each in a line or two",
    "worker/attempt.ts begin 64":
      "closures that share what they would otherwise be handed for every call"
  },
  parameters: {
    "encode/subjects.ts recordSubject 5": everyCall,
    "engine/records.ts #commit 5": everyCall,
    "engine/run/first-message.ts firstMessage 5": everyCall,
    "engine/sender.ts argumentsOf 5": everyCall,
    "engine/sender.ts callMessage 6": everyCall,
    "engine/sender.ts expandMessage 5": everyCall,
    "nats/publish-request.ts Storing 5": everyCall,
    "worker/step-context.ts CallContext 7": everyCall
  },
  private: {
    "client/waiter.ts Waiter 17": oneState,
    "engine/room/growth.ts Growth 24": oneState,
    "engine/room/no-room.ts NoRoom 16": oneState,
    "nats/connection-status.ts Presence 14": oneState,
    "nats/pull.ts Pull 17": oneState,
    "nats/puller.ts Puller 25": oneState,
    "nats/requests.ts Multiplexer 26": oneState,
    "nats/room.ts RoomWatch 14": oneState,
    "worker/housekeeper.ts Housekeeper 18": oneState,
    "worker/worker.ts WorkerLoop 20": oneState
  }
}

test.each(Object.keys(most) as ReadonlyArray<keyof typeof most>)(
  "what is larger than others by its %s has a reason",
  (what) => {
    const larger = sizes.filter((one) => one.what === what && one.size > most[what])
    expect(larger.map(({ name, size }) => `${name} ${size}`).toSorted()).toEqual(
      Object.keys(reasons[what]).toSorted()
    )
  }
)
