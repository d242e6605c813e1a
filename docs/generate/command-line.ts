/** Writes docs/operate/command-line.md from the help of the commands themselves. */
import type { Command } from "commander"
import { exits, meanings } from "../../src/cli/exits.ts"
import { everyCommand, programOf } from "../../src/cli/program.ts"

const mark =
  "<!-- Made by `npm run docs` from the help of the commands in src/cli: change that, or docs/generate/command-line.ts. -->"

const beginning = `# The command line

The package brings a program, \`arpeggio\`: it starts workers without a file of their own, and starts, shows and cancels runs from
a terminal. With the files of the [README](../../README.md), one terminal has

\`\`\`console
$ npx arpeggio worker workflows/math.ts
\`\`\`

and another

\`\`\`console
$ npx arpeggio run math.add 4 2
6
\`\`\`

In an empty folder \`npx arpeggio init\` writes these files. It asks nothing, and changes no file that is there.

## What all commands have in common

**Where the broker is**: as for \`connect\`: \`--server\`, else \`NATS_URL\`, else the server of this project. \`worker\`, \`dev\`, \`run\` and
\`start\` start one in development where there is none, as the library does; what only looks or changes never does. \`--namespace\` is
\`ARPEGGIO_NAMESPACE\` or the name of the project's package, so that commands belong into the folder of the project.

**What is printed**: results on standard output, everything else on standard error, so that \`arpeggio run … | jq\` works. \`--json\` prints
one document, made of the same value as the words; an empty list is \`[]\`. An error is then \`{ "error": { "code", "message" } }\`, on
standard error. Nothing ever asks a question.

**Task files**: the files and folders that are named; else those in package.json, \`"arpeggio": { "tasks": ["workflows", "src/mail.ts"] }\`;
else the folder \`workflows\`. Of a folder it is the \`.ts\` and \`.js\` files directly in it. Every task counts that a file exports, also inside of
lists and records. TypeScript is loaded natively where Node does that (22.18, 24), Bun and Deno do; on older Nodes, and for what
taking types off does not cover, such as enums, by the project's own tsx: \`npm install -D tsx\`. A file that calls \`serve\` itself
works as well: \`arpeggio worker\` takes its tasks and options, an option of the command counts more, and what stands behind
\`await serve(…)\` is done when the worker has stopped.

**Arguments are JSON**: \`4\`, \`true\`, \`'"text"'\`, \`'{ "id": 7 }'\`. The contract in the task files checks them before anything is sent, and knows the
queue. Where there are no task files, or with \`--by-name\`, a task of another service is started by its name alone: on the queue \`default\`
unless \`--queue\` says another, and a worker whose contract takes the arguments does it. Arguments that fit no worker wait for one that
they do fit, for its \`patience\`.

**Runs** are named by their whole ids. Dead letters can be listed, so of their ids a part is enough, of four characters at least, that no
other has.

**Durations** have their unit: \`500ms\`, \`10s\`, \`5m\`, \`2h\`, \`3d\`.

**A worker stops** as one that calls [\`serve\`](stopping.md) does: the first Ctrl-C or SIGTERM lets finish what runs, the second stops at
once. Then the process ends, whatever task files have left open.`

const code = (command: Command): string => {
  // Of the terminal in which this is made, nothing may be seen.
  command.configureHelp({ helpWidth: 100 })
  return ["```text", command.helpInformation().trimEnd(), "```"].join("\n")
}

const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`

/** The page. */
export const commandLinePage = (): string => {
  const [program, ...commands] = everyCommand(programOf())
  const rows = Object.entries(meanings).map(
    ([name, meaning]) => `| ${exits[name as keyof typeof exits]} | ${meaning} |`
  )
  return `${[
    mark,
    beginning,
    "## Exit codes",
    ["| code | what it says |", "|---:|---|", ...rows].join("\n"),
    "## Commands",
    code(program!),
    ...commands.flatMap((command) => [`### ${pathOf(command)}`, code(command)])
  ].join("\n\n")}\n`
}
